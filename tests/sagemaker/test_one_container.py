"""A model of one container and one of several take turns at an endpoint, and a failed update goes back to either."""

from __future__ import annotations

import io
import json
import tarfile
import time
import urllib.request
from typing import Any

import pytest

from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud

pytestmark = pytest.mark.xdist_group("sagemaker-one-container")
ENDPOINT = "turns"
SERVE = """
import os
from jobs.words import WORD
def model_fn(model_dir):
    return open(os.path.join(model_dir, "member.txt")).read()
def transform_fn(model, data, content_type, accept):
    text = data if isinstance(data, str) else data.decode()
    return f"{text} {WORD} {model}", accept
"""
BROKEN = "def model_fn(model_dir): raise ValueError('no model')\ndef transform_fn(m, d, c, a): return '', a\n"
SETTINGS = {
    "SAGEMAKER_PROGRAM": "serve.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
    "PIP_NO_BUILD_ISOLATION": "0",
}
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": f"s3://{requests.BUCKET}/captured",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
}


def container(cloud: Cloud, word: str, source: str = SERVE) -> dict[str, Any]:
    """A container whose code says a word of its own, from a package that other containers have, too."""
    packed = io.BytesIO()
    members = {"member.txt": word.upper(), "code/serve.py": source, "code/jobs/__init__.py": "",
               "code/jobs/words.py": f"WORD = {word!r}"}  # fmt: skip
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    place = cloud.put(f"{word}/model.tar.gz", packed.getvalue())
    return {"Image": requests.IMAGE, "ModelDataUrl": place, "Environment": SETTINGS}


@pytest.fixture(scope="module")
def endpoint(cloud: Cloud) -> str:
    """In service with a pipeline; a model and a configuration a name for all that it may serve."""
    broken = container(cloud, "broken", BROKEN)
    models: dict[str, dict[str, Any]] = {
        "pipeline": {"Containers": [container(cloud, "first"), container(cloud, "second")]},
        "one": {"PrimaryContainer": container(cloud, "one")},
        "one-of-a-list": {"Containers": [container(cloud, "listed")]},
        "broken-one": {"PrimaryContainer": broken},
        "broken-pipeline": {"Containers": [container(cloud, "first"), broken]},
    }
    for name, given in models.items():
        cloud.sagemaker.call("CreateModel", given | {"ModelName": name, "ExecutionRoleArn": requests.ROLE})
        variant = {
            "VariantName": "AllTraffic", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large",
        }  # fmt: skip
        request = {"EndpointConfigName": name, "ProductionVariants": [variant], "DataCaptureConfig": CAPTURE}
        cloud.sagemaker.call("CreateEndpointConfig", request)
    cloud.sagemaker.call("CreateEndpoint", {"EndpointName": ENDPOINT, "EndpointConfigName": "pipeline"})
    in_service(cloud)
    return ENDPOINT


def in_service(cloud: Cloud) -> dict[str, Any]:
    described = cloud.wait("DescribeEndpoint", "EndpointStatus", until={"InService", "Failed"}, EndpointName=ENDPOINT)
    assert described["EndpointStatus"] == "InService", described
    return described


def said(cloud: Cloud, cell: str) -> str:
    with cloud.sagemaker.calling(ENDPOINT) as (host, port):
        call = urllib.request.Request(
            f"http://{host}:{port}/invocations", data=cell.encode(), headers={"Content-Type": "text/csv"}
        )
        with urllib.request.urlopen(call, timeout=60) as answer:  # noqa: S310
            return str(answer.read().decode())


def updated(cloud: Cloud, name: str) -> str:
    """The configuration that serves when the update is over."""
    cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": ENDPOINT, "EndpointConfigName": name})
    return str(in_service(cloud)["EndpointConfigName"])


def captured(cloud: Cloud, count: int) -> list[tuple[str, str]]:
    deadline = time.monotonic() + 60
    found: list[tuple[str, str]] = []
    while len(found) < count and time.monotonic() < deadline:
        time.sleep(0.2)
        listed = cloud.s3.list_objects_v2(Bucket=requests.BUCKET, Prefix=f"captured/{ENDPOINT}/").get("Contents", [])
        lines = [line for one in listed for line in cloud.get(f"s3://{requests.BUCKET}/{one['Key']}").splitlines()]
        records = [json.loads(line)["captureData"] for line in lines]
        found = sorted((one["endpointInput"]["data"], one["endpointOutput"]["data"]) for one in records)
    return found


def test_one_container_and_a_pipeline_take_turns_and_failures_go_back_to_either(cloud: Cloud, endpoint: str) -> None:
    steps = [
        ("pipeline", "pipeline", "first FIRST second SECOND"),
        ("one", "one", "one ONE"),
        ("broken-pipeline", "one", "one ONE"),
        ("one-of-a-list", "one-of-a-list", "listed LISTED"),
        ("pipeline", "pipeline", "first FIRST second SECOND"),
        ("broken-one", "pipeline", "first FIRST second SECOND"),
    ]
    answers = []
    for place, (wanted, serves, words) in enumerate(steps):
        if place:
            assert updated(cloud, wanted) == serves
        answers.append((str(place), said(cloud, str(place))))
        assert answers[-1][1] == f"{place} {words}"
    assert captured(cloud, len(steps)) == answers
