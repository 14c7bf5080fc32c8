"""Nothing of a deployment begins any more, and how it is taken back.

A teardown pauses a deployment first: alarms, which would ring at what it does on purpose, then the rules, then the
functions. It may be interrupted after that, and CloudFormation does not look for what was changed behind it. So a
deployment to a stack that is there already undoes each of the three, and only them: a limit that somebody set on
purpose is no zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ops.deployment.stacks import Resource
from ops.target import Clients

_MOST_ALARMS = 100  # in one request


@dataclass(frozen=True, slots=True)
class Acting:
    """What of a stack acts by itself, by the names it has in the account."""

    rules: tuple[str, ...]
    functions: tuple[str, ...]
    alarms: tuple[str, ...]


def acting(held: Iterable[Resource]) -> Acting:
    """What of a stack's resources acts by itself.

    >>> acting([Resource("A", "AWS::Events::Rule", "default|a"), Resource("T", "AWS::SNS::Topic", "arn:t")])
    Acting(rules=('a',), functions=(), alarms=())
    """
    everything = list(held)

    def of(kind: str) -> tuple[str, ...]:
        return tuple(one.id.rpartition("|")[2] for one in everything if one.kind == kind)

    return Acting(of("AWS::Events::Rule"), of("AWS::Lambda::Function"), of("AWS::CloudWatch::Alarm"))


def pause(client: Clients, those: Acting) -> str:
    """No alarm rings, and no event, also none that waits already, and no schedule wakes a function."""
    for some in _few(those.alarms):
        client("cloudwatch").disable_alarm_actions(AlarmNames=some)
    for rule in those.rules:
        unless_gone(client("events").disable_rule, Name=rule)
    for function in those.functions:
        stop = client("lambda").put_function_concurrency
        unless_gone(stop, FunctionName=function, ReservedConcurrentExecutions=0)
    return f"nothing new begins: {len(those.rules)} rules are switched off, {len(those.functions)} functions stopped"


def resume(client: Clients, those: Acting) -> Iterator[str]:
    """End a pause, and say of each thing that had been paused what was done."""
    for function in stopped(client, those.functions):
        client("lambda").delete_function_concurrency(FunctionName=function)
        yield f"the function {function} had been stopped: it may run again"
    for rule in those.rules:
        if unless_gone(client("events").describe_rule, Name=rule).get("State") == "DISABLED":
            client("events").enable_rule(Name=rule)
            yield f"the rule {rule} had been switched off: it is on again"
    mute = muted(client, those.alarms)
    for some in _few(mute):
        client("cloudwatch").enable_alarm_actions(AlarmNames=some)
    if mute:
        yield f"{len(mute)} alarms had been muted: they ring again"


def stopped(client: Clients, functions: Iterable[str]) -> list[str]:
    """The functions that may not run at all, which only a teardown (or a person) brings about."""
    limits = {one: unless_gone(client("lambda").get_function_concurrency, FunctionName=one) for one in functions}
    return [name for name, answer in limits.items() if answer.get("ReservedConcurrentExecutions") == 0]


def unless_gone(act: Callable[..., Any], **request: object) -> dict[str, Any]:
    """The answer, or an empty one where there is nothing to do it to."""
    try:
        return act(**request) or {}
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return {}


def muted(client: Clients, names: Sequence[str]) -> list[str]:
    """The alarms that tell nobody."""
    answers = [client("cloudwatch").describe_alarms(AlarmNames=some) for some in _few(names)]
    return [one["AlarmName"] for answer in answers for one in answer["MetricAlarms"] if not one["ActionsEnabled"]]


def _few(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _MOST_ALARMS):
        yield list(names[start : start + _MOST_ALARMS])
