"""A run that a person ends: what is stopped, taken away and told, in this order. Pure.

The run has ended from the moment it is written down. Its job is stopped first, and the rest waits until that is over,
so that the mail knows what the job has cost and the next run finds the machine free. A model that is taking over from
the live one is beyond it: callers may be answered by it at any moment, and `rollback` is the way back from there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.names import Step
from chalicelib.records.commands import (
    Adopt,
    CollectTrials,
    Mail,
    Notify,
    ReadComparison,
    ReadEvaluation,
    ReadSchema,
    Register,
    Release,
    Start,
    Stop,
)
from chalicelib.records.events import CancelAsked, JobStopped
from chalicelib.records.run import STEP_OF, Cancelled, Run, Stage
from chalicelib.relay import unneeded
from chalicelib.relay.endings import Decision, asking_no_more, then
from chalicelib.requests import transforming
from chalicelib.serving_mode import Mode

_READING = (ReadSchema, CollectTrials, ReadComparison, Adopt, ReadEvaluation)
"""What nobody needs to know of a run that has been ended."""


def cancel(run: Run, event: CancelAsked, now: datetime) -> Decision:
    """The run, ended; or why it cannot be."""
    if run.stage is Stage.PROMOTING and not is_waiting(run):
        return Decision(run, ignored="its model is taking over from the live one already")
    still = tuple(command for command in asking_no_more(run).pending if not isinstance(command, _READING))
    ended = replace(run, pending=still, cancelled=Cancelled(run.stage, event.because), waiting_for=None)
    registered = (Register("Rejected"),) if run.stage is Stage.AWAITING_APPROVAL else ()
    after = (*_stopping(run), Notify(Mail.CANCELLED), *unneeded.of_run(run), Release(), *registered)
    because = f"cancelled by a person{f': {event.because}' if event.because else ''}"
    return then(ended, Stage.CANCELLED, now, because, *after)


def is_waiting(run: Run) -> bool:
    """Whether nothing has been asked of SageMaker for its stage yet: that waits for a quota or for money."""
    return run.waiting_for is not None and any(isinstance(command, Start) for command in run.pending)


def note_job(run: Run, event: JobStopped, now: datetime) -> Decision:
    """What the job that was stopped has taken, which is billed."""
    return then(replace(run, jobs=(*run.jobs, event.job)), run.stage, now, f"{event.job.name} has ended")


def _stopping(run: Run) -> tuple[Stop, ...]:
    step = STEP_OF.get(run.stage)
    if step is None or step is Step.LIVE:
        return ()
    # An endpoint is no job: it is deleted. But a transform may ask the model in service beside it.
    has_job = step is not Step.CANDIDATE or run.mode is Mode.BATCH or transforming.asked_live(run) is not None
    return (Stop(step, run.attempt),) if has_job else ()
