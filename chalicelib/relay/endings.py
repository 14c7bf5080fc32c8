"""What decisions of the relay have in common: how a run moves on, and how it ends.

At an end the mail comes first, then what costs money, then the dataset, and the registry's bookkeeping last.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.names import StepName
from chalicelib.records.commands import Command, Mail, Notify, Register, Release, StampReport, Start
from chalicelib.records.events import StepCompleted
from chalicelib.records.run import STEP_OF, Failure, Run, Stage
from chalicelib.relay import unneeded

ASKING = (Register("PendingManualApproval"), Notify(Mail.APPROVAL_NEEDED))
"""How a person is asked to approve."""


class Decision(NamedTuple):
    """The run as it is now, its pending list holding what is to be done; or why nothing changed."""

    run: Run
    ignored: str | None = None


def reject(run: Run, now: datetime) -> Decision:
    """The gate, or a person, does not want its model."""
    assert run.verdict is not None  # noqa: S101 (the callers have just set it)
    done = (StampReport(), Notify(Mail.REJECTED), *unneeded.of_run(run), Release(), Register("Rejected"))
    return then(run, Stage.REJECTED, now, run.verdict.reason, *done)


def fail(run: Run, now: datetime, reason: str, advice: str) -> Decision:
    """It cannot go on. `advice` says what its owner can do."""
    step = STEP_OF.get(run.stage)
    job = str(StepName(run.id, step, run.attempt)) if step else ""
    failed = replace(run, failure=Failure(run.stage, job, reason, advice))
    return then(failed, Stage.FAILED, now, reason, Notify(Mail.FAILED), *unneeded.of_run(run), Release())


def asking_no_more(run: Run) -> Run:
    """The run without what would still ask a person to approve it."""
    return replace(run, pending=tuple(command for command in run.pending if command not in ASKING))


def with_job(run: Run, event: StepCompleted) -> Run:
    """The run with one more job that ended well."""
    return replace(run, jobs=(*run.jobs, event.job), waiting_for=None)


def then(run: Run, stage: Stage, now: datetime, because: str, *commands: Command, **changes: Any) -> Decision:
    """The run moved on, with these commands behind whatever is still pending.

    A pending `Start` of the step that has just ended is dropped: the event shows that it was executed. So is a notice
    that the run waits, because it does so no longer.
    """
    over = (*commands, Notify(Mail.WAITING))
    still = tuple(command for command in run.pending if not isinstance(command, Start) and command not in over)
    changes.setdefault("not_before", None)
    return Decision(run.moved(stage, now, because, pending=(*still, *commands), **changes))
