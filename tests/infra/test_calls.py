"""The roles against the code: no permission is missing for a call that it can make, and none is to spare.

The calls are read from the source (tests/requests/operations.py). What the platform does itself with a role, without a
call of ours, is listed with the reason. And each request that is on record (tests/relay/golden) is allowed: by its
name, its tag, its keys in S3.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from ops.deployment.package import ROOT
from tests.infra.conftest import EVERYTHING, Template
from tests.infra.definitions import listed
from tests.infra.resolving import Place, Resolver
from tests.infra.test_policies import statements
from tests.requests import operations

ACTION_OF = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
    "resourcegroupstaggingapi:GetResources": "tag:GetResources",
    "sagemaker-runtime:InvokeEndpoint": "sagemaker:InvokeEndpoint",
}
WITHOUT_A_CALL = {
    "logs:CreateLogStream": "Lambda writes the functions' logs",
    "logs:PutLogEvents": "Lambda writes the functions' logs",
    "sqs:SendMessage": "Lambda puts an event that failed three times into the queue",
    "kms:Decrypt": "SNS, S3 and DynamoDB ask for it as the caller, where something is encrypted with a key",
    "kms:GenerateDataKey": "SNS and S3 ask for it as the caller, where something is encrypted with a key",
    "kms:CreateGrant": "SageMaker makes the grants for its volumes as whoever creates the job or the endpoint",
    "kms:DescribeKey": "SageMaker and DynamoDB look at the key as the caller",
    "iam:PassRole": "checked when a role is handed to SageMaker",
    "sagemaker:AddTags": "checked when something is created with tags",
    "ecr:BatchGetImage": "SageMaker resolves a model package's image as whoever registers it",
    "ecr:DescribeImages": "SageMaker resolves a model package's image as whoever registers it",
    "cloudwatch:TagResource": "checked when an alarm is created with tags",
    "iam:CreateServiceLinkedRole": "checked when the first endpoint of an account is registered to be scaled",
    "sagemaker:UpdateEndpointWeightsAndCapacities": "checked when an endpoint is registered to be scaled",
}
# "How to use SageMaker execution roles" in SageMaker's guide, for CreateProcessingJob, CreateTrainingJob,
# CreateHyperParameterTuningJob and CreateModel: what SageMaker does as the role, apart from what the scripts call.
BY_SAGEMAKER = {
    *("cloudwatch:PutMetricData", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams"),
    *("logs:PutLogEvents", "s3:GetObject", "s3:PutObject", "s3:ListBucket", "ecr:GetAuthorizationToken"),
    *("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"),
    "cloudwatch:DescribeAlarms",
}
WITH_A_KEY = {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant", "kms:DescribeKey", "kms:GenerateDataKey"}
IN_A_NETWORK = {
    *("ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"),
    *("ec2:DeleteNetworkInterfacePermission", "ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcs"),
    *("ec2:DescribeDhcpOptions", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
}


def actions(named: set[str]) -> set[str]:
    """What IAM calls operations."""
    return {ACTION_OF.get(name, name) for name in (one.replace(".", ":") for one in named)}


def called_by_lambda() -> set[str]:
    return actions(operations.of_functions())


def called_by_scripts() -> set[str]:
    texts = [(ROOT / file).read_text(encoding="utf-8") for file in operations.files_of_jobs()]
    pinned = {"s3:GetObjectVersion"} if any("VersionId" in text for text in texts) else set()
    return actions(operations.of_jobs()) | pinned


def allowed(resources: Template, role: str) -> set[str]:
    return {action for statement in statements(resources, role) for action in listed(statement["Action"])}


def test_every_adapter_is_looked_at() -> None:
    files = [file for file in (ROOT / "chalicelib" / "aws").glob("*.py") if file.name != "__init__.py"]
    modules = {file.stem for file in files if "client" in {getattr(node, "attr", "") for node in nodes(file)}}
    assert modules == set(operations.adapters())


def nodes(file: Path) -> Iterator[ast.AST]:
    return ast.walk(operations.parsed(file))


def test_no_client_is_made_where_nobody_looks() -> None:
    assert operations.unfollowed() == []


@pytest.mark.parametrize(
    "source",
    [
        "import boto3 as b",
        "from boto3 import client",
        "from boto3.session import Session",
        "boto3.resource('s3')",
        "boto3.Session().client('s3')",
        "make = boto3.client",
        "boto3.client(name)",
        "aws.client('iam')",
        "from chalicelib.aws import client",
    ],
)
def test_a_client_that_is_made_some_other_way_is_found(source: str) -> None:
    assert list(operations.unseen(ast.parse(source), may={"boto3.client"}))


def test_the_functions_may_do_what_they_call_and_nothing_else(resolved: Callable[..., Template]) -> None:
    assert allowed(resolved(**EVERYTHING), "LambdaRole") == called_by_lambda() | set(WITHOUT_A_CALL)


def test_jobs_may_do_what_they_call_what_sagemaker_needs_and_nothing_else(resolved: Callable[..., Template]) -> None:
    needed = called_by_scripts() | BY_SAGEMAKER
    assert allowed(resolved(), "SageMakerRole") == needed
    assert allowed(resolved(**EVERYTHING), "SageMakerRole") == needed | WITH_A_KEY | IN_A_NETWORK


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("self.client.put_object(Key=key)", {"PutObject"}),
        ("anything.at_all().put_object(Key=key)", {"PutObject"}),
        ("send = s3.put_object", {"PutObject"}),
        ("Call('delete_object', {})", {"DeleteObject"}),
        ("client.get_paginator('list_objects_v2')", {"ListObjectsV2"}),
        ("s3.download_file(bucket, key, path)", {"GetObject", "HeadObject"}),
        ("frame.copy(); shutil.copy(a, b)", set()),
        ("topic.publish(message)", set()),
        ("client.exceptions", set()),
    ],
)
def test_calls_are_found_in_source(source: str, found: set[str]) -> None:
    assert operations.operations(ast.parse(source), "s3") == {f"s3.{name}" for name in found}


@pytest.mark.parametrize("source", ["s3.upload_file(path, bucket, key)", "s3.copy(source, bucket, key)"])
def test_a_transfer_writes(source: str) -> None:
    assert {"s3.PutObject", "s3.UploadPart"} <= operations.operations(ast.parse(source), "s3")


# The requests on record were made for a deployment called "sagerelay" in a bucket "sagerelay-123".
GOLDEN = sorted((ROOT / "tests" / "relay" / "golden").glob("*.json"))
NAME_OF = {
    "ProcessingJob": ("processing-job", "ProcessingJobName"),
    "HyperParameterTuningJob": ("hyper-parameter-tuning-job", "HyperParameterTuningJobName"),
    "TransformJob": ("transform-job", "TransformJobName"),
    "TrainingJob": ("training-job", "TrainingJobName"),
    "Model": ("model", "ModelName"),
    "EndpointConfig": ("endpoint-config", "EndpointConfigName"),
    "Endpoint": ("endpoint", "EndpointName"),
    "ModelPackageGroup": ("model-package-group", "ModelPackageGroupName"),
    "ModelPackage": ("model-package-group", "ModelPackageGroupName"),
}


def recorded() -> Iterator[Any]:
    for file in GOLDEN:
        for position, call in enumerate(json.loads(file.read_text(encoding="utf-8"))):
            yield pytest.param(call["operation"], call["arguments"], id=f"{file.stem}-{position}")


RECORDED = list(recorded())


def prefix_of(arguments: dict[str, Any]) -> str:
    tags = {tag["Key"]: tag["Value"] for tag in arguments.get("Tags", [])}
    return tags.get("sagerelay:deployment", "sagerelay")


def matching(resources: Template, role: str, action: str, arn: str) -> list[dict[str, Any]]:
    """The statements that allow an action on a resource, their conditions apart."""
    return [
        statement
        for statement in statements(resources, role)
        if action in listed(statement["Action"])
        if any(fnmatchcase(arn, pattern) for pattern in listed(statement["Resource"]))
    ]


@pytest.mark.parametrize(("operation", "arguments"), RECORDED)
def test_a_recorded_request_is_allowed_by_its_name_and_its_tag(
    operation: str, arguments: dict[str, Any], transformed: Template
) -> None:
    prefix = prefix_of(arguments)
    there, names = Resolver(transformed, Place(stack=prefix)), ("LambdaRole", "ServingPolicy")
    resources = {name: there.resolve(transformed["Resources"][name]) for name in names}
    verb, _, noun = operation.partition("_")
    action = "sagemaker:" + "".join(word.capitalize() for word in operation.split("_"))
    kind, member = NAME_OF["".join(word.capitalize() for word in noun.split("_"))]
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:{kind}/{arguments[member]}"
    tags = {tag["Key"]: tag["Value"] for tag in arguments.get("Tags", [])}
    has = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if verb != "create":
        has["aws:ResourceTag/sagerelay:deployment"] = prefix
    conditions = [one.get("Condition", {}) for one in matching(resources, "LambdaRole", action, arn)]
    assert any(condition.get("StringEquals", {}).items() <= has.items() for condition in conditions)
    assert all(fnmatchcase(key, "sagerelay:*") for key in tags)
    if verb == "create" and tags:
        assert matching(resources, "LambdaRole", "sagemaker:AddTags", arn)


def keys(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every S3 address in a request: where it stands, and its key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from keys(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, path)
    elif isinstance(value, str) and value.startswith("s3://"):
        yield path, value.removeprefix("s3://").partition("/")[2]


@pytest.mark.parametrize(("operation", "arguments"), RECORDED)
def test_a_recorded_request_reads_and_writes_where_the_jobs_role_may(
    operation: str, arguments: dict[str, Any], resolved: Callable[..., Template]
) -> None:
    resources = resolved()
    bucket = "arn:aws:s3:::sagerelay-dev-bucket-1x2y"
    for path, key in keys(arguments):
        written = bool({"S3Output", "OutputDataConfig", "DataCaptureConfig", "CheckpointConfig"} & set(path))
        below = f"{bucket}/{key}" + ("" if "." in key.rpartition("/")[2] else "/file")
        if written:
            assert matching(resources, "SageMakerRole", "s3:PutObject", below), path
        if not written or "CheckpointConfig" in path:
            assert matching(resources, "SageMakerRole", "s3:GetObject", below), path
        assert matching(resources, "SageMakerRole", "s3:ListBucket", bucket)


@pytest.mark.parametrize(
    ("action", "key", "may"),
    [
        ("s3:GetObjectVersion", "datasets/churn/train/jan.csv", True),
        ("s3:GetObject", "capture/sagerelay-dev-churn/AllTraffic/2026/11/22/09/x.jsonl", True),
        ("s3:PutObject", "datasets/churn/train/jan.csv", False),
        ("s3:PutObject", "code/0123456789ab/jobs/prepare/__main__.py", False),
        ("s3:DeleteObject", "runs/churn-1a2b3c4d/inputs.json", False),
    ],
)
def test_jobs_touch_only_what_is_theirs(action: str, key: str, *, may: bool, resolved: Callable[..., Template]) -> None:
    arn = f"arn:aws:s3:::sagerelay-dev-bucket-1x2y/{key}"
    assert bool(matching(resolved(), "SageMakerRole", action, arn)) is may


@pytest.mark.parametrize(
    ("action", "key", "may"),
    [
        ("s3:GetObject", "datasets/churn/relay.yaml", True),
        ("s3:GetObject", "datasets/churn/train/jan.csv", False),
        ("s3:PutObject", "datasets/churn/relay.yaml", False),
        ("s3:PutObject", "code/0123456789ab/jobs/prepare/__main__.py", False),
        ("s3:GetObject", "capture/sagerelay-dev-churn/AllTraffic/2026/11/22/09/x.jsonl", False),
        ("s3:PutObject", "monitoring/churn/x/window.json", True),
    ],
)
def test_functions_see_settings_and_results_and_no_data(
    action: str, key: str, *, may: bool, resolved: Callable[..., Template]
) -> None:
    arn = f"arn:aws:s3:::sagerelay-dev-bucket-1x2y/{key}"
    assert bool(matching(resolved(), "LambdaRole", action, arn)) is may
