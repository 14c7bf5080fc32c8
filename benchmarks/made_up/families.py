"""Families of distributions, wider than those the thresholds of a check were chosen on, and the changes of a feature.

Every draw takes its random numbers from the generator handed in, so that a seed names a table. A change is drawn and
not put on top where adding would give values no such feature has: a count that moved is still a count. Amounts mean the
same in every family: `shift` is in standard deviations of the unchanged feature, `scale` multiplies its spread.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# 20,000 values of an open-ended identifier-like category are enough: the next one is drawn once in millions of rows.
_MOST_WORDS = 20_000
_COUNT_RATE, _COUNT_SHARE = 4.0, 0.4


@dataclass(frozen=True)
class Change:
    """What happens to a feature. `shift` and `scale` are for numbers, `times` for log-normal ones, `share` (the first
    category's, in points / 100) and `new` (a category never seen) for categories, `missing` for both."""

    shift: float = 0.0
    scale: float = 1.0
    times: float = 1.0
    share: float = 0.0
    new: float = 0.0
    missing: float = 0.0


NOTHING = Change()


@dataclass(frozen=True)
class Words:
    """A column of categories: a code a row, -1 where the value is missing, and the word of each code."""

    codes: NDArray[np.int32]
    words: tuple[str, ...]

    def objects(self) -> NDArray[np.object_]:
        """As pandas holds them: one Python string a word, None where missing."""
        return np.array([*self.words, None], dtype=object)[self.codes]


@dataclass(frozen=True)
class Feature:
    """One column: `draw(generator, rows, change, common)`; `common` is the table's shared part, standard normal."""

    name: str
    draw: Callable[[Generator, int, Change, Numbers], Numbers | Words]
    categorical: bool = False
    missing: float = 0.0

    def values(self, generator: Generator, rows: int, change: Change, common: Numbers) -> Numbers | Words:
        """`rows` values, NaN or code -1 where missing."""
        drawn = self.draw(generator, rows, change, common)
        share = self.missing + change.missing
        if share == 0.0:
            return drawn
        gone = generator.random(rows) < share
        if isinstance(drawn, Words):
            return Words(np.where(gone, np.int32(-1), drawn.codes), drawn.words)
        return np.where(gone, np.nan, drawn)


def _moved(values: Numbers, mean: float, deviation: float, change: Change) -> Numbers:
    if change == NOTHING:
        return values
    return (values - mean) * change.scale + mean + change.shift * deviation


def normal(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """An ordinary measurement."""
    return _moved(generator.standard_normal(rows), 0.0, 1.0, change)


def correlated(generator: Generator, rows: int, change: Change, common: Numbers) -> Numbers:
    """Correlated by 0.8 with every other such column of the table."""
    own = generator.standard_normal(rows)
    return _moved(np.sqrt(0.8) * common + np.sqrt(0.2) * own, 0.0, 1.0, change)


def log_normal(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """Incomes and durations: most small, few very large."""
    drawn: Numbers = np.exp(generator.normal(3.0, 0.8, rows)) * change.times * change.scale
    return drawn + change.shift * math.exp(3.0 + 0.32) * math.sqrt(math.expm1(0.64))


def t3(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """Heavy tails: Student's t with three degrees of freedom."""
    return _moved(generator.standard_t(3, rows), 0.0, np.sqrt(3.0), change)


def gamma(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """Waiting times, shape 2."""
    return generator.standard_gamma(2.0, rows) * change.scale + change.shift * math.sqrt(2.0)


def uniform(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """Sharp edges at both sides."""
    return _moved(generator.random(rows), 0.5, np.sqrt(1 / 12), change)


def beta(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """A share between 0 and 1, Beta(2, 5)."""
    return _moved(generator.beta(2.0, 5.0, rows), 2 / 7, np.sqrt(10 / (49 * 8)), change)


def bimodal(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """Two groups of people in one column."""
    second = generator.random(rows) < 0.4
    values = generator.standard_normal(rows) + np.where(second, 6.0, 0.0)
    return _moved(values, 2.4, np.sqrt(1 + 36 * 0.24), change)


def zero_inflated(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """Counts that are mostly 0: a shift makes more rows count, a scale makes the counts larger."""
    mean = _COUNT_SHARE * _COUNT_RATE
    deviation = np.sqrt(_COUNT_SHARE * (_COUNT_RATE + _COUNT_RATE**2) - mean**2)
    share = _COUNT_SHARE + change.shift * deviation / _COUNT_RATE
    counts = generator.poisson(_COUNT_RATE * change.scale, rows)
    return np.where(generator.random(rows) < share, counts, 0).astype(np.float64)


def whole_numbers(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """Ages: whole numbers with many ties."""
    return (40 + 12 * _moved(generator.standard_normal(rows), 0.0, 1.0, change)).round()


def few_numbers(generator: Generator, rows: int, change: Change, _: Numbers) -> Numbers:
    """A grade from 1 to 5."""
    return (3 + _moved(generator.standard_normal(rows), 0.0, 1.0, change)).round().clip(1, 5)


def categories(shares: NDArray[np.float64]) -> Callable[[Generator, int, Change, Numbers], Words]:
    """Categories of the given shares, which sum to 1."""
    words = (*(f"category {number}" for number in range(len(shares))), "never seen before")

    def draw(generator: Generator, rows: int, change: Change, _: Numbers) -> Words:
        kept = shares.copy()
        if change.share:
            kept[1:] *= (1 - kept[0] - change.share) / (1 - kept[0])
            kept[0] += change.share
        kept = np.append(kept * (1 - change.new), change.new)
        ends = np.cumsum(kept)
        codes = np.searchsorted(ends / ends[-1], generator.random(rows), side="right")
        return Words(codes.astype(np.int32), words)

    return draw


def zipf_shares(number: int, exponent: float) -> NDArray[np.float64]:
    """Zipf's law for `number` categories.

    >>> zipf_shares(2, 1.0).round(3).tolist()
    [0.667, 0.333]
    """
    shares = np.arange(1, number + 1, dtype=np.float64) ** -exponent
    return np.asarray(shares / shares.sum())


def rare_shares(common: int, rare: int, share: float) -> NDArray[np.float64]:
    """`common` categories of equal size, and `rare` ones that have `share` of the rows between them."""
    return np.concatenate([np.full(common, (1 - share) / common), np.full(rare, share / rare)])


NUMERIC = (normal, log_normal, t3, gamma, uniform, beta, bimodal, zero_inflated, whole_numbers, few_numbers, correlated)
CATEGORICAL = {
    "yes_or_no": categories(np.array([0.7, 0.3])),
    "seldom": categories(np.array([0.02, 0.98])),
    "four": categories(np.array([0.4, 0.3, 0.2, 0.1])),
    "seven_equal": categories(np.full(7, 1 / 7)),
    "zipf_30": categories(zipf_shares(30, 1.1)),
    "zipf_200": categories(zipf_shares(200, 1.2)),
    "zipf_open": categories(zipf_shares(_MOST_WORDS, 1.5)),
    "rare": categories(rare_shares(3, 300, 0.05)),
}
_MISSING = {"log_normal": 0.05, "beta": 0.3, "four": 0.02}

# 12 numeric and 8 categorical features: the table of every mixed check, and of the speed benchmark.
MIXED: tuple[Feature, ...] = (
    *(Feature(draw.__name__, draw, missing=_MISSING.get(draw.__name__, 0.0)) for draw in NUMERIC),
    Feature("correlated_too", correlated),
    *(Feature(name, draw, categorical=True, missing=_MISSING.get(name, 0.0)) for name, draw in CATEGORICAL.items()),
)

# 20 features nobody would call difficult, for the tables that show the known tools: a tool that stumbles over one
# open-ended category has not shown what it makes of a window's size.
EVERYDAY: tuple[Feature, ...] = (
    *(
        Feature(f"{draw.__name__}_{number}", draw)
        for draw in (normal, correlated, log_normal, gamma, whole_numbers, uniform)
        for number in range(2)
    ),
    *(
        Feature(f"{name}_{number}", CATEGORICAL[name], categorical=True)
        for name in ("yes_or_no", "four", "seven_equal", "zipf_30")
        for number in range(2)
    ),
)

# 20 features of one family: a promise kept on the average of a mixed table could still break for one of its families.
FAMILIES: dict[str, tuple[Feature, ...]] = {
    "mixed": MIXED,
    "everyday": EVERYDAY,
    **{draw.__name__: tuple(Feature(f"{draw.__name__}_{number}", draw) for number in range(20)) for draw in NUMERIC},
    **{
        name: tuple(Feature(f"{name}_{number}", draw, categorical=True) for number in range(20))
        for name, draw in CATEGORICAL.items()
    },
}


def table(
    features: tuple[Feature, ...], generator: Generator, rows: int, changes: dict[str, Change] | None = None
) -> dict[str, Numbers | Words]:
    """The values of every feature by name; those named in `changes` changed."""
    common = generator.standard_normal(rows)
    return {
        feature.name: feature.values(generator, rows, (changes or {}).get(feature.name, NOTHING), common)
        for feature in features
    }
