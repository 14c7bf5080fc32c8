"""What of a run stands in SageMaker that nobody needs any more, as the commands that take it away. Pure."""

from __future__ import annotations

from chalicelib.names import Step, StepName
from chalicelib.records.commands import Command, Remove, RemoveModel
from chalicelib.records.run import Run, Stage
from chalicelib.serving_mode import Mode


def of_candidate(run: Run) -> tuple[Command, ...]:
    """What the candidate needed and nobody needs any more, of every attempt there may have been."""
    if run.mode is Mode.BATCH:
        return ()  # a transform job has ended by itself
    numbers = {name.attempt for job in run.jobs if job.step is Step.CANDIDATE and (name := StepName.parse(job.name))}
    if run.stage is Stage.DEPLOYING:
        numbers.add(run.attempt)
    return tuple(Remove(Step.CANDIDATE, number) for number in sorted(numbers))


def of_run(run: Run) -> tuple[Command, ...]:
    """Everything in SageMaker that costs money or a name and that nobody will use."""
    if run.artifact is None:
        return ()
    half_promoted = (Remove(Step.LIVE, run.attempt),) if run.stage is Stage.PROMOTING else ()
    return (*of_candidate(run), *half_promoted, RemoveModel())
