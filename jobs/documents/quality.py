"""quality.json: how good the model is on real traffic whose labels came late."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from jobs.documents.metrics import Compared, Difference, Lost, Telling
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


class Shift(TypedDict):
    """What a changed relation amounts to: the mean of what was promised and of what was seen since then, from 0 to 1; a
    95 % confidence sequence of the difference. `amount`: of numbers the mean difference, in the target's unit."""

    what: str
    which: str
    sign: int
    rows: int
    promised: float
    seen: float
    difference: float
    low: float
    high: float
    amount: float | None


class Relation(TypedDict):
    """Whether the same inputs still have the same outcomes, judged over the model's whole life. `state`: "changed",
    "unchanged", None with `undefined`; `evidence`: an e-value, and `needed` calls it changed."""

    state: str | None
    undefined: str | None
    sentence: str
    evidence: float | None
    needed: float
    tolerated: float
    dependence: float
    rows: int
    new_rows: int
    found: str | None
    since: str | None
    worse: bool | None
    shift: Shift | None


class Before(TypedDict):
    """The model before the live one on so many of the same labelled rows, by the metric that decides: its `value`, the
    `live` one's, and the difference, live minus before. `better`: whether it certainly is; None where that cannot be
    told, and `unavailable` says why it was not asked."""

    run: str
    rows: int
    value: float | None
    live: float | None
    difference: Difference | None
    better: bool | None
    unavailable: str | None
    sentence: str


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
    max_loss_meant: NotRequired[str]
    """"share" or "amount"; documents of earlier releases have none and mean an amount."""
    metrics: dict[str, Compared]
    lost: NotRequired[Lost]
    """Of `metric`, where it is defined; documents of earlier releases have none."""
    sentence: str
    confusion_matrix: list[list[int]] | None
    labelled: Labelled
    before: NotRequired[Before]
    """Where enough labels came and there is a model that one could go back to."""
    relation: NotRequired[Relation]
    """Documents of earlier releases have none."""
    history: list[Check]
