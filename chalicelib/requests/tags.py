"""The tags every object of SageRelay carries, by which orphans are found and permissions are limited.

Beside dataset, run and stage each names its deployment: two deployments in one account (a stage for trying, one that
serves) must neither collect nor tear down each other's.
"""

from __future__ import annotations

from chalicelib.deployment import DeploymentSettings
from chalicelib.records.run import Run

DEPLOYMENT, DATASET, RUN, STAGE = (f"sagerelay:{name}" for name in ("deployment", "dataset", "run", "stage"))


def tags(run: Run, stage: str, deployment: DeploymentSettings) -> list[dict[str, str]]:
    """The tags of something made for this run, in SageMaker's form."""
    return of_run(run.dataset, run.id, stage, deployment)


def of_run(dataset: str, run: str, stage: str, deployment: DeploymentSettings) -> list[dict[str, str]]:
    """The same by names. A check's job carries the run of the model it is about, and its kind as its stage."""
    return [*of_dataset(dataset, deployment), {"Key": RUN, "Value": run}, {"Key": STAGE, "Value": stage}]


def of_several(stage: str, deployment: DeploymentSettings) -> list[dict[str, str]]:
    """The tags of a job that several datasets share: AWS divides no bill by them, the records do."""
    return [{"Key": DEPLOYMENT, "Value": deployment.prefix}, {"Key": STAGE, "Value": stage}]


def of_dataset(dataset: str, deployment: DeploymentSettings) -> list[dict[str, str]]:
    """The tags of something that outlives a run: the live endpoint, the package group, alarms."""
    return [{"Key": DEPLOYMENT, "Value": deployment.prefix}, {"Key": DATASET, "Value": dataset}]
