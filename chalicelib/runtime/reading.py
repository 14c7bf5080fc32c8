"""What a job has left is read, and becomes the event that moves its run on; or is put where others will read it."""

from __future__ import annotations

from datetime import datetime

from chalicelib import form_names
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.records.commands import Adopt, CollectTrials, ReadComparison, ReadEvaluation, Reading, ReadSchema
from chalicelib.records.events import ResultUnusable, RunEvent
from chalicelib.records.run import Run
from chalicelib.relay import documents  # pydantic's models cost a cold start; few events need them
from chalicelib.runtime.executor import Executor


def read(executor: Executor, command: Reading, run: Run, now: datetime) -> RunEvent | None:
    """The event that a command to read something answers with, if any."""
    match command:
        case ReadSchema():
            text = executor.objects.read(RunKeys(run.id).schema)
            return ResultUnusable("preparing left no schema.json") if text is None else documents.read_schema(text)
        case CollectTrials(attempt):
            return _trials(executor, run, str(StepName(run.id, Step.TUNE, attempt)))
        case ReadComparison() | Adopt():
            from chalicelib.runtime import several  # hardly any run is over several algorithms

            if isinstance(command, ReadComparison):
                return several.compared(executor, run, now)
            several.adopt(executor, run)
            return None
        case ReadEvaluation():
            text = executor.objects.read(RunKeys(run.id).evaluation_json)
            if text is None:
                return ResultUnusable("evaluating left no evaluation.json")
            return documents.read_evaluation(text)


def _trials(executor: Executor, run: Run, tuning_job: str) -> RunEvent:
    best, collected = executor.sagemaker.trials(tuning_job)
    algorithm = executor.deployment.algorithms.of(run.settings)
    if algorithm.script and any(trial["status"] == "Failed" for trial in collected):
        from chalicelib.runtime import failed_trainings

        said = failed_trainings.said(executor.objects, run.id, Step.TUNE, tuning_job)
        collected = failed_trainings.explained_trials(collected, said)
    text, event = documents.trials(run, algorithm, tuning_job, best, collected)
    key = form_names.trials(run.id, run.leg.algorithm) if run.leg else RunKeys(run.id).trials
    executor.objects.write(key, text)
    return event
