"""The jobs of a check, one after the other: the same once more, or the next where it is done in parts. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib import failures
from chalicelib.failures import Remedy
from chalicelib.monitoring.commands import BeginCheck, MonitorCommand
from chalicelib.monitoring.facts import CheckCompleted, CheckFact, NeedsTransform
from chalicelib.monitoring.record import Check, Monitor
from chalicelib.transform_names import Part


def comes_next(check: Check, fact: CheckFact) -> tuple[Part, int] | None:
    """The part of a check that is to be begun, and its job's attempt; None where it has no further one."""
    if isinstance(fact, NeedsTransform):
        return Part.ASK, check.attempt
    follower = check.part.follower
    return (follower, check.attempt + 1) if follower and isinstance(fact, CheckCompleted) else None


def in_part(monitor: Monitor, check: Check, part: Part, attempt: int) -> Monitor:
    """This monitor with the next of a check's jobs to be begun."""
    return _begun(monitor, replace(check, part=part, attempt=attempt, not_before=None, unseen=None))


def again(monitor: Monitor, check: Check, reason: str, now: datetime) -> Monitor | None:
    """This monitor with a job that failed to be begun once more; None where that would not help."""
    treatment = failures.treat(reason, check.attempt - check.part.before)
    if treatment.remedy is Remedy.GIVE_UP:
        return None
    waits = now + treatment.wait if treatment.wait else None
    return _begun(monitor, replace(check, attempt=check.attempt + 1, not_before=waits, unseen=None))


def _begun(monitor: Monitor, check: Check) -> Monitor:
    still = replace(monitor.with_check(check), pending=except_begin(monitor, check))
    return still.then(BeginCheck(check.kind, check.ordinal, check.attempt))


def except_begin(monitor: Monitor, check: Check) -> tuple[MonitorCommand, ...]:
    """What is pending, without the beginning of this check."""
    return tuple(
        command
        for command in monitor.pending
        if not (isinstance(command, BeginCheck) and command.ordinal == check.ordinal)
    )
