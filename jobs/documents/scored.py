"""scored.json: what became of a file of a user's rows that the live model answered."""

from __future__ import annotations

from typing import TypedDict

from jobs.documents.evaluation import AtPromotion
from jobs.documents.metrics import Shown
from jobs.refusals import Notice


class ClassCount(TypedDict):
    """How often a class was answered; the shares beside it are of the answers to the test rows at promotion, and of
    the true answers in training. None where it is not known, or nothing was answered."""

    name: str
    rows: int
    share: float | None
    at_promotion: float | None
    in_training: float | None


class NumberRange(TypedDict):
    """Where numbers lie: nine of ten between `low` and `high`."""

    mean: float
    low: float
    median: float
    high: float


class Flagged(TypedDict):
    """A reason why rows are flagged; `first` is the first of them, as a person counts in the file."""

    column: str | None
    sentence: str
    rows: int
    first: int


class Evaluated(TypedDict):
    """How good the answers are where the file has the target: in so many rows, of which `rows` were measured."""

    task: str
    catalogue: list[Shown]
    labelled: int
    rows: int
    at_promotion: AtPromotion | None


class Rows(TypedDict):
    """Rows of the file: in all, answered, answered and unlike those of training, not read."""

    read: int
    answered: int
    unlike: int
    unread: int


class Scored(TypedDict):
    """The whole document. `classes` for classes, `range` and `range_at_promotion` for numbers; None for the other.
    `earlier`: whether the file is older than the model that answered it. `captured`: rows kept for the watch."""

    version: int
    check: str
    dataset: str
    run: str
    file: str
    result: str
    asked: str
    task: str
    target: str
    columns: list[str]
    rows: Rows
    classes: list[ClassCount] | None
    range: NumberRange | None
    range_at_promotion: NumberRange | None
    unlike: list[Flagged]
    unread: list[Flagged]
    evaluation: Evaluated | None
    earlier: bool
    captured: int
    warnings: list[Notice]
