"""Data capture: what went in and out of an endpoint, as SageMaker writes it to S3, without a request ever waiting for
it.

A request only appends to a list; a thread turns what has gathered into JSON lines and uploads them every few seconds
and at the end. Only successful requests are captured. When S3 cannot be reached the records wait for the next turn;
beyond `MOST_WAITING` the oldest are dropped, and the log says how many: serving goes before recording.
"""

import base64
import functools
import json
import random
import threading
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlparse

from local.containers.reply import Reply

EVERY = 2.0
"""Seconds between uploads."""
MOST_WAITING = 20_000
Put = Callable[[str, str, bytes], None]


@dataclass(frozen=True, slots=True)
class Observation:
    """One request and its answer, as they were."""

    body: bytes
    content_type: str
    reply: Reply
    moment: datetime
    inference_id: str | None = None
    custom_attributes: str | None = None


@dataclass(frozen=True)
class Settings:
    """SageMaker's DataCaptureConfig, read."""

    destination: str
    percentage: float
    modes: frozenset[str]
    csv_types: frozenset[str]
    json_types: frozenset[str]

    @classmethod
    def read(cls, config: dict[str, Any] | None) -> "Settings | None":
        """None where nothing is to be captured."""
        if not config or not config.get("EnableCapture", True):
            return None
        header = config.get("CaptureContentTypeHeader") or {}
        modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
        return cls(
            destination=config["DestinationS3Uri"].rstrip("/"),
            percentage=config["InitialSamplingPercentage"],
            modes=frozenset({"Input", "Output"} if "InputAndOutput" in modes else modes),
            csv_types=frozenset(media.lower() for media in header.get("CsvContentTypes", [])),
            json_types=frozenset(media.lower() for media in header.get("JsonContentTypes", [])),
        )


def record(observation: Observation, settings: Settings, event_id: str) -> dict[str, Any]:
    """One line of a capture file."""
    sides: dict[str, Any] = {}
    if "Input" in settings.modes:
        sides["endpointInput"] = _side("INPUT", observation.content_type, observation.body, settings)
    if "Output" in settings.modes:
        sides["endpointOutput"] = _side("OUTPUT", observation.reply.content_type, observation.reply.body, settings)
    metadata: dict[str, Any] = {"eventId": event_id}
    if observation.custom_attributes is not None:
        metadata["customAttributes"] = [observation.custom_attributes]
    if observation.inference_id is not None:
        metadata["inferenceId"] = observation.inference_id
    metadata["inferenceTime"] = observation.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"captureData": sides, "eventMetadata": metadata, "eventVersion": "0"}


def _side(mode: str, content_type: str, body: bytes, settings: Settings) -> dict[str, str]:
    media = content_type.partition(";")[0].strip().lower()
    encoding = "CSV" if media in settings.csv_types else "JSON" if media in settings.json_types else "BASE64"
    try:
        data = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode()
    except UnicodeDecodeError:
        encoding, data = "BASE64", base64.b64encode(body).decode()
    return {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}


def object_key(prefix: str, endpoint: str, variant: str, moment: datetime, token: str) -> str:
    """Where a capture file lies, below the bucket.

    >>> object_key("capture", "churn", "AllTraffic", datetime(2026, 1, 2, 3, 4, 5, 678000, UTC), "ab")
    'capture/churn/AllTraffic/2026/01/02/03/04-05-678-ab.jsonl'
    """
    stamp = f"{moment:%Y/%m/%d/%H/%M-%S}-{moment.microsecond // 1000:03d}"
    return "/".join(part for part in (prefix, endpoint, variant, f"{stamp}-{token}.jsonl") if part)


class Capture:
    """Gathers observations and uploads them by `put(bucket, key, body)` from a thread of its own."""

    def __init__(self, settings: Settings, endpoint: str, variant: str, put: Put, every: float = EVERY) -> None:
        target = urlparse(settings.destination)
        self._settings = settings
        self._bucket, self._prefix = target.netloc, target.path.strip("/")
        self._endpoint, self._variant = endpoint, variant
        self._put = put
        self._every = every
        self._waiting: deque[Observation] = deque(maxlen=MOST_WAITING)
        self._dropped = 0
        self._chance = random.Random()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="data-capture", daemon=True)
        self._thread.start()

    def wanted(self) -> bool:
        """Whether the next request is to be captured, by the sampling percentage."""
        percentage = self._settings.percentage
        return percentage >= 100 or self._chance.random() * 100 < percentage

    def add(self, observation: Observation) -> None:
        """Keep an observation for the next upload; never blocks."""
        self._dropped += len(self._waiting) == MOST_WAITING
        self._waiting.append(observation)

    def close(self) -> None:
        """Upload what is left and end the thread."""
        self._ended.set()
        self._thread.join(timeout=20)

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            self.flush()
        self.flush()

    def flush(self) -> None:
        """Upload what has gathered, a file an hour of inference; what cannot be uploaded waits."""
        gathered = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if self._dropped:
            print(f"data capture: {self._dropped} records were dropped, because S3 could not be reached", flush=True)
            self._dropped = 0
        by_hour: dict[datetime, list[Observation]] = {}
        for observation in gathered:
            by_hour.setdefault(observation.moment.replace(minute=0, second=0, microsecond=0), []).append(observation)
        for observations in by_hour.values():
            try:
                self._upload(observations)
            except Exception as error:  # noqa: BLE001 - whatever S3 says, serving goes on and the records wait
                print(f"data capture: upload failed, trying again: {error}", flush=True)
                self._waiting.extendleft(reversed(observations))

    def _upload(self, observations: list[Observation]) -> None:
        lines = [
            json.dumps(record(item, self._settings, str(uuid.uuid4())), ensure_ascii=False) for item in observations
        ]
        key = object_key(self._prefix, self._endpoint, self._variant, observations[0].moment, str(uuid.uuid4()))
        self._put(self._bucket, key, ("\n".join(lines) + "\n").encode())


def now() -> datetime:
    """The time of an inference."""
    return datetime.now(UTC)


def s3_put() -> Put:
    """Uploads by boto3, configured by the environment (AWS_ENDPOINT_URL and the AWS credentials).

    The client is made by the first upload, in the capturing thread: an endpoint need not start a sixth of a second
    later for it.
    """

    @functools.cache
    def client() -> Any:
        import boto3  # an endpoint without capture never needs it

        return boto3.client("s3")

    def put(bucket: str, key: str, body: bytes) -> None:
        client().put_object(Bucket=bucket, Key=key, Body=body)

    return put
