"""What stops a job that goes on. A tuning stops its trials by itself."""

from __future__ import annotations

from chalicelib import transform_names
from chalicelib.names import Step, StepName
from chalicelib.requests import Call

_OPERATIONS = {
    Step.PREPARE: ("stop_processing_job", "ProcessingJobName"),
    Step.COMPARE: ("stop_processing_job", "ProcessingJobName"),
    Step.PACK: ("stop_processing_job", "ProcessingJobName"),
    Step.EVALUATE: ("stop_processing_job", "ProcessingJobName"),
    Step.TUNE: ("stop_hyper_parameter_tuning_job", "HyperParameterTuningJobName"),
    Step.TRAIN: ("stop_training_job", "TrainingJobName"),
    Step.CANDIDATE: ("stop_transform_job", "TransformJobName"),
}


def stop(name: StepName) -> Call:
    """What stops the job of a step: of a candidate, the batch transform that asks it.

    >>> from chalicelib.names import Step
    >>> stop(StepName("churn-1a2b3c4d", Step.TRAIN, 2))
    Call(operation='stop_training_job', arguments={'TrainingJobName': 'churn-1a2b3c4d-train-2'})
    """
    operation, argument = _OPERATIONS[name.step]
    return Call(operation, {argument: str(name)})


def stop_asking_live(candidate: StepName) -> Call:
    """What stops the batch transform that asks the model in service beside a candidate."""
    return Call("stop_transform_job", {"TransformJobName": transform_names.asked_live(candidate)})
