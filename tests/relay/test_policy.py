"""The Lambda role's policy against the calls really made: no action missing, none to spare."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POLICY = json.loads((ROOT / ".chalice" / "policy.json").read_text())
PREFIX = {"store": "dynamodb", "objects": "s3", "sagemaker": "sagemaker", "topic": "sns"}
ACTION_OF = {"s3:ListObjectVersions": "s3:ListBucketVersions", "s3:ListObjectsV2": "s3:ListBucket"}
NOT_CALLED = {
    "logs:CreateLogGroup",  # Lambda itself writes the logs
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "iam:PassRole",  # checked when a role is handed to SageMaker
    "sagemaker:AddTags",  # checked when something is created with tags
}


def allowed() -> set[str]:
    return {action for statement in POLICY["Statement"] for action in statement["Action"]}


def called() -> set[str]:
    """Every boto3 method named in the adapters and requests, as an IAM action."""
    found = set()
    for module, service in PREFIX.items():
        files = [ROOT / "chalicelib" / "aws" / f"{module}.py"]
        if service == "sagemaker":
            files += sorted((ROOT / "chalicelib" / "requests").glob("*.py"))
        for file in files:
            found |= {f"{service}:{camel(name)}" for name in methods(ast.parse(file.read_text()))}
    return {ACTION_OF.get(action, action) for action in found}


def methods(tree: ast.Module) -> set[str]:
    attributes = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ends_in_client(node.func.value)
    }
    words = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }  # operations that are called by name, and paginators
    named = {word for word in words if re.fullmatch(r"(create|describe|delete|update|list|query)(_[a-z0-9]+)*", word)}
    return (attributes | named) - {"get_paginator"}


def ends_in_client(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "client"


def camel(method: str) -> str:
    return "".join(word.capitalize() for word in method.split("_"))


def test_every_call_is_allowed_and_nothing_else_is():
    assert allowed() == called() | NOT_CALLED


@pytest.mark.parametrize("statement", POLICY["Statement"], ids=lambda statement: statement["Sid"])
def test_nothing_is_allowed_everywhere(statement):
    resources = statement["Resource"]
    for resource in [resources] if isinstance(resources, str) else resources:
        assert resource.startswith("arn:*:")
        assert resource.split(":")[2] == statement["Action"][0].split(":")[0]
