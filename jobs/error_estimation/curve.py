"""What an expected size is worth: the mean error of rows of a size, as a power of it, and how errors lie around that.

A gamma regression of the errors on the logarithm of the expected size, with an exponent pulled towards 1 (the sizes are
what they say). Two parameters, because the traffic may leave the sizes that the held-out rows had. Pure arithmetic on
counts; many tables are fitted at once, which is what makes a bootstrap of fits cheap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.error_estimation.grid import BINS, MIDDLES, STEP, FloatArray

_PRIOR = 0.25
"""Standard deviation of the exponent around 1, before any row was seen."""
_TURNS, _FARTHEST = 15, 1.0
_ERRORS: FloatArray = np.exp(MIDDLES)


@dataclass(frozen=True)
class Curve:
    """`means` (draws, sizes): the logarithm of the mean error of each expected size. `around` (draws, logs): how real
    errors lie around it, 1 together, by the logarithm `logs` of the error over its mean."""

    means: FloatArray
    around: FloatArray
    logs: FloatArray

    @classmethod
    def of(cls, table: FloatArray, sizes: FloatArray, centre: FloatArray | float = 0.0) -> Curve:
        """Of weights (draws, sizes, BINS) of errors; `sizes` (sizes,): logarithms. `centre`: how many standard
        deviations from 1 the exponent is pulled towards (draws,)."""
        means = _fitted(table, sizes, 1.0 + _PRIOR * np.asarray(centre))
        used = table.any(axis=(0, 1))
        around = _dealt(table[:, :, used], MIDDLES[used] - means[..., None], BINS)
        there = around.any(axis=0)
        shares = around[:, there] / around.sum(axis=1, keepdims=True)
        return cls(means, shares, (np.flatnonzero(there) - BINS) * STEP)

    def repeated(self, times: int) -> Curve:
        """That many draws of a single one."""
        return Curve(np.repeat(self.means, times, axis=0), np.repeat(self.around, times, axis=0), self.logs)


def _fitted(table: FloatArray, sizes: FloatArray, centre: FloatArray) -> FloatArray:
    """`Curve.means` with the most probable parameters, by Newton's method."""
    rows, sums = table.sum(axis=2), table @ _ERRORS
    weight = _dispersion(table, rows, sums) / _PRIOR**2
    level, power = np.log(sums.sum(axis=1) / (rows @ np.exp(sizes))), np.ones(len(table))
    for _ in range(_TURNS):
        ratio = sums * np.exp(-(level[:, None] + power[:, None] * sizes))
        off = ratio - rows
        slope, tilt = off.sum(axis=1), off @ sizes - weight * (power - centre)
        one, two, three = ratio.sum(axis=1), ratio @ sizes, ratio @ sizes**2 + weight
        whole = one * three - two**2
        level = level + np.clip((three * slope - two * tilt) / whole, -_FARTHEST, _FARTHEST)
        power = power + np.clip((one * tilt - two * slope) / whole, -_FARTHEST, _FARTHEST)
    return np.asarray(level[:, None] + power[:, None] * sizes)


def _dispersion(table: FloatArray, rows: FloatArray, sums: FloatArray) -> FloatArray:
    """(draws,): variance of the errors over their squared mean, within a size."""
    mean = np.divide(sums, rows, out=np.zeros_like(sums), where=rows > 0)
    squares = table @ _ERRORS**2 - rows * mean**2
    within = np.divide(squares, mean**2, out=np.zeros_like(sums), where=mean > 0)
    return np.asarray(np.maximum(within.sum(axis=1) / rows.sum(axis=1), 1e-3))


def metrics(rows: FloatArray, means: FloatArray, logs: FloatArray) -> dict[str, FloatArray]:
    """By name (draws,), of rows (draws, sizes, logs) by the mean error and by the error over it; in units."""
    total, mean, errors = rows.sum(axis=(1, 2)), np.exp(means), np.exp(logs)
    return {
        "mae": ((rows @ errors) * mean).sum(axis=1) / total,
        "rmse": np.sqrt(((rows @ errors**2) * mean**2).sum(axis=1) / total),
        "median_absolute_error": np.exp(_median(rows, means[..., None] + logs)),
    }


def _dealt(rows: FloatArray, logarithms: FloatArray, reach: int) -> FloatArray:
    """Rows (draws, …) by their logarithms on a grid of steps from -`reach` to `reach` (draws, 2 * reach + 1); what
    lies between two steps is dealt to both, so that the mean stays what it is."""
    draws, wide = len(rows), 2 * reach + 1
    at = np.clip(logarithms / STEP + reach, 0.0, wide - 1.001)
    lower = at.astype(np.int64)
    upper = rows * (at - lower)
    places = (lower + (np.arange(draws) * wide)[:, None, None]).ravel()
    found = np.asarray(np.bincount(places, (rows - upper).ravel(), minlength=draws * wide), np.float64)
    found[1:] += np.bincount(places, upper.ravel(), minlength=draws * wide)[:-1]
    return found.reshape(draws, wide)


def _median(rows: FloatArray, logarithms: FloatArray) -> FloatArray:
    """The logarithm of the median error (draws,), the rows of a step lying evenly around it."""
    reach = 2 * BINS
    below = _dealt(rows, logarithms, reach).cumsum(axis=1)
    half, every = below[:, -1] / 2, np.arange(len(rows))
    place = (below < half[:, None]).sum(axis=1)
    before = np.where(place > 0, below[every, place - 1], 0.0)
    inside = (half - before) / np.maximum(below[every, place] - before, 1e-300)
    return np.asarray((place - reach + inside - 0.5) * STEP)
