"""Back to a model before the one in service: the event that asks for it, and what has come of it.

The relay does it, writes it down and mails it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib import json_files
from chalicelib.records.dataset import Dataset
from chalicelib.records.going_back import hindrance
from chalicelib.records.run import LiveModel, Stage
from ops import bus, near, patience, records, runs
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
    record, live = _served(target, dataset)
    if record.previous is None:
        raise OpsError(f"No model is kept that served {dataset} before {live.run}.")
    return _planned(dataset, live, record.previous)


def plan_to(target: Target, dataset: str, version: str) -> Rollback:
    """What a promotion of an earlier model would do. `version`: its run, or the end of the run's id.

    Raises:
        OpsError: no such model has served, or it serves, or a rollback is under way.
    """
    _, live = _served(target, dataset)
    there = {run.id: run for run in runs.all_of(target, dataset) if run.stage is Stage.LIVE and run.artifact}
    named = [run for name, run in there.items() if version in {name, name.rpartition("-")[2]}]
    if not named:
        known = f" It has had: {', '.join(there)}." if there else ""
        raise OpsError(f"No model of run {version} has served {dataset}.{near.meant(version, there) or known}")
    if named[0].id == live.run:
        raise OpsError(f"The model of {live.run} serves already, since {live.since}.")
    run = named[0]
    promoted = json_files.moment(run.updated)
    return _planned(dataset, live, LiveModel(run.id, live.endpoint, run.live_attempt, promoted, run.mode))


def _served(target: Target, dataset: str) -> tuple[Dataset, LiveModel]:
    record = records.of(target).dataset(dataset)
    if record.live is None:
        near.ensure_dataset(target, dataset)
        raise OpsError(f"No model of {dataset} is in service, as far as its record says.")
    if record.going_back:
        raise OpsError(f"A rollback of {dataset} to the model of {record.going_back.to.run} is under way.")
    return record, record.live


def _planned(dataset: str, live: LiveModel, to: LiveModel) -> Rollback:
    if why := hindrance(live.mode, to.mode):
        raise OpsError(f"The model of {to.run} cannot come back: {why}.")
    return Rollback(dataset, live, to)


def ask(target: Target, rollback: Rollback, because: str, *, to_earlier: bool = False) -> str:
    """Put the event that asks; gives the request's id. `to_earlier`: whether it names the model to go back to.

    Raises:
        OpsError: EventBridge did not take it.
    """
    asked = {"dataset": rollback.dataset, "leave": rollback.leave.run, "because": because}
    asked |= {"to": rollback.to.run} if to_earlier else {}
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
    waits = patience.of(
        target, "A mail comes when it is; `status` shows what is under way.", laptop=(0.25, 60.0), aws=(10.0, 3_600.0)
    )
    waits_for = ""
    for record in waits.looks(lambda: records.of(target).dataset(rollback.dataset), pause=pause, clock=clock):
        if request in record.rollbacks and record.going_back is None:
            return record.live is not None and record.live.run == rollback.to.run
        if record.active and record.active != waits_for:
            waits_for = record.active
            say(f"it waits for run {waits_for}, which has to end first")
    raise waits.too_long()
