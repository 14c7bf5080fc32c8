"""Training and tuning with the algorithm that a run's settings choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.algorithms.hyperparameters import is_whole
from chalicelib.algorithms.protocol import Algorithm
from chalicelib.algorithms.ranges import Kinds
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.records import own_code
from chalicelib.records.run import PastTuning, Run
from chalicelib.requests import protection, search
from chalicelib.requests import warm_start as parents
from chalicelib.requests.search import Search
from chalicelib.requests.tags import tags
from chalicelib.settings.stored import Tuning


def train(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateTrainingJob with the best hyperparameters of the tuning, or the given ones when tuning is off."""
    keys, algorithm = RunKeys(run.id), deployment.algorithms.of(run.settings)
    places = {"output": keys.training, "checkpoints": _own(run, keys.checkpoints)}
    return {
        "TrainingJobName": str(StepName(run.id, Step.TRAIN, attempt)),
        "HyperParameters": {**static(run, algorithm), **run.hyperparameters, **_program(algorithm)},
        **_definition(run, deployment, algorithm, Step.TRAIN, **places),
        "Tags": tags(run, Step.TRAIN, deployment),
    }


def tune(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateHyperParameterTuningJob over the ranges of the settings, warm from the dataset's last tuning."""
    tuning, keys = run.settings["tuning"], RunKeys(run.id)
    assert run.objective is not None  # noqa: S101 (an invariant of the stage)
    algorithm = deployment.algorithms.of(run.settings)
    wanted = search.of(run, algorithm)
    places = {"output": f"{keys.tuning}/models", "checkpoints": _own(run, f"{keys.tuning}/checkpoints")}
    request = {
        "HyperParameterTuningJobName": str(StepName(run.id, Step.TUNE, attempt)),
        "HyperParameterTuningJobConfig": {
            "Strategy": wanted.strategy,
            "HyperParameterTuningJobObjective": {
                "Type": run.objective.direction,
                "MetricName": run.objective.metric,
            },
            "ResourceLimits": _limits(wanted, tuning),
            "ParameterRanges": ranges(wanted.ranges, algorithm.kinds()),
            "TrainingJobEarlyStoppingType": "Auto" if _may_stop_early(run, wanted) else "Off",
            "RandomSeed": tuning["seed"],
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": _static_of_trials(run, algorithm),
            **_definition(run, deployment, algorithm, Step.TUNE, **places),
        },
        "Tags": tags(run, Step.TUNE, deployment),
    }
    if parent := warm_start(run, algorithm):
        request["WarmStartConfig"] = {
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent}],
            # The data has changed since, or this would be the same run.
            "WarmStartType": "TransferLearning",
        }
    return request


def warm_start(run: Run, algorithm: Algorithm) -> str | None:
    """The tuning job to start from: the dataset's last one, if SageMaker will take it for a parent of this one."""
    if run.warm_start is None or search.of(run, algorithm).strategy not in parents.STRATEGIES:
        return None
    parent = parents.from_text(run.warm_start.signature)
    child = _signature(run, algorithm, search.of(run, algorithm).trials)
    if parent is None or parents.objection(parent, child, algorithm.kinds()):
        return None
    return run.warm_start.job


def past_tuning(run: Run, algorithm: Algorithm) -> PastTuning | None:
    """What a run leaves for the next one to start from; None if there is nothing, or nothing of use."""
    last = next((job.name for job in reversed(run.jobs) if job.step is Step.TUNE), None)
    job = run.leg.tuning if run.leg and not run.leg.is_open else last  # the winner's may not be the last
    if job is None or not run.trials or search.of(run, algorithm).strategy not in parents.STRATEGIES:
        return None
    return PastTuning(job, _signature(run, algorithm, run.trials).to_text())


def _signature(run: Run, algorithm: Algorithm, trials: int) -> parents.Signature:
    assert run.objective is not None  # noqa: S101 (an invariant of the stage)
    tuned = {
        entry["Name"]: kind.removesuffix("ParameterRanges")
        for kind, entries in ranges(search.of(run, algorithm).ranges, algorithm.kinds()).items()
        for entry in entries
    }
    objective = f"{run.objective.direction} {run.objective.metric}"
    return parents.Signature(objective, tuned, _static_of_trials(run, algorithm), trials)


def ranges(chosen: Mapping[str, Mapping[str, Any]], kinds: Kinds) -> dict[str, list[dict[str, Any]]]:
    """ParameterRanges for the `tuning.ranges` of the settings. SageMaker wants every bound as text."""
    integers: list[dict[str, Any]] = []
    continuous: list[dict[str, Any]] = []
    categorical: list[dict[str, Any]] = []
    for name, bounds in sorted(chosen.items()):
        if bounds["values"] is not None:
            categorical.append({"Name": name, "Values": list(bounds["values"])})
            continue
        whole = is_whole(kinds.get(name), bounds)
        as_text = "{:.0f}" if whole else "{!r}"
        entry = {
            "Name": name,
            "MinValue": as_text.format(bounds["min"]),
            "MaxValue": as_text.format(bounds["max"]),
            "ScalingType": bounds["scaling"],
        }
        (integers if whole else continuous).append(entry)
    found = {
        "IntegerParameterRanges": integers,
        "ContinuousParameterRanges": continuous,
        "CategoricalParameterRanges": categorical,
    }
    return {kind: entries for kind, entries in found.items() if entries}


