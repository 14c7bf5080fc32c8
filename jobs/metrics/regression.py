"""Metrics of a predicted number.

`RegressionScores` serves the exact value (all weights 1) and the bootstrap (any weights) with one definition.
Undefined: r2 and explained variance when all actual values are equal, MAPE when one of them is 0 (scikit-learn
divides by a tiny number there and reports something astronomical).
"""

import numpy as np

from jobs.metrics.confusion import FloatArray, ratio

NAMES = ("mae", "rmse", "r2", "median_absolute_error", "mape", "explained_variance", "mse")


class RegressionScores:
    """The metrics NAMES of `predicted` for `actual`, both (rows,), under many weightings of the rows."""

    def __init__(self, actual: FloatArray, predicted: FloatArray, *, has_zero: bool) -> None:
        """`has_zero`: whether the whole test set holds an actual 0, which undefines MAPE for every part of it."""
        self._error = actual - predicted
        self._size = np.abs(self._error)
        self._order = np.argsort(self._size)
        self._relative = None if has_zero else self._size / np.abs(actual)
        self._actual = actual - (actual.mean() if len(actual) else 0.0)
        self._constant = len(actual) == 0 or bool(np.all(actual == actual[0]))

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Values in the order of NAMES, NaN where undefined; `weights` (rows,), 1 each for the plain value."""
        total = weights.sum()
        mean_error, mean_actual = weights @ self._error / total, weights @ self._actual / total
        squares = weights @ np.square(self._error)
        spread = np.nan if self._constant else weights @ np.square(self._actual - mean_actual)
        mape = np.nan if self._relative is None else weights @ self._relative / total
        return np.array(
            [
                weights @ self._size / total,
                np.sqrt(squares / total),
                1 - ratio(squares, spread),
                self._median(weights[self._order]),
                mape,
                1 - ratio(weights @ np.square(self._error - mean_error), spread),
                squares / total,
            ]
        )

    def _median(self, weights: FloatArray) -> float:
        """Median of the sizes, each counted `weights` times; the mean of the middle two where they differ."""
        below = np.cumsum(weights)
        half = below[-1] / 2
        low = self._order[np.searchsorted(below, half * (1 - 1e-12))]
        high = self._order[min(int(np.searchsorted(below, half * (1 + 1e-12), side="right")), len(below) - 1)]
        return float(self._size[low] + self._size[high]) / 2
