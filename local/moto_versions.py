"""moto's objects, listed without copying their bodies, read by many threads at once, and laid down without a request.

moto copies the whole bucket deeply to list its versions, every body included, only to note in the copies which version
is the latest. The relay lists versions at every upload, so a laptop would spend its time and its memory on that: three
hundred small datasets took gigabytes. Nothing else in moto copies an object deeply, and nothing reads such a copy's
body.

And moto works an object's etag out when it is first asked for, from the same open file from which others read the body
meanwhile: a listing at the moment of an upload told the etag of half a file, and the relay trained the same data twice.
"""

# ruff: noqa: SLF001 - an etag that moto has not worked out yet is a private attribute

import hashlib
import io
import threading
from collections.abc import Mapping
from typing import Any

from moto.s3.models import FakeKey, s3_backends


def mend_objects() -> None:
    """From now on, in this process. May be called twice."""
    FakeKey.__deepcopy__ = _without_body  # type: ignore[attr-defined]
    FakeKey.etag = property(_etag)  # type: ignore[assignment, method-assign]


def lay(account: str, bucket: str, objects: Mapping[str, bytes]) -> None:
    """Objects as uploads leave them, where there are none; nobody is told. By requests, those of the job scripts, which
    are three hundred, would take half a second of each start."""
    there = s3_backends[account]["aws"].buckets[bucket].keys
    for key, body in objects.items():
        if key not in there:
            s3_backends[account]["aws"].put_object(bucket, key, body)


def _etag(key: FakeKey) -> str:
    if key._etag is None:
        with key.lock:
            key._value_buffer.seek(0)
            key._etag = hashlib.file_digest(key._value_buffer, "md5").hexdigest()
    return f'"{key._etag}"'


def _without_body(key: FakeKey, _memo: dict[int, Any]) -> FakeKey:
    """What a listing tells of a version. It shares nothing that an object closes when it goes."""
    _etag(key)  # for the copy could only work out that of nothing
    listed: FakeKey = object.__new__(FakeKey)
    own = {"_value_buffer": io.BytesIO(), "lock": threading.Lock(), "multipart": None, "disposed": True}
    listed.__dict__.update({**key.__dict__, **own})
    return listed
