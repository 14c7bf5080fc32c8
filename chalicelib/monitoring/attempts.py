"""The jobs of a check, one after the other: the same once more, or the next where it is done in parts. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib import failures
from chalicelib.failures import Remedy
from chalicelib.monitoring.commands import BeginCheck, MonitorCommand
from chalicelib.monitoring.facts import CheckBegun, CheckCompleted, CheckFact, CheckShared, NeedsTransform
from chalicelib.monitoring.record import Check, Monitor, Shared
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


def together(monitor: Monitor, fact: CheckShared | CheckBegun) -> Monitor:
    """This monitor when a job that several checks share has, or is to have, one of its own that is to be begun."""
    check = monitor.check(fact.kind, fact.ordinal)
    if check is None or check.attempt != fact.attempt:
        return monitor
    pending = except_begin(monitor, check) != monitor.pending
    if isinstance(fact, CheckShared):
        settled = replace(check, shared=Shared(fact.job, fact.checks))
        return monitor.with_check(settled) if pending and check.shared is None else monitor
    if check.shared is None:
        return monitor
    counted = replace(check, shared=replace(check.shared, checks=fact.checks))
    return replace(monitor.with_check(counted), pending=except_begin(monitor, check))


def again(monitor: Monitor, check: Check, reason: str, now: datetime) -> Monitor | None:
    """This monitor with a job that failed to be begun once more; None where that would not help."""
    if check.is_shared and not failures.is_refusal(reason):
        # Perhaps for another one's sake: what is wrong with this one shows when it is alone.
        return _begun(monitor, replace(check, attempt=check.attempt + 1, not_before=None, unseen=None))
    treatment = failures.treat(reason, check.attempt - check.part.before)
    if treatment.remedy is Remedy.GIVE_UP:
        return None
    waits = now + treatment.wait if treatment.wait else None
    return _begun(monitor, replace(check, attempt=check.attempt + 1, not_before=waits, unseen=None))


def _begun(monitor: Monitor, check: Check) -> Monitor:
    check = replace(check, shared=None)
    still = replace(monitor.with_check(check), pending=except_begin(monitor, check))
    return still.then(BeginCheck(check.kind, check.ordinal, check.attempt))


def except_begin(monitor: Monitor, check: Check) -> tuple[MonitorCommand, ...]:
    """What is pending, without the beginning of this check."""
    return tuple(
        command
        for command in monitor.pending
        if not (isinstance(command, BeginCheck) and command.ordinal == check.ordinal)
    )
