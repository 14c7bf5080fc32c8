"""Policies nobody here wrote: what cannot be evaluated allows nothing and denies."""

import json
from typing import Any

import pytest

from local.permissions.account_policies import lets_in, policies
from local.permissions.permission import Permission

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READ = Permission("s3:GetObject", "arn:aws:s3:::mine/a")


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([ALL], True),
        ([ALL, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], True),
        ([ALL, {"Effect": "Deny", "NotAction": "ecr:*", "Resource": "*"}], False),
        ([ALL, {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::mine/*"}], True),
        ([ALL, {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*"}], False),
        ([ALL, {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::${aws:username}/*"}], False),
        ([ALL, {"Effect": "Deny", "Action": "ecr:*", "NotResource": "arn:aws:ecr:::${aws:username}/*"}], True),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::${aws:username}/*"}], False),
        ([{**ALL, "Condition": {"StringNotEquals": {"aws:x": "${aws:username}"}}}], False),
        ([ALL, {**ALL, "Effect": "Deny", "Condition": {"NumericLessThan": {"aws:x": "3"}}}], False),
        ([{**ALL, "Condition": {"NumericLessThan": {"aws:x": "3"}}}], False),
    ],
)
def test_a_denial_that_cannot_be_evaluated_denies(statements: list[dict[str, Any]], *, allowed: bool) -> None:
    assert policies((text(*statements),)).decide(READ).allowed is allowed


@pytest.mark.parametrize(
    ("boundary", "allowed"),
    [(None, True), (text(ALL), True), (text({**ALL, "Action": "ecr:*"}), False), ("", False), ("no policy", False)],
)
def test_a_boundary_limits_and_allows_nothing_itself(boundary: str | None, *, allowed: bool) -> None:
    assert policies((text(ALL),), boundary).decide(READ).allowed is allowed
    assert not policies((), boundary).decide(READ).allowed


@pytest.mark.parametrize(
    ("changes", "let_in"),
    [
        ({}, True),
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": ["1", "2"]}}, True),
        ({"Principal": {"AWS": "2"}}, False),
        ({"Principal": {"Service": "1"}}, False),
        ({"Action": "sts:TagSession"}, False),
        ({"Effect": "Deny"}, False),
        ({"Condition": {"StringEquals": {"sts:ExternalId": "x"}}}, True),
        ({"Condition": {"StringEquals": {"sts:ExternalId": "y"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, False),
    ],
)
def test_whom_a_trust_policy_lets_in(changes: dict[str, Any], *, let_in: bool) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "1"}, "Action": "sts:AssumeRole", **changes}
    assert lets_in(text(statement), {"1"}, {"sts:externalid": ("x",)}) is let_in
