"""Endpoints that really serve: created, called, replaced, rolled back, restarted, deleted."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from local.wire.errors import ApiError
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud
from tests.serving.endpoints import script, trained

# One after the other in one process: they share a control plane, and later ones look back at earlier jobs.
pytestmark = pytest.mark.xdist_group("sagemaker-endpoints")


def predict(cloud: Cloud, endpoint: str, rows: str = "3,1,0,0\n-3,-1,0,0") -> list[float]:
    with cloud.sagemaker.calling(endpoint) as (host, port):
        call = urllib.request.Request(
            f"http://{host}:{port}/invocations",
            data=rows.encode(),
            headers={"Content-Type": "text/csv", "Accept": "text/csv"},
        )
        with urllib.request.urlopen(call, timeout=60) as answer:  # noqa: S310
            return [float(line) for line in answer.read().decode().split()]


def model(name: str, artifact: str, **changes: Any) -> dict[str, Any]:
    container = {"Image": requests.IMAGE, "ModelDataUrl": artifact}
    return {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": requests.ROLE} | changes


def config(name: str, model_name: str, **changes: Any) -> dict[str, Any]:
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": model_name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    return {"EndpointConfigName": name, "ProductionVariants": [variant]} | changes


def deployed(cloud: Cloud, name: str, until: set[str] | None = None) -> dict[str, Any]:
    return cloud.wait("DescribeEndpoint", "EndpointStatus", until=until or {"InService", "Failed"}, EndpointName=name)


def told(cloud: Cloud, name: str) -> list[str]:
    about = [e for e in cloud.events if e["detail-type"] == "SageMaker Endpoint State Change"]
    return [e["detail"]["EndpointStatus"] for e in about if e["detail"]["EndpointName"] == name]


@pytest.fixture(scope="module")
def artifact(cloud: Cloud) -> str:
    cloud.sagemaker.call("CreateTrainingJob", requests.training("for-serving"))
    return str(cloud.trained("for-serving")["ModelArtifacts"]["S3ModelArtifacts"])


@pytest.fixture(scope="module")
def live(cloud: Cloud, artifact: str) -> str:
    """An endpoint in service, called "live", under configuration "good"; "broken" is one that cannot be served."""
    cloud.sagemaker.call("CreateModel", model("good", artifact))
    broken = cloud.put("broken/model.tar.gz", b"this is no archive")
    cloud.sagemaker.call("CreateModel", model("broken", broken))
    for name in ("good", "broken"):
        cloud.sagemaker.call("CreateEndpointConfig", config(name, name))
    tags = [{"Key": "k", "Value": "v"}]
    cloud.sagemaker.call("CreateEndpoint", {"EndpointName": "live", "EndpointConfigName": "good", "Tags": tags})
    deployed(cloud, "live")
    return "live"


def test_an_endpoint_answers_when_it_is_in_service(cloud: Cloud, live: str) -> None:
    described = deployed(cloud, live)
    assert described["EndpointStatus"] == "InService", described
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    assert told(cloud, live) == ["CREATING", "IN_SERVICE"]
    high, low = predict(cloud, live)
    assert high > 0.7 > 0.3 > low


def test_what_does_not_serve_has_no_address(cloud: Cloud, live: str) -> None:
    with pytest.raises(ApiError, match="ValidationError: Endpoint nobody of account 123456789012 not found"):
        cloud.sagemaker.endpoint_address("nobody")
    cloud.sagemaker.call("CreateEndpoint", {"EndpointName": "unborn", "EndpointConfigName": "broken"})
    described = deployed(cloud, "unborn")
    assert described["EndpointStatus"] == "Failed"
    assert "Failed to extract model data archive" in described["FailureReason"]
    assert told(cloud, "unborn") == ["CREATING", "FAILED"]
    with pytest.raises(ApiError, match="not in service"):
        cloud.sagemaker.endpoint_address("unborn")


@pytest.mark.usefixtures("live")
def test_no_endpoint_can_be_asynchronous(cloud: Cloud) -> None:
    asked = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/out"}}}
    first = cloud.sagemaker.call("ListModels", {})["Models"][0]["ModelName"]
    with pytest.raises(ApiError, match="no asynchronous inference"):
        cloud.sagemaker.call("CreateEndpointConfig", config("asynchronous", first, **asked))


def test_a_failed_update_leaves_the_old_configuration_serving(cloud: Cloud, live: str) -> None:
    before = cloud.sagemaker.endpoint_address(live)
    cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": live, "EndpointConfigName": "broken"})
    described = deployed(cloud, live)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "good")
    assert "Failed to extract" in described["FailureReason"]
    assert told(cloud, live)[-3:] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]
    assert cloud.sagemaker.endpoint_address(live) == before
    assert len(predict(cloud, live)) == 2


def test_an_update_switches_without_a_gap(cloud: Cloud, live: str, artifact: str) -> None:
    cloud.sagemaker.call("CreateModel", model("better", artifact))
    cloud.sagemaker.call("CreateEndpointConfig", config("better", "better"))
    before = cloud.sagemaker.endpoint_address(live)
    cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": live, "EndpointConfigName": "better"})
    with pytest.raises(ApiError, match="Cannot update in-progress endpoint"):
        cloud.sagemaker.call("UpdateEndpoint", {"EndpointName": live, "EndpointConfigName": "good"})
    answers = 0
    while cloud.sagemaker.call("DescribeEndpoint", {"EndpointName": live})["EndpointStatus"] == "Updating":
        assert len(predict(cloud, live)) == 2
        answers += 1
    assert answers > 0
    described = deployed(cloud, live)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "better")
    assert "FailureReason" not in described
    assert cloud.sagemaker.endpoint_address(live) != before


def test_a_server_that_died_is_started_again(cloud: Cloud, live: str) -> None:
    server = cloud.sagemaker._operations.endpoints._servers[live]
    server.process.signal(9)
    server.process.wait(5)
    assert len(predict(cloud, live)) == 2


def test_an_endpoint_serves_again_after_a_restart(cloud: Cloud, live: str) -> None:
    saved = json.loads(json.dumps(cloud.sagemaker.snapshot()))
    cloud.sagemaker.close()
    cloud.sagemaker = cloud.start()
    cloud.sagemaker.restore(saved)
    assert deployed(cloud, live)["EndpointConfigName"] == "better"
    assert len(predict(cloud, live)) == 2


def scripted(environment: dict[str, str], encoder: str) -> dict[str, Any]:
    return {"Image": requests.IMAGE, "ModelDataUrl": encoder, "Environment": environment}


def test_a_container_that_needs_an_index_at_its_start_does_not_come_up(cloud: Cloud, tmp_path: Path) -> None:
    """The encoder's request with its variables, without them, and as a cloud from before them had kept it."""
    trained(tmp_path)
    encoder = cloud.put("encoder/model.tar.gz", (tmp_path / "model.tar.gz").read_bytes())
    whole = script("encode.py")
    lacking = {name: value for name, value in whole.items() if not name.startswith("PIP_")}
    ended = {}
    for name, environment in (("offline", whole), ("online", lacking)):
        cloud.sagemaker.call("CreateModel", model(name, "", PrimaryContainer=scripted(environment, encoder)))
        cloud.sagemaker.call("CreateEndpointConfig", config(name, name))
        cloud.sagemaker.call("CreateEndpoint", {"EndpointName": name, "EndpointConfigName": name})
        ended[name] = deployed(cloud, name)
    assert ended["offline"]["EndpointStatus"] == "InService", ended["offline"]
    assert ended["online"]["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in ended["online"]["FailureReason"]
    assert "pip install . ended with exit code 1" in ended["online"]["FailureReason"]

    saved = json.dumps(cloud.sagemaker.snapshot()).replace(json.dumps(whole), json.dumps(lacking))
    cloud.sagemaker.close()
    cloud.sagemaker = cloud.start()
    cloud.sagemaker.restore(json.loads(saved) | {"version": 1})
    described = deployed(cloud, "offline")
    assert described["EndpointStatus"] == "InService", described
    for name in ended:
        cloud.sagemaker.call("DeleteEndpoint", {"EndpointName": name})


def test_captured_data_arrives_in_the_bucket(cloud: Cloud, live: str) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{requests.BUCKET}/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    cloud.sagemaker.call("CreateEndpointConfig", config("capturing", "good", DataCaptureConfig=capture))
    cloud.sagemaker.call("CreateEndpoint", {"EndpointName": "captured", "EndpointConfigName": "capturing"})
    assert deployed(cloud, "captured")["DataCaptureConfig"]["CaptureStatus"] == "Started"
    predict(cloud, "captured")
    cloud.sagemaker.call("DeleteEndpoint", {"EndpointName": "captured"})
    deadline = time.monotonic() + 120
    found: list[dict[str, Any]] = []
    while not found and time.monotonic() < deadline:
        time.sleep(0.1)
        page = cloud.s3.list_objects_v2(Bucket=requests.BUCKET, Prefix="capture/captured/AllTraffic/")
        found = page.get("Contents", [])
    record = json.loads(cloud.get(f"s3://{requests.BUCKET}/{found[0]['Key']}").splitlines()[0])
    assert record["captureData"]["endpointInput"]["data"].startswith("3,1,0,0")


def test_a_deleted_endpoint_is_gone_and_its_process_too(cloud: Cloud, live: str) -> None:
    server = cloud.sagemaker._operations.endpoints._servers[live]
    cloud.sagemaker.call("DeleteEndpoint", {"EndpointName": live})
    deadline = time.monotonic() + 120
    while cloud.sagemaker.call("ListEndpoints", {"NameContains": live})["Endpoints"] and time.monotonic() < deadline:
        time.sleep(0.05)
    with pytest.raises(ApiError, match="Could not find endpoint"):
        cloud.sagemaker.call("DescribeEndpoint", {"EndpointName": live})
    assert not server.alive
    assert told(cloud, live)[-1] == "DELETING"


def test_what_is_missing_or_taken_is_refused_in_aws_words(cloud: Cloud, live: str, artifact: str) -> None:
    refusals = {
        "CreateModel": (model("good", artifact), "Cannot create already existing model"),
        "CreateEndpointConfig": (config("good", "good"), "Cannot create already existing endpoint configuration"),
        "CreateEndpoint": (
            {"EndpointName": "unborn", "EndpointConfigName": "good"},
            "Cannot create already existing endpoint",
        ),
        "UpdateEndpoint": ({"EndpointName": "nobody", "EndpointConfigName": "good"}, "Could not find endpoint"),
        "DescribeModel": ({"ModelName": "nobody"}, "Could not find model"),
        "DescribeEndpointConfig": ({"EndpointConfigName": "nobody"}, "Could not find endpoint configuration"),
        "DeleteModel": ({"ModelName": "nobody"}, "Could not find model"),
    }
    for operation, (request, words) in refusals.items():
        with pytest.raises(ApiError, match=f"ValidationException: {words}"):
            cloud.sagemaker.call(operation, request)
    with pytest.raises(ApiError, match="Could not find model data"):
        cloud.sagemaker.call("CreateModel", model("dataless", f"s3://{requests.BUCKET}/nothing.tar.gz"))
    with pytest.raises(ApiError, match="Could not find model"):
        cloud.sagemaker.call("CreateEndpointConfig", config("modelless", "nobody"))
    with pytest.raises(ApiError, match="either PrimaryContainer or Containers"):
        cloud.sagemaker.call("CreateModel", {"ModelName": "empty", "ExecutionRoleArn": requests.ROLE})
