"""The shape of an effect in a word, and in a sentence: pure, from the values of a curve.

A small way back is no turn: models of trees go up and down by a little wherever few rows lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jobs.metrics.confusion import FloatArray
from jobs.report import words

Direction = Literal["rises", "falls", "valley", "peak", "flat", "varies"]
BACK = 0.15
"""Of the whole range: up to so much of a way back a curve still rises, or falls."""
MOST = 0.7
"""Of the whole range: what is "most of it"."""
NARROW = 0.6
"""Of the places: within less than so much of them, where most of it happens is worth a word."""


@dataclass(frozen=True)
class Shape:
    """`range`: from the lowest to the highest value. `start` and `end`: places between which most of a rise or a fall
    happens, where that is not nearly everywhere; `turn`: the place of a valley's or a peak's extreme."""

    direction: Direction
    range: float
    start: int | None = None
    end: int | None = None
    turn: int | None = None


def shape(at: Sequence[float], values: Sequence[float], flat: float) -> Shape:
    """Of a curve over ascending places. `flat`: a range below which nothing is said of it.

    >>> shape([0, 1, 2, 3], [0.0, 0.0, 9.0, 9.5], 0.1)
    Shape(direction='rises', range=9.5, start=1, end=2, turn=None)
    >>> shape([0, 1, 2], [4.0, 0.0, 3.0], 0.1).direction
    'valley'
    """
    found, places = np.asarray(values, np.float64), np.asarray(at, np.float64)
    whole = float(found.max() - found.min())
    if whole <= flat or len(found) < 2:
        return Shape("flat", whole)
    slack = BACK * whole
    if _back(found) <= slack:
        return Shape("rises", whole, *_most(places, found, whole))
    if _back(-found) <= slack:
        return Shape("falls", whole, *_most(places, -found, whole))
    low, high = int(found.argmin()), int(found.argmax())
    if _back(-found[: low + 1]) <= slack and _back(found[low:]) <= slack:
        return Shape("valley", whole, turn=low)
    if _back(found[: high + 1]) <= slack and _back(-found[high:]) <= slack:
        return Shape("peak", whole, turn=high)
    return Shape("varies", whole)


def _back(values: FloatArray) -> float:
    """How far a curve falls back at most below what it has reached.

    >>> _back(np.array([0.0, 3.0, 1.0, 4.0]))
    2.0
    """
    return float((np.maximum.accumulate(values) - values).max())


def _most(at: FloatArray, rising: FloatArray, whole: float) -> tuple[int | None, int | None]:
    """The nearest two places between which most of a rise happens; None twice where that is most of the way."""
    pairs = [
        (at[end] - at[start], start, end)
        for start in range(len(at))
        for end in range(start + 1, len(at))
        if rising[end] - rising[start] >= MOST * whole
    ]
    width, start, end = min(pairs, default=(np.inf, 0, 0))
    return (start, end) if width <= NARROW * (at[-1] - at[0]) else (None, None)


@dataclass(frozen=True)
class Telling:
    """How a sentence names things: the column, and what is answered. `outcome`: a class; None of numbers."""

    column: str
    outcome: str | None
    target: str

    def by(self, amount: float) -> str:
        """A difference of answers.

        >>> Telling("age", "yes", "y").by(0.124), Telling("age", None, "pay").by(1234.5)
        ('12.4 points', '1,234')
        """
        if self.outcome is None:
            return words.amount(amount)
        digits = 1 if amount < 0.2 else 0
        return f"{100 * amount:.{digits}f}".removesuffix(".0") + " points"

    @property
    def name(self) -> str:
        return words.cut(self.column, 40)

    @property
    def subject(self) -> str:
        return words.cut(self.target, 40) if self.outcome is None else f'"{words.cut(self.outcome, 40)}"'

    @property
    def grades(self) -> tuple[str, str, str, str]:
        """More, less, most and least of it."""
        if self.outcome is None:
            return "higher", "lower", "highest", "lowest"
        return "likelier", "less likely", "likeliest", "least likely"


def of_numbers(found: Shape, at: Sequence[float], values: Sequence[float], telling: Telling) -> str:
    """A sentence on the effect of a column of numbers.

    >>> at, values = [20.0, 30.0, 50.0, 90.0], [0.0, 0.01, 0.12, 0.12]
    >>> of_numbers(shape(at, values, 0.01), at, values, Telling("hours", ">50K", "income"))
    'As hours rises, ">50K" becomes likelier: by up to 12 points, most of that between 30 and 50.'
    """
    more, less, most, least = telling.grades
    name, by, ends = telling.name, telling.by(found.range), (place(at[0]), place(at[-1]))
    if found.direction == "flat":
        return f"Nearly flat: with {name} between {ends[0]} and {ends[1]}, the answer moves by {by}."
    if found.direction in ("rises", "falls"):
        where = ""
        if found.start is not None and found.end is not None:
            where = f", most of that between {place(at[found.start])} and {place(at[found.end])}"
        grade = more if found.direction == "rises" else less
        return f"As {name} rises, {telling.subject} becomes {grade}: by up to {by}{where}."
    if found.turn is None:
        return f"With {name} the answer goes up and down, by up to {by}."
    grade, than = (most, "more") if found.direction == "peak" else (least, "less")
    sides = [telling.by(abs(values[found.turn] - values[end])) for end in (0, -1)]
    return (
        f"Where {name} is about {place(at[found.turn])}, {telling.subject} is {grade}: {sides[0]} {than} than at "
        f"{ends[0]}, {sides[1]} {than} than at {ends[1]}."
    )


def of_words(
    at: Sequence[str | None], values: Sequence[float], flat: float, telling: Telling, *, all_words: bool = True
) -> str:
    """A sentence on the effect of a column of words; None is an empty cell. `all_words`: whether there are no others.

    >>> of_words(["farm", None, "office"], [-0.2, 0.1, 0.05], 0.01, Telling("job", "yes", "y"))
    'Of job, an empty cell makes "yes" likeliest and "farm" least likely, 30 points apart.'
    """
    best, worst = int(np.argmax(values)), int(np.argmin(values))
    by = telling.by(values[best] - values[worst])
    if values[best] - values[worst] <= flat:
        return f"Nearly flat: whatever {telling.name} is, the answer moves by {by}."
    _, _, most, least = telling.grades
    words_said = f"{_word(at[best])} makes {telling.subject} {most} and {_word(at[worst])} {least}"
    among = telling.name if all_words else f"the {len(at)} most frequent words of {telling.name}"
    return f"Of {among}, {words_said}, {by} apart."


def place(value: float) -> str:
    """A value of a column, in four digits.

    >>> place(30.0), place(-0.12345), place(2014.0), place(1234567.0)
    ('30', '−0.1235', '2014', '1,235,000')
    """
    rounded = float(f"{value:.4g}")
    text = f"{rounded:,.0f}" if abs(rounded) >= 10_000 else f"{rounded:.4g}"
    return words.typeset(text)


def _word(word: str | None) -> str:
    return "an empty cell" if not word else f'"{words.cut(word, 40)}"'
