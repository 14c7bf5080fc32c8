"""What would go wrong with a deployment, found before anything is made: in seconds, and free of charge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ops import address
from ops.account import access, quotas, serving
from ops.account.access import Caller
from ops.account.finding import Finding, State, asked, ok
from ops.deployment import permissions, stacks
from ops.deployment.order import Order, given, key_change, mistakes, stage_mistakes
from ops.deployment.stacks import Stack
from ops.target import Clients, OpsError


@dataclass(frozen=True, slots=True)
class Place:
    """Where a deployment goes: who deploys, the region, and the stack as it is now."""

    client: Clients
    caller: Caller
    region: str
    stack: Stack | None


def place(client: Clients, order: Order, region: str | None) -> Place:
    """The place meant.

    Raises:
        OpsError: no such stage can be, no credentials, or no region that can be used.
    """
    if wrong := stage_mistakes(order.stage):
        raise OpsError(wrong[0])
    chosen = access.region_of(client, region)
    who = access.caller(client)
    return Place(client, who, chosen, stacks.look(client("cloudformation"), order.stack))


def ensure_ready(where: Place, order: Order) -> None:
    """Nothing, where the order is sane and the stack can take it.

    Raises:
        OpsError: with every mistake at once, or with what stands in the way.
    """
    known = where.stack.parameters if where.stack is not None and where.stack.deployed else None
    if wrong := mistakes(order, region=where.region, first=known is None) + key_change(order, known or {}):
        raise OpsError("\n".join(wrong))
    found = stacks.obstacle(where.stack)
    if found is not None and where.stack is not None:
        found = stacks.obstacle(where.stack, stacks.causes_of(where.client("cloudformation"), where.stack)) or found
        raise OpsError(f"{found.what}\nWhat to do: {found.todo}")


def examine(where: Place, order: Order) -> Iterator[Finding]:
    """What the account itself may have against a deployment; only problems are in its way."""
    yield ok("account", f"{where.caller.account} as {where.caller.arn}")
    yield ok("region", where.region)
    yield from asked("image", lambda: access.image(where.client, where.region))
    yield access.patches(datetime.now(UTC).date())
    with_key = bool(given(order.kms_key) or (where.stack and where.stack.parameters.get("KmsKeyArn")))
    needed = actions(order, with_key=with_key)
    yield from asked("permissions", lambda: access.may(where.client, where.caller, needed))
    bucket = where.stack.outputs.get("BucketName") if where.stack else None
    yield from asked(
        "quota", lambda: quotas.findings(where.client, where.region, quotas.asked_for(where.client, bucket))
    )
    known = serving.private(where.stack.parameters if where.stack else {})
    private = {"in_a_vpc": bool(given(order.subnets)) or known["in_a_vpc"], "own_key": with_key}
    yield from asked(serving.SUBJECT, lambda: serving.findings(where.client, **private))


def actions(order: Order, *, with_key: bool) -> list[str]:
    """What whoever gives this order must be allowed; `with_key`: with a key of its own, that it has or is to have."""
    key = permissions.KEY if with_key else ()
    budget = permissions.BUDGET if order.aws_budget is not None else ()
    roles = permissions.OWN_CODE if given(order.own_code) else ()
    return list(dict.fromkeys([*permissions.DEPLOY, *key, *budget, *roles]))


def examine_removal(where: Place) -> Iterator[Finding]:
    """What of a removal IAM is known to refuse; nothing where all is well."""
    needed = list(dict.fromkeys([*permissions.TEARDOWN, *permissions.DEPLOY]))
    found = asked("permissions", lambda: access.may(where.client, where.caller, needed))
    yield from (one for one in found if one.state is State.PROBLEM)


def ensure_on_aws(environment: Mapping[str, str]) -> None:
    """Nothing, unless the shell points at an embedded cloud, which has no CloudFormation to deploy with.

    Raises:
        OpsError: it does.
    """
    if found := address.elsewhere(environment):
        raise OpsError(
            f"This shell does not talk to AWS but to {found}: an embedded cloud, where all is deployed already. "
            "For AWS: `unset` such a variable, or take the line out of the configuration file (or set AWS_PROFILE to a "
            "profile without it), and use your own keys."
        )


def hindrances(findings: list[Finding]) -> list[Finding]:
    """Problems that a deployment cannot live with.

    Quotas are none: runs wait for them, and they can be raised. Nor are permissions: IAM simulates policies, not what
    CloudFormation will ask, and should one be missing, CloudFormation says so and takes back what it made. Nor is an
    old image: what runs in it already runs on.
    """
    bearable = {"quota", "permissions", access.PATCHES}
    return [one for one in findings if one.state is State.PROBLEM and one.subject not in bearable]
