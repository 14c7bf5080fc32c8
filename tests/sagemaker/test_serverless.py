"""A serverless endpoint: created, asked, throttled, given up when idle, begun anew, updated, refused."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from jobs.serving import capture
from local.invocations import Invocations
from local.sagemaker import serverless
from local.sagemaker.serverless import Offer
from local.wire.errors import ApiError
from local.wire.http_server import Request
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud

NAME = "no-server"
pytestmark = pytest.mark.xdist_group("sagemaker-one-container")
SERVE = """
import json, os, tempfile, flask
from jobs.serving import capture
from jobs.serving.headers import headers
def model_fn(model_dir):
    return model_dir, capture.of_environment()
def transform_fn(served, data, content_type, accept):
    model, captured = served
    told = {"pid": os.getppid(), "attributes": flask.request.headers.get("X-Amzn-SageMaker-Custom-Attributes")}
    for name, place in (("model", model), ("tmp", tempfile.gettempdir()), ("root", "/opt")):
        try:
            with open(os.path.join(place, "written"), "w") as file:
                file.write("x")
            told[name] = "written"
        except OSError as error:
            told[name] = error.strerror
    answer = json.dumps(told)
    captured.add(capture.Observation(data, content_type, answer, "application/json", headers()), wait=30)
    return answer, "application/json"
