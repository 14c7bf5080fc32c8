"""A role for each dataset whose own code may run (OWN_CODE), in a stack beside the deployment's.

Not in the deployment's own template, which is as large as one within a request may be. A role that once was made stays
until the deployment is removed, also when its dataset is no longer named: a live endpoint may answer under it, and
whether new code runs, the functions decide (chalicelib/records/own_code.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import BotoCoreError, ClientError

from ops.account.finding import is_denied
from ops.deployment.order import TAG
from ops.deployment.stacks import Stack
from ops.target import Clients

_TEMPLATE = Path(__file__).resolve().parents[2] / "infra" / "beside" / "own_code.yaml"
_PARAMETERS = ("KmsKeyArn", "SubnetIds", "PermissionsBoundaryArn")
_WAIT = {"Delay": 5, "MaxAttempts": 120}


def stack_name(stack: str) -> str:
    """Of the stack that holds the roles."""
    return f"{stack}-own-code"


def template(datasets: Sequence[str]) -> str:
    """A template with a role for each of these, as JSON without a space too many."""
    whole: dict[str, Any] = {}
    for dataset in datasets:
        mark = hashlib.sha256(dataset.encode()).hexdigest()[:8]
        text = _TEMPLATE.read_text(encoding="utf-8").replace("@dataset@", dataset).replace("@id@", mark)
        part = yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader that knows CloudFormation's tags)
        whole = {**part, "Resources": {**whole.get("Resources", {}), **part["Resources"]}}
    return json.dumps(whole, separators=(",", ":"))


class _Loader(yaml.SafeLoader):
    """Short tags in their long form, as a template in JSON has them."""


def _long(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        value: Any = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_scalar(node)  # type: ignore[arg-type]  # no tag of ours stands before a mapping
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _long)


def keep(client: Clients, stack: Stack) -> str:
    """Make the roles of the datasets that the deployment names, and keep those that are there; gives what to say.

    Raises:
        ClientError: CloudFormation, or IAM behind it, refused.
        WaiterError: it could not make them.
    """
    asked = [name for name in stack.parameters.get("OwnCode", "").split(",") if name]
    cloudformation = client("cloudformation")
    there = _there(cloudformation, stack.name)
    if not asked and there is None:
        return ""
    datasets = sorted({*asked, *(there or ())})
    given = {"Stack": stack.name, "Bucket": stack.outputs["BucketName"], "Datasets": ",".join(datasets)}
    given |= {name: stack.parameters.get(name, "") for name in _PARAMETERS}
    made = {
        "StackName": stack_name(stack.name),
        "TemplateBody": template(datasets),
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": TAG, "Value": stack.name}],
    }
    done = f"own code may run of: {', '.join(asked) or 'no dataset'}"
    if there is None:
        cloudformation.create_stack(**made)
        _wait(cloudformation, "stack_create_complete", stack.name)
        return done
    try:
        cloudformation.update_stack(**made)
    except ClientError as error:
        if "No updates" not in str(error):  # which AWS says by a ValidationError and nothing more precise
            raise
        return done
    _wait(cloudformation, "stack_update_complete", stack.name)
    return done


def remove(client: Clients, stack: str) -> str:
    """Remove the roles with the deployment; gives what to say, if anything."""
    try:
        cloudformation = client("cloudformation")
        if _there(cloudformation, stack) is None:
            return ""
        cloudformation.delete_stack(StackName=stack_name(stack))
        _wait(cloudformation, "stack_delete_complete", stack)
    except (BotoCoreError, ClientError) as error:
        if isinstance(error, ClientError) and is_denied(error.response["Error"]["Code"]):
            return f"whether there is a stack {stack_name(stack)} is not known: you may not look"
        return f"the stack {stack_name(stack)} stays: {error}"
    return f"removed the stack {stack_name(stack)}, with the roles of datasets' own code"


def _there(cloudformation: Any, stack: str) -> list[str] | None:
    """The datasets that have a role; None where there is no such stack."""
    try:
        [found] = cloudformation.describe_stacks(StackName=stack_name(stack))["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    given = {one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", [])}
    return [name for name in given.get("Datasets", "").split(",") if name]


def _wait(cloudformation: Any, for_what: str, stack: str) -> None:
    cloudformation.get_waiter(for_what).wait(StackName=stack_name(stack), WaiterConfig=_WAIT)
