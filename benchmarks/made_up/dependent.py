"""Families of rows that hang together: repeats, customers, slow waves, hours of the day. 12 features each.

A family draws a normal score a cell, dependent from row to row as its name says, and every feature makes its values of
the score's rank: so the distribution of a feature is the same in all families, and only what rows have to do with each
other differs. Repeats give rows that are equal to the last bit, as a caller does who sends a row again.
"""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import signal, special

Scores = NDArray[np.float64]
Column = NDArray[np.float64] | NDArray[np.int32]
DAY = 1_000
"""Rows of a day, in the family of hours."""
Table = list[Column]
_WORDS = ((0.7, 0.3), (0.4, 0.3, 0.2, 0.1), (1 / 7,) * 7, tuple(1 / rank**1.1 for rank in range(1, 31)))
FEATURES = 12
NUMBERS = FEATURES - len(_WORDS)


@dataclass(frozen=True)
class Family:
    """`draw(generator, rows)` gives the scores, a column a feature; a row tells as much as 1 / `effect` independent.

    `in_order`: whether prepare would know the training rows' order of time.
    """

    name: str
    draw: Callable[[Generator, int], Scores]
    effect: float
    in_order: bool = False


def _independent(generator: Generator, rows: int) -> Scores:
    return generator.standard_normal((rows, FEATURES))


def _repeated(times: int, *, shuffled: bool) -> Callable[[Generator, int], Scores]:
    def draw(generator: Generator, rows: int) -> Scores:
        found = np.repeat(_independent(generator, -(-rows // times)), times, axis=0)[:rows]
        return generator.permutation(found) if shuffled else found

    return draw


def _customers(*, shuffled: bool) -> Callable[[Generator, int], Scores]:
    """Customers of 3 requests on average, some of many: every other feature is the customer's."""

    def draw(generator: Generator, rows: int) -> Scores:
        customer = np.repeat(np.arange(rows), generator.geometric(1 / 3, rows))[:rows]
        found = _independent(generator, rows)
        found[:, ::2] = found[customer, ::2]
        return generator.permutation(found) if shuffled else found

    return draw


def _wave(keeps: float) -> Callable[[Generator, int], Scores]:
    """Each row keeps a share of the one before: AR(1)."""

    def draw(generator: Generator, rows: int) -> Scores:
        settled = 200
        fresh = generator.standard_normal((rows + settled, FEATURES))
        found: Scores = signal.lfilter([math.sqrt(1 - keeps**2)], [1, -keeps], fresh, axis=0)[settled:]
        return found

    return draw


def _hours(generator: Generator, rows: int, start: float = 0.0) -> Scores:
    """Every other feature follows the hour; the first row is of the share `start` of a day."""
    hour = (start + np.arange(rows) / DAY) * 2 * np.pi
    found = _independent(generator, rows)
    found[:, ::2] = 0.8 * found[:, ::2] + math.sqrt(2) * 0.6 * np.sin(hour)[:, None]
    return found


_OF_CUSTOMERS = 5.0  # the mean square of a geometric number of mean 3, over its mean
FAMILIES = (
    Family("independent rows", _independent, 1),
    Family("each row twice, in order", _repeated(2, shuffled=False), 2),
    Family("each row twice, shuffled", _repeated(2, shuffled=True), 2),
    Family("each row five times, in order", _repeated(5, shuffled=False), 5),
    Family("each row five times, shuffled", _repeated(5, shuffled=True), 5),
    Family("customers, in order", _customers(shuffled=False), _OF_CUSTOMERS),
    Family("customers, shuffled", _customers(shuffled=True), _OF_CUSTOMERS),
    Family("AR(1), .5", _wave(0.5), 3),
    Family("AR(1), .9", _wave(0.9), 19),
    Family("hours of the day", _hours, 1, in_order=True),
)


def values(scores: Scores) -> Table:
    """The features' values: eight of numbers, four of words as codes."""
    share = special.ndtr(scores)
    numbers: Table = [
        scores[:, 0],
        scores[:, 1],
        np.exp(3 + 0.8 * scores[:, 2]),
        np.exp(3 + 0.8 * scores[:, 3]),
        special.gammaincinv(2.0, share[:, 4]),
        (40 + 12 * scores[:, 5]).round(),
        share[:, 6],
        special.stdtrit(3.0, share[:, 7]),
    ]
    for place, weights in enumerate(_WORDS):
        upto = np.cumsum(np.array(weights) / sum(weights))
        numbers.append(np.searchsorted(upto[:-1], share[:, NUMBERS + place]).astype(np.int32))
    return numbers


BASELINE = 10_000
CHANGES = ("+1 sd", "category +15 points", "missing +10 points")


def changed(table: Table, change: str, place: int, baseline: Column, generator: Generator) -> Table:
    """The table with one feature changed; rows that are equal stay equal where the change is one of values."""
    column = table[place]
    if change == "+1 sd":
        now: Column = column + np.std(baseline)
    elif change == "missing +10 points":
        now = np.where(generator.random(len(column)) < 0.1, np.nan, column)
    else:
        into = 0.15 / (1 - np.mean(baseline == 0))
        now = np.where(generator.random(len(column)) < into, 0, column).astype(np.int32)
    return [now if at == place else other for at, other in enumerate(table)]


def tables(family: Family, rows: int, check: int) -> tuple[Table, Table, Generator]:
    """The baseline and the window of a check, drawn from its number, and what changes are drawn from."""
    generator = np.random.default_rng([check, rows, zlib.crc32(family.name.encode())])
    baseline = family.draw(generator, BASELINE)
    scores = _hours(generator, rows, start_of(check)) if family.in_order else family.draw(generator, rows)
    return values(baseline), values(scores), generator


def start_of(check: int) -> float:
    """At what share of a day the window of a check begins."""
    return check * 0.37 % 1


def of_name(name: str) -> Family:
    return next(family for family in FAMILIES if family.name == name)
