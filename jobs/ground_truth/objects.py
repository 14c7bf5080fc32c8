"""The objects of a check out of the bucket, exactly those that were listed; the only module here that knows of AWS.

A label file that changed meanwhile is one file less: its new content is read by the next check, which its upload asks
for. Captured traffic that cannot be read fails the check: with part of the traffic missing, labels would be told as
unknown that are not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from jobs.refusals import Refusal
from jobs.settings import PinnedObject
from jobs.tables.notes import refusal

IN_FLIGHT = 8
_CHUNK = 1 << 22
_GONE = {"412", "PreconditionFailed", "404", "NoSuchKey", "NoSuchVersion"}


class TrafficGoneError(Exception):
    """A capture file is not there any more as it was listed."""


def label_files(
    client: Any, bucket: str, objects: Sequence[PinnedObject], folder: Path
) -> Iterator[tuple[str, Path | Refusal]]:
    """Each label file's key, and where it was written to or why it was not."""

    def fetch(place: int) -> Path | Refusal:
        pinned, path = objects[place], folder / f"{place:05d}"
        try:
            with path.open("wb") as file:
                for chunk in _body(client, bucket, pinned).iter_chunks(_CHUNK):
                    file.write(chunk)
        except ClientError as error:
            if _code(error) in _GONE:
                sentence = f"{pinned['key']}: the file was changed or removed after the check was started."
                return refusal("label-file-changed", sentence)
            raise
        return path

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        yield from zip([pinned["key"] for pinned in objects], pool.map(fetch, range(len(objects))), strict=True)


def traffic(client: Any, bucket: str, objects: Sequence[PinnedObject]) -> Iterator[tuple[str, bytes]]:
    """The capture files' bytes, in pieces and in order: small files several at a time, large ones as they come."""

    def small(pinned: PinnedObject) -> list[bytes]:
        return [_body(client, bucket, pinned).read()]

    def large(pinned: PinnedObject) -> Iterator[bytes]:
        chunks: Iterator[bytes] = _body(client, bucket, pinned).iter_chunks(_CHUNK)
        return chunks

    pending: deque[tuple[PinnedObject, Callable[[], Any]]] = deque()
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        try:
            for pinned in objects:
                if pinned["size"] <= _CHUNK:
                    future: Future[list[bytes]] = pool.submit(small, pinned)
                    pending.append((pinned, future.result))
                else:
                    pending.append((pinned, partial(large, pinned)))
                if len(pending) > IN_FLIGHT:
                    yield from _pieces(*pending.popleft())
            while pending:
                yield from _pieces(*pending.popleft())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def predecessor(client: Any, bucket: str, pinned: PinnedObject | None) -> bytes | None:
    """What the check before left, exactly as it was pinned; None where there is nothing, or something else by now."""
    if pinned is None:
        return None
    try:
        content: bytes = _body(client, bucket, pinned).read()
    except ClientError as error:
        if _code(error) in _GONE:
            return None
        raise
    return content


def _pieces(pinned: PinnedObject, chunks: Callable[[], Any]) -> Iterator[tuple[str, bytes]]:
    key = pinned["key"]
    try:
        for chunk in chunks():
            yield key, chunk
    except ClientError as error:
        if _code(error) in _GONE:
            sentence = (
                f"{key}: the capture file was changed or removed after the check was started. Start the check again."
            )
            raise TrafficGoneError(sentence) from None
        raise


def _body(client: Any, bucket: str, pinned: PinnedObject) -> Any:
    pin = {"VersionId": pinned["version_id"]} if pinned.get("version_id") else {"IfMatch": pinned["etag"]}
    return client.get_object(Bucket=bucket, Key=pinned["key"], **pin)["Body"]


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
