"""Training and tuning with SageMaker's built-in XGBoost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.algorithms import xgboost
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.requests import protection
from chalicelib.requests import warm_start as parents
from chalicelib.requests.tags import tags
from chalicelib.run import PastTuning, Problem, Run


def train(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateTrainingJob with the best hyperparameters of the tuning, or the given ones when tuning is off."""
    keys = RunKeys(run.id)
    return {
        "TrainingJobName": str(StepName(run.id, Step.TRAIN, attempt)),
        "HyperParameters": {**_static(run), **run.hyperparameters},
        **_definition(run, deployment, output=keys.training, checkpoints=keys.checkpoints),
        "Tags": tags(run, Step.TRAIN, deployment),
    }


def tune(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateHyperParameterTuningJob over the ranges of the settings, warm from the dataset's last tuning."""
    tuning, keys = run.settings["tuning"], RunKeys(run.id)
    assert run.objective is not None  # noqa: S101 (an invariant of the stage)
    hyperband = tuning["strategy"] == "Hyperband"
    request = {
        "HyperParameterTuningJobName": str(StepName(run.id, Step.TUNE, attempt)),
        "HyperParameterTuningJobConfig": {
            "Strategy": tuning["strategy"],
            "HyperParameterTuningJobObjective": {
                "Type": run.objective.direction,
                "MetricName": run.objective.metric,
            },
            "ResourceLimits": _limits(tuning),
            "ParameterRanges": ranges(tuned_ranges(run.settings)),
            # Hyperband stops trials by itself and refuses a second opinion.
            "TrainingJobEarlyStoppingType": "Auto" if tuning["early_stopping"] and not hyperband else "Off",
            "RandomSeed": tuning["seed"],
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": _static_of_trials(run),
            **_definition(run, deployment, output=f"{keys.tuning}/models", checkpoints=f"{keys.tuning}/checkpoints"),
        },
        "Tags": tags(run, Step.TUNE, deployment),
    }
    if parent := warm_start(run):
        request["WarmStartConfig"] = {
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent}],
            # The data has changed since, or this would be the same run.
            "WarmStartType": "TransferLearning",
        }
    return request


def warm_start(run: Run) -> str | None:
    """The tuning job to start from: the dataset's last one, if SageMaker will take it for a parent of this one."""
    if run.warm_start is None or run.settings["tuning"]["strategy"] not in parents.STRATEGIES:
        return None
    parent = parents.from_text(run.warm_start.signature)
    if parent is None or parents.objection(parent, _signature(run, run.settings["tuning"]["trials"])):
        return None
    return run.warm_start.job


def past_tuning(run: Run) -> PastTuning | None:
    """What a run leaves for the next one to start from; None if there is nothing, or nothing of use."""
    job = next((job.name for job in reversed(run.jobs) if job.step is Step.TUNE), None)
    if job is None or not run.trials or run.settings["tuning"]["strategy"] not in parents.STRATEGIES:
        return None
    return PastTuning(job, _signature(run, run.trials).to_text())


def _signature(run: Run, trials: int) -> parents.Signature:
    assert run.objective is not None  # noqa: S101 (an invariant of the stage)
    tuned = {
        entry["Name"]: kind.removesuffix("ParameterRanges")
        for kind, entries in ranges(tuned_ranges(run.settings)).items()
        for entry in entries
    }
    objective = f"{run.objective.direction} {run.objective.metric}"
    return parents.Signature(objective, tuned, _static_of_trials(run), trials)


def tuned_ranges(settings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The ranges that are searched: what is set under `hyperparameters` is not, though the default ranges name it."""
    ranges: Mapping[str, Mapping[str, Any]] = settings["tuning"]["ranges"]
    return {name: bounds for name, bounds in ranges.items() if name not in settings["hyperparameters"]}


def ranges(chosen: Mapping[str, Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """ParameterRanges for the `tuning.ranges` of the settings. SageMaker wants every bound as text."""
    integers: list[dict[str, Any]] = []
    continuous: list[dict[str, Any]] = []
    categorical: list[dict[str, Any]] = []
    for name, bounds in sorted(chosen.items()):
        if bounds["values"] is not None:
            categorical.append({"Name": name, "Values": list(bounds["values"])})
            continue
        whole = xgboost.is_whole(name)
        as_text = "{:.0f}" if whole else "{!r}"
        entry = {
            "Name": name,
            "MinValue": as_text.format(bounds["min"]),
            "MaxValue": as_text.format(bounds["max"]),
            "ScalingType": bounds["scaling"],
        }
        (integers if whole else continuous).append(entry)
    kinds = {
        "IntegerParameterRanges": integers,
        "ContinuousParameterRanges": continuous,
        "CategoricalParameterRanges": categorical,
    }
    return {kind: entries for kind, entries in kinds.items() if entries}


def _limits(tuning: Mapping[str, Any]) -> dict[str, int]:
    return {
        "MaxNumberOfTrainingJobs": tuning["trials"],
        "MaxParallelTrainingJobs": min(tuning["parallel"], tuning["trials"]),
        "MaxRuntimeInSeconds": tuning["max_runtime_minutes"] * 60,
    }


def _static_of_trials(run: Run) -> dict[str, str]:
    searched = tuned_ranges(run.settings)
    # Hyperband stops trials by itself.
    unwanted = {"early_stopping_rounds"} if run.settings["tuning"]["strategy"] == "Hyperband" else set()
    return {name: value for name, value in _static(run).items() if name not in {*searched, *unwanted}}


def _static(run: Run) -> dict[str, str]:
    assert run.problem is not None  # noqa: S101 (an invariant of the stage)
    assert run.objective is not None  # noqa: S101
    classes = len(run.problem.classes) if run.problem.classes else None
    return xgboost.static_hyperparameters(run.problem.task, classes, run.objective, run.settings["hyperparameters"])


def _definition(run: Run, deployment: DeploymentSettings, *, output: str, checkpoints: str) -> dict[str, Any]:
    assert run.problem is not None  # noqa: S101 (an invariant of the stage)
    instances, spot, prepared = run.settings["instances"], run.settings["spot"], RunKeys(run.id).prepared
    limit = {"MaxRuntimeInSeconds": instances["max_runtime_minutes"] * 60}
    definition: dict[str, Any] = {
        "AlgorithmSpecification": {"TrainingImage": deployment.image, "TrainingInputMode": "File"},
        "RoleArn": deployment.role_arn,
        "InputDataConfig": [
            _channel(name, deployment.uri(f"{prepared}/{name}/"), run.problem) for name in ("train", "validation")
        ],
        "OutputDataConfig": {"S3OutputPath": deployment.uri(output), **protection.key("KmsKeyId", deployment)},
        "ResourceConfig": {
            "InstanceType": instances["train"],
            "InstanceCount": 1,
            "VolumeSizeInGB": instances["volume_gb"],
            **protection.key("VolumeKmsKeyId", deployment),
        },
        "StoppingCondition": limit,
        "EnableManagedSpotTraining": spot["enabled"],
        **protection.vpc(deployment),
    }
    if spot["enabled"]:
        limit["MaxWaitTimeInSeconds"] = spot["max_wait_minutes"] * 60
        definition["CheckpointConfig"] = {"S3Uri": deployment.uri(checkpoints)}
    return definition


def _channel(name: str, uri: str, problem: Problem) -> dict[str, Any]:
    return {
        "ChannelName": name,
        "ContentType": problem.content_type,
        "InputMode": "File",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": uri,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }
