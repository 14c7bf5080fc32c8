"""A live endpoint gives way to one of a mode that SageMaker does not make of it: deleted, and created anew. Pure.

relay.yaml has allowed that callers get no answer meanwhile (`endpoint.recreate`). Its owner is told before anything is
deleted, and how long it took afterwards. The run's record says when it began before the deletion is asked for, so that
whoever dies in between leaves no gap that nobody measured.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.names import Step
from chalicelib.records.commands import Mail, Notify, Start
from chalicelib.records.events import GapBegins, GapEnded, StepCompleted
from chalicelib.records.run import Run
from chalicelib.relay.endings import Decision, then

_MEANWHILE = ("is Deleting", "is Creating")
"""How `aws.sagemaker` says that an endpoint is on its way out, or back."""

SHORT = timedelta(minutes=1)
"""Before it is asked for again, so that the next sweep does."""


def begins(run: Run, event: GapBegins, now: datetime) -> Decision:
    """Told, noted, and then done: the step is started once more."""
    because = "the live endpoint gives way to one of another mode"
    return then(run, run.stage, now, because, Notify(Mail.GAP), Start(Step.LIVE, event.attempt), gap_began=now)


def ended(run: Run, _event: GapEnded, now: datetime) -> Decision:
    """The old endpoint is back, because AWS has refused the new one."""
    return then(run, run.stage, now, "the endpoint that gave way has come back", gap_ended=now)


def over(run: Run, completed: StepCompleted, now: datetime) -> datetime | None:
    """When callers got answers again, of a run whose promotion has ended; None where they always did."""
    return run.gap_ended or (run.gap_began and (completed.job.ended or now))


def is_expected(run: Run, why: str) -> bool:
    """Whether a run waits for nothing but the endpoint that it has deleted to be gone, or back: no news, soon over."""
    return run.gap_began is not None and run.gap_ended is None and why.endswith(_MEANWHILE)
