"""What a person may ask for, and what is said about the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.deployment.command_line import Deployment
from ops.deployment.order import Order, key_change, mistakes, parameters, with_previous

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1a2b"
GOOD = Order(
    "prod", "ann+ml@mail.example.com", KEY, "subnet-1a,subnet-2b", "sg-3c", "arn:aws:iam::123456789012:policy/b"
)


@pytest.mark.parametrize(
    "order",
    [
        GOOD,
        Order(email="a@b.example"),
        Order(email="a@b.example", kms_key="none", subnets="none", security_groups="none"),
    ],
)
def test_a_sane_order_has_no_mistakes(order: Order) -> None:
    assert mistakes(order, region="eu-west-1", first=True) == []


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (Order("my-stage", "a@b.example"), "STAGE=my-stage is no stage name: at most 12 .* as in STAGE=mystage"),
        (Order("9", "a@b.example"), "as in STAGE=dev"),
        (Order("a" * 13, "a@b.example"), "as in STAGE=a{12}[.]"),
        (Order(email=None), "A first deployment needs EMAIL="),
        (Order(email="ann@example"), "is not one e-mail address"),
        (Order(email="ann@example.com,bob@example.com"), "is not one e-mail address"),
        (Order(email="a@b.example", kms_key="alias/mine"), "not the ARN of a key"),
        (
            Order(email="a@b.example", kms_key=KEY.replace("eu-west-1", "us-east-1")),
            "a key of us-east-1; .* in eu-west-1",
        ),
        (Order(email="a@b.example", boundary="MyBoundary"), "not the ARN of an IAM policy"),
        (Order(email="a@b.example", costs_above="much"), "no number of US dollars"),
        (Order(email="a@b.example", aws_budget="much"), "no number of US dollars"),
        (Order(email="a@b.example", subnets="subnet-1a"), "give both or neither"),
        (Order(email="a@b.example", subnets="subnet-1a", security_groups="none"), "both, or `none` for both"),
        (Order(email="a@b.example", subnets="vpc-1a", security_groups="sg-1a"), "SUBNETS holds vpc-1a"),
    ],
)
def test_a_mistake_is_said_with_what_is_right(order: Order, told: str) -> None:
    [said] = mistakes(order, region="eu-west-1", first=True)
    assert re.search(told, said), said


@pytest.mark.parametrize("key", ["none", KEY.replace("1a2b", "3c4d")])
def test_a_key_that_things_are_encrypted_with_cannot_be_changed_or_taken_back(key: str) -> None:
    [said] = key_change(Order(kms_key=key), {"KmsKeyArn": KEY})
    assert KEY in said
    assert "new stage" in said
    assert key_change(Order(kms_key=key), {}) == key_change(Order(kms_key=key), {"KmsKeyArn": ""}) == []
    assert key_change(Order(kms_key=KEY), {"KmsKeyArn": KEY}) == key_change(Order(), {"KmsKeyArn": KEY}) == []


def test_an_update_needs_no_address() -> None:
    assert mistakes(Order(), region="eu-west-1", first=False) == []


def test_only_what_was_given_is_set_so_that_an_update_takes_nothing_away() -> None:
    assert parameters(Order(), "code/1") == {"CodePrefix": "code/1"}
    assert parameters(Order(kms_key="none"), "code/1") == {"CodePrefix": "code/1", "KmsKeyArn": ""}
    assert parameters(Order(subnets="subnet-1, subnet-2"), "code/1")["SubnetIds"] == "subnet-1,subnet-2"


def test_a_plan_keeps_what_was_not_given_and_leaves_new_parameters_to_the_template() -> None:
    known = {"Email": "a@b.example", "KmsKeyArn": KEY, "Dropped": "x"}
    template = {"Email": {}, "KmsKeyArn": {}, "CodePrefix": {}, "Newest": {"Default": ""}}
    assert with_previous({"CodePrefix": "code/1"}, known, template) == [
        {"ParameterKey": "CodePrefix", "ParameterValue": "code/1"},
        {"ParameterKey": "Email", "UsePreviousValue": True},
        {"ParameterKey": "KmsKeyArn", "UsePreviousValue": True},
    ]


def test_the_command_line_is_told_everything(tmp_path: Path) -> None:
    asked = Deployment(
        "sagerelay-dev", tmp_path / "t.json", "eu-west-1", "b", {"Email": "a@b.example", "KmsKeyArn": ""}, GOOD.tags
    )
    arguments = asked.arguments()
    assert arguments[:4] == ["cloudformation", "deploy", "--stack-name", "sagerelay-dev"]
    assert arguments[-3:] == ["--parameter-overrides", "Email=a@b.example", "KmsKeyArn="]
    assert {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-fail-on-empty-changeset"} <= set(arguments)
    assert "sagerelay:deployment=sagerelay-prod" in arguments
