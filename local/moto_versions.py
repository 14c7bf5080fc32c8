"""moto lists an object's versions without copying every object of the bucket, its body included.

moto copies the whole bucket deeply for each such listing, only to note in the copies which version is the latest. The
relay lists versions at every upload, so a laptop would spend its time and its memory on that: three hundred small
datasets took gigabytes. Nothing else in moto copies an object deeply, and nothing reads the body of such a copy.
"""

import io
import threading
from typing import Any

from moto.s3.models import FakeKey


def list_without_bodies() -> None:
    """From now on, in this process. May be called twice."""
    FakeKey.__deepcopy__ = _without_body  # type: ignore[attr-defined]


def _without_body(key: FakeKey, _memo: dict[int, Any]) -> FakeKey:
    """What a listing tells of a version. It shares nothing that an object closes when it goes."""
    listed: FakeKey = object.__new__(FakeKey)
    own = {"_value_buffer": io.BytesIO(), "lock": threading.Lock(), "multipart": None, "disposed": True}
    listed.__dict__.update({**key.__dict__, **own})
    return listed
