"""The model registry."""

from typing import Any

import pytest

from local.wire.errors import ApiError
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud

# One after the other in one process: they share a control plane, and later ones look back at earlier jobs.
pytestmark = pytest.mark.xdist_group("sagemaker-registry")


def package(**changes: Any) -> dict[str, Any]:
    container = {"Image": requests.IMAGE, "ModelDataUrl": f"s3://{requests.BUCKET}/model.tar.gz"}
    specification = {
        "Containers": [container],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    return {
        "ModelPackageGroupName": "churn",
        "InferenceSpecification": specification,
        "CustomerMetadataProperties": {"a": "1"},
    } | changes


@pytest.fixture(scope="module", autouse=True)
def _group(cloud: Cloud) -> None:
    cloud.sagemaker.call("CreateModelPackageGroup", {"ModelPackageGroupName": "churn"})


def test_versions_count_up_and_a_token_is_used_once(cloud: Cloud) -> None:
    first = cloud.sagemaker.call("CreateModelPackage", package(ClientToken="run-1"))["ModelPackageArn"]
    assert first.endswith(":model-package/churn/1")
    assert cloud.sagemaker.call("CreateModelPackage", package(ClientToken="run-1"))["ModelPackageArn"] == first
    second = cloud.sagemaker.call("CreateModelPackage", package(ClientToken="run-2"))["ModelPackageArn"]
    assert second.endswith("/churn/2")
    found = cloud.sagemaker.call("ListModelPackages", {"ModelPackageGroupName": "churn"})["ModelPackageSummaryList"]
    assert [item["ModelPackageVersion"] for item in found] == [2, 1]


def test_an_approval_sends_an_event_that_says_what_changed(cloud: Cloud) -> None:
    arn = cloud.sagemaker.call("CreateModelPackage", package())["ModelPackageArn"]
    assert cloud.events[-1]["detail"]["ModelApprovalStatus"] == "PendingManualApproval"
    cloud.sagemaker.call(
        "UpdateModelPackage",
        {
            "ModelPackageArn": arn,
            "ModelApprovalStatus": "Approved",
            "CustomerMetadataProperties": {"b": "2"},
            "CustomerMetadataPropertiesToRemove": ["a"],
        },
    )
    event = cloud.events[-1]
    assert event["detail-type"] == "SageMaker Model Package State Change"
    assert event["detail"]["ModelApprovalStatus"] == "Approved"
    assert event["detail"]["UpdatedModelPackageFields"] == ["ModelApprovalStatus", "CustomerMetadataProperties"]
    described = cloud.sagemaker.call("DescribeModelPackage", {"ModelPackageName": arn})
    assert described["CustomerMetadataProperties"] == {"b": "2"}
    assert "UpdatedModelPackageFields" not in described


def test_a_version_is_never_given_twice(cloud: Cloud) -> None:
    arn = cloud.sagemaker.call("CreateModelPackage", package())["ModelPackageArn"]
    cloud.sagemaker.call("DeleteModelPackage", {"ModelPackageName": arn})
    again = cloud.sagemaker.call("CreateModelPackage", package())["ModelPackageArn"]
    assert int(again.rpartition("/")[2]) == int(arn.rpartition("/")[2]) + 1


def test_versioned_packages_take_no_tags(cloud: Cloud) -> None:
    tags = [{"Key": "k", "Value": "v"}]
    with pytest.raises(ApiError, match="Tags are not supported"):
        cloud.sagemaker.call("CreateModelPackage", package(Tags=tags))


def test_a_group_with_packages_stays(cloud: Cloud) -> None:
    with pytest.raises(ApiError, match="ConflictException"):
        cloud.sagemaker.call("DeleteModelPackageGroup", {"ModelPackageGroupName": "churn"})
    with pytest.raises(ApiError, match="already exists"):
        cloud.sagemaker.call("CreateModelPackageGroup", {"ModelPackageGroupName": "churn"})
