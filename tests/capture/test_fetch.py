"""Pieces come in order, of the pinned file only; what cannot be read is a refusal and never a gap."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, IncompleteReadError

from jobs.capture import fetch
from jobs.capture.fetch import fetched
from jobs.refusals import Refusal
from jobs.settings import PinnedObject


class Bucket:
    """S3, with as many failures as it is told to have."""

    def __init__(self, objects: dict[str, bytes], failures: list[Exception] | None = None) -> None:
        self.objects, self.failures = objects, failures or []
        self.requests: list[dict[str, Any]] = []

    def get_object(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        if self.failures:
            raise self.failures.pop()
        body = self.objects[request["Key"]]
        if "Range" in request:
            first, last = request["Range"].removeprefix("bytes=").split("-")
            body = body[int(first) : int(last) + 1]
        return {"Body": io.BytesIO(body)}


def refused(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")


def listed(objects: dict[str, bytes]) -> list[PinnedObject]:
    return [{"key": key, "size": len(body), "etag": f"tag-{key}"} for key, body in objects.items()]


def no_pause(_: float) -> None:
    """Tests do not wait."""


def test_large_and_empty_files_come_whole_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "PIECE", 7)
    objects = {f"k{number}": bytes(range(number)) for number in (50, 0, 7, 8, 100, 3)}
    bucket = Bucket(objects)
    found: dict[str, bytes] = {}
    for key, part in fetched(bucket, "b", listed(objects)):
        found[key] = found.get(key, b"") + part
    assert [*found.items()] == [*objects.items()]
    assert all(request["IfMatch"] == f"tag-{request['Key']}" for request in bucket.requests)


@pytest.mark.parametrize(
    "failure",
    [
        refused("SlowDown", 503),
        ConnectionClosedError(endpoint_url="s3"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
def test_what_may_pass_is_tried_again(failure: Exception) -> None:
    objects = {"k": b"body"}
    assert list(fetched(Bucket(objects, [failure] * 2), "b", listed(objects), pause=no_pause)) == [("k", b"body")]
    with pytest.raises(Refusal, match=r"capture-unreadable.*k: .*5 tries"):
        list(fetched(Bucket(objects, [failure] * 9), "b", listed(objects), pause=no_pause))


@pytest.mark.parametrize(
    "failure", [refused("PreconditionFailed", 412), refused("NoSuchKey", 404), refused("InvalidRange", 416)]
)
def test_a_file_that_changed_or_is_gone_is_a_refusal(failure: Exception) -> None:
    objects = {"k": b"body"}
    with pytest.raises(Refusal, match=r"capture-changed.*k: "):
        list(fetched(Bucket(objects, [failure]), "b", listed(objects), pause=no_pause))


def test_a_file_of_another_size_is_a_refusal() -> None:
    with pytest.raises(Refusal, match="capture-changed"):
        list(fetched(Bucket({"k": b"bo"}), "b", listed({"k": b"body"}), pause=no_pause))


def test_no_access_is_not_tried_again() -> None:
    bucket = Bucket({"k": b""}, [refused("AccessDenied", 403)])
    with pytest.raises(Refusal, match=r"capture-unreadable.*1 try"):
        list(fetched(bucket, "b", listed(bucket.objects), pause=no_pause))