"""
CODE = {
    "code/serve.py": SERVE,
    "code/jobs/__init__.py": "",
    "code/jobs/serving/__init__.py": "",
    "code/jobs/serving/capture.py": Path(capture.__file__).read_text(encoding="utf-8"),
    "code/jobs/serving/headers.py": Path(capture.__file__).with_name("headers.py").read_text(encoding="utf-8"),
}
SETTINGS = {
    "SAGEMAKER_PROGRAM": "serve.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    "PIP_NO_BUILD_ISOLATION": "0",
    "SAGERELAY_CAPTURE": f"s3://{requests.BUCKET}/capture/{NAME}/AllTraffic",
    "SAGERELAY_CAPTURE_PERCENTAGE": "100",
}


def variant(model: str, **config: int) -> dict[str, Any]:
    asked = {"MemorySizeInMB": 2048, "MaxConcurrency": 5, **config}
    return {"VariantName": "AllTraffic", "ModelName": model, "ServerlessConfig": asked}


@pytest.fixture(scope="module")
def endpoint(cloud: Cloud) -> str:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in CODE.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    place = cloud.put(f"{NAME}/model.tar.gz", packed.getvalue())
    container = {"Image": requests.IMAGE, "ModelDataUrl": place, "Environment": SETTINGS}
    role = {"ExecutionRoleArn": requests.ROLE}
    cloud.sagemaker.call("CreateModel", {"ModelName": NAME, "PrimaryContainer": container, **role})
    cloud.sagemaker.call("CreateModel", {"ModelName": f"{NAME}-three", "Containers": [container, container], **role})
    configs = {NAME: variant(NAME), f"{NAME}-one": variant(NAME, MaxConcurrency=1)}
    instance = {"InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    with_server = {"VariantName": "AllTraffic", "ModelName": NAME, **instance}
    for name, one in {**configs, f"{NAME}-realtime": with_server}.items():
        cloud.sagemaker.call("CreateEndpointConfig", {"EndpointConfigName": name, "ProductionVariants": [one]})
    cloud.sagemaker.call("CreateEndpoint", {"EndpointName": NAME, "EndpointConfigName": NAME})
    settled(cloud)
    return NAME


def settled(cloud: Cloud) -> dict[str, Any]:
    until = {"InService", "Failed"}
    return cloud.wait("DescribeEndpoint", "EndpointStatus", until=until, EndpointName=NAME)


def asked(cloud: Cloud, body: bytes = b"1") -> dict[str, Any]:
    calls = Invocations(cloud.sagemaker.calling, cloud.sagemaker.answered)
    try:
        environ = {"HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES": "inference-id=7", "CONTENT_TYPE": "text/csv"}
        answer: dict[str, Any] = json.loads(calls.invoke(NAME, Request(environ, body)).body)
    finally:
        calls.close()
    return answer


def test_it_answers_reads_its_request_and_writes_to_tmp_alone(cloud: Cloud, endpoint: str) -> None:
    described = settled(cloud)
    assert described["EndpointStatus"] == "InService", described
    [served] = described["ProductionVariants"]
    assert served["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    assert "CurrentInstanceCount" not in served
    assert "DataCaptureConfig" not in described

    answer = asked(cloud)
    assert (answer["attributes"], answer["tmp"]) == ("inference-id=7", "written")
    assert (answer["model"], answer["root"]) == ("Read-only file system",) * 2
    [entry] = cloud.s3.list_objects_v2(Bucket=requests.BUCKET, Prefix=f"capture/{NAME}/AllTraffic/20")["Contents"]
    record = json.loads(cloud.get(f"s3://{requests.BUCKET}/{entry['Key']}"))
    assert record["captureData"]["endpointInput"]["data"] == "1"
    assert json.loads(record["captureData"]["endpointOutput"]["data"]) == answer
    assert record["eventMetadata"]["inferenceId"] == "7"


def test_it_rests_and_the_next_request_starts_another(cloud: Cloud, endpoint: str) -> None:
    before = asked(cloud)["pid"]
    containers = cloud.sagemaker._operations.endpoints._serverless
    containers.give_up(3600)
    assert asked(cloud)["pid"] == before
    containers.give_up(0)

    assert asked(cloud)["pid"] != before


def test_more_than_it_takes_is_throttled(cloud: Cloud, endpoint: str) -> None:
    cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": NAME, "EndpointConfigName": f"{NAME}-one"})
    settled(cloud)
    with cloud.sagemaker.calling(NAME), pytest.raises(ApiError, match="ThrottlingException: Rate exceeded"):
        asked(cloud)
    with pytest.raises(ApiError, match="at most 4194304 are allowed for a serverless endpoint") as raised:
        asked(cloud, b"x" * (4 * 1024 * 1024 + 1))
    assert raised.value.status == 413
    assert asked(cloud)["tmp"] == "written"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"DataCaptureConfig": {"EnableCapture": False, "InitialSamplingPercentage": 0, "DestinationS3Uri": "s3://b/c",
                                "CaptureOptions": [{"CaptureMode": "Input"}]}}, "DataCaptureConfig is not supported"),
        ({"ProductionVariants": [variant(f"{NAME}-three")]}, "Inference pipelines are not supported"),
        ({"ProductionVariants": [variant(NAME, MemorySizeInMB=2000)]}, "must be a multiple of 1024"),
        ({"ProductionVariants": [variant(NAME) | {"InstanceType": "ml.m5.large"}]}, "InstanceType"),
        ({"ProductionVariants": [variant(NAME, MaxConcurrency=201)]}, "maxConcurrency"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_is_refused(
    cloud: Cloud, endpoint: str, changes: dict[str, Any], told: str
) -> None:
    request = {"EndpointConfigName": "odd", "ProductionVariants": [variant(NAME)], **changes}
    with pytest.raises(ApiError, match="ValidationException") as raised:
        cloud.sagemaker.call("CreateEndpointConfig", request)
    assert told in raised.value.message


def test_it_becomes_a_real_time_endpoint_in_place_and_never_again_serverless(cloud: Cloud, endpoint: str) -> None:
    cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": NAME, "EndpointConfigName": f"{NAME}-realtime"})
    assert settled(cloud)["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    assert asked(cloud)["model"] == "written"

    bake = {"DeploymentConfig": {"BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}}}  # fmt: skip
    with pytest.raises(ApiError, match="DeploymentConfig is not supported for serverless"):
        cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": NAME, "EndpointConfigName": NAME, **bake})
    with pytest.raises(ApiError, match=r"ValidationException: Cannot update real-time endpoint .* to serverless"):
        cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": NAME, "EndpointConfigName": NAME})


def test_the_account_has_so_much_and_no_more() -> None:
    ten = Offer(total_concurrency=10)
    serverless.check_quota(5, [5, 0], ten)
    serverless.check_quota(0, [10], ten)
    with pytest.raises(ApiError, match=r"ResourceLimitExceeded.* is 10 Concurrent .* utilization of 8 .* delta of 5"):
        serverless.check_quota(5, [5, 0, 3], ten)


def test_an_image_that_is_too_large_is_seen_late() -> None:
    config = {"ProductionVariants": [variant("m")]}
    told = serverless.late_refusal(config, Offer(image_bytes=12_345_678_901))
    assert told == "Image size 12345678901 is greater than supported size 10737418240"
    assert serverless.late_refusal(config, Offer()) is None
