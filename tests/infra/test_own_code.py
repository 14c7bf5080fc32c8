"""The role of a dataset's own code: what it may do to its own runs, and that there is nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from chalicelib.records.own_code import LONGEST_NAME, role_name
from local import stack
from local.laptop_roles import names
from local.permissions import account_policies, own_code
from local.permissions.permission import permission
from local.permissions.policy import Policies
from ops.deployment.order import MOST_OWN_CODE
from ops.deployment.own_code import template
from ops.deployment.plan import LARGEST_BODY

BUCKET = f"arn:aws:s3:::{stack.BUCKET}"
ARN = f"arn:aws:iam::{stack.ACCOUNT}:role/{role_name(stack.STACK, 'churn')}"
RUN = f"{BUCKET}/runs/churn-1a2b3c4d"
LOGS = f"arn:aws:logs:{stack.REGION}:{stack.ACCOUNT}:log-group:/aws/sagemaker"
IMAGES = f"arn:aws:ecr:{stack.REGION}:{stack.ACCOUNT}:repository"


@pytest.fixture(scope="module")
def policies() -> Policies:
    role = own_code.find(ARN, names(), stack.BUCKET)
    assert role
    assert account_policies.trusts(role.trust, "sagemaker.amazonaws.com")
    return account_policies.policies(role.policies, role.boundary)


def may(policies: Policies, action: str, resource: str, **facts: str) -> bool:
    return policies.decide(permission(action, resource, facts)).allowed


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", f"{RUN}/prepared/train/train.parquet"),
        ("s3:GetObject", f"{RUN}/prepared/code/train.py"),
        ("s3:GetObject", f"{RUN}/training/churn-1a2b3c4d-train-1/output/model.tar.gz"),
        ("s3:PutObject", f"{RUN}/training/churn-1a2b3c4d-train-1/output/model.tar.gz"),
        ("s3:PutObject", f"{RUN}/failures/churn-1a2b3c4d-train-1.json"),
        ("s3:PutObject", f"{BUCKET}/capture/sagerelay-churn/AllTraffic/2026/12/01/00/x.jsonl"),
        ("logs:PutLogEvents", f"{LOGS}/TrainingJobs:log-stream:churn-1a2b3c4d-tune-1-001-0a1b2c3d/algo-1"),
        ("logs:PutLogEvents", f"{LOGS}/TransformJobs:log-stream:churn-score-12-1f3a9c-1/x"),
        ("ecr:BatchGetImage", f"{IMAGES}/sagemaker-scikit-learn"),
    ],
)
def test_it_reads_and_writes_the_runs_of_its_dataset(policies: Policies, action: str, resource: str) -> None:
    assert may(policies, action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", f"{BUCKET}/runs/churn-x-1a2b3c4d/prepared/train/train.parquet"),
        ("s3:GetObject", f"{BUCKET}/runs/prices-1a2b3c4d/prepared/train/train.parquet"),
        ("s3:GetObject", f"{BUCKET}/runs/churn-a-1a2b3c/4d/prepared/train/x"),
        ("s3:GetObject", f"{RUN}/prepared/test/test.csv"),
        ("s3:GetObject", f"{BUCKET}/datasets/churn/train/jan.csv"),
        ("s3:GetObject", f"{BUCKET}/datasets/prices/train/jan.csv"),
        ("s3:GetObject", f"{BUCKET}/capture/sagerelay-churn/AllTraffic/x.jsonl"),
        ("s3:GetObject", f"{BUCKET}/monitoring/churn/x/drift.json"),
        ("s3:PutObject", f"{RUN}/evaluation/evaluation.json"),
        ("s3:PutObject", f"{RUN}/prepared/schema.json"),
        ("s3:PutObject", f"{RUN}/tuning/trials.json"),
        ("s3:PutObject", f"{RUN}/inputs.json"),
        ("s3:PutObject", f"{BUCKET}/datasets/churn/relay.yaml"),
        ("s3:PutObject", f"{BUCKET}/code/1a2b3c4d5e6f/jobs/prepare/__main__.py"),
        ("s3:PutObject", f"{BUCKET}/capture/sagerelay-prices/AllTraffic/x.jsonl"),
        ("s3:DeleteObject", f"{RUN}/training/x"),
        ("logs:PutLogEvents", f"{LOGS}/TrainingJobs:log-stream:churn-eu-1a2b3c4d-train-1/algo-1"),
        ("ecr:BatchGetImage", f"{IMAGES}/somebodys"),
        ("iam:PassRole", ARN),
        ("sts:AssumeRole", ARN),
        ("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:us-east-1:123456789012:training-job/x"),
        ("sagemaker:InvokeEndpoint", "arn:aws:sagemaker:us-east-1:123456789012:endpoint/sagerelay-prices"),
    ],
)
def test_it_may_do_nothing_else(policies: Policies, action: str, resource: str) -> None:
    assert not may(policies, action, resource)


def test_it_lists_its_own_runs_alone(policies: Policies) -> None:
    assert may(policies, "s3:ListBucket", BUCKET, **{"s3:prefix": "runs/churn-1a2b3c4d/prepared/train/"})
    assert not may(policies, "s3:ListBucket", BUCKET, **{"s3:prefix": "runs/prices-1a2b3c4d/"})
    assert not may(policies, "s3:ListBucket", BUCKET)


def test_somebody_else_s_role_is_none_of_these() -> None:
    assert own_code.find(ARN.replace("own-churn", "sagemaker"), names(), stack.BUCKET) is None


def test_a_request_has_room_for_as_many_as_may_be_named() -> None:
    datasets = [f"{place}{'x' * (LONGEST_NAME - 1)}" for place in range(MOST_OWN_CODE)]
    text = template(datasets)
    assert len(text) <= LARGEST_BODY
    made = json.loads(text)["Resources"]
    assert len(made) == MOST_OWN_CODE
    assert {one["Properties"]["RoleName"]["Fn::Sub"] for one in made.values()} == {
        f"${{Stack}}-own-{n}" for n in datasets
    }


def test_every_statement_names_what_it_is_about() -> None:
    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for one in value.values():
                yield from texts(one)
        elif isinstance(value, list):
            for one in value:
                yield from texts(one)
        elif isinstance(value, str):
            yield value

    (role,) = json.loads(template(["churn"]))["Resources"].values()
    assert role["Type"] == "AWS::IAM::Role"
    assert not [text for text in texts(role) if "@" in text]
    assert yaml.safe_load(template(["churn"]))


def test_a_laptop_says_once_what_a_datasets_code_can_do_there(capsys: pytest.CaptureFixture[str]) -> None:
    arn = f"arn:aws:iam::{stack.ACCOUNT}:role/{role_name(stack.STACK, 'told-once')}"
    assert own_code.find(arn, names(), stack.BUCKET) is own_code.find(arn, names(), stack.BUCKET)
    assert capsys.readouterr().err.count('Dataset "told-once" has code of your own: it runs here') == 1
