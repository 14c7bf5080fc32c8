"""Job scripts in the bucket: put once, kept as long as a job may need them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ops.deployment.code import KEPT, Code, prune, upload

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CODE = Code({"jobs/prepare/__main__.py": b"print()", "jobs/__init__.py": b""})


class Bucket:
    """An S3 of one bucket, by key: content and time."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, datetime]] = {}
        self.time = NOW

    def get_paginator(self, _operation: str) -> Bucket:
        return self

    def paginate(self, *, Prefix: str, **_: str) -> list[dict[str, Any]]:  # noqa: N803 (boto3's spelling)
        found = [
            {"Key": key, "LastModified": time} for key, (_, time) in self.objects.items() if key.startswith(Prefix)
        ]
        return [{"Contents": found}] if found else [{}]

    def put_object(self, *, Key: str, Body: bytes, **_: str) -> None:  # noqa: N803
        self.objects[Key] = (Body, self.time)

    def delete_object(self, *, Key: str, **_: str) -> None:  # noqa: N803
        del self.objects[Key]


def test_what_an_interrupted_upload_left_is_not_put_again() -> None:
    bucket = Bucket()
    bucket.objects[f"{CODE.prefix}/jobs/__init__.py"] = (b"", NOW)
    assert upload(bucket, "b", CODE) == 1
    assert upload(bucket, "b", CODE) == 0
    assert bucket.objects[f"{CODE.prefix}/jobs/prepare/__main__.py"][0] == b"print()"


def test_old_versions_go_but_never_one_that_jobs_in_flight_may_name() -> None:
    bucket = Bucket()
    versions = [Code({"jobs/a.py": text}) for text in (b"1", b"2", b"3", b"4")]
    ages = (KEPT * 3, KEPT * 2, KEPT * 2, KEPT / 2)
    for version, age in zip(versions, ages, strict=True):
        bucket.time = NOW - age
        upload(bucket, "b", version)
    forgotten, before, now, recent = (version.prefix for version in versions)
    assert prune(bucket, "b", {before, now}, NOW) == [forgotten]
    assert {key.rsplit("/", 2)[0] for key in bucket.objects} == {before, now, recent}


def test_a_version_is_as_young_as_its_newest_file() -> None:
    bucket = Bucket()
    bucket.objects = {"code/x/a": (b"", NOW - 2 * KEPT), "code/x/b": (b"", NOW - timedelta(days=1))}
    assert prune(bucket, "b", set(), NOW) == []
