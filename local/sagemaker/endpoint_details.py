"""What DescribeEndpoint tells of an endpoint beside its state. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from local.sagemaker.models import containers
from local.sagemaker.resource_registry import now
from local.wire.errors import ApiError


def weighed(variants: Iterable[Mapping[str, Any]], request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The variants with the weights and instances that a request gives them. Raises ApiError for an unknown one."""
    changed = {variant["VariantName"]: dict(variant) for variant in variants}
    for wanted in request["DesiredWeightsAndCapacities"]:
        if wanted["VariantName"] not in changed:
            raise ApiError("ValidationException", f"The variant {wanted['VariantName']} does not exist.")
        for key, names in (
            ("DesiredWeight", ("CurrentWeight", "DesiredWeight")),
            ("DesiredInstanceCount", ("CurrentInstanceCount", "DesiredInstanceCount")),
        ):
            if key in wanted:
                changed[wanted["VariantName"]].update(dict.fromkeys(names, wanted[key]))
    return list(changed.values())


def variant(config: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpoint's view of the one variant."""
    declared = config["ProductionVariants"][0]
    weight, count = declared.get("InitialVariantWeight", 1.0), declared.get("InitialInstanceCount", 1)
    at = now()
    images = [
        {"SpecifiedImage": item["Image"], "ResolvedImage": item["Image"], "ResolutionTime": at}
        for item in containers(model)
    ]
    told = {
        "VariantName": declared["VariantName"],
        "DeployedImages": images,
        "CurrentWeight": weight,
        "DesiredWeight": weight,
    }
    if asked := declared.get("ServerlessConfig"):
        return {**told, "CurrentServerlessConfig": asked}
    return {**told, "CurrentInstanceCount": count, "DesiredInstanceCount": count}


def capture(config: dict[str, Any]) -> dict[str, Any] | None:
    """Its view of the capture; None where the configuration has none."""
    declared = config.get("DataCaptureConfig")
    if not declared:
        return None
    enabled = declared.get("EnableCapture", False)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": declared["InitialSamplingPercentage"],
        "DestinationS3Uri": declared["DestinationS3Uri"],
        "KmsKeyId": declared.get("KmsKeyId", ""),
    }
