"""The evaluator against IAM's rules, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from local.permissions.errors import PolicyError
from local.permissions.permission import Permission, permission
from local.permissions.policy import Policies, parse

ROLE = "arn:aws:iam::123456789012:role/sagerelay-dev-jobs"
ENDPOINT = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/sagerelay-dev-churn"


def policies(*statements: dict[str, Any]) -> Policies:
    return Policies(parse({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(action: Any = "*", resource: Any = "*", condition: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def is_allowed(*statements: dict[str, Any], asked: Permission) -> bool:
    return policies(*statements).decide(asked).allowed


def under(condition: dict[str, Any], **facts: Any) -> bool:
    """Whether a condition holds; `a__b__c` stands for the key a:b/c."""
    keyed = {key.replace("__", "/").replace("_", ":", 1): value for key, value in facts.items()}
    return is_allowed(allow(condition=condition), asked=permission("s3:GetObject", "arn:aws:s3:::b/k", keyed))


@pytest.mark.parametrize(
    ("action", "asked", "allowed"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),  # actions are compared without case
        ("s3:GetObject", "s3:GetObjectVersion", False),
        ("s3:GetObject*", "s3:GetObjectVersion", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:*", "sagemaker:CreateModel", False),
        ("*", "sagemaker:CreateModel", True),
        (["s3:PutObject", "s3:GetObject"], "s3:GetObject", True),
    ],
)
def test_an_action_is_allowed_by_its_name(action: Any, asked: str, *, allowed: bool) -> None:
    assert is_allowed(allow(action), asked=Permission(asked, "arn:aws:s3:::b")) is allowed


@pytest.mark.parametrize(
    ("resource", "asked", "allowed"),
    [
        ("arn:aws:s3:::b/runs/*", "arn:aws:s3:::b/runs/a/b/c", True),  # `*` crosses slashes
        ("arn:aws:s3:::b/runs/*", "arn:aws:s3:::b/runs/", True),
        ("arn:aws:s3:::b/runs/*", "arn:aws:s3:::b/runs", False),
        ("arn:aws:s3:::b*", "arn:aws:s3:::bc/k", True),  # which is why a bucket's name has to be whole
        ("arn:aws:s3:::b", "arn:aws:s3:::b/k", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::B/k", False),  # resources are compared with case
        ("arn:aws:ecr:*:*:repository/x", "arn:aws:ecr:eu-west-1:683313688378:repository/x", True),
        ("arn:aws:iam::*:role/x", "arn:aws:iam::1:other:role/x", False),  # a wildcard stays in its part
        ("arn:aws:sagemaker:eu-west-1:1:endpoint/a-*", "arn:aws:sagemaker:us-east-1:1:endpoint/a-b", False),
        ("arn:aws:logs:r:1:log-group:/a/*:log-stream:*", "arn:aws:logs:r:1:log-group:/a/b:log-stream:c", True),
        ("arn:aws:logs:r:1:log-group:/a/*", "arn:aws:logs:r:1:log-group:/a/b:log-stream:c", True),
        ("arn:aws:s3:::b/a?c", "arn:aws:s3:::b/abc", True),
        ("arn:aws:s3:::b/a.c", "arn:aws:s3:::b/abc", False),
        ("*", "arn:aws:s3:::b", True),
    ],
)
def test_a_resource_is_named_by_its_pattern(resource: str, asked: str, *, allowed: bool) -> None:
    assert is_allowed(allow("s3:GetObject", resource), asked=Permission("s3:GetObject", asked)) is allowed


def test_what_nobody_speaks_of_is_denied_and_a_denial_wins() -> None:
    get = Permission("s3:GetObject", "arn:aws:s3:::b/k")
    deny = {**allow("s3:*", "arn:aws:s3:::b/*"), "Effect": "Deny", "Sid": "Never"}

    nothing = policies(allow("sns:Publish")).decide(get)
    denied = policies(allow(), deny).decide(get)

    assert (nothing.allowed, nothing.statement) == (False, None)
    assert not denied.allowed
    assert denied.statement is not None
    assert denied.statement.sid == "Never"
    assert policies(deny, allow()).decide(Permission("s3:GetObject", "arn:aws:s3:::other/k")).allowed


def test_a_denial_under_a_condition_denies_only_then() -> None:
    deny = {**allow("s3:*"), "Effect": "Deny", "Condition": {"StringNotEquals": {"s3:prefix": "runs/"}}}

    assert is_allowed(allow(), deny, asked=permission("s3:ListBucket", "arn:aws:s3:::b", {"s3:prefix": "runs/"}))
    # A key that is not in the request fulfils a negated operator: the denial holds.
    assert not is_allowed(allow(), deny, asked=Permission("s3:ListBucket", "arn:aws:s3:::b"))


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "holds"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),  # a star is a star
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),  # none of them
        ("StringNotEquals", "a", None, True),
        ("StringLike", "a*", "ab", True),
        ("StringLike", "a?", "abc", False),
        ("StringNotLike", "a*", "b", True),
        ("ArnLike", "arn:aws:sns:*:1:t", "arn:aws:sns:r:1:t", True),
        ("ArnEquals", "arn:aws:sns:*:1:t", "arn:aws:sns:r:1:t", True),  # as ArnLike
        ("ArnNotLike", "arn:aws:sns:*:1:t", "arn:aws:sns:r:1:t", False),
        ("Bool", "true", "TRUE", True),
        ("Bool", "true", None, False),
        ("BoolIfExists", "true", None, True),
        ("Null", "true", None, True),
        ("Null", "true", "", False),
        ("Null", "false", "a", True),
        ("Null", "false", None, False),
    ],
)
def test_a_condition_on_one_value(operator: str, wanted: Any, given: str | None, *, holds: bool) -> None:
    assert under({operator: {"iam:PassedToService": wanted}}, iam_passedtoservice=given) is holds


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "holds"),
    [
        ("ForAllValues:StringLike", "sagerelay:*", ("sagerelay:a", "sagerelay:b"), True),
        ("ForAllValues:StringLike", "sagerelay:*", ("sagerelay:a", "other"), False),
        ("ForAllValues:StringLike", "sagerelay:*", (), True),
        ("ForAllValues:StringLike", "sagerelay:*", None, True),  # true of nothing, which has surprised many
        ("ForAllValues:StringEquals", ["a", "b"], ("b", "a", "b"), True),
        ("ForAllValues:StringNotEquals", "a", ("b", "c"), True),
        ("ForAllValues:StringNotEquals", "a", ("b", "a"), False),
        ("ForAnyValue:StringEquals", ["a", "b"], ("x", "b"), True),
        ("ForAnyValue:StringEquals", "a", ("x",), False),
        ("ForAnyValue:StringEquals", "a", None, False),
        ("ForAnyValue:StringNotEquals", "a", ("a", "b"), True),
        ("ForAnyValue:StringNotEquals", "a", ("a",), False),
        ("ForAnyValue:StringNotEquals", "a", None, False),
        ("Null", "true", None, True),
    ],
)
def test_a_condition_on_several_values(operator: str, wanted: Any, given: Any, *, holds: bool) -> None:
    assert under({operator: {"aws:TagKeys": wanted}}, aws_tagkeys=given) is holds


def test_all_conditions_have_to_hold() -> None:
    both = {"StringEquals": {"aws:RequestTag/a": "1", "s3:prefix": "p"}, "Null": {"aws:TagKeys": "true"}}

    assert under(both, aws_requesttag__a="1", s3_prefix="p")
    assert not under(both, aws_requesttag__a="1", s3_prefix="q")
    assert not under(both, aws_requesttag__a="1", s3_prefix="p", aws_tagkeys=("a",))


def test_a_key_and_the_tag_in_it_are_compared_without_case_and_a_value_with() -> None:
    condition = {"StringEquals": {"AWS:requestTag/Sagerelay:Deployment": "sagerelay-dev"}}

    def asked(value: str) -> Permission:
        return permission("sagemaker:CreateModel", ENDPOINT, {"aws:RequestTag/sagerelay:deployment": value})

    assert is_allowed(allow(condition=condition), asked=asked("sagerelay-dev"))
    assert not is_allowed(allow(condition=condition), asked=asked("Sagerelay-dev"))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, "NotAction"),
        ({"Effect": "Allow", "Action": "s3:*", "NotResource": "*"}, "NotResource"),
        ({**allow(), "Principal": "*"}, "Principal"),
        ({"Effect": "Maybe", "Action": "*", "Resource": "*"}, "Effect"),
        ({"Effect": "Allow", "Action": "*"}, "Resource"),
        (allow("GetObject"), "no action"),
        (allow("s3:GetObject", "b/k"), "no ARN"),
        (allow([]), "Action"),
        (allow("s3:GetObject", {"Fn::GetAtt": ["Bucket", "Arn"]}), "Resource"),
        (allow(condition={"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}), "DateLessThan"),
        (allow(condition={"StringEqual": {"s3:prefix": "a"}}), "StringEqual is not known"),
        (allow(condition={"StringEquals": {"aws:SourceVpc": "a"}}), "aws:SourceVpc"),
        (allow(condition={"StringEquals": {"aws:RequestTag/": "a"}}), "aws:RequestTag/"),
        (allow(condition={"StringEquals": {"aws:TagKeys": "a"}}), "needs ForAllValues or ForAnyValue"),
        (allow(condition={"ForSomeValues:StringEquals": {"aws:TagKeys": "a"}}), "ForSomeValues"),
        (allow(condition={"NullIfExists": {"s3:prefix": "true"}}), "Null"),
        (allow(condition={"StringEquals": {"s3:prefix": []}}), "0 values"),
        (allow(condition={"StringEquals": {"s3:prefix": {"Ref": "x"}}}), "neither text nor number"),
    ],
)
def test_what_is_not_known_is_an_error(statement: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        policies(statement)


@pytest.mark.parametrize(
    "document", [{}, {"Version": "2008-10-17", "Statement": [allow()]}, {"Version": "2012-10-17", "Statement": []}]
)
def test_what_is_no_policy_is_an_error(document: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        parse(document)


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/bucket}/*"),
        allow("s3:GetObject", condition={"StringLike": {"s3:prefix": "${aws:username}/*"}}),
    ],
)
def test_a_policy_variable_is_an_error_and_no_text(statement: dict[str, Any]) -> None:
    asked = permission("s3:GetObject", "arn:aws:s3:::b/k", {"s3:prefix": "${aws:username}/"})
    with pytest.raises(PolicyError, match="policy variable"):
        policies(statement).decide(asked)
