"""answers.json: what the model answered to held-out rows, which later traffic is compared with."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from jobs.documents.baseline import DescribedColumn


class Calibration(TypedDict):
    """What the model's confidence was worth on held-out rows: counts, as rows of places and numbers where not 0."""

    rows: int
    edges: list[int]
    table: list[list[int]]
    confused: list[list[int]]
    mass: list[list[int]]
    method: str
    log_loss: dict[str, float]
    realized: dict[str, float | None]


class Answers(TypedDict):
    """The whole document; a model of the first release left none, which is one without a key."""

    version: NotRequired[int]
    run: NotRequired[str]
    task: NotRequired[str]
    classes: NotRequired[list[str] | None]
    positive_class: NotRequired[str | None]
    rows: NotRequired[int]
    columns: NotRequired[list[DescribedColumn]]
    calibration: NotRequired[Calibration | None]
