"""quality.json: how good the model is on real traffic whose labels came late."""

from __future__ import annotations

from typing import TypedDict

from jobs.documents.metrics import Compared, Telling
from jobs.documents.window import Past, Period, Problem


class Coverage(TypedDict):
    """Where every label went, and what part of the captured rows that is."""

    labels: int
    matched: int
    unknown: int
    duplicates: int
    conflicting: int
    unusable: int
    ambiguous: int
    captured: int
    share_of_traffic: float | None
    of_live_model: int


class Labelled(TypedDict):
    """The file of the captured rows that have a label."""

    file: str
    rows: int


class Check(Past):
    """A check so far, in the history."""

    matched: int
    metrics: dict[str, float]


class Quality(Telling):
    """The whole document; `metric` decides, and the history is oldest first and ends with this check."""

    version: int
    check: str
    at: str
    dataset: str
    run: str
    endpoint: str
    state: str
    window: Period
    coverage: Coverage
    problems: list[Problem]
    task: str
    classes: list[str] | None
    metric: str
    max_loss: float
    metrics: dict[str, Compared]
    sentence: str
    confusion_matrix: list[list[int]] | None
    labelled: Labelled
    history: list[Check]
