"""An endpoint under traffic that never stops, while it is switched, its server killed, and deleted: who asks is
answered, and what was answered is captured, exactly once."""

import contextlib
import json
import threading
import time
import urllib.request
import uuid
from collections import Counter
from http.client import HTTPException
from typing import Any

import pytest

from local.wire.errors import ApiError
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud
from tests.sagemaker.test_endpoints import config, deployed, model

pytestmark = pytest.mark.xdist_group("sagemaker-switching")
NAME = "busy"
CAPTURE: dict[str, Any] = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": f"s3://{requests.BUCKET}/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
}


class Callers:
    """Threads that call an endpoint without a pause, each request under an id of its own."""

    def __init__(self, cloud: Cloud, count: int = 3) -> None:
        self._cloud = cloud
        self._name = uuid.uuid4().hex[:6]
        self.answered: list[str] = []
        self.unanswered: list[str] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(caller,)) for caller in range(count)]

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more requests have been answered."""
        wanted, deadline = len(self.answered) + more, time.monotonic() + 120
        while len(self.answered) < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _call(self, caller: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            inference = f"{self._name}-{caller}-{number}"
            try:
                with self._cloud.sagemaker.calling(NAME) as (host, port):
                    headers = {"Content-Type": "text/csv", "X-Amzn-SageMaker-Inference-Id": inference}
                    call = urllib.request.Request(f"http://{host}:{port}/invocations", data=b"3,1,0,0", headers=headers)
                    with urllib.request.urlopen(call, timeout=60) as answer:  # noqa: S310
                        answer.read()
            except (ApiError, OSError, HTTPException) as error:
                self.unanswered.append(f"{inference}: {error!r}")
                time.sleep(0.01)
            else:
                self.answered.append(inference)


def captured(cloud: Cloud) -> Counter[str]:
    """How often each inference id stands in the bucket."""
    pages = cloud.s3.get_paginator("list_objects_v2").paginate(Bucket=requests.BUCKET, Prefix=f"capture/{NAME}/")
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    lines = [line for key in keys for line in cloud.get(f"s3://{requests.BUCKET}/{key}").splitlines()]
    return Counter(json.loads(line)["eventMetadata"]["inferenceId"] for line in lines)


@pytest.fixture(scope="module")
def endpoint(cloud: Cloud) -> str:
    cloud.sagemaker.call("CreateTrainingJob", requests.training("for-switching"))
    artifact = cloud.trained("for-switching")["ModelArtifacts"]["S3ModelArtifacts"]
    cloud.sagemaker.call("CreateModel", model("one", artifact))
    for name in ("first", "second"):
        cloud.sagemaker.call("CreateEndpointConfig", config(name, "one", DataCaptureConfig=CAPTURE))
    cloud.sagemaker.call("CreateEndpoint", {"EndpointName": NAME, "EndpointConfigName": "first"})
    assert deployed(cloud, NAME)["EndpointStatus"] == "InService"
    return NAME


@pytest.mark.timeout(300)
def test_nobody_is_turned_away_and_every_answer_is_captured_once(cloud: Cloud, endpoint: str) -> None:
    with Callers(cloud) as callers:
        for name in ("second", "first", "second"):
            callers.wait_for(20)
            cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": endpoint, "EndpointConfigName": name})
            assert deployed(cloud, endpoint)["EndpointConfigName"] == name
    assert callers.unanswered == []
    answered = set(callers.answered)
    with Callers(cloud) as callers:
        callers.wait_for(20)
    cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": endpoint, "EndpointConfigName": "first"})
    assert deployed(cloud, endpoint)["EndpointConfigName"] == "first"
    # Once an update is over, all that the server before it answered is in the bucket.
    assert captured(cloud) == Counter(answered | set(callers.answered))


@pytest.mark.timeout(300)
def test_a_killed_server_takes_no_captured_answer_with_it(cloud: Cloud, endpoint: str) -> None:
    with Callers(cloud) as callers:
        for _ in range(2):
            callers.wait_for(20)
            server = cloud.sagemaker._operations.endpoints._servers[endpoint]
            server.process.signal(9)
        callers.wait_for(20)
    cloud.sagemaker.call("DeleteEndpoint", {"EndpointName": endpoint})
    deadline = time.monotonic() + 120
    with contextlib.suppress(ApiError):
        while cloud.sagemaker.call("DescribeEndpoint", {"EndpointName": endpoint}):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    found = captured(cloud)
    assert set(callers.answered) - set(found) == set()
    assert [name for name, times in found.items() if times > 1] == []