def _limits(wanted: Search, tuning: Tuning) -> dict[str, int]:
    limits = {
        "MaxParallelTrainingJobs": min(tuning["parallel"], wanted.trials),
        "MaxRuntimeInSeconds": tuning["max_runtime_minutes"] * 60,
    }
    # A grid has as many trials as combinations; SageMaker refuses another number.
    return limits if wanted.whole else {"MaxNumberOfTrainingJobs": wanted.trials, **limits}


def _may_stop_early(run: Run, wanted: Search) -> bool:
    """Hyperband stops trials by itself and refuses a second opinion; a grid is wanted whole."""
    return run.settings["tuning"]["early_stopping"] and wanted.strategy not in {"Hyperband", "Grid"}


def is_watched(run: Run, algorithm: Algorithm) -> bool:
    """Whether the tuner may end a trial before it is done, by what it has printed so far."""
    wanted = search.of(run, algorithm)
    return wanted.strategy == "Hyperband" or _may_stop_early(run, wanted)


def _static_of_trials(run: Run, algorithm: Algorithm) -> dict[str, str]:
    wanted = search.of(run, algorithm)
    # Hyperband stops trials by itself.
    unwanted = algorithm.stops_by if wanted.strategy == "Hyperband" else frozenset()
    chosen = {name: value for name, value in static(run, algorithm).items() if name not in {*wanted.ranges, *unwanted}}
    return {**chosen, **_program(algorithm)}


def static(run: Run, algorithm: Algorithm) -> dict[str, str]:
    """All hyperparameters of the run's trainings but the tuned ones."""
    assert run.problem is not None  # noqa: S101 (an invariant of the stage)
    assert run.objective is not None  # noqa: S101
    classes = len(run.problem.classes) if run.problem.classes else None
    chosen = {**run.settings["hyperparameters"], **search.of(run, algorithm).fixed}
    rows = run.problem.rows.get("train")
    return algorithm.static_hyperparameters(run.problem.task, classes, run.objective, chosen, rows)


def _program(algorithm: Algorithm) -> Mapping[str, str]:
    return algorithm.script.hyperparameters if algorithm.script else {}


def _definition(
    run: Run, deployment: DeploymentSettings, algorithm: Algorithm, step: Step, *, output: str, checkpoints: str
) -> dict[str, Any]:
    assert run.problem is not None  # noqa: S101 (an invariant of the stage)
    instances, spot, prepared = run.settings["instances"], run.settings["spot"], run.prepared
    limit = {"MaxRuntimeInSeconds": instances["max_runtime_minutes"] * 60}
    definition: dict[str, Any] = {
        "AlgorithmSpecification": {
            "TrainingImage": algorithm.image(deployment.region),
            "TrainingInputMode": "File",
            **_metrics(algorithm),
        },
        "RoleArn": own_code.role(run, deployment),
        "InputDataConfig": [
            *(
                _channel(name, deployment.uri(f"{prepared}/{name}/"), run.problem.content_type)
                for name in ("train", "validation")
            ),
            *(
                _for_script(run, deployment, step, is_the_users=algorithm.script.is_the_users)
                if algorithm.script
                else ()
            ),
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
        **({"Environment": dict(algorithm.script.environment)} if algorithm.script else {}),
        **protection.vpc(deployment),
    }
    if spot["enabled"]:
        limit["MaxWaitTimeInSeconds"] = spot["max_wait_minutes"] * 60
        definition["CheckpointConfig"] = {"S3Uri": deployment.uri(checkpoints)}
    return definition


def _own(run: Run, folder: str) -> str:
    """The folder of one algorithm where a run is over several: none can go on with what another has kept."""
    return f"{folder}/{run.leg.algorithm}" if run.leg else folder


def _metrics(algorithm: Algorithm) -> dict[str, Any]:
    defined = [{"Name": name, "Regex": regex} for name, regex in sorted(algorithm.metrics.items())]
    return {"MetricDefinitions": defined} if defined else {}


def _for_script(run: Run, deployment: DeploymentSettings, step: Step, *, is_the_users: bool) -> list[dict[str, Any]]:
    """What a script is given beside the rows: never those that the model is tested on."""
    keys = RunKeys(run.id)
    code = own_code.pinned(run.id) if is_the_users else f"{deployment.code}/"
    return [
        _channel("schema", deployment.uri(f"{run.prepared}/schema.json"), "application/json"),
        _channel("plan", deployment.uri(keys.plan(step)), "application/json"),
        _channel("code", deployment.uri(code), "text/python"),
    ]


def _channel(name: str, uri: str, content_type: str) -> dict[str, Any]:
    return {
        "ChannelName": name,
        "ContentType": content_type,
        "InputMode": "File",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": uri,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }
