"""A model that waits for a person: the event that approves or declines it, and what has come of it.

The relay does it, writes it down, tells the model registry and mails it.
"""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.records.run import Run, Stage
from ops import bus, patience, records
from ops.target import OpsError, Target


def waiting(target: Target, dataset: str) -> Run:
    """The run of a dataset that waits for approval; there is one at most.

    Raises:
        OpsError: none waits.
    """
    store = records.of(target)
    record = store.dataset(dataset)
    run = store.run(record.active) if record.active else None
    if run is None:
        last = f" Its last run, {record.last.run}, has ended: {record.last.stage}." if record.last else ""
        raise OpsError(f"No model of {dataset} waits for approval: no run is under way.{last}")
    if run.stage is not Stage.AWAITING_APPROVAL:
        raise OpsError(f"No model of {dataset} waits for approval: run {run.id} is {run.stage}.")
    return run


def ask(target: Target, run: Run, because: str, *, approve: bool) -> None:
    """Put the event that answers.

    Raises:
        OpsError: EventBridge did not take it.
    """
    bus.ask(target, "Approval Given" if approve else "Approval Declined", {"run": run.id, "because": because})


def wait(
    target: Target,
    run: Run,
    *,
    pause: Callable[[float], None],
    clock: Callable[[], float],
    say: Callable[[str], None],
) -> Stage:
    """How the run ended, once it has.

    Raises:
        OpsError: it has not, in the time that it takes.
    """
    waits = patience.of(
        target, "A mail comes when it is; `status` shows the run.", laptop=(0.25, 120.0), aws=(10.0, 3_600.0)
    )
    said = run.stage
    for now in waits.looks(lambda: records.of(target).run(run.id) or run, pause=pause, clock=clock):
        if now.stage.ended:
            return now.stage
        if now.stage is not said:
            said = now.stage
            say(f"the run is {said}")
    raise waits.too_long()
