"""The tags every object of SageRelay carries, by which orphans are found and permissions are limited."""

from __future__ import annotations

from chalicelib.run import Run


def tags(run: Run, stage: str) -> list[dict[str, str]]:
    """The tags of something made for this run, in SageMaker's form."""
    return [
        *of_dataset(run.dataset),
        {"Key": "sagerelay:run", "Value": run.id},
        {"Key": "sagerelay:stage", "Value": stage},
    ]


def of_dataset(dataset: str) -> list[dict[str, str]]:
    """The tags of something that outlives a run: the live endpoint, the package group."""
    return [{"Key": "sagerelay:dataset", "Value": dataset}]
