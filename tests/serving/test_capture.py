"""Data capture: SageMaker's record, SageMaker's keys, and never in a request's way."""

import base64
import json
import re
import threading
from datetime import UTC, datetime
from typing import Any

from local.containers.reply import Reply
from local.serving.capture import Capture, Observation, Settings, record

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
    """Takes what is put; refuses as often as it is told to."""

    def __init__(self, refusals: int = 0) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.refusals = refusals
        self.tried = threading.Event()

    def put(self, bucket: str, key: str, body: bytes) -> None:
        self.tried.set()
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("no S3 here")
        self.objects[bucket, key] = body


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


def test_records_are_uploaded_at_the_end_under_their_hour() -> None:
    bucket = Bucket()
    capture = Capture(settings(), "churn", "AllTraffic", bucket.put, every=60)
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


def test_a_refused_upload_is_tried_again_in_the_old_order() -> None:
    bucket = Bucket(refusals=1)
    capture = Capture(settings(), "churn", "AllTraffic", bucket.put, every=0.01)
    for number in range(3):
        capture.add(observation(body=str(number).encode()))
    assert bucket.tried.wait(5)
    capture.close()
    lines = [json.loads(line) for body in bucket.objects.values() for line in body.decode().splitlines()]
    assert [line["captureData"]["endpointInput"]["data"] for line in lines] == ["0", "1", "2"]


def test_sampling_is_a_share_of_the_requests() -> None:
    capture = Capture(settings(InitialSamplingPercentage=20), "churn", "AllTraffic", Bucket().put, every=60)
    share = sum(capture.wanted() for _ in range(5000)) / 5000
    capture.close()
    assert 0.16 < share < 0.24
