"""What several documents say of a metric. None where a number is undefined; then `undefined` says why."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Shown(TypedDict):
    """How people read a metric: an entry of "catalogue". `headline`: its place among those that come first."""

    name: str
    title: str
    long: str | None
    direction: str
    format: str
    interval: bool
    headline: int | None


class Telling(TypedDict):
    """A document that tells how its metrics are read."""

    catalogue: NotRequired[list[Shown]]


class FewRows(TypedDict):
    """Why there is no interval: so few rows, of a class where that counts (`of`). `low` and `high` are what even these
    rule out, not to be printed: a gate must not take what was measured on less for surely better."""

    rows: int
    of: str | None
    low: float | None
    high: float | None


class Interval(TypedDict):
    """What can be drawn of an interval; `few` stands in its place."""

    low: float | None
    high: float | None
    few: NotRequired[FewRows]


class Lost(TypedDict):
    """What the deciding metric has lost, negative where it gained, and what `max_loss` allows; in its own unit."""

    amount: float
    allowed: float


class Confused(TypedDict):
    """Counts of rows, by actual class (outer) and predicted class, in the order of `classes`."""

    classes: list[str] | None
    confusion_matrix: list[list[int]] | None


class Score(TypedDict):
    """A measured metric with its 95 % interval."""

    value: float | None
    low: float | None
    high: float | None
    undefined: str | None
    few: NotRequired[FewRows]


class Difference(TypedDict):
    """A metric minus that of another model on the same rows, with its 95 % interval."""

    difference: float | None
    low: float | None
    high: float | None
    undefined: str | None
    few: NotRequired[FewRows]


class AgainstPromotion(TypedDict):
    """A metric on other rows than those of the promotion: its interval, its value there, and the difference from it."""

    at_promotion: float | None
    low: float | None
    high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    undefined: str | None


class Compared(AgainstPromotion):
    """One that was measured; `without`: the classes that are left out because they have rows on one side only;
    `few_at_promotion`: why the difference has no interval."""

    value: float | None
    without: NotRequired[list[str]]
    few: NotRequired[FewRows]
    few_at_promotion: NotRequired[FewRows]


class Estimated(AgainstPromotion):
    """One that is foretold without labels: from the model's confidence, or from the sizes of its errors. `few`: why
    there is no interval, of the held-out rows."""

    estimated: float | None
    few: NotRequired[FewRows]
