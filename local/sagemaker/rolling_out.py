"""How an update's traffic shifts from one fleet to the other, and for how long it is watched: a request in, steps out.

Pure. Time passes faster here than on AWS, by `speed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.wire.errors import ApiError

_MOST_OF_A_CANARY = 50
_LEAST_OF_A_STEP = 10


@dataclass(frozen=True, slots=True)
class Step:
    """The share of the traffic that the new fleet gets, for so many seconds, and what SageMaker says of it."""

    share: float
    seconds: float
    message: str


@dataclass(frozen=True, slots=True)
class RollOut:
    """The steps of an update, the last with all of the traffic; and the alarms that end it."""

    steps: tuple[Step, ...]
    alarms: tuple[str, ...]


def of(deployment: Mapping[str, Any] | None, instances: int, speed: float) -> RollOut:
    """What an update's DeploymentConfig asks for. Raises ApiError for what SageMaker refuses."""
    if not deployment:
        return RollOut((Step(1.0, 0.0, ""),), ())
    if "BlueGreenUpdatePolicy" not in deployment:
        raise ApiError("ValidationException", "The embedded cloud has blue/green updates, and no rolling ones.")
    policy = deployment["BlueGreenUpdatePolicy"]
    routing, last = policy["TrafficRoutingConfiguration"], policy.get("TerminationWaitInSeconds", 0)
    alarms = tuple(one["AlarmName"] for one in deployment.get("AutoRollbackConfiguration", {}).get("Alarms", []))
    wait = routing["WaitIntervalInSeconds"]
    before = [_step(share, wait, "WaitIntervalInSeconds", speed) for share in _shares(routing, instances)]
    return RollOut((*before, _step(1.0, last, "TerminationWaitInSeconds", speed)), alarms)


def _shares(routing: Mapping[str, Any], instances: int) -> list[float]:
    """What the new fleet gets before it gets all."""
    if routing["Type"] == "CANARY":
        share = _size(routing, "CanarySize", instances)
        if share * 100 > _MOST_OF_A_CANARY:
            raise ApiError("ValidationException", "The canary must be at most half of the variant's instances.")
        return [share]
    if routing["Type"] == "LINEAR":
        share = _size(routing, "LinearStepSize", instances)
        if not _LEAST_OF_A_STEP <= round(share * 100) <= _MOST_OF_A_CANARY:
            raise ApiError("ValidationException", "A linear step must be 10 to 50 % of the variant's instances.")
        return [share * number for number in range(1, int(1 / share) + 1) if share * number < 1]
    return []


def _size(routing: Mapping[str, Any], member: str, instances: int) -> float:
    if member not in routing:
        raise ApiError("ValidationException", f"{member} is required for {routing['Type']}.")
    size = routing[member]
    return float(size["Value"]) / (100 if size["Type"] == "CAPACITY_PERCENT" else instances)


def _step(share: float, seconds: float, member: str, speed: float) -> Step:
    return Step(
        share, seconds / speed, f"Baking for {seconds} seconds ({member}) with traffic enabled on {share:.0%} of it."
    )


def pending(config: Mapping[str, Any], started: Any, status: str, message: str = "") -> dict[str, Any]:
    """DescribeEndpoint's PendingDeploymentSummary of an update, with the state of its one variant."""
    declared = config["ProductionVariants"][0]
    count, weight = declared.get("InitialInstanceCount", 1), declared.get("InitialVariantWeight", 1.0)
    told = {"Status": status, "StartTime": started, **({"StatusMessage": message} if message else {})}
    return {
        "EndpointConfigName": config["EndpointConfigName"],
        "StartTime": started,
        "ProductionVariants": [
            {
                "VariantName": declared["VariantName"],
                "CurrentWeight": weight,
                "DesiredWeight": weight,
                "CurrentInstanceCount": 0 if status == "Creating" else count,
                "DesiredInstanceCount": count,
                "VariantStatus": [told],
            }
        ],
    }
