"""The tags every object of SageRelay carries, by which orphans are found and permissions are limited.

Beside dataset, run and stage each names its deployment: two deployments in one account (a stage for trying, one that
serves) must neither tidy up nor tear down each other's.
"""

from __future__ import annotations

from chalicelib.deployment import DeploymentSettings
from chalicelib.run import Run

DEPLOYMENT = "sagerelay:deployment"


def tags(run: Run, stage: str, deployment: DeploymentSettings) -> list[dict[str, str]]:
    """The tags of something made for this run, in SageMaker's form."""
    return [
        *of_dataset(run.dataset, deployment),
        {"Key": "sagerelay:run", "Value": run.id},
        {"Key": "sagerelay:stage", "Value": stage},
    ]


def of_check(dataset: str, model: str, kind: str, deployment: DeploymentSettings) -> list[dict[str, str]]:
    """The tags of a check's job: the model's run, and the kind of check as its stage."""
    return [
        *of_dataset(dataset, deployment),
        {"Key": "sagerelay:run", "Value": model},
        {"Key": "sagerelay:stage", "Value": kind},
    ]


def of_dataset(dataset: str, deployment: DeploymentSettings) -> list[dict[str, str]]:
    """The tags of something that outlives a run: the live endpoint, the package group, alarms."""
    return [{"Key": DEPLOYMENT, "Value": deployment.prefix}, {"Key": "sagerelay:dataset", "Value": dataset}]
