"""Back to the model before the one in service: the event that asks for it, and what has come of it.

The relay does it, writes it down and mails it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.records.going_back import hindrance
from chalicelib.records.run import LiveModel
from ops import bus, records
from ops.target import OpsError, Target


@dataclass(frozen=True, slots=True)
class Rollback:
    """What is asked for: from which model to which."""

    dataset: str
    leave: LiveModel
    to: LiveModel


def plan(target: Target, dataset: str) -> Rollback:
    """What a rollback would do.

    Raises:
        OpsError: there is nothing to go back to, or one is under way.
    """
    record = records.of(target).dataset(dataset)
    if record.live is None:
        raise OpsError(f"No model of {dataset} is in service, as far as its record says.")
    if record.going_back:
        raise OpsError(f"A rollback of {dataset} to the model of {record.going_back.to.run} is under way.")
    if record.previous is None:
        raise OpsError(f"No model is kept that served {dataset} before {record.live.run}.")
    if why := hindrance(record.live.mode, record.previous.mode):
        raise OpsError(f"The model of {record.previous.run} cannot come back: {why}.")
    return Rollback(dataset, record.live, record.previous)


def ask(target: Target, rollback: Rollback, because: str) -> str:
    """Put the event that asks; gives the request's id.

    Raises:
        OpsError: EventBridge did not take it.
    """
    asked = {"dataset": rollback.dataset, "leave": rollback.leave.run, "because": because}
    return bus.ask(target, "Rollback Requested", asked)


def wait(
    target: Target,
    rollback: Rollback,
    request: str,
    *,
    pause: Callable[[float], None],
    clock: Callable[[], float],
    say: Callable[[str], None],
) -> bool:
    """Whether the model before serves again, once that is decided.

    Raises:
        OpsError: it is not, in the time that it takes.
    """
    every, longest = (0.25, 60.0) if target.on_laptop else (10.0, 3_600.0)
    until, waits_for = clock() + longest, ""
    while clock() < until:
        record = records.of(target).dataset(rollback.dataset)
        if request in record.rollbacks and record.going_back is None:
            return record.live is not None and record.live.run == rollback.to.run
        if record.active and record.active != waits_for:
            waits_for = record.active
            say(f"it waits for run {waits_for}, which has to end first")
        pause(every)
    raise OpsError(
        f"It is not over after {longest / 60:.0f} minutes. A mail comes when it is; `status` shows what is under way."
    )
