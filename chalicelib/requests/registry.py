"""The model registry: a package group for each dataset, a package for each run that was judged."""

from __future__ import annotations

from typing import Any

from chalicelib import names
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import RunKeys
from chalicelib.records.run import Run
from chalicelib.requests import endpoints
from chalicelib.requests.tags import of_dataset


def group(run: Run, deployment: DeploymentSettings) -> dict[str, Any]:
    """CreateModelPackageGroup for the run's dataset."""
    return {
        "ModelPackageGroupName": names.package_group(deployment.prefix, run.dataset),
        "ModelPackageGroupDescription": f"Models that SageRelay trained on the dataset {run.dataset}",
        "Tags": of_dataset(run.dataset, deployment),
    }


def package(run: Run, deployment: DeploymentSettings, status: str) -> dict[str, Any]:
    """CreateModelPackage with the evaluation's metrics and the baseline of its data.

    The client token makes a repeated call harmless.
    """
    assert run.verdict is not None  # noqa: S101 (an invariant of the stages that register)
    containers = [
        {name: value for name, value in container.items() if name != "ContainerHostname"}
        for container in endpoints.containers(run, deployment)
    ]
    instance = run.settings["endpoint"]["instance"]
    keys = RunKeys(run.id)
    baseline = {
        "Statistics": _json(deployment, f"{keys.prepared}/statistics.json"),
        "Constraints": _json(deployment, f"{keys.prepared}/constraints.json"),
    }
    return {
        "ModelPackageGroupName": names.package_group(deployment.prefix, run.dataset),
        "ModelPackageDescription": run.verdict.reason[:1024],
        "ModelApprovalStatus": status,
        "ClientToken": run.id,
        "InferenceSpecification": {
            "Containers": containers,
            "SupportedContentTypes": ["text/csv", "application/jsonlines", "application/json"],
            "SupportedResponseMIMETypes": ["text/csv", "application/jsonlines", "application/json"],
            "SupportedRealtimeInferenceInstanceTypes": [instance],
            "SupportedTransformInstanceTypes": [instance],
        },
        "ModelMetrics": {
            "ModelQuality": {"Statistics": _json(deployment, keys.evaluation_json)},
            "ModelDataQuality": baseline,
        },
        "DriftCheckBaselines": {"ModelDataQuality": baseline},
        "CustomerMetadataProperties": {"sagerelay_run": run.id, "sagerelay_dataset": run.dataset},
    }


def _json(deployment: DeploymentSettings, key: str) -> dict[str, str]:
    return {"ContentType": "application/json", "S3Uri": deployment.uri(key)}
