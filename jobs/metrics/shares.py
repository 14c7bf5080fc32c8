"""Intervals of shares of rows, which hold for every number of rows and at 0 and 1.

A share of independent rows has the interval of Clopper and Pearson, which never holds the truth less often than it
says. F1 is such a share in other clothes: with J, the part that is right of all rows that are of the class or called
so, F1 is 2 J / (1 + J), and J's interval is F1's. An average of shares of different rows is as sure as Zou and Donner
make it of their intervals ("Construction of confidence limits about effect measures", 2008).

Areas under curves are no shares, but nearly: the variance of a ROC AUC is Hanley and McNeil's and its interval that of
Newcombe ("Confidence intervals for an effect size measure based on the Mann-Whitney statistic, part 2", 2006, its
method 5), that of an average precision Wilson's. Where there are rows enough to know the variance better than such a
formula, the variance is scaled to what was seen: see `scaled`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from jobs.metrics.confusion import FloatArray, IntArray

Ends = tuple[float, float]
Z = 1.959964
_TAIL = 0.025
_TRUST = 25
"""Rows of the rarest class at which a variance that was seen counts as much as the formula's."""
_GRID: npt.NDArray[np.float64] = np.linspace(0.0, 1.0, 4_001)


def exact(right: IntArray | int, rows: IntArray | int) -> tuple[FloatArray, FloatArray]:
    """Lower and upper ends of the shares `right` of `rows`, at least 95 %; 0 and 1 where there is no row.

    >>> [[round(float(end), 3) for end in exact(*of)] for of in ((40, 40), (85, 100), (0, 0))]
    [[0.912, 1.0], [0.765, 0.914], [0.0, 1.0]]
    """
    hits, total = np.broadcast_arrays(np.asarray(right, float), np.asarray(rows, float))
    some, all_ = hits > 0, hits >= total
    low = np.where(some, betaincinv(np.where(some, hits, 1.0), total - hits + 1, _TAIL), 0.0)
    high = np.where(all_, 1.0, betaincinv(hits + 1, np.where(all_, 1.0, total - hits), 1 - _TAIL))
    return low, high


def share(right: int, rows: int) -> Ends:
    """The same of one share."""
    low, high = exact(right, rows)
    return float(low), float(high)


def f1(right: int, either: int) -> Ends:
    """Of an F1 with `right` hits among the rows that are of the class or called so.

    >>> [round(end, 3) for end in f1(0, 12)], [round(end, 3) for end in f1(12, 12)]
    ([0.0, 0.419], [0.847, 1.0])
    """
    low, high = share(right, either)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def average(values: FloatArray, low: FloatArray, high: FloatArray, weights: FloatArray | None = None) -> Ends:
    """Of the (weighted) mean of values that are independent of each other, each with its ends."""
    part = np.full(len(values), 1 / len(values)) if weights is None else weights / weights.sum()
    middle = float(part @ values)
    down, up = np.linalg.norm(part * (values - low)), np.linalg.norm(part * (high - values))
    return middle - float(down), middle + float(up)


def wilson(value: float, rows: float) -> Ends:
    """The score interval of a share of so many rows.

    >>> [round(end, 3) for end in wilson(1.0, 2)], [round(end, 3) for end in wilson(0.5, 100)]
    ([0.342, 1.0], [0.404, 0.596])
    """
    weight = Z**2 / rows
    centre = (value + weight / 2) / (1 + weight)
    reach = np.sqrt(value * (1 - value) * weight + weight**2 / 4) / (1 + weight)
    return float(max(0.0, centre - reach)), float(min(1.0, centre + reach))


def newcombe(area: float, positives: float, negatives: float, scale: float = 1.0) -> Ends:
    """The score interval of a ROC AUC, its variance taken `scale` times.

    >>> [round(end, 2) for end in newcombe(0.5, 2, 298)], [round(end, 2) for end in newcombe(1.0, 2, 298)]
    ([0.2, 0.8], [0.61, 1.0])
    """
    variance = scale * area_variance(_GRID, positives, negatives)
    inside = _GRID[np.abs(_GRID - area) <= Z * np.sqrt(variance) + 1e-12]
    return float(min(area, inside.min(initial=area))), float(max(area, inside.max(initial=area)))


def area_variance(area: FloatArray, positives: float | FloatArray, negatives: float | FloatArray) -> FloatArray:
    """Hanley and McNeil's variance of a ROC AUC."""
    others = (positives + negatives) / 2 - 1
    spread = 1 + others * (1 - area) / (2 - area) + others * area / (1 + area)
    return np.asarray(area * (1 - area) * spread / (positives * negatives))


def scaled(seen: float, formula: float, rows: float) -> float:
    """How many times its formula a variance is: what was `seen`, and the formula as so many rows more.

    >>> scaled(2.0, 1.0, 25), scaled(0.0, 0.0, 100), round(scaled(0.5, 1.0, 100_000), 3)
    (1.5, 1.0, 0.5)
    """
    if not formula > 0 or not np.isfinite(seen):
        return 1.0
    return (rows * seen / formula + _TRUST) / (rows + _TRUST)
