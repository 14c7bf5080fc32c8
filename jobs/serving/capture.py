"""Data capture by the serving code itself, for the endpoints of which SageMaker captures nothing: the serverless ones.

The container's environment says whether and where (`of_environment`). A record has the form of SageMaker's own, one
object a request under the same keys, so that whoever reads traffic need not know who wrote it.

An answer never fails by it and waits `LONGEST_WAIT` for it at most: a thread writes, and a serverless container may
stand still as soon as it has answered, so what can be written at once is. What cannot is written with a later request;
beyond `MOST_WAITING` bytes records are dropped, and the log says how many.
"""

import base64
import json
import os
import random
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jobs.serving.headers import ATTRIBUTES, inference_id

LONGEST_WAIT = 0.05
"""Seconds that an answer may wait until its record is written."""
MOST_WAITING = 16 * 1024 * 1024
"""Bytes of records that may wait to be written."""
_TEXT = {"text/csv": "CSV", "application/json": "JSON", "application/jsonlines": "JSON"}
Put = Callable[[str, str, bytes], None]
"""Writes an object: bucket, key, body."""


@dataclass(frozen=True)
class Observation:
    """A request and its answer, as the container had them."""

    body: str | bytes
    content_type: str
    answer: str
    media: str
    headers: Mapping[str, str]


def record(seen: Observation, event: str, moment: datetime) -> bytes:
    """One line, as SageMaker writes it."""
    about: dict[str, Any] = {"eventId": event}
    attributes = seen.headers.get(ATTRIBUTES)
    if attributes is not None:
        about["customAttributes"] = [attributes]
    if found := inference_id(seen.headers):
        about["inferenceId"] = found
    about["inferenceTime"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    media = f"{seen.media}; charset=utf-8" if seen.media.startswith("text/") else seen.media
    sides = {
        "endpointInput": _side("INPUT", seen.content_type, seen.body),
        "endpointOutput": _side("OUTPUT", media, seen.answer),
    }
    line = json.dumps({"captureData": sides, "eventMetadata": about, "eventVersion": "0"}, ensure_ascii=False)
    return line.encode("utf-8", "replace") + b"\n"


def _side(mode: str, content_type: str, data: str | bytes) -> dict[str, str]:
    encoding = _TEXT.get(content_type.partition(";")[0].strip().lower(), "BASE64")
    try:
        raw = data.encode() if isinstance(data, str) else data
        text = base64.b64encode(raw).decode() if encoding == "BASE64" else raw.decode()
    except UnicodeError:
        encoding, text = "BASE64", base64.b64encode(bytes(data) if isinstance(data, bytes) else b"").decode()
    return {"observedContentType": content_type, "mode": mode, "data": text, "encoding": encoding}


def key(prefix: str, event: str, moment: datetime) -> str:
    """Where a record's object lies.

    >>> key("capture/churn/AllTraffic", "ab", datetime(2026, 1, 2, 3, 4, 5, 678000, UTC))
    'capture/churn/AllTraffic/2026/01/02/03/04-05-678-ab.jsonl'
    """
    return f"{prefix}/{moment:%Y/%m/%d/%H/%M-%S}-{moment.microsecond // 1000:03d}-{event}.jsonl"


class Capture:
    """Writes what was seen below `s3://bucket/prefix`, `percentage` of it, by `put`."""

    def __init__(self, bucket: str, prefix: str, percentage: float, put: Put) -> None:
        self._bucket, self._prefix, self._percentage, self._put = bucket, prefix, percentage, put
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._bytes, self.dropped = 0, 0
        self._changed = threading.Condition()
        self._writer: threading.Thread | None = None

    def wanted(self) -> bool:
        """Whether the next request is one of those to be captured."""
        return random.random() * 100 < self._percentage

    def add(self, seen: Observation, wait: float = LONGEST_WAIT) -> bool:
        """Have a request and its answer written; whether that was done within `wait` seconds. Raises nothing."""
        try:
            event, moment = str(uuid.uuid4()), datetime.now(UTC)
            line = record(seen, event, moment)
            with self._changed:
                if self._bytes + len(line) > MOST_WAITING:
                    self._drop()
                    return False
                self._waiting.append((key(self._prefix, event, moment), line))
                self._bytes += len(line)
                self._begin()
                self._changed.notify_all()
                return self._changed.wait_for(lambda: not self._waiting, wait)
        except Exception:  # noqa: BLE001 - whatever it is, the caller gets the answer
            self._drop()
            return False

    def _begin(self) -> None:
        # With the first record and not before: the server may fork its workers after it has loaded the model.
        if self._writer is None or not self._writer.is_alive():
            self._writer = threading.Thread(target=self._write, name="capture", daemon=True)
            self._writer.start()

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                place, line = self._waiting[0]
            try:
                self._put(self._bucket, place, line)
            except Exception as error:  # noqa: BLE001 - whatever S3 says: the next record may fare better
                self._drop(type(error).__name__)
            with self._changed:
                self._waiting.popleft()
                self._bytes -= len(line)
                self._changed.notify_all()

    def _drop(self, why: str = "") -> None:
        self.dropped += 1
        if self.dropped & (self.dropped - 1) == 0:  # 1, 2, 4, 8 ...: the log must not grow with the traffic
            print(f"capture: {self.dropped} records were not written{f' ({why})' if why else ''}", flush=True)


def of_environment(environment: Mapping[str, str] = os.environ) -> Capture | None:
    """What the container was told to capture; None where SageMaker captures, or nobody. A batch transform's rows are
    nobody's traffic."""
    target = environment.get("SAGERELAY_CAPTURE", "").removeprefix("s3://")
    percentage = float(environment.get("SAGERELAY_CAPTURE_PERCENTAGE") or 0)
    if not target or not percentage or environment.get("SAGEMAKER_BATCH"):
        return None
    import flask  # noqa: F401 - of the image, whose server hands requests to Flask: see headers.py

    bucket, _, prefix = target.partition("/")
    return Capture(bucket, prefix, percentage, _s3())


def _s3() -> Put:
    made: list[Any] = []

    def put(bucket: str, place: str, body: bytes) -> None:
        if not made:
            import boto3  # of the image; half a second, which a first answer need not wait for
            from botocore.config import Config

            patience = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
            made.append(boto3.client("s3", config=patience))
        made[0].put_object(Bucket=bucket, Key=place, Body=body)

    return put
