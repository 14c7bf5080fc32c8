"""How the instances of a live endpoint follow the traffic: target tracking of Application Auto Scaling.

Nothing scales an endpoint while it is updated or deleted: AWS blocks it then, and a count that is set anew meanwhile
would be one of the old fleet's. So it is registered when its model serves, and deregistered before anything changes it;
with that go its policy and the alarms that Application Auto Scaling has made for it.
"""

from __future__ import annotations

from typing import Any

from chalicelib.records.run import Scaling
from chalicelib.requests.endpoints import VARIANT

_POLICY = "requests-per-instance"


def of(endpoint: str) -> dict[str, Any]:
    """DeregisterScalableTarget; and how every call of an endpoint begins."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{VARIANT}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def target(endpoint: str, scaling: Scaling) -> dict[str, Any]:
    """RegisterScalableTarget, anew or with other bounds."""
    return {**of(endpoint), "MinCapacity": scaling.min, "MaxCapacity": scaling.max}


def policy(endpoint: str, scaling: Scaling) -> dict[str, Any]:
    """PutScalingPolicy, in place of the one of that name."""
    return {
        **of(endpoint),
        "PolicyName": _POLICY,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": float(scaling.invocations_per_minute),
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            "ScaleInCooldown": scaling.scale_in_seconds,
            "ScaleOutCooldown": scaling.scale_out_seconds,
        },
    }


def kept(before: Scaling | None, after: Scaling | None) -> dict[str, Any]:
    """Of UpdateEndpoint, as members: the new fleet begins with as many instances as the old one has by now.

    Otherwise it would begin with its configuration's, in the middle of the traffic that has made them more. Not where
    the new one may not have as many.
    """
    if before is None or after is None or after.max < before.max:
        return {}
    others = ("DesiredWeight", "DataCaptureConfig")
    return {
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": one} for one in others],
    }
