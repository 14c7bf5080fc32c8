"""Intervals of areas under curves, of one class or averaged over several.

How much the area of these rows would vary is known from resamples, which need rows: ten positives, resampled, are
hardly other rows, and ranked without a mistake they never vary. It is also known by a formula, which needs none but is
too wide for some models. The one gives way to the other with the rows of the rarest class (`shares.scaled`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from jobs.metrics import shares
from jobs.metrics.confusion import FloatArray
from jobs.metrics.ranking import Ranking
from jobs.metrics.shares import Ends

_OPTIMISM = 1.15
"""Of the variance of an average precision: it is too large more often than too small, the more so the rarer the
positives, and its interval has to reach further down."""
_NAMES = {
    "auc": "area", "auc_macro": "area", "auc_weighted": "area",
    "average_precision": "precision", "average_precision_macro": "precision",
}  # fmt: skip


def ranking_intervals(
    rankings: tuple[Ranking, ...], seen: Mapping[str, float], names: Collection[str]
) -> dict[str, Ends]:
    """95 % ends of those of `names` that are areas.

    Args:
        rankings: of the positive class, or of every class.
        seen: by metric its variance over resamples; NaN where too few of these defined it.
    """
    there = [one for one in rankings if 0 < one.positives < one.rows]
    if not there:
        return {}
    rows = min(min(one.positives, one.rows - one.positives) for one in there)
    positives = np.array([one.positives for one in there], float)
    found = {}
    for name in names:
        if name in _NAMES:
            weights = positives / positives.sum() if name.endswith("_weighted") else np.full(len(there), 1 / len(there))
            ends = _area if _NAMES[name] == "area" else _precision
            found[name] = ends(there, weights, seen[name], rows)
    return found


def _area(rankings: list[Ranking], weights: FloatArray, seen: float, rows: int) -> Ends:
    area = np.array([one.auc for one in rankings])
    positives = np.array([one.positives for one in rankings], float)
    negatives = np.array([one.rows for one in rankings], float) - positives
    formula = float(np.square(weights) @ shares.area_variance(area, positives, negatives))
    scale = shares.scaled(seen, formula, rows)
    ends = [shares.newcombe(*of, scale) for of in zip(area, positives, negatives, strict=True)]
    low, high = np.array(ends).T
    return shares.average(area, low, high, weights)


def _precision(rankings: list[Ranking], weights: FloatArray, seen: float, rows: int) -> Ends:
    value = np.array([one.average_precision for one in rankings])
    positives = np.array([one.positives for one in rankings], float)
    formula = float(np.square(weights) @ (value * (1 - value) / positives))
    scale = max(shares.scaled(seen, formula, rows), seen / formula if formula > 0 and np.isfinite(seen) else 0.0)
    scale *= _OPTIMISM
    ends = [shares.wilson(*of) for of in zip(value, positives / scale, strict=True)]
    low, high = np.array(ends).T
    return shares.average(value, low, high, weights)
