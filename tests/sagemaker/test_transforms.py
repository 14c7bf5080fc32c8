"""Transform jobs through a model's real containers: what is written, what is told, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from local.wire.errors import ApiError
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud
from tests.sagemaker.test_one_container import container

pytestmark = pytest.mark.xdist_group("sagemaker-transforms")
SERVE = """
import time
def model_fn(model_dir): return None
def transform_fn(model, data, content_type, accept):
    text = data if isinstance(data, str) else data.decode()
    if "bad" in text: raise ValueError("a bad row")
    if "slow" in text: time.sleep(60)
    return "".join(f"{line.upper()}\\n" for line in text.splitlines()), accept
"""
OUT = f"s3://{requests.BUCKET}/transformed"


def job(name: str, uri: str, **changes: Any) -> dict[str, Any]:
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}, "ContentType": "text/csv"}
    return {
        "TransformJobName": name,
        "ModelName": "upper",
        "TransformInput": source | {"SplitType": "Line"},
        "TransformOutput": {"S3OutputPath": f"{OUT}/{name}", "Accept": "text/csv", "AssembleWith": "Line"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    } | changes


def ended(cloud: Cloud, name: str) -> dict[str, Any]:
    return cloud.wait("DescribeTransformJob", "TransformJobStatus", TransformJobName=name)


def written(cloud: Cloud, name: str) -> dict[str, str]:
    listed = cloud.s3.list_objects_v2(Bucket=requests.BUCKET, Prefix=f"transformed/{name}/").get("Contents", [])
    return {
        one["Key"].removeprefix(f"transformed/{name}/"): cloud.get(f"s3://{requests.BUCKET}/{one['Key']}").decode()
        for one in listed
    }


@pytest.fixture(scope="module")
def model(cloud: Cloud) -> Cloud:
    given = {"PrimaryContainer": container(cloud, "upper", SERVE), "ExecutionRoleArn": requests.ROLE}
    cloud.sagemaker.call("CreateModel", given | {"ModelName": "upper"})
    for name, text in {"a.csv": "1,x\n2,y\n", "more/b.csv": "3,z\n", "c.csv": "4,bad\n"}.items():
        cloud.put(f"rows/{name}", text)
    cloud.put("waiting/a.csv", "slow\n")
    return cloud


def test_a_prefix_is_answered_file_by_file_and_a_bad_row_costs_its_own(model: Cloud) -> None:
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    request = job(
        "joined", f"s3://{requests.BUCKET}/rows/", DataProcessing=processing, Tags=[{"Key": "a", "Value": "b"}]
    )
    arn = model.sagemaker.call("CreateTransformJob", request)["TransformJobArn"]
    model.sagemaker.call("CreateTransformJob", job("one", f"s3://{requests.BUCKET}/rows/a.csv", MaxPayloadInMB=20))

    found = ended(model, "joined")

    assert written(model, "joined") == {"a.csv.out": "1,X\n2,Y\n", "more/b.csv.out": "3,Z\n"}
    assert (found["TransformJobStatus"], found["TransformJobArn"]) == ("Failed", arn)
    assert found["FailureReason"] == "ClientError: See job logs for more information"
    assert found["TransformStartTime"] <= found["TransformEndTime"]
    assert ended(model, "one")["TransformJobStatus"] == "Completed"
    assert written(model, "one") == {"a.csv.out": "1,X\n2,Y\n"}
    told = [one["detail"] for one in model.events if one["detail-type"] == "SageMaker Transform Job State Change"]
    states = [one["TransformJobStatus"] for one in told if one["TransformJobName"] == "joined"]
    assert states == ["InProgress", "Failed"]
    assert told[0]["Tags"] == {"a": "b"}
    listed = model.sagemaker.call("ListTransformJobs", {"StatusEquals": "Failed"})["TransformJobSummaries"]
    assert [one["TransformJobName"] for one in listed] == ["joined"]
    logged = model.logs.filter_log_events(logGroupName="/aws/sagemaker/TransformJobs")["events"]
    assert any("Bad HTTP status received from algorithm: 500" in one["message"] for one in logged)


def test_a_job_is_stopped(model: Cloud) -> None:
    client = {"InvocationsTimeoutInSeconds": 1, "InvocationsMaxRetries": 0}
    request = job("stopped", f"s3://{requests.BUCKET}/waiting/", ModelClientConfig=client)
    model.sagemaker.call("CreateTransformJob", request)
    model.sagemaker.call("StopTransformJob", {"TransformJobName": "stopped"})
    assert ended(model, "stopped")["TransformJobStatus"] == "Stopped"
    assert written(model, "stopped") == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ModelName": "nobody"}, "Could not find model"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "not be more than 100 MB"),
        ({"DataProcessing": {"InputFilter": "$..a"}}, "Invalid JSONPath"),
        ({"DataCaptureConfig": {"DestinationS3Uri": "s3://b/c"}}, "captures nothing"),
        ({"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2}}, "InstanceCount must be 1"),
    ],
)
def test_what_cannot_be_is_refused_at_once(changes: dict[str, Any], said: str, model: Cloud) -> None:
    with pytest.raises(ApiError, match=said):
        model.sagemaker.call("CreateTransformJob", job("never", f"s3://{requests.BUCKET}/rows/", **changes))


def test_nothing_to_transform_fails_the_job(model: Cloud) -> None:
    model.sagemaker.call("CreateTransformJob", job("empty", f"s3://{requests.BUCKET}/nothing/"))
    assert "No S3 objects found" in ended(model, "empty")["FailureReason"]
