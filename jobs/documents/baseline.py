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


class Reach(TypedDict):
    """What `blocks` blocks of `rows` consecutive training rows reach (`jobs.profiles.reach`): by column and aspect the
    sum of their squared scores against all other rows, the sum of the squares of these, and the largest. `moves`: of
    columns of numbers the sum of the blocks' moves (`jobs.profiles.moves`), of their squares, the lowest and the
    highest; absent in a baseline of an earlier version."""

    rows: int
    blocks: int
    columns: dict[str, dict[str, list[float]]]
    moves: NotRequired[dict[str, list[float]]]


class Clock(TypedDict):
    """The training rows by hour of the day and by weekday (Monday first), of the time in `column`: all of them, and by
    column those of each group (`jobs.profiles.grouping`), the missing ones last."""

    column: str
    hours: list[int]
    weekdays: list[int]
    columns: dict[str, dict[str, list[list[int]]]]


class Dependence(TypedDict):
    """What the training rows have to do with each other.

    `many_valued`: columns of numbers in which rows that came again are recognised. `repeats`: by column, where above 1,
    the design effects of the values and of what is missing. `order`: the columns of the rows' time, None where it is
    not known. `reach`: by block size, none without an order. `clock`: None where no time of day or week is known.
    """

    version: int
    many_valued: list[str]
    repeats: dict[str, list[float]]
    order: list[str] | None
    reach: list[Reach]
    clock: NotRequired[Clock | None]


class Baseline(TypedDict):
    """The whole document. `of`: the "training" part, or the "traffic" in it. Models of before have no `dependence`."""

    version: int
    run: str
    of: str
    rows: int
    columns: list[DescribedColumn]
    dependence: NotRequired[Dependence]
