"""Getting rid of what the relay made in SageMaker: one thing at a time, and all that carry a deployment's tag.

A thing is looked at, moved one step towards its end, and looked at again in the next round: so what is already half
gone, or was made meanwhile, needs no care of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import log_groups
from ops.account.finding import is_denied
from ops.deployment import scaling
from ops.deployment.owned_resources import ALARM, KINDS, PHASES, Kind, Move, Thing, next_move
from ops.target import Clients

_ABSENT = {"ValidationException", "ResourceNotFound", "ResourceNotFoundException"}
"""Answers to describing a well-formed name that nothing has."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that is still there, and why."""

    thing: Thing
    why: str
    refused: bool = False
    """Whether waiting will not help, because one may not delete it."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds. `rounds`: without anything going away. An endpoint may take minutes to be one."""

    look_every: float = 5.0
    rounds: float = 1800.0
    index: float = 600.0
    """For the index of tags to forget what is gone."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How time passes: handed in, so that a test need not wait."""

    timeouts: Timeouts
    pause: Callable[[float], None]
    clock: Callable[[], float]


def remove_all(
    client: Clients, find: Callable[[], Sequence[Thing]], time: Waiting, say: Callable[[str], None]
) -> list[Left]:
    """Remove everything `find` finds of the relay's kinds; what could not be removed is given back."""
    left: list[Left] = []
    for phase in PHASES:
        since, before = time.clock(), -1
        while pending := [one for one in _round(client, [t for t in find() if t.kind in phase], say) if one]:
            if len(pending) != before:
                since, before = time.clock(), len(pending)
            if all(one.refused for one in pending) or time.clock() - since > time.timeouts.rounds:
                left += pending
                break
            time.pause(time.timeouts.look_every)
    return left


def _round(client: Clients, things: Sequence[Thing], say: Callable[[str], None]) -> list[Left | None]:
    return [_step(client, one, say) for one in things]


def _step(client: Clients, one: Thing, say: Callable[[str], None]) -> Left | None:
    """Move a thing one step towards its end; None when it is gone."""
    try:
        if one.kind == ALARM:
            client("cloudwatch").delete_alarms(AlarmNames=[one.name])
            return None
        return _sagemaker(client, one, KINDS[one.kind], say)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if is_denied(code):
            return Left(one, f"you may not: {error.operation_name} is refused", refused=True)
        if error.operation_name.startswith("Describe") and code not in _ABSENT:
            raise
        return Left(one, f"{error.operation_name}: {error.response['Error'].get('Message', code)}")


def _sagemaker(client: Clients, one: Thing, kind: Kind, say: Callable[[str], None]) -> Left | None:
    sagemaker, named = client("sagemaker"), {kind.argument: one.name}
    described = describe(client, one)
    if described is None:
        return None
    status = described[kind.status] if kind.status else None
    match next_move(kind, status):
        case Move.STOP:
            getattr(sagemaker, f"stop_{kind.noun}")(**named)
            say(f"stopping {one}")
        case Move.DELETE:
            if kind.noun == "model_package_group":
                _packages(sagemaker, one.name)
            if kind.noun == "endpoint":
                scaling.end(client, one.name)
            getattr(sagemaker, f"delete_{kind.noun}")(**named)
            say(f"deleted {one}")
            _logs(client, one, kind)
            if describe(client, one) is None:
                return None
        case Move.WAIT:
            pass
    return Left(one, f"is {status}" if status else "is being deleted")


def describe(client: Clients, one: Thing) -> dict[str, Any] | None:
    """What SageMaker says of one of the relay's kinds; None when it is not there."""
    kind = KINDS[one.kind]
    try:
        found: dict[str, Any] = getattr(client("sagemaker"), f"describe_{kind.noun}")(**{kind.argument: one.name})
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        return None
    return found


def _packages(sagemaker: Any, group: str) -> None:
    """A group can only be deleted when it is empty, and versions of models carry no tags of their own."""
    for page in list(sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)):
        for package in page["ModelPackageSummaryList"]:
            sagemaker.delete_model_package(ModelPackageName=package["ModelPackageArn"])


def _logs(client: Clients, one: Thing, kind: Kind) -> None:
    """The logs a job or an endpoint wrote: an endpoint has a group, jobs have streams in a group for all."""
    logs = client("logs")
    try:
        if kind.noun == "endpoint":
            logs.delete_log_group(logGroupName=f"{log_groups.ENDPOINTS}{one.name}")
        elif kind.logs:
            pages = logs.get_paginator("describe_log_streams").paginate(
                logGroupName=kind.logs, logStreamNamePrefix=f"{one.name}/"
            )
            for stream in [found["logStreamName"] for page in pages for found in page["logStreams"]]:
                logs.delete_log_stream(logGroupName=kind.logs, logStreamName=stream)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
