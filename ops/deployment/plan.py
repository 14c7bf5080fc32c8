"""`make plan`: what a deployment would change, by a change set that is made, read and deleted.

Where no stack is, CloudFormation makes an empty one for the change set, which goes with it. The template fits into a
request (tests see to it); one that grew larger would be put into the artifacts' bucket for a moment. That is made if it
is not there, said, and kept for the deployment: S3 refuses a name for a while after its bucket was removed. The zip is
not uploaded: a change set only reads its name, which is the one a deployment would give it, so an unchanged deployment
shows as unchanged.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from ops import advice
from ops.deployment import changes, stacks
from ops.deployment.artifacts import Artifacts, placed, zip_key
from ops.deployment.changes import Change
from ops.deployment.code import Code
from ops.deployment.order import CAPABILITIES, Order, parameters, with_previous
from ops.deployment.preflight import Place
from ops.deployment.steps import Package, Say
from ops.target import OpsError

NAME = "sagerelay-plan"
LARGEST_BODY = 51_200  # bytes of a template within a request
_WAIT = {"Delay": 2, "MaxAttempts": 150}


def plan(where: Place, order: Order, package: Package, code: Code, say: Say) -> list[Change]:
    """What would change.

    Raises:
        OpsError: CloudFormation cannot read the template, or would refuse it.
    """
    artifacts = Artifacts(where.client, where.caller.account, where.region, where.caller.partition)
    uri = f"s3://{artifacts.bucket}/{zip_key(order.stack, package.zip)}"
    template = placed(package.template, uri)
    known = where.stack.parameters if where.stack and where.stack.deployed else {}
    with given(template, artifacts, order, say) as source:
        request = {
            "StackName": order.stack,
            "ChangeSetName": NAME,
            "ChangeSetType": "UPDATE" if where.stack and where.stack.deployed else "CREATE",
            "Capabilities": list(CAPABILITIES),
            "Parameters": with_previous(parameters(order, code.prefix), known, template.get("Parameters", {})),
            "Tags": [{"Key": key, "Value": value} for key, value in order.tags.items()],
            **source,
        }
        try:
            return _read(where, request)
        finally:
            clean_up(where.client("cloudformation"), order.stack)


def clean_up(cloudformation: Any, stack_name: str) -> None:
    """Delete a plan's change set, also that of a plan that was killed, and the empty stack it may have needed."""
    stack = stacks.look(cloudformation, stack_name)
    if stack is None:
        return
    listed = cloudformation.get_paginator("list_change_sets").paginate(StackName=stack_name)
    sets = [one["ChangeSetName"] for page in listed for one in page["Summaries"]]
    if NAME in sets:
        _delete_set(cloudformation, stack_name)
    if stack.status == stacks.REVIEW and set(sets) <= {NAME}:
        cloudformation.delete_stack(StackName=stack.id)
        # It takes a moment, in which nothing of this name can be made.
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.id, WaiterConfig=_WAIT)


def _delete_set(cloudformation: Any, stack_name: str) -> None:
    """One that is just being made, as after a plan that was killed, has to be waited for."""
    named = {"StackName": stack_name, "ChangeSetName": NAME}
    try:
        cloudformation.delete_change_set(**named)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"InvalidChangeSetStatus", "InvalidChangeSetStatusException"}:
            raise
        with contextlib.suppress(WaiterError):  # it failed, as one that changes nothing does: it can be deleted, too
            cloudformation.get_waiter("change_set_create_complete").wait(**named, WaiterConfig=_WAIT)
        cloudformation.delete_change_set(**named)


def body(template: Mapping[str, Any]) -> str:
    """The template as a request holds it."""
    return json.dumps(template, separators=(",", ":"))


def _read(where: Place, request: Mapping[str, Any]) -> list[Change]:
    cloudformation = where.client("cloudformation")
    clean_up(cloudformation, request["StackName"])
    cloudformation.create_change_set(**request)
    named = {"StackName": request["StackName"], "ChangeSetName": NAME}
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(**named, WaiterConfig=_WAIT)
    except WaiterError as error:
        described = cloudformation.describe_change_set(**named)
        reason = described.get("StatusReason", "")
        if described["Status"] == "FAILED" and changes.is_empty(reason):
            return []
        raise OpsError(f"CloudFormation cannot make a change set: {reason or error}") from error
    pages = cloudformation.get_paginator("describe_change_set").paginate(**named)
    return changes.read(change for page in pages for change in page["Changes"])


@contextlib.contextmanager
def given(template: Mapping[str, Any], artifacts: Artifacts, order: Order, say: Say) -> Iterator[dict[str, str]]:
    """How CloudFormation gets the template: in the request if it fits, else from the bucket while this lasts."""
    text = body(template)
    if len(text.encode()) <= LARGEST_BODY:
        yield {"TemplateBody": text}
        return
    if not artifacts.exists():  # one that is there is a deployment's, and not this one's to configure
        artifacts.ensure()
        say(
            f"made s3://{artifacts.bucket}, because the template is too large for a request; it stays for "
            f"{advice.make('deploy', order.stage)}"
        )
    key = f"{order.stack}/plan.json"
    artifacts.put(key, text.encode())
    try:
        yield {"TemplateURL": artifacts.url(key)}
    finally:
        artifacts.delete(key)
