"""Data capture: what went in and out of an endpoint, as SageMaker writes it to S3, without a request ever waiting for
it, and each answered request exactly once.

A request only appends a line to a file beside the server, which outlives the server however that ends; a thread uploads
what has gathered every few seconds and at the end, and removes each file once S3 has it. A file lies below the folder
as its object will lie in S3 (`<bucket>/<key>`), so that trying again, and finishing what a dead server could not
(`left_behind`), writes the same object and never a second one. Only successful requests are captured. When S3 cannot
be reached the files wait for the next turn; beyond `MOST_WAITING` records the oldest are dropped, and the log says how
many: serving goes before recording.
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
from io import FileIO
from pathlib import Path
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


@dataclass
class _Gathered:
    """A file of records of one hour."""

    path: Path
    hour: datetime
    records: int = 0


class Capture:
    """Gathers observations below `directory` and uploads them by `put(bucket, key, body)` from a thread of its own."""

    def __init__(
        self,
        settings: Settings,
        endpoint: str,
        variant: str,
        put: Put,
        directory: Path,
        every: float = EVERY,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        target = urlparse(settings.destination)
        self._settings = settings
        self._bucket, self._prefix = target.netloc, target.path.strip("/")
        self._endpoint, self._variant = endpoint, variant
        self._put, self._directory = put, directory
        self._every, self._most_waiting = every, most_waiting
        self._filling: tuple[_Gathered, FileIO] | None = None
        self._waiting: deque[_Gathered] = deque()
        self._dropped = 0
        self._changing = threading.Lock()  # of which file is being filled
        self._uploading = threading.Lock()
        self._chance = random.Random()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="data-capture", daemon=True)
        self._thread.start()

    def wanted(self) -> bool:
        """Whether the next request is to be captured, by the sampling percentage."""
        percentage = self._settings.percentage
        return percentage >= 100 or self._chance.random() * 100 < percentage

    def add(self, observation: Observation) -> None:
        """Keep an observation for the next upload; waits for nothing but this machine's own memory of its disk."""
        line = json.dumps(record(observation, self._settings, str(uuid.uuid4())), ensure_ascii=False).encode() + b"\n"
        hour = observation.moment.replace(minute=0, second=0, microsecond=0)
        with self._changing:
            try:
                gathered, file = self._file(hour, observation.moment)
                file.write(line)
            except OSError:  # the disk is full
                self._dropped += 1
            else:
                gathered.records += 1

    def close(self) -> None:
        """Upload what is left and end the thread."""
        self._ended.set()
        self._thread.join(timeout=20)

    def flush(self) -> None:
        """Upload what has gathered, a file an hour of inference; what cannot be uploaded waits."""
        with self._uploading:
            with self._changing:
                self._turn_over()
                dropped, self._dropped = self._dropped + self._drop_oldest(), 0
            if dropped:
                print(f"data capture: {dropped} records were dropped, because S3 could not be reached", flush=True)
            while self._waiting:
                try:
                    _upload(self._put, self._directory, self._waiting[0].path)
                except Exception as error:  # noqa: BLE001 - whatever S3 says, serving goes on and the records wait
                    print(f"data capture: upload failed, trying again: {error}", flush=True)
                    return
                self._waiting.popleft()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            self.flush()
        self.flush()

    def _file(self, hour: datetime, moment: datetime) -> tuple[_Gathered, FileIO]:
        if self._filling is not None and self._filling[0].hour != hour:
            self._turn_over()
        if self._filling is None:
            key = object_key(self._prefix, self._endpoint, self._variant, moment, str(uuid.uuid4()))
            path = self._directory / self._bucket / key
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: what has been written survives this process.
            self._filling = _Gathered(path, hour), path.open("xb", buffering=0)
        return self._filling

    def _turn_over(self) -> None:
        if self._filling is not None:
            gathered, file = self._filling
            file.close()
            self._waiting.append(gathered)
            self._filling = None

    def _drop_oldest(self) -> int:
        dropped = 0
        while len(self._waiting) > 1 and sum(gathered.records for gathered in self._waiting) > self._most_waiting:
            oldest = self._waiting.popleft()
            oldest.path.unlink()
            dropped += oldest.records
        return dropped


def left_behind(directory: Path, put: Put) -> int:
    """Upload what a server that has ended could not; returns how many files that were. Raises what `put` raises."""
    paths = sorted(directory.rglob("*.jsonl"))
    for path in paths:
        _upload(put, directory, path)
    return len(paths)


def _upload(put: Put, directory: Path, path: Path) -> None:
    """The whole lines of a file: one that was cut off by a kill was never answered."""
    bucket, _, key = path.relative_to(directory).as_posix().partition("/")
    whole, ending, _ = path.read_bytes().rpartition(b"\n")
    if whole:
        put(bucket, key, whole + ending)
    path.unlink()


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
