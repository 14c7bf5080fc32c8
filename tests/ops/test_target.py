"""Where a deployment is, on a laptop and on AWS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoRegionError

from local import stack
from ops.target import LAPTOP_BUCKET, LAPTOP_TABLE, LAPTOP_TOPIC, Asked, OpsError, find
from tests.ops.world import error

LAPTOP = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}


class Account:
    """An account with topics, and stacks by name with their outputs."""

    def __init__(self, *, topics: tuple[str, ...] = (), stacks: dict[str, dict[str, str]] | None = None) -> None:
        self.topics, self.stacks = topics, stacks or {}

    def client(self, _service: str) -> Any:
        return self

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_topics"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Topics": [{"TopicArn": arn} for arn in self.topics]}]

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 (boto3's spelling)
        if StackName not in self.stacks:
            raise error("ValidationError")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.stacks[StackName].items()]
        return {"Stacks": [{"Outputs": outputs}]}


def test_the_laptops_names_are_the_embedded_clouds() -> None:
    assert (LAPTOP_BUCKET, LAPTOP_TOPIC, LAPTOP_TABLE) == (stack.BUCKET, stack.TOPIC, stack.TABLE)
    account = Account(topics=("arn:aws:sns:us-east-1:1:other", stack.topic_arn()))
    found = find(account.client, Asked(), LAPTOP)
    assert (found.bucket, found.topic_arn, found.table) == (stack.BUCKET, stack.topic_arn(), stack.TABLE)
    assert found.on_laptop


def test_on_aws_the_stack_says_where_things_are() -> None:
    account = Account(stacks={"sagerelay-prod": {"BucketName": "b", "TopicArn": "arn:t", "TableName": "t"}})
    found = find(account.client, Asked(stage="prod"), {})
    assert (found.bucket, found.topic_arn, found.table, found.on_laptop) == ("b", "arn:t", "t", False)
    assert find(account.client, Asked(stage="prod", bucket="mine"), {}).bucket == "mine"


def test_on_aws_live_endpoints_are_named_after_the_stack_and_on_a_laptop_after_the_prefix() -> None:
    account = Account(stacks={"sagerelay-prod": {"BucketName": "b", "TopicArn": "arn:t", "TableName": "t"}})
    assert find(account.client, Asked(stage="prod"), {}).prefix == "sagerelay-prod"
    laptop = Account(topics=(stack.topic_arn(),))
    assert find(laptop.client, Asked(), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}).prefix == "sagerelay"


def test_an_address_in_the_configuration_file_is_a_laptop(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:4566\n")
    account = Account(topics=(stack.topic_arn(),))
    assert find(account.client, Asked(), {"AWS_CONFIG_FILE": str(tmp_path / "config")}).on_laptop


def test_names_given_by_hand_need_no_stack() -> None:
    found = find(Account().client, Asked(bucket="b", topic_arn="arn:t", prefix="p"), {})
    assert (found.bucket, found.topic_arn, found.prefix, found.table) == ("b", "arn:t", "p-dev", None)
    assert find(Account().client, Asked(topic_arn="arn:t"), LAPTOP).topic_arn == "arn:t"


@pytest.mark.parametrize(
    ("account", "environment", "why"),
    [
        (Account(), {}, "no CloudFormation stack sagerelay-dev"),
        (Account(stacks={"sagerelay-dev": {"BucketName": "b"}}), {}, "does not say BucketName and TopicArn"),
        (Account(topics=("arn:other",)), LAPTOP, "no topic sagerelay-alerts"),
    ],
)
def test_what_cannot_be_found_is_said(account: Account, environment: dict[str, str], why: str) -> None:
    with pytest.raises(OpsError, match=why):
        find(account.client, Asked(), environment)


def test_what_boto3_says_ends_in_one_full_stop() -> None:
    def nowhere(_service: str) -> Any:
        raise NoRegionError

    with pytest.raises(OpsError, match=r"must specify a region\. Check"):
        find(nowhere, Asked(), {})
