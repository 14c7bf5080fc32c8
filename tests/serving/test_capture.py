"""Data capture: SageMaker's record, SageMaker's keys, and never in a request's way."""

import base64
import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.containers.reply import Reply
from local.serving.capture import Capture, Observation, Settings, left_behind, record

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
CONFIG: dict[str, Any] = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://bucket/capture/",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
}


def settings(**changes: Any) -> Settings:
    read = Settings.read(CONFIG | changes)
    assert read is not None
    return read


def observation(**changes: Any) -> Observation:
    reply = Reply(200, "text/csv; charset=utf-8", b"yes,0.25,0.75\n")
    given: dict[str, Any] = {"body": b"1,pro\n", "content_type": "text/csv", "reply": reply, "moment": MOMENT}
    return Observation(**(given | changes))


class Bucket:
    """Takes what is put; refuses as often as it is told to, and as often takes it and says that it does not."""

    def __init__(self, refusals: int = 0, unconfirmed: int = 0) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.refusals, self.unconfirmed = refusals, unconfirmed
        self.tried = threading.Event()

    def put(self, bucket: str, key: str, body: bytes) -> None:
        self.tried.set()
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("no S3 here")
        self.objects[bucket, key] = body
        if self.unconfirmed:
            self.unconfirmed -= 1
            raise ConnectionError("the answer was lost")


def test_a_record_is_sagemakers_own() -> None:
    assert record(observation(inference_id="row-7", custom_attributes="trace=1"), settings(), "some-id") == {
        "captureData": {
            "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": "1,pro\n", "encoding": "CSV"},
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": "yes,0.25,0.75\n",
                "encoding": "CSV",
            },
        },
        "eventMetadata": {
            "eventId": "some-id",
            "customAttributes": ["trace=1"],
            "inferenceId": "row-7",
            "inferenceTime": "2026-01-02T03:04:05Z",
        },
        "eventVersion": "0",
    }


def test_without_content_types_everything_is_base64() -> None:
    side = record(observation(), settings(CaptureContentTypeHeader=None), "x")["captureData"]["endpointInput"]
    assert (side["encoding"], base64.b64decode(side["data"])) == ("BASE64", b"1,pro\n")


def test_what_is_not_text_is_base64_whatever_it_says() -> None:
    side = record(observation(body=b"\xff"), settings(), "x")["captureData"]["endpointInput"]
    assert side["encoding"] == "BASE64"


def test_only_the_sides_asked_for_are_recorded() -> None:
    both = record(observation(), settings(CaptureOptions=[{"CaptureMode": "InputAndOutput"}]), "x")
    one = record(observation(), settings(CaptureOptions=[{"CaptureMode": "Output"}]), "x")
    assert [*both["captureData"]] == ["endpointInput", "endpointOutput"]
    assert [*one["captureData"]] == ["endpointOutput"]


def test_switched_off_is_none() -> None:
    assert Settings.read(None) is None
    assert Settings.read(CONFIG | {"EnableCapture": False}) is None


def capturing(bucket: Bucket, directory: Path, every: float = 60, **changes: Any) -> Capture:
    return Capture(settings(), "churn", "AllTraffic", bucket.put, directory, every, **changes)


def data(bucket: Bucket) -> list[str]:
    """What went in, of all records in the bucket, in their order."""
    lines = [json.loads(line) for body in bucket.objects.values() for line in body.decode().splitlines()]
    return [line["captureData"]["endpointInput"]["data"] for line in lines]


def test_records_are_uploaded_at_the_end_under_their_hour(tmp_path: Path) -> None:
    bucket = Bucket()
    capture = capturing(bucket, tmp_path)
    later = MOMENT.replace(hour=4)
    for moment in (MOMENT, MOMENT, later):
        capture.add(observation(moment=moment))
    capture.close()
    keys = sorted(key for _, key in bucket.objects)
    name = r"\d\d-\d\d-\d\d\d-[0-9a-f-]{36}\.jsonl"
    assert re.fullmatch(rf"capture/churn/AllTraffic/2026/01/02/03/{name}", keys[0])
    assert re.fullmatch(rf"capture/churn/AllTraffic/2026/01/02/04/{name}", keys[1])
    lines = bucket.objects["bucket", keys[0]].decode().splitlines()
    assert len({json.loads(line)["eventMetadata"]["eventId"] for line in lines}) == 2


def test_a_refused_upload_is_tried_again_in_the_old_order(tmp_path: Path) -> None:
    bucket = Bucket(refusals=1)
    capture = capturing(bucket, tmp_path, every=0.01)
    for number in range(3):
        capture.add(observation(body=str(number).encode()))
    assert bucket.tried.wait(5)
    capture.close()
    left_behind(tmp_path, bucket.put)  # whatever the refusal hit
    assert data(bucket) == ["0", "1", "2"]


def test_an_upload_that_arrived_and_was_not_confirmed_makes_no_second_object(tmp_path: Path) -> None:
    bucket = Bucket(unconfirmed=2)
    capture = capturing(bucket, tmp_path)
    capture.add(observation(body=b"0"))
    capture.flush()
    capture.add(observation(body=b"1"))
    capture.flush()
    capture.close()
    assert data(bucket) == ["0", "1"]


def test_what_a_killed_server_left_is_sent_once_by_whoever_comes_after_it(tmp_path: Path) -> None:
    away, bucket = Bucket(refusals=99), Bucket()
    capture = capturing(away, tmp_path)
    for number in range(3):
        capture.add(observation(body=str(number).encode()))
        capture.flush()
    (half,) = [path for path in tmp_path.rglob("*.jsonl") if '"1"' in path.read_text()]
    half.write_bytes(half.read_bytes() + b'{"captureData": {"endpointIn')
    assert left_behind(tmp_path, bucket.put) == 3
    assert sorted(data(bucket)) == ["0", "1", "2"]
    assert left_behind(tmp_path, bucket.put) == 0
    capture.close()


def test_without_s3_the_oldest_records_are_dropped_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = Bucket(refusals=3)
    capture = capturing(bucket, tmp_path, most_waiting=4)
    for turn in range(3):
        for number in range(2):
            capture.add(observation(body=f"{turn}{number}".encode()))
        capture.flush()
    assert "2 records were dropped" in capsys.readouterr().out
    capture.close()
    assert data(bucket) == ["10", "11", "20", "21"]
    assert list(tmp_path.rglob("*.jsonl")) == []


def test_many_threads_and_uploads_meanwhile_lose_and_double_nothing(tmp_path: Path) -> None:
    bucket = Bucket(refusals=5)
    capture = capturing(bucket, tmp_path, every=0.001)

    def add(thread: int) -> None:
        for number in range(200):
            capture.add(observation(body=f"{thread}-{number}".encode(), moment=MOMENT.replace(hour=3 + number % 2)))

    threads = [threading.Thread(target=add, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    capture.close()
    left_behind(tmp_path, bucket.put)
    assert sorted(data(bucket)) == sorted(f"{thread}-{number}" for thread in range(4) for number in range(200))


def test_sampling_is_a_share_of_the_requests(tmp_path: Path) -> None:
    capture = Capture(settings(InitialSamplingPercentage=20), "churn", "AllTraffic", Bucket().put, tmp_path, every=60)
    share = sum(capture.wanted() for _ in range(5000)) / 5000
    capture.close()
    assert 0.16 < share < 0.24
