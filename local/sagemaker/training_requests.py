"""What a training job asks for and what its container is told: checks and texts, without running anything.

`check` refuses what the service model cannot see (what is missing together, what contradicts itself); `configuration`
is the container's input/config; `failure_reason` puts a command's failure into SageMaker's words.
"""

from pathlib import Path
from typing import Any

from local.containers import BUILT_IN, Registry
from local.containers.rerooting import rerooted
from local.containers.stand_in import StandIn
from local.sagemaker import images
from local.sagemaker.machine import head
from local.sagemaker.processes import Ending, Outcome
from local.wire.errors import ApiError

_CAUSES = ("AlgorithmError", "ClientError", "InternalServerError")
_KILLED = 137


def check(request: dict[str, Any], region: str, offered: Registry = BUILT_IN) -> StandIn:
    """Refuse what the service model cannot: what is missing together, and what contradicts itself.

    Answers what stands in for the algorithm.
    """
    for member in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition"):
        if member not in request:
            raise ApiError(
                "ValidationException",
                f"1 validation error detected: Value null at '{member[0].lower()}{member[1:]}' failed to satisfy "
                "constraint: Member must not be null",
            )
    algorithm = request["AlgorithmSpecification"]
    if "TrainingImage" not in algorithm:
        raise ApiError("ValidationException", "You must specify either an algorithm name or a training image.")
    found = images.require_algorithm(algorithm["TrainingImage"], region, offered)
    if algorithm.get("MetricDefinitions") and found.metadata() is not None:
        raise ApiError(
            "ValidationException",
            "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request "
            "without specifying metric definitions.",
        )
    if algorithm["TrainingInputMode"] == "Pipe":
        raise ApiError("ValidationException", "No algorithm of the embedded cloud supports Pipe mode; use File.")
    names = [channel["ChannelName"] for channel in request.get("InputDataConfig", [])]
    if len(set(names)) != len(names):
        raise ApiError("ValidationException", f"Channel names must be unique: {', '.join(names)}")
    for channel in request.get("InputDataConfig", []):
        if "S3DataSource" not in channel["DataSource"]:
            raise ApiError("ValidationException", f"Channel {channel['ChannelName']} needs an S3DataSource.")
    _check_spot(request)
    return found


def _check_spot(request: dict[str, Any]) -> None:
    stopping = request["StoppingCondition"]
    runtime, wait = stopping.get("MaxRuntimeInSeconds", 86_400), stopping.get("MaxWaitTimeInSeconds")
    if not request.get("EnableManagedSpotTraining"):
        if wait is not None:
            raise ApiError(
                "ValidationException",
                "Invalid MaxWaitTimeInSeconds. It can only be given when EnableManagedSpotTraining is true.",
            )
        return
    if wait is None or wait < runtime:
        raise ApiError(
            "ValidationException",
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds "
            f"({runtime}).",
        )


def configuration(detail: dict[str, Any]) -> dict[str, Any]:
    """The files of input/config: hyperparameters (all text), channels, and the one host."""
    instance = detail["ResourceConfig"].get("InstanceType", "ml.m5.large")
    return {
        "hyperparameters.json": detail.get("HyperParameters", {}),
        "inputdataconfig.json": {
            channel["ChannelName"]: {
                "TrainingInputMode": channel.get("InputMode", detail["AlgorithmSpecification"]["TrainingInputMode"]),
                "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                    "S3DataDistributionType", "FullyReplicated"
                ),
                "RecordWrapperType": channel.get("RecordWrapperType", "None"),
                **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
            }
            for channel in detail.get("InputDataConfig", [])
        },
        "resourceconfig.json": {
            "current_host": "algo-1",
            "current_instance_type": instance,
            "current_group_name": "homogeneousCluster",
            "hosts": ["algo-1"],
            "instance_groups": [
                {"instance_group_name": "homogeneousCluster", "instance_type": instance, "hosts": ["algo-1"]}
            ],
            "network_interface_name": "lo",
        },
    }


def checkpoints(detail: dict[str, Any], root: Path) -> Path:
    """Where checkpoints lie in the container."""
    place = rerooted(detail["CheckpointConfig"].get("LocalPath", "/opt/ml/checkpoints"), root)
    path = Path(place)
    path.mkdir(parents=True, exist_ok=True)
    return path


def failure_reason(root: Path, outcome: Outcome) -> str | None:
    """SageMaker's sentence for a command that failed by itself, or None."""
    if outcome.ending is not Ending.ITSELF or outcome.code == 0:
        return None
    code = outcome.code if outcome.code > 0 else 128 - outcome.code
    if code == _KILLED:  # SIGKILL comes from the kernel when memory is gone
        return (
            "ClientError: Please use an instance type with more memory, or reduce the size of training data processed "
            "on an instance., exit code: 137"
        )
    text = head(root / "output" / "failure", 900) or ""
    return f"{text if text.startswith(_CAUSES) else f'AlgorithmError: {text}'}, exit code: {code}"
