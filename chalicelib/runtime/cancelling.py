"""The job of a run that a person has ended: stopped, and looked at until it has ended.

Who was just starting it may create it after the first look. So a job that is not there is looked for again, as long as
whoever had read the run before it was ended may still be at work.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.aws.answers import Missing
from chalicelib.aws.errors import BusyError
from chalicelib.names import Step, StepName
from chalicelib.records.commands import Stop
from chalicelib.records.events import JobStopped, StepCompleted, StepFailed
from chalicelib.records.run import Run
from chalicelib.requests import stopping, transforming
from chalicelib.serving_mode import Mode

if TYPE_CHECKING:
    from chalicelib.aws.sagemaker import SageMaker

MADE_WITHIN = timedelta(minutes=10)
"""Longer than a Lambda lives, however slow it is, and than AWS takes to show what it has made."""


def stop(sagemaker: SageMaker, command: Stop, run: Run, now: datetime) -> JobStopped | None:
    """How the job ended; None where there is none.

    Raises:
        BusyError: it goes on, or may still be made. Its event, or the next sweep, comes back.
        DeniedError: it may not be stopped.
    """
    name = StepName(run.id, command.step, command.attempt)
    if name.step is Step.CANDIDATE and transforming.asked_live(run) and sagemaker.live_asked(name) is None:
        sagemaker.stop(stopping.stop_asking_live(name))
        raise BusyError(f"what {name} is compared with is being stopped")
    if name.step is Step.CANDIDATE and run.mode is not Mode.BATCH:
        return None
    fact = sagemaker.observe(run.id, run.dataset, name.step, name.attempt, run.mode)
    if fact is None:
        sagemaker.stop(stopping.stop(name))
        raise BusyError(f"{name} is being stopped")
    if isinstance(fact, Missing):
        if now - run.updated < MADE_WITHIN:
            raise BusyError(f"{name} is not there, and may still be made")
        return None
    job = fact.job if isinstance(fact, StepCompleted | StepFailed) else None
    if job and name.step is Step.TUNE:  # which tells nothing of what its trials are billed
        _, trials = sagemaker.trials(str(name))
        job = replace(job, billable_seconds=sum(trial["billable_seconds"] or 0 for trial in trials))
    return JobStopped(job) if job else None
