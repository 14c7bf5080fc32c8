"""The job scripts as they lie in the bucket: under `code/<version>/`, where the version is a hash of all of them.

A version's objects never change, so a job that was started with one may read it at any time, while a deployment brings
the next. This module must import nothing but the standard library: the embedded cloud uses it, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = "code/"
KEPT = timedelta(days=30)
"""How long a version that was replaced stays: much longer than a job can be in flight (5 days at most)."""


@dataclass(frozen=True, slots=True)
class Code:
    """The job scripts: their paths below the code's prefix, and a version that is a hash of all of them."""

    files: Mapping[str, bytes]

    @property
    def prefix(self) -> str:
        digest = hashlib.sha256()
        for path, content in sorted(self.files.items()):
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
        return f"{ROOT}{digest.hexdigest()[:12]}"


def read_code(repository: Path) -> Code:
    """Everything below `jobs/` except what Python leaves behind."""
    root = repository / "jobs"
    paths = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return Code({path.relative_to(repository).as_posix(): path.read_bytes() for path in paths})


def upload(s3: Any, bucket: str, code: Code) -> int:
    """Put what is not there yet, and say how many files that were. May be interrupted and repeated."""
    prefix = code.prefix
    present = _listed(s3, bucket, prefix)
    missing = [path for path in sorted(code.files) if f"{prefix}/{path}" not in present]
    for path in missing:
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{path}", Body=code.files[path])
    return len(missing)


def outdated(written: Mapping[str, datetime], in_use: Collection[str], now: datetime) -> list[str]:
    """The versions that may go: replaced, and not written within `KEPT`.

    `written`: the time of its newest object by version, as `code/<version>`. `in_use`: the version that the functions
    name now and the one they named before, whose jobs may be in flight.

    >>> from datetime import UTC
    >>> long_ago, now = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    >>> outdated({"code/a": long_ago, "code/b": long_ago, "code/c": now}, {"code/b"}, now)
    ['code/a']
    """
    return sorted(prefix for prefix, time in written.items() if prefix not in in_use and now - time > KEPT)


def prune(s3: Any, bucket: str, in_use: Collection[str], now: datetime) -> list[str]:
    """Remove the versions that may go, and name them. (The bucket is versioned: its lifecycle ends them for good.)"""
    objects: dict[str, dict[str, datetime]] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=ROOT):
        for found in page.get("Contents", []):
            prefix = "/".join(found["Key"].split("/")[:2])
            objects.setdefault(prefix, {})[found["Key"]] = found["LastModified"]
    old = outdated({prefix: max(times.values()) for prefix, times in objects.items()}, in_use, now)
    for prefix in old:
        for key in objects[prefix]:
            s3.delete_object(Bucket=bucket, Key=key)
    return old


def _listed(s3: Any, bucket: str, prefix: str) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    return {found["Key"] for page in pages for found in page.get("Contents", [])}
