"""What Application Auto Scaling is asked: a variant registered, a policy for it. Requests in, what is kept of them out.

What would be taken and then come to nothing is refused. Pure but for the time and made-up names.
"""

import re
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.permissions.by_name import SCALERS_ROLE
from local.sagemaker.target_tracking import LOW, Tracked
from local.wire.errors import ApiError

_RESOURCE = re.compile(r"endpoint/[^/]+/variant/[^/]+")
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_METRIC = "SageMakerVariantInvocationsPerInstance"
_NAMES = ("ServiceNamespace", "ResourceId", "ScalableDimension")
_OF_POLICY = (*_NAMES, "PolicyName", "PolicyType", "TargetTrackingScalingPolicyConfiguration")
_NOT_HERE = "The embedded cloud has no {}: it is refused rather than answered with something invented."
_USUAL = 300
"""Seconds of a cool-down that is not said."""


@dataclass
class Target:
    """A registered variant, and what it has been asked lately."""

    request: dict[str, Any]
    arn: str
    created: str
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    figures: deque[float] = field(default_factory=lambda: deque(maxlen=LOW))
    looked: float = field(default_factory=time.monotonic)
    out: float | None = None
    """When instances came last..."""
    in_: float | None = None
    """... and when some went, by the monotonic clock."""

    @property
    def resource(self) -> str:
        return str(self.request["ResourceId"])

    @property
    def endpoint(self) -> str:
        return self.resource.split("/")[1]

    @property
    def variant(self) -> str:
        return self.resource.split("/")[3]

    def tracked(self, policy: dict[str, Any]) -> Tracked:
        """What one of its policies asks for."""
        chosen = policy["TargetTrackingScalingPolicyConfiguration"]
        cool_downs = (chosen.get(f"Scale{way}Cooldown", _USUAL) for way in ("In", "Out"))
        return Tracked(chosen["TargetValue"], self.request["MinCapacity"], self.request["MaxCapacity"], *cool_downs)

    def told(self, account: str) -> dict[str, Any]:
        """As DescribeScalableTargets has it."""
        bounds = {key: self.request[key] for key in ("MinCapacity", "MaxCapacity")}
        own = {"ScalableTargetARN": self.arn, "CreationTime": datetime.fromisoformat(self.created)}
        return {**named(self.request), **bounds, **own, "RoleARN": f"arn:aws:iam::{account}:role/{SCALERS_ROLE}"}


def named(request: dict[str, Any]) -> dict[str, Any]:
    """What says which variant is meant."""
    return {key: request[key] for key in _NAMES}


def registered(request: dict[str, Any], before: Target | None, place: str) -> Target:
    """The target that a registration makes, or changes. `place`: region and account. Raises ApiError."""
    for unknown in ("SuspendedState", "Tags"):
        if unknown in request:
            raise _invalid(_NOT_HERE.format(f"{unknown} of a scalable target"))
    merged = {**(before.request if before else {}), **request}
    known = (merged["ServiceNamespace"], merged["ScalableDimension"]) == ("sagemaker", _DIMENSION)
    if not known or not _RESOURCE.fullmatch(merged["ResourceId"]):
        raise _invalid(_NOT_HERE.format("scaling but of endpoints' variants by their instances"))
    for bound in ("MinCapacity", "MaxCapacity"):
        if merged.get(bound) is None:
            raise _invalid(f"{bound} must be specified to register a new scalable target")
    if not 1 <= merged["MinCapacity"] <= merged["MaxCapacity"]:
        raise _invalid("MinCapacity must be 1 or more, and MaxCapacity not below it")
    if before:
        before.request = merged
        return before
    arn = f"arn:aws:application-autoscaling:{place}:scalable-target/{uuid.uuid4().hex}"
    return Target(merged, arn, datetime.now(UTC).isoformat())


def with_policy(request: dict[str, Any], target: Target, place: str) -> dict[str, Any]:
    """The policy that a target gets, in place of the one of its name. Raises ApiError."""
    chosen, name = request.get("TargetTrackingScalingPolicyConfiguration", {}), request["PolicyName"]
    metric = chosen.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    if request.get("PolicyType") != "TargetTrackingScaling" or metric != _METRIC or chosen.get("DisableScaleIn"):
        raise _invalid(_NOT_HERE.format(f"policy but target tracking of {_METRIC}, in and out"))
    if others := [one for one in target.policies if one != name]:
        raise _invalid(f"Only one target tracking policy of {_METRIC} is allowed, and there is {others[0]}")
    before = target.policies.get(name, {})
    where = f"resource/sagemaker/{target.resource}:policyName/{name}"
    made = {
        "PolicyARN": f"arn:aws:autoscaling:{place}:scalingPolicy:{uuid.uuid4()}:{where}",
        "CreationTime": datetime.now(UTC).isoformat(),
        "Alarms": [f"TargetTracking-{target.resource}-Alarm{which}-{uuid.uuid4()}" for which in ("High", "Low")],
    }
    kept = {key: before.get(key, value) for key, value in made.items()}
    target.policies[name] = {**{key: request[key] for key in _OF_POLICY if key in request}, **kept}
    return target.policies[name]


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)
