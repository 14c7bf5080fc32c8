"""What a stack's state means for a deployment, and why its last change failed."""

from __future__ import annotations

from typing import Any

import pytest

from ops.deployment.package import ROOT, compose
from ops.deployment.stacks import OUTPUTS, Stack, causes, look, obstacle

FINE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")


def stack(status: str) -> Stack:
    return Stack("sagerelay-dev", "arn:aws:cloudformation:eu-west-1:123456789012:stack/sagerelay-dev/1a2b", status)


@pytest.mark.parametrize("status", FINE)
def test_these_can_be_updated(status: str) -> None:
    assert obstacle(stack(status)) is None
    assert stack(status).deployed


@pytest.mark.parametrize("before", [None, stack("REVIEW_IN_PROGRESS")])
def test_nothing_there_yet_is_no_obstacle(before: Stack | None) -> None:
    assert obstacle(before) is None
    assert before is None or not before.deployed


@pytest.mark.parametrize(
    ("status", "todo"),
    [
        ("ROLLBACK_COMPLETE", "make teardown STAGE=dev"),
        ("ROLLBACK_FAILED", "make teardown STAGE=dev"),
        ("CREATE_FAILED", "make teardown STAGE=dev"),
        ("DELETE_FAILED", "make teardown STAGE=dev"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name sagerelay-dev --region eu-west-1`"),
        ("DELETE_IN_PROGRESS", "wait stack-delete-complete --stack-name sagerelay-dev --region eu-west-1`"),
        ("CREATE_IN_PROGRESS", "Wait until it ends"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "Wait until it ends"),
    ],
)
def test_these_stand_in_the_way_and_say_what_to_do(status: str, todo: str) -> None:
    found = obstacle(stack(status))
    assert found is not None
    assert todo in found.todo
    assert "sagerelay-dev" in found.what


def test_the_cause_of_a_failure_is_in_what_is_said() -> None:
    found = obstacle(stack("ROLLBACK_COMPLETE"), ["Topic (AWS::SNS::Topic): not allowed"])
    assert found is not None
    assert found.what.endswith("Why: Topic (AWS::SNS::Topic): not allowed")


def event(name: str, status: str, reason: str = "") -> dict[str, str]:
    return {
        "LogicalResourceId": name,
        "ResourceType": "AWS::X",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def test_the_first_cause_comes_first_and_what_only_followed_is_left_out() -> None:
    newest_first = [
        event("sagerelay-dev", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [A, B]."),
        event("B", "CREATE_FAILED", "Resource creation cancelled"),
        event("C", "CREATE_FAILED", "Quota exceeded"),
        event("A", "CREATE_FAILED", "You may not"),
        event("A", "CREATE_IN_PROGRESS"),
        event("sagerelay-dev", "CREATE_IN_PROGRESS", "User Initiated"),
        event("A", "CREATE_FAILED", "of an earlier attempt"),
    ]
    assert causes(newest_first) == ["A (AWS::X): You may not", "C (AWS::X): Quota exceeded"]


class CloudFormation:
    """One stack with its resources, of whose outputs it says these."""

    def __init__(self, outputs: dict[str, str], *held: tuple[str, str], status: str = "CREATE_COMPLETE") -> None:
        self.outputs, self.held, self.status, self.asked = outputs, held, status, 0

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        outputs = [{"OutputKey": name, "OutputValue": value} for name, value in self.outputs.items()]
        stack = {"StackId": "id", "StackStatus": self.status}
        return {"Stacks": [stack | ({"Outputs": outputs} if outputs else {})]}

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        return {"StackEvents": []}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_stack_resources"
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        self.asked += 1
        status = {"ResourceStatus": "CREATE_COMPLETE", "ResourceType": "AWS::X"}
        held = [{"LogicalResourceId": name, "PhysicalResourceId": one, **status} for name, one in self.held]
        return [{"StackResourceSummaries": held}]


HELD = (("Bucket", "b"), ("Topic", "arn:t"), ("FailedQueue", "https://q"), ("SweepSweepEvent", "default|s"))


def test_what_a_stack_does_not_say_its_resources_do() -> None:
    silent = look(CloudFormation({}, *HELD), "sagerelay-dev")
    assert silent is not None
    assert silent.outputs == {"BucketName": "b", "TopicArn": "arn:t", "FailedQueueUrl": "https://q", "SweepRule": "s"}
    saying = look(CloudFormation({"BucketName": "said", "Mine": "x"}, *HELD), "sagerelay-dev")
    assert saying is not None
    assert (saying.outputs["BucketName"], saying.outputs["TopicArn"], saying.outputs["Mine"]) == ("said", "arn:t", "x")


def test_the_resources_are_asked_only_where_something_is_missing() -> None:
    whole = CloudFormation(dict.fromkeys(OUTPUTS, "x"))
    look(whole, "sagerelay-dev")
    failed = CloudFormation({}, status="ROLLBACK_COMPLETE")
    look(failed, "sagerelay-dev")
    assert (whole.asked, failed.asked) == (0, 0)


def test_the_outputs_are_those_of_the_template() -> None:
    """Each says the physical id of its resource; the role's ARN, which is none, is asked of IAM."""
    written = compose(ROOT / "infra")["Outputs"]
    assert {name: one["Value"].get("Ref") for name, one in written.items() if name != "SageMakerRoleArn"} == OUTPUTS
