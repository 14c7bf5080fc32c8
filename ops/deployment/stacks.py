"""A CloudFormation stack: what it is now, why it failed, and whether a deployment may go on from there.

What a status means is decided here by pure functions; `look` and `causes_of` are all that asks AWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from ops import advice

REVIEW = "REVIEW_IN_PROGRESS"
"""A stack that holds nothing: somebody made a change set for it and never executed it."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What DescribeStacks says, as far as it matters here."""

    name: str
    id: str
    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    last_event: str = ""
    changed: datetime | None = None
    """When it was last made or updated."""

    @property
    def region(self) -> str:
        """Where it is, which its ARN says."""
        return self.id.split(":")[3]

    @property
    def deployed(self) -> bool:
        """Whether it holds resources, and an update is the next step."""
        return self.status not in {REVIEW, "DELETE_COMPLETE", "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}


OUTPUTS = {
    "BucketName": "Bucket",
    "TableName": "Table",
    "TopicArn": "Topic",
    "DashboardName": "Dashboard",
    "UndeliveredQueueUrl": "UndeliveredQueue",
    "FailedQueueUrl": "FailedQueue",
    "SweepRule": "SweepSweepEvent",
}
"""The outputs that say a resource's physical id, with that resource."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a stack cannot be deployed to, and what to do."""

    what: str
    todo: str


def look(cloudformation: Any, name: str) -> Stack | None:
    """The stack, or None where there is none."""
    try:
        [found] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        # AWS answers a name it does not know by a ValidationError and nothing more precise.
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    events = cloudformation.describe_stack_events(StackName=found["StackId"])["StackEvents"]
    stack = Stack(
        name=name,
        id=found["StackId"],
        status=found["StackStatus"],
        outputs={one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])},
        parameters={one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", [])},
        last_event=events[0]["EventId"] if events else "",
        changed=found.get("LastUpdatedTime") or found.get("CreationTime"),
    )
    return replace(stack, outputs=_completed(cloudformation, stack)) if stack.deployed else stack


def _completed(cloudformation: Any, stack: Stack) -> Mapping[str, str]:
    """Every output of the template there can be: what the stack itself does not say, its resources do.

    An older version's stack, or one whose outputs somebody took out, has its bucket and its queues all the same.
    """
    if stack.outputs.keys() >= OUTPUTS.keys():
        return stack.outputs
    held = {one.name: one.id.rpartition("|")[2] for one in resources(cloudformation, stack)}  # a rule's has its bus
    return {name: held[one] for name, one in OUTPUTS.items() if one in held} | dict(stack.outputs)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a stack: its name in the template, its type, and what it is called in the account."""

    name: str
    kind: str
    id: str


def resources(cloudformation: Any, stack: Stack) -> list[Resource]:
    """What a stack holds now."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack.id)
    listed = [one for page in pages for one in page["StackResourceSummaries"]]
    return [
        Resource(one["LogicalResourceId"], one["ResourceType"], one["PhysicalResourceId"])
        for one in listed
        if one.get("PhysicalResourceId") and one["ResourceStatus"] != "DELETE_COMPLETE"
    ]


def obstacle(stack: Stack | None, causes: Sequence[str] = ()) -> Obstacle | None:
    """What stands in the way of deploying to this stack; None: nothing.

    >>> obstacle(Stack("sagerelay-dev", "arn:aws:...", "UPDATE_IN_PROGRESS")).what
    'The stack sagerelay-dev is UPDATE_IN_PROGRESS: somebody changes it at this moment.'
    """
    if stack is None or stack.status == REVIEW:
        return None
    why = f" Why: {'; '.join(causes)}" if causes else ""
    teardown = advice.make("teardown", advice.stage_of(stack.name))
    name, status = stack.name, stack.status
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}:
        return Obstacle(
            f"The first deployment of {name} failed, and a stack in {status} cannot be updated.{why}",
            f"Mend the cause, then {teardown} and deploy again.",
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        return Obstacle(
            f"An update of {name} failed, and so did going back ({status}).{why}",
            f"{_cloudformation('continue-update-rollback', stack)}, then deploy again.",
        )
    if status == "DELETE_FAILED":
        return Obstacle(f"Removing {name} failed.{why}", f"{teardown} goes on with it.")
    if status == "DELETE_IN_PROGRESS":
        return Obstacle(
            f"The stack {name} is being removed.",
            f"Wait for it: {_cloudformation('wait stack-delete-complete', stack)}, then deploy again.",
        )
    if status.endswith("_IN_PROGRESS"):
        return Obstacle(
            f"The stack {name} is {status}: somebody changes it at this moment.",
            "Wait until it ends (CloudFormation's console shows it), then deploy again.",
        )
    return None


def _cloudformation(command: str, stack: Stack) -> str:
    return advice.aws(f"cloudformation {command} --stack-name {stack.name}", stack.region)


def causes(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Why the last change failed, the first cause first, from stack events (newest first).

    What failed only because something else did is left out.
    """
    found: list[str] = []
    for event in events:
        status, reason = event.get("ResourceStatus", ""), event.get("ResourceStatusReason", "")
        if reason == "User Initiated":  # the beginning of the last change
            break
        if status.endswith("_FAILED") and reason and "cancelled" not in reason.lower():
            found.append(f"{event['LogicalResourceId']} ({event.get('ResourceType', '?')}): {reason}")
    return found[::-1][:3]


def causes_of(cloudformation: Any, stack: Stack) -> list[str]:
    """Why the last change of this stack failed."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack.id)
    return causes(event for page in pages for event in page["StackEvents"])
