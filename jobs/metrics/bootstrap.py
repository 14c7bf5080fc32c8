"""Bootstrap: how far a metric could be off because the test rows happen to be these.

Up to EXACT_ROWS rows every resample draws the rows themselves, with replacement. Beyond that a resample draws as many
rows as there are, but from a stratified subset of about EXACT_ROWS of them (Kleiner et al., "A scalable bootstrap for
massive data", 2014): its cost does not grow with the test set. Five subsets share the resamples, only deviations from
each subset's own value are kept, and those are laid around the exact value. The error this makes is in the width of
the interval: it is that of estimating a spread from EXACT_ROWS rows instead of all (a few per cent), far below the
sampling error of the interval's ends themselves. Rare classes lose nothing: a
stratum of up to 1,000 rows is taken whole.

Two models on the same rows are compared within each resample (a paired bootstrap), which is much sharper than
comparing two intervals.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.metrics.confusion import FloatArray
from jobs.metrics.scores import Statistic

EXACT_ROWS = 20_000
SUBSETS = 5
_RARE = 1_000
_WORK = 100_000_000  # row visits in all: a few seconds
_FEWEST_DEFINED = 20

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Interval:
    """95 % of the resamples lie between `low` and `high`; NaN where too few of them were defined."""

    low: float
    high: float
    standard_deviation: float


def number_of_resamples(rows: int, columns: int) -> int:
    """100 … 1,000: as many as a few seconds allow for `columns` sorted score columns of `rows` rows."""
    return int(np.clip(_WORK // (min(rows, EXACT_ROWS) * max(columns, 1)), 100, 1000))


def deviations(
    build: Callable[[IntArray], Statistic],
    strata: IntArray,
    *,
    resamples: int,
    seed: int = 0,
    exact_rows: int = EXACT_ROWS,
) -> FloatArray:
    """(resamples, metrics): each resample's metrics less those of the rows it was drawn from.

    `build` makes the statistic of the rows it is given; `strata` (rows,) numbers each row's class (all 0 if none).
    """
    generator, rows = np.random.default_rng(seed), len(strata)
    if rows <= exact_rows:
        statistic = build(np.arange(rows))
        centre = statistic(np.ones(rows))
        draws = (np.bincount(generator.integers(0, rows, rows), minlength=rows) for _ in range(resamples))
        return np.array([statistic(weights.astype(float)) - centre for weights in draws])
    parts = []
    for _ in range(SUBSETS):
        chosen, share = _subset(strata, exact_rows, generator)
        statistic = build(chosen)
        centre = statistic(share * rows)
        for _ in range(-(-resamples // SUBSETS)):
            parts.append(statistic(generator.multinomial(rows, share).astype(float)) - centre)  # noqa: PERF401
    return np.array(parts)


def _subset(strata: IntArray, size: int, generator: np.random.Generator) -> tuple[IntArray, FloatArray]:
    """Rows of a stratified subset, and the share of all rows that each stands for."""
    order = np.argsort(strata, kind="stable")
    counts = np.bincount(strata)
    floor = min(_RARE, size // np.count_nonzero(counts))
    chosen, shares = [], []
    for stratum in np.split(order, np.cumsum(counts)[:-1]):
        if len(stratum):
            kept = min(len(stratum), max(floor, round(size * len(stratum) / len(strata))))
            chosen.append(generator.choice(stratum, kept, replace=False))
            shares.append(np.full(kept, len(stratum) / len(strata) / kept))
    share = np.concatenate(shares)
    return np.concatenate(chosen), share / share.sum()


def interval(value: float, spread: FloatArray, lowest: float = -np.inf, highest: float = np.inf) -> Interval:
    """95 % percentile interval around `value` from its deviations (resamples,), kept within what the metric can be."""
    defined = spread[~np.isnan(spread)]
    if np.isnan(value) or len(defined) < _FEWEST_DEFINED:
        return Interval(np.nan, np.nan, np.nan)
    low, high = np.clip(value + np.quantile(defined, (0.025, 0.975)), lowest, highest)
    return Interval(float(low), float(high), float(defined.std()))


def deviation(spread: FloatArray) -> float:
    """The standard deviation of those resamples that define a metric; NaN where these are too few."""
    defined = spread[~np.isnan(spread)]
    return float(defined.std()) if len(defined) >= _FEWEST_DEFINED else float("nan")
