"""The key and the private network of a deployment, as parts of requests; nothing where there is none.

Empty parts and not nulls: SageMaker refuses an empty key.
"""

from __future__ import annotations

from typing import Any

from chalicelib.deployment import DeploymentSettings


def key(member: str, deployment: DeploymentSettings) -> dict[str, str]:
    """The deployment's key under the name that this request has for it."""
    return {member: deployment.kms_key} if deployment.kms_key else {}


def vpc(deployment: DeploymentSettings) -> dict[str, Any]:
    """VpcConfig, for trainings and models."""
    if not deployment.subnets:
        return {}
    return {
        "VpcConfig": {"Subnets": list(deployment.subnets), "SecurityGroupIds": list(deployment.security_groups)},
    }


def network(deployment: DeploymentSettings) -> dict[str, Any]:
    """NetworkConfig, which processing jobs have around the same."""
    inside = vpc(deployment)
    return {"NetworkConfig": {"EnableNetworkIsolation": False, **inside}} if inside else {}
