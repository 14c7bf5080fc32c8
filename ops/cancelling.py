"""A run that is not wanted any more: the event that ends it, and what has come of it.

The relay does it: its job is stopped, what it left is taken away, its owner is written to.
"""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.records.run import Run, Stage
from chalicelib.relay.cancelling import is_waiting
from ops import bus, patience, records, runs
from ops.target import OpsError, Target


def plan(target: Target, run_id: str) -> Run:
    """The run that is to be ended.

    Raises:
        OpsError: there is no such run, or it has ended, or its model is taking over already.
    """
    run = runs.found(target, run_id)
    if run.stage.ended:
        raise OpsError(f"Run {run.id} has ended: {run.stage}.")
    if run.stage is Stage.PROMOTING and not is_waiting(run):
        raise OpsError(
            f"The model of run {run.id} is taking over from the live one, which is not stopped half-way. Wait until it "
            f"serves; `rollback {run.dataset}` brings the model before it back then."
        )
    return run


def ask(target: Target, run: Run, because: str) -> None:
    """Put the event that asks.

    Raises:
        OpsError: EventBridge did not take it.
    """
    bus.ask(target, "Cancel Requested", {"run": run.id, "because": because})


def wait(
    target: Target,
    run: Run,
    *,
    pause: Callable[[float], None],
    clock: Callable[[], float],
    say: Callable[[str], None],
) -> Stage:
    """How the run ended, once its job has stopped and its dataset can go on.

    Raises:
        OpsError: it has not, in the time that it takes.
    """
    waits = patience.of(
        target, "A mail comes when it is; `status` shows the run.", laptop=(0.25, 120.0), aws=(5.0, 1_800.0)
    )
    said = False
    for now in waits.looks(lambda: records.of(target).run(run.id) or run, pause=pause, clock=clock):
        if now.stage.ended and not now.pending:
            return now.stage
        if now.stage.ended and not said:
            said = True
            say(f"the run is {now.stage}; its job is being stopped")
    raise waits.too_long()
