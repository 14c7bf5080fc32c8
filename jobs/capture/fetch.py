"""The capture files named in window.json, as they lie in S3: several pieces in flight, in the order asked for.

Every piece is asked for on condition that the file is still the one that was listed (`If-Match`). A file that changed
or is gone stops the job, even if a lifecycle rule may have removed it: nobody can tell what was in it, and a check of
the rest would pass for a check of all. A read that fails is tried again piece by piece; when it keeps failing, the job
fails: never "no drift".
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from jobs.refusals import Refusal
from jobs.settings import PinnedObject

PIECE = 4 << 20
IN_FLIGHT = 6
TRIES = 5
_GONE = {"412", "PreconditionFailed", "404", "NoSuchKey", "NotFound", "416", "InvalidRange"}


@dataclass(frozen=True)
class _Piece:
    key: str
    etag: str
    start: int
    end: int


def fetched(
    client: Any,
    bucket: str,
    objects: Sequence[PinnedObject],
    *,
    pause: Callable[[float], None] = time.sleep,
) -> Generator[tuple[str, bytes], None, None]:
    """(key, next bytes) of every object, in order; an empty object is (key, b"").

    `objects` have "key", "size" (bytes) and "etag". Raises Refusal "capture-changed" for one that is no longer what was
    listed, "capture-unreadable" for one that cannot be read.
    """
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        waiting: deque[tuple[str, Future[bytes]]] = deque()
        pieces = _pieces(objects)
        try:
            for piece in itertools.islice(pieces, IN_FLIGHT):
                waiting.append((piece.key, pool.submit(_read, client, bucket, piece, pause)))
            while waiting:
                key, future = waiting.popleft()
                found = future.result()
                for piece in itertools.islice(pieces, 1):
                    waiting.append((piece.key, pool.submit(_read, client, bucket, piece, pause)))
                yield key, found
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _pieces(objects: Sequence[PinnedObject]) -> Iterator[_Piece]:
    for entry in objects:
        size = int(entry["size"])
        for start in range(0, max(size, 1), PIECE):
            yield _Piece(entry["key"], entry["etag"], start, min(start + PIECE, size))


def _read(client: Any, bucket: str, piece: _Piece, pause: Callable[[float], None]) -> bytes:
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError  # the readers run without the AWS SDK

    request: dict[str, Any] = {"Bucket": bucket, "Key": piece.key, "IfMatch": piece.etag}
    if piece.end:
        request["Range"] = f"bytes={piece.start}-{piece.end - 1}"
    for attempt in itertools.count(1):
        try:
            body: bytes = client.get_object(**request)["Body"].read()
        except ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            if code in _GONE:
                raise Refusal("capture-changed", _changed(piece)) from None
            if attempt == TRIES or status < 500:
                raise Refusal("capture-unreadable", _unreadable(piece, attempt, error)) from error
        except (BotoCoreError, HTTPClientError) as error:
            if attempt == TRIES:
                raise Refusal("capture-unreadable", _unreadable(piece, attempt, error)) from error
        else:
            if len(body) == piece.end - piece.start:
                return body
            raise Refusal("capture-changed", _changed(piece))
        pause(min(0.5 * 2**attempt, 8.0))
    raise AssertionError("never reached: the last try returns or raises")


def _changed(piece: _Piece) -> str:
    return (
        f"{piece.key}: the captured traffic was changed or removed after this check began. "
        "Nothing was concluded from the rest; the next check takes what is there then."
    )


def _unreadable(piece: _Piece, tries: int, error: Exception) -> str:
    times = "1 try" if tries == 1 else f"{tries} tries"
    return f"{piece.key}: the captured traffic cannot be read from S3 after {times}: {error}"
