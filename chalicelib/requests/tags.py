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


def of_check(dataset: str, model: str, kind: str) -> list[dict[str, str]]:
    """The tags of a check's job: the model's run, and the kind of check as its stage."""
    return [
        *of_dataset(dataset),
        {"Key": "sagerelay:run", "Value": model},
        {"Key": "sagerelay:stage", "Value": kind},
    ]


def of_dataset(dataset: str) -> list[dict[str, str]]:
    """The tags of something that outlives a run: the live endpoint, the package group."""
    return [{"Key": "sagerelay:dataset", "Value": dataset}]
