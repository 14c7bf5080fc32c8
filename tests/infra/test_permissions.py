"""The list of what a deploying person needs, against AWS's own schemas of what the template holds, and our calls."""

from __future__ import annotations

import ast
import importlib.util
import json
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from local.wire.shapes import service_model
from ops.deployment import permissions, preflight
from ops.deployment.order import Order
from ops.deployment.owned_resources import KINDS
from ops.deployment.package import ROOT
from tests.infra.conftest import Template

NOT_NEEDED = {
    "no such feature is used by the template": (
        *("kinesis:*", "s3tables:*", "s3files:*", "elasticfilesystem:*", "firehose:*", "s3:REST.PUT.OBJECT"),
        *("s3:*Accelerate*", "s3:*Analytics*", "s3:*Abac", "s3:*C[Oo][Rr][Ss]", "s3:*Logging", "s3:*ObjectLock*"),
        *("s3:*Replication*", "s3:*Website", "s3:*IntelligentTiering*", "s3:*Inventory*", "s3:*Metrics*"),
        *("s3:*Metadata*", "s3:*Acl", "dynamodb:*Replica", "dynamodb:*Kinesis*", "dynamodb:*Import*"),
        *("dynamodb:*ResourcePolicy", "dynamodb:Update*Insights", "dynamodb:UpdateTimeToLive"),
        *("lambda:*Layer*", "lambda:*CodeSigning*", "lambda:*Scaling*", "lambda:PassCapacityProvider"),
        *(
            "lambda:PutFunctionRecursionConfig",
            "lambda:*Runtime*",
            "ec2:*",
            "iam:*tachGroupPolicy",
            "iam:*tachUserPolicy",
        ),
        *("logs:*LogDelivery", "logs:*KmsKey", "logs:Put*", "logs:Delete*Policy", "logs:CreateLogStream"),
        *("sns:PutDataProtectionPolicy", "kms:DisableKey"),
    ),
    "the table is replicated and imported nowhere, so that nobody touches its items": (
        *("dynamodb:*Item", "dynamodb:Query", "dynamodb:Scan"),
    ),
    "the service-linked role is for tables that are replicated or scaled": ("iam:CreateServiceLinkedRole",),
    "zips are named by their content, without versions": ("s3:GetObjectVersion",),
}

HANDLERS = ("create", "read", "update", "delete")  # nobody lists

CALLED = {  # AWS's name of the permission, where it is not the operation's
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:DeleteObjects": "s3:DeleteObjectVersion",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "lambda:Invoke": "lambda:InvokeFunction",
    **dict.fromkeys(
        ("budgets:CreateBudget", "budgets:UpdateBudget", "budgets:DeleteBudget"),
        "budgets:ModifyBudget",
    ),
    **dict.fromkeys(
        ("budgets:CreateNotification", "budgets:CreateSubscriber", "budgets:UpdateSubscriber"),
        "budgets:ModifyBudget",
    ),
    **dict.fromkeys(
        ("budgets:DescribeBudget", "budgets:DescribeSubscribersForNotification"),
        "budgets:ViewBudget",
    ),
}
SERVICES = {"resourcegroupstaggingapi": "tag", "service-quotas": "servicequotas"}
FREE = {"sts:GetCallerIdentity"}  # which AWS asks no permission for


@cache
def schemas() -> dict[str, Any]:
    """AWS's schema of each resource type, as cfn-lint ships them: its files, without importing it."""
    found = importlib.util.find_spec("cfnlint")
    assert found is not None
    assert found.origin is not None
    files = Path(found.origin).parent.glob("data/schemas/resources/*.json")
    read = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    return {one["typeName"]: one for one in read if "typeName" in one}


def excepted(action: str) -> bool:
    return any(fnmatch(action, pattern) for patterns in NOT_NEEDED.values() for pattern in patterns)


def named_by_schemas(template: Template) -> set[str]:
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert kinds <= schemas().keys()
    handlers = [schemas()[kind].get("handlers", {}) for kind in kinds]
    asked = [one.get(act, {}).get("permissions", []) for one in handlers for act in HANDLERS]
    return {action for actions in asked for action in actions}


def test_everything_that_cloudformation_asks_for_is_in_the_list(transformed: Template) -> None:
    listed = {*permissions.DEPLOY, *permissions.KEY}
    missing = {action for action in named_by_schemas(transformed) - listed if not excepted(action)}
    assert missing == set()


def test_no_exception_is_made_for_nothing(transformed: Template) -> None:
    needed = named_by_schemas(transformed) - {*permissions.DEPLOY, *permissions.KEY}
    patterns = [pattern for patterns in NOT_NEEDED.values() for pattern in patterns]
    assert [pattern for pattern in patterns if not any(fnmatch(action, pattern) for action in needed)] == []


def called(*rooms: str) -> set[str]:
    """Every operation that these rooms of ops/ can ask for, as IAM calls it."""
    trees = [ast.parse(file.read_text()) for room in rooms for file in (ROOT / "ops" / room).glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    words = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    words |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    services = {
        str(node.args[0].value)
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("client") and node.args
        if isinstance(node.args[0], ast.Constant)
    }
    operations = [(one, name) for one in services for name in service_model(one).operation_names]
    found = {f"{SERVICES.get(one, one)}:{name}" for one, name in operations if xform_name(name) in words}
    return {CALLED.get(action, action) for action in found} - FREE


def test_everything_that_deploying_and_looking_asks_for_is_in_a_list() -> None:
    asked = called("deployment", "doctor", "account")
    assert {"events:DisableRule", "lambda:InvokeFunction", "ecr:BatchGetImage", "tag:GetResources"} <= asked
    listed = {*permissions.DEPLOY, *permissions.DOCTOR, *permissions.TEARDOWN, *permissions.BUDGET}
    listed |= {*permissions.OWN_CODE}
    assert asked - listed == set()
    assert called("doctor", "account") - {*permissions.DOCTOR} == {"sqs:GetQueueUrl"}  # which only a laptop is asked


def test_every_kind_that_a_teardown_removes_may_be_described_stopped_and_deleted() -> None:
    for kind in KINDS.values():
        verbs = ["Describe", "Delete", *(["Stop"] if kind.stops else [])]
        noun = kind.noun.title().replace("_", "")
        assert {f"sagemaker:{verb}{noun}" for verb in verbs} <= {*permissions.TEARDOWN}


@pytest.mark.parametrize("name", ["DEPLOY", "KEY", "BUDGET", "OWN_CODE", "DOCTOR", "TEARDOWN"])
def test_no_action_is_listed_twice(name: str) -> None:
    listed = getattr(permissions, name)
    assert sorted(listed) == sorted(set(listed))


@pytest.mark.parametrize(("budget", "asked"), [(None, False), ("60", True), ("none", True)])
def test_what_an_order_needs_beyond_the_template_is_looked_at_before(budget: str | None, *, asked: bool) -> None:
    needed = preflight.actions(Order(aws_budget=budget), with_key=False)
    assert ({*permissions.BUDGET} <= {*needed}) == asked
    assert not {"kms:RevokeGrant", *permissions.OWN_CODE} & {*needed}
    assert {*permissions.OWN_CODE} <= {*preflight.actions(Order(own_code="churn"), with_key=False)}
    assert "kms:RevokeGrant" in preflight.actions(Order(aws_budget=budget), with_key=True)
