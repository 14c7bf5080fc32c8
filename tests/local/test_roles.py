"""A role of the user's own: jobs run in its name and by its policies."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local import stack
from local.cloud import EmbeddedCloud
from tests.local.silent_app import silent_app
from tests.sagemaker import requests

pytestmark = pytest.mark.xdist_group("moto")

TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
OF_LAMBDA = {**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}}
EXECUTION: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": ["ecr:*", "logs:*", "cloudwatch:*"], "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::mine", "arn:aws:s3:::mine/*"]},
    {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::mine/secret/*"},
]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def make_role(cloud: EmbeddedCloud, name: str, *statements: dict[str, Any], trust: dict[str, Any] = TRUST) -> str:
    iam = cloud.client("iam")
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*statements))
    return arn


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCloud]:
    with EmbeddedCloud(app_directory=silent_app(tmp_path_factory.mktemp("app"))) as cloud:
        cloud.client("s3").create_bucket(Bucket="mine")
        cloud.client("s3").put_object(Bucket="mine", Key="in/a.csv", Body=b"1\n")
        cloud.client("s3").put_object(Bucket="mine", Key="secret/a.csv", Body=b"1\n")
        make_role(cloud, "mine", *EXECUTION)
        yield cloud


def ran(cloud: EmbeddedCloud, name: str, role: str, source: str) -> dict[str, Any]:
    """A processing job that copies its input, ended."""
    copy = "import shutil; shutil.copytree('/opt/ml/processing/in', '/opt/ml/processing/out', dirs_exist_ok=True)"
    local = {"S3DataType": "S3Prefix", "S3InputMode": "File"}
    given = {"S3Uri": source, "LocalPath": "/opt/ml/processing/in", **local}
    out = {"S3Uri": "s3://mine/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    request = requests.processing(
        name,
        ["python3", "-c", copy],
        RoleArn=role,
        ProcessingInputs=[{"InputName": "in", "S3Input": given}],
        ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": out}]},
    )
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_processing_job(**request)
    deadline = time.monotonic() + 120
    while (job := sagemaker.describe_processing_job(ProcessingJobName=name))["ProcessingJobStatus"] == "InProgress":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return dict(job)


MINE = f"arn:aws:iam::{stack.ACCOUNT}:role/mine"


def test_a_job_works_in_the_name_of_its_own_role(cloud: EmbeddedCloud) -> None:
    assert ran(cloud, "copies", MINE, "s3://mine/in/")["ProcessingJobStatus"] == "Completed"
    assert cloud.client("s3").get_object(Bucket="mine", Key="out/a.csv")["Body"].read() == b"1\n"


@pytest.mark.parametrize(
    ("name", "role", "source"),
    [
        ("another-bucket", MINE, f"s3://{stack.BUCKET}/datasets/"),
        ("denied", MINE, "s3://mine/secret/"),
        ("relays", stack.JOBS.role_arn, "s3://mine/in/"),
    ],
)
def test_what_the_role_may_not_read_fails_the_job(cloud: EmbeddedCloud, name: str, role: str, source: str) -> None:
    job = ran(cloud, name, role, source)

    assert job["ProcessingJobStatus"] == "Failed"
    assert "is not authorized to perform: s3:" in job["FailureReason"]
    assert f":assumed-role/{role.rpartition('/')[2]}/" in job["FailureReason"]


def test_a_role_that_is_not_there_or_trusts_somebody_else_is_not_assumed(cloud: EmbeddedCloud) -> None:
    foreign = make_role(cloud, "of-lambda", *EXECUTION, trust=OF_LAMBDA)
    for role in (f"arn:aws:iam::{stack.ACCOUNT}:role/nobody", foreign, stack.LAMBDA.role_arn):
        with pytest.raises(ClientError, match=f"Could not assume role {role}") as caught:
            ran(cloud, "never", role, "s3://mine/in/")
        assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_person_asks_under_an_execution_role(cloud: EmbeddedCloud) -> None:
    arn = cloud.client("sts").get_caller_identity()["Arn"]

    assert arn == f"arn:aws:sts::{stack.ACCOUNT}:assumed-role/{stack.NOTEBOOK.role}/laptop"
    role = cloud.client("iam").get_role(RoleName=arn.split("/")[1])["Role"]["Arn"]
    assert ran(cloud, "from-a-notebook", role, "s3://mine/secret/")["ProcessingJobStatus"] == "Completed"


def test_a_simulation_says_what_the_check_would(cloud: EmbeddedCloud) -> None:
    asked = cloud.client("iam").simulate_principal_policy(
        PolicySourceArn=MINE,
        ActionNames=["s3:PutObject", "ecr:BatchGetImage"],
        ResourceArns=["arn:aws:s3:::mine/x", "arn:aws:s3:::mine/secret/x", "arn:aws:s3:::yours/x"],
    )
    said = {(one["EvalActionName"], one["EvalResourceName"]): one["EvalDecision"] for one in asked["EvaluationResults"]}

    assert [said["s3:PutObject", f"arn:aws:s3:::{place}/x"] for place in ("mine", "mine/secret", "yours")] == [
        "allowed",
        "explicitDeny",
        "implicitDeny",
    ]
    assert said["ecr:BatchGetImage", "arn:aws:s3:::yours/x"] == "allowed"
    with pytest.raises(ClientError, match="NoSuchEntity"):
        cloud.client("iam").simulate_principal_policy(PolicySourceArn=f"{MINE}-not", ActionNames=["s3:GetObject"])


def keys_of(cloud: EmbeddedCloud, role: str, **more: str) -> dict[str, str]:
    given = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="me", **more)["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def under(cloud: EmbeddedCloud, keys: dict[str, str], service: str) -> Any:
    return boto3.client(service, endpoint_url=cloud.endpoint_url, region_name=stack.REGION, **keys)


OF_ACCOUNT = {**TRUST, "Principal": {"AWS": f"arn:aws:iam::{stack.ACCOUNT}:root"}}


def test_who_assumes_a_role_may_do_what_the_role_may(cloud: EmbeddedCloud) -> None:
    role = make_role(cloud, "assumed", *EXECUTION, trust=OF_ACCOUNT)
    keys = keys_of(cloud, role)

    identity = under(cloud, keys, "sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{stack.ACCOUNT}:assumed-role/assumed/me"
    s3 = under(cloud, keys, "s3")
    assert s3.get_object(Bucket="mine", Key="in/a.csv")["Body"].read() == b"1\n"
    for bucket, key in (("mine", "secret/a.csv"), (stack.BUCKET, "datasets/x")):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.get_object(Bucket=bucket, Key=key)

    cloud.client("iam").delete_role_policy(RoleName="assumed", PolicyName="p")
    cloud.client("iam").delete_role(RoleName="assumed")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket="mine", Key="in/a.csv")


def test_a_role_is_assumed_only_by_whom_it_trusts(cloud: EmbeddedCloud) -> None:
    external = {"StringEquals": {"sts:ExternalId": "ticket"}}
    with_ticket = make_role(cloud, "with-ticket", trust={**OF_ACCOUNT, "Condition": external})
    stranger = make_role(cloud, "stranger", trust={**TRUST, "Principal": {"AWS": "arn:aws:iam::999999999999:root"}})
    for role in (f"arn:aws:iam::{stack.ACCOUNT}:role/nobody", MINE, with_ticket, stranger):
        with pytest.raises(ClientError, match=r"AccessDenied.*sts:AssumeRole on resource"):
            keys_of(cloud, role)
    assert keys_of(cloud, with_ticket, ExternalId="ticket")


def test_a_denial_in_the_trust_wins(cloud: EmbeddedCloud) -> None:
    make_role(cloud, "torn", *EXECUTION)
    cloud.client("iam").update_assume_role_policy(
        RoleName="torn", PolicyDocument=document(TRUST, {**TRUST, "Effect": "Deny"})
    )
    with pytest.raises(ClientError, match="Could not assume role"):
        ran(cloud, "never-torn", f"arn:aws:iam::{stack.ACCOUNT}:role/torn", "s3://mine/in/")


def test_a_permissions_boundary_limits_what_the_policies_allow(cloud: EmbeddedCloud) -> None:
    iam = cloud.client("iam")
    limit = {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "ecr:*", "logs:*", "cloudwatch:*"], "Resource": "*"}
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=document(limit))["Policy"]["Arn"]
    role = make_role(cloud, "bounded", *EXECUTION)
    iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=arn)

    job = ran(cloud, "within", role, "s3://mine/in/")

    assert job["ProcessingJobStatus"] == "Failed"  # it reads, and may not write
    assert "because no permissions boundary allows the s3:PutObject action" in job["FailureReason"]
    iam.delete_role_permissions_boundary(RoleName="bounded")
    assert ran(cloud, "without", role, "s3://mine/in/")["ProcessingJobStatus"] == "Completed"
