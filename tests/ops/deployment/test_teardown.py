"""What a teardown says and does that no embedded cloud shows: a bucket that is written to while it is emptied."""

from __future__ import annotations

from typing import Any

from ops.account.access import Caller
from ops.deployment.preflight import Place
from ops.deployment.teardown import Found, _delete_bucket, question
from tests.ops.world import error, silent


class S3:
    """A bucket into which something writes once more, so many times, after it was listed."""

    meta = type("Meta", (), {"partition": "aws"})

    def __init__(self, late: int) -> None:
        self.late = late
        self.objects = 1
        self.there = True

    def head_bucket(self, **_: Any) -> None:
        if not self.there:
            raise error("404")

    def get_paginator(self, operation: str) -> Any:
        versions = [{"Key": f"capture/{number}", "VersionId": "v"} for number in range(self.objects)]
        page = {"Versions": versions} if operation == "list_object_versions" else {}
        return type("Pages", (), {"paginate": lambda _, **__: [page]})()

    def delete_objects(self, **_: Any) -> dict[str, Any]:
        self.objects = 0
        return {}

    def delete_bucket(self, **_: Any) -> None:
        if self.late:
            self.late -= 1
            self.objects = 1
            raise error("BucketNotEmpty")
        self.there = False


def test_a_bucket_is_emptied_again_when_something_was_written_meanwhile() -> None:
    s3, said = S3(late=2), list[str]()
    assert _delete_bucket(lambda _service: s3, "mine", said.append) is None
    assert not s3.there
    assert said == ["deleted s3://mine with 3 object versions"]
    assert _delete_bucket(lambda _service: s3, "mine", said.append) is None  # gone is gone


def test_a_bucket_that_is_never_empty_is_left_and_named() -> None:
    left = _delete_bucket(lambda _service: S3(late=99), "mine", silent)
    assert left is not None
    assert (left.thing.arn, left.why) == ("arn:aws:s3:::mine", "something still writes to it")


def test_the_question_says_that_an_interruption_can_be_mended() -> None:
    where = Place(lambda _service: None, Caller("123456789012", "arn"), "eu-west-1", None)
    asked = question(Found((), ()), where, "sagerelay-prod", with_bucket=False)
    assert "interrupted and started again; `make deploy STAGE=prod` brings back what is left." in asked
