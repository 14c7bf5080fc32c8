"""scored.json, as the mail about a file of rows that was answered reads it (docs/formats.md).

Any key may be missing: a person can change the file, and the mail must come all the same.

Without `from __future__ import annotations`, as `settings/stored.py`.
"""

from typing import TypedDict

from chalicelib.contract.evaluation import AtPromotion, Notice, Shown


class Rows(TypedDict, total=False):
    """Rows of the file, and what became of them."""

    read: int
    answered: int
    unlike: int
    unread: int


class ClassCount(TypedDict, total=False):
    """How often a class was answered, and shares to compare that with."""

    name: str
    rows: int
    share: float | None
    at_promotion: float | None
    in_training: float | None


class NumberRange(TypedDict, total=False):
    """Where the numbers lie that were answered."""

    mean: float
    low: float
    median: float
    high: float


class Flagged(TypedDict, total=False):
    """Why rows are flagged."""

    sentence: str
    rows: int
    first: int


class Evaluated(TypedDict, total=False):
    """How good the answers are, where the file has the target."""

    task: str
    catalogue: list[Shown]
    labelled: int
    rows: int
    at_promotion: AtPromotion | None


class Scored(TypedDict, total=False):
    """The keys that a mail reads."""

    run: str
    file: str
    result: str
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
    warnings: list[Notice]
