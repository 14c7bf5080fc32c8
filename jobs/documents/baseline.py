"""baseline.json: what later traffic is compared with, a column at a time; answers.json has its columns, too."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class OfNumbers(TypedDict, total=False):
    """What a column of numbers is besides its counts; None where it has no value."""

    low: float | None
    high: float | None
    mean: float | None
    std_dev: float | None
    integer: bool


class Others(TypedDict):
    """Words that are not named, and the rows of them; None: too many for their hashes."""

    hashes: list[str] | None
    count: int


class DescribedColumn(OfNumbers):
    """One column (`jobs.profiles.profile`). Which of the others are there depends on its kind."""

    name: str
    kind: str
    missing: int
    counts: NotRequired[list[int]]
    centre: NotRequired[float]
    edges: NotRequired[list[float]]
    values: NotRequired[list[str]]
    others: NotRequired[Others]
    seen_once: NotRequired[int]
    seen_twice: NotRequired[int]
    present: NotRequired[int]


class Baseline(TypedDict):
    """The whole document. `of`: the "training" part, or the "traffic" in it."""

    version: int
    run: str
    of: str
    rows: int
    columns: list[DescribedColumn]
