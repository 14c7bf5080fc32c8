"""trials.json: every trial of a tuning."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Objective(TypedDict):
    """What the search makes as large or as small as it can; `type` is "Maximize" or "Minimize"."""

    metric: str
    type: str


class Trial(TypedDict):
    """One training; `objective` is None where it did not end well. Times in seconds."""

    name: str
    status: str
    hyperparameters: dict[str, str]
    objective: float | None
    seconds: int | None
    billable_seconds: int | None
    started: str | None
    ended: str | None
    failure_reason: NotRequired[str | None]


class Trials(TypedDict):
    """The whole document. What SageMaker would not take is told under `instead_of…`, as it was asked for."""

    version: int
    tuning_job: str
    strategy: str
    objective: Objective
    instead_of: NotRequired[str | None]
    instead_of_lists: NotRequired[list[str]]
    instead_of_strategy: NotRequired[str | None]
    best: str | None
    warm_start_parents: NotRequired[list[str]]
    trials: list[Trial]
