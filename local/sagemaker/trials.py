"""What a tuning job asks for, and what its trials add up to: requests, checks, counters and summaries. Pure."""

import hashlib
from typing import Any

from local.containers import BUILT_IN, Registry
from local.containers.stand_in import Metadata
from local.sagemaker import built_in, training_requests
from local.sagemaker.resource_registry import Record, tag_list
from local.sagemaker.search import Suggestion, check_strategy, ranges
from local.wire.errors import ApiError

TERMINAL = {"Completed", "Failed", "Stopped"}


def child_request(record: Record, suggestion: Suggestion, number: int) -> dict[str, Any]:
    """The training job of one trial."""
    definition = record.detail["TrainingJobDefinition"]
    objective = record.detail["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    mark = hashlib.sha256(f"{record.arn}/{number}/{record.detail['CreationTime']}".encode()).hexdigest()[:8]
    own = {
        "StaticHyperParameters",
        "HyperParameterRanges",
        "TuningObjective",
        "DefinitionName",
        "HyperParameterTuningResourceConfig",
    }
    name = f"{record.name}-{number:03d}-{mark}"
    request = {key: value for key, value in definition.items() if key not in own}
    if "CheckpointConfig" in request:  # a checkpoint of one trial must never be taken up by another
        place = f"{request['CheckpointConfig']['S3Uri'].rstrip('/')}/{name}"
        request["CheckpointConfig"] = {**request["CheckpointConfig"], "S3Uri": place}
    return request | {
        "TrainingJobName": name,
        "ResourceConfig": _resources(definition),
        "HyperParameters": {
            **definition.get("StaticHyperParameters", {}),
            **suggestion.hyperparameters,
            "_tuning_objective_metric": objective,
        },
        "Tags": tag_list(record.tags),
    }


def summary(child: Record, metric: str) -> dict[str, Any]:
    """HyperParameterTrainingJobSummary of a trial."""
    fields = (
        "TrainingJobName",
        "TrainingJobArn",
        "CreationTime",
        "TrainingStartTime",
        "TrainingEndTime",
        "TrainingJobStatus",
        "FailureReason",
    )
    answer = {name: child.detail[name] for name in fields if name in child.detail}
    answer["TunedHyperParameters"] = dict(child.hidden.get("tuned", {}))
    if "objective" in child.hidden:
        answer["FinalHyperParameterTuningJobObjectiveMetric"] = {
            "MetricName": metric,
            "Value": child.hidden["objective"],
        }
    answer["ObjectiveStatus"] = objective_status(child)
    return answer


def objective_status(child: Record) -> str:
    """Succeeded, Pending or Failed."""
    if not (ended(child) and child.hidden.get("settled", True)):
        return "Pending"
    return "Succeeded" if "objective" in child.hidden else "Failed"


def best_child(children: list[Record], *, maximize: bool) -> Record | None:
    """The trial with the best objective; the earlier one of equals. A trial stopped early can be the best."""
    judged = [child for child in children if "objective" in child.hidden]
    sign = 1.0 if maximize else -1.0
    return max(judged, key=lambda child: sign * child.hidden["objective"], default=None)


def counters(children: list[Record]) -> dict[str, Any]:
    """TrainingJobStatusCounters and ObjectiveStatusCounters."""
    states = [child.detail["TrainingJobStatus"] for child in children]
    objectives = [objective_status(child) for child in children]
    return {
        "TrainingJobStatusCounters": {
            "Completed": states.count("Completed"),
            "InProgress": states.count("InProgress") + states.count("Stopping"),
            "RetryableError": 0,
            "NonRetryableError": states.count("Failed"),
            "Stopped": states.count("Stopped"),
        },
        "ObjectiveStatusCounters": {status: objectives.count(status) for status in ("Succeeded", "Pending", "Failed")},
    }


def ended(child: Record) -> bool:
    return child.detail["TrainingJobStatus"] in TERMINAL


def _resources(definition: dict[str, Any]) -> dict[str, Any]:
    wanted = definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig", {})
    return {
        key: wanted[key]
        for key in ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")
        if key in wanted
    }


def all_failed(children: list[Record], metric: str) -> str:
    failed = [child for child in children if child.detail["TrainingJobStatus"] == "Failed"]
    if failed:
        return f"All training jobs failed. The first: {failed[0].detail.get('FailureReason', '')}"[:1024]
    return (
        f"No objective metrics found after running {len(children)} training jobs: none printed {metric}. Please ensure "
        "that the algorithm is emitting the objective metric as defined by the regular expression provided."
    )


def check(
    request: dict[str, Any],
    region: str,
    refused_objectives: frozenset[str] = frozenset(),
    offered: Registry = BUILT_IN,
    *,
    refuses_lists: bool = False,
) -> None:
    """Refuse what the service model cannot, and what is to be refused of what nobody knows to be taken.

    The container prints more metrics than AWS's page lists as objectives, and whether SageMaker takes the others is not
    known; nor is whether it tunes a number over a list of values. So both can be had.
    """
    config = request["HyperParameterTuningJobConfig"]
    for place, member in (
        (request, "TrainingJobDefinition"),
        (config, "HyperParameterTuningJobObjective"),
        (config, "ParameterRanges"),
    ):
        if member not in place:
            raise ApiError(
                "ValidationException",
                f"{member} is required (the embedded cloud knows neither several TrainingJobDefinitions nor Autotune).",
            )
    space = ranges(config["ParameterRanges"])
    check_strategy(config, space)
    objective, definition = config["HyperParameterTuningJobObjective"], request["TrainingJobDefinition"]
    known = training_requests.check({**definition, "ResourceConfig": _resources(definition)}, region, offered)
    _check_objective(objective, definition, known.metadata(), refused_objectives)
    both = {item.name for item in space} & set(definition.get("StaticHyperParameters", {}))
    if both:
        raise ApiError(
            "ValidationException", f"Hyperparameters cannot be both static and tuned: {', '.join(sorted(both))}"
        )
    trials = config.get("ResourceLimits", {}).get("MaxNumberOfTrainingJobs")
    if registered := known.metadata():
        static = definition.get("StaticHyperParameters", {})
        built_in.check(registered, config["ParameterRanges"], static, trials, lists=not refuses_lists)
    if "validation" not in {channel["ChannelName"] for channel in definition.get("InputDataConfig", [])}:
        raise ApiError("ValidationException", f"The objective {objective['MetricName']} needs a validation channel.")


def _check_objective(
    objective: dict[str, Any], definition: dict[str, Any], registered: Metadata | None, refused: frozenset[str]
) -> None:
    """The objective is one that the algorithm is registered with, or one whose metric the request defines."""
    if registered is None:
        defined = [item["Name"] for item in definition["AlgorithmSpecification"].get("MetricDefinitions", [])]
        ways = dict.fromkeys(defined, objective["Type"])
    else:
        ways = {name: way for name, way in registered.objectives.items() if name not in refused}
    if ways.get(objective["MetricName"]) != objective["Type"]:
        raise ApiError(
            "ValidationException",
            f"The objective {objective['Type']} {objective['MetricName']} is not one of the algorithm's: "
            + ", ".join(f"{way} {name}" for name, way in ways.items()),
        )
