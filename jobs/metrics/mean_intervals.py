"""Intervals of means of rows' losses, and of what is made of them: log loss, Brier score, MAE, MAPE, RMSE, R2.

Losses are skewed: few rows have the large ones, and in most samples too few of these. So the interval is that of
Student's t with the skewness taken out by Hall's transformation ("On the removal of skewness by transformation", 1992):
longer on the side of the rows that were not drawn. It needs three moments of all rows and no resampling. RMSE is the
root of a mean, R2 and the explained variance follow from the ratio of two means, taken on the scale of its logarithm.
The median is between two of the rows, whatever their distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from jobs.metrics.confusion import FloatArray, blocks
from jobs.metrics.losses import brier_losses, log_losses
from jobs.metrics.predictions import Predictions
from jobs.metrics.shares import Ends, Z
from jobs.refusals import Warned

FEWEST = 3
HEAVY_PART, HEAVY_SHARE, _HEAVY_ROWS = 0.05, 0.45, 40
"""Of normal errors the largest 5 % make 28 % of the squares, hardly ever 40 % in a hundred; of Student's t with three
degrees of freedom, whose squares have no variance, half."""
NEAR, _OFF_BY, _NEAR_SHARE = 0.5, 3.0, 0.05
"""Of the median of the values, of that of the relative errors, and of their sum. Where errors grow with the values, the
small ones are off by as large a share as the others."""

_NOTHING = 1e-9
"""Of a value: what adding up leaves where all rows are alike."""

RowLosses = Callable[[slice], FloatArray]


@dataclass(frozen=True)
class Moments:
    """Of rows: how many, their mean, the standard error of that, their skewness and their kurtosis (3: normal)."""

    rows: int
    mean: float
    error: float
    skewness: float
    kurtosis: float

    @classmethod
    def of(cls, losses: RowLosses, rows: int) -> Moments:
        """Of the losses of so many rows, block by block."""
        mean = sum(float(losses(part).sum()) for part in blocks(rows)) / rows
        squares = cubes = fourths = 0.0
        for part in blocks(rows):
            gap = losses(part) - mean
            square = gap * gap
            squares, cubes, fourths = (
                squares + float(square.sum()),
                cubes + float(square @ gap),
                fourths + float(square @ square),
            )
        variance = squares / rows
        skewness = cubes / rows / variance**1.5 if variance > 0 else 0.0
        kurtosis = fourths / rows / variance**2 if variance > 0 else 3.0
        return cls(rows, mean, float(np.sqrt(variance / max(rows - 1, 1))), skewness, kurtosis)

    def quantile(self, *, few_decide: bool = False) -> float:
        """Of so many standard errors.

        `few_decide`: most rows say next to nothing, as where two models are compared, or two means; so the variance is
        not known as well as so many rows would have it, but as their kurtosis does.
        """
        freedom = min(self.rows - 1, 2 * self.rows / max(self.kurtosis - 1, 1e-9)) if few_decide else self.rows - 1
        return float(stdtrit(freedom, 0.975))

    def reach(self, *, few_decide: bool = False) -> Ends:
        """What the mean may be off by: downwards (negative) and upwards. Both are 0 where all rows are alike."""
        quantile = self.quantile(few_decide=few_decide)
        skew = self.skewness / np.sqrt(self.rows)
        if abs(skew) < 1e-6:
            return -quantile * self.error, quantile * self.error
        ends = [3 / skew * (float(np.cbrt(1 + skew * (z - skew / 6))) - 1) for z in (quantile, -quantile)]
        return -ends[0] * self.error, -ends[1] * self.error


def mean_intervals(model: Predictions, names: Collection[str]) -> dict[str, Ends]:
    """95 % ends of those of `names` that are made of means, or are the median, of the rows' losses."""
    if model.rows < FEWEST:
        return {}
    found = _of_numbers(model, names) if model.task == "regression" else _of_classes(model, names)
    return {name: (float(low), float(high)) for name, (low, high) in found.items() if high - low > _NOTHING * abs(high)}


def _of_classes(model: Predictions, names: Collection[str]) -> dict[str, Ends]:
    losses = ("log_loss", "brier") if model.task == "binary" else ("log_loss",)
    return {name: _mean(Moments.of(class_losses(model, name), model.rows)) for name in losses if name in names}


def class_losses(model: Predictions, name: str) -> RowLosses:
    """The rows' log losses or Brier scores, by part of the rows."""
    if model.probability is None:
        raise ValueError("a classification needs probabilities")
    actual, probability = model.actual.astype(np.int64, copy=False), model.probability
    positive = 1 if model.positive is None else model.positive
    if name == "brier":
        return lambda part: brier_losses(actual[part] == positive, probability[part, positive])
    return lambda part: log_losses(np.take_along_axis(probability[part], actual[part, None], axis=1)[:, 0])


def _of_numbers(model: Predictions, names: Collection[str]) -> dict[str, Ends]:
    actual = np.asarray(model.actual, np.float64)
    error = actual - model.predicted
    size, square = np.abs(error), np.square(error)
    spread = np.square(actual - actual.mean())
    found: dict[str, Ends] = {}
    if "mae" in names:
        found["mae"] = _mean(_moments(size))
    if "mape" in names and not np.any(actual == 0):
        found["mape"] = _mean(_moments(size / np.abs(actual)))
    if "mse" in names or "rmse" in names:
        low, high = _mean(_moments(square))
        found |= {"mse": (low, high), "rmse": (float(np.sqrt(low)), float(np.sqrt(high)))}
    if "median_absolute_error" in names:
        found["median_absolute_error"] = _median(size)
    if "r2" in names:
        found["r2"] = _explained(square, spread)
    if "explained_variance" in names:
        found["explained_variance"] = _explained(np.square(error - error.mean()), spread)
    return {name: ends for name, ends in found.items() if name in names}


def _moments(values: FloatArray) -> Moments:
    return Moments.of(lambda part: values[part], len(values))


def _mean(found: Moments) -> Ends:
    down, up = found.reach()
    return max(0.0, found.mean + down), found.mean + up


def _explained(unexplained: FloatArray, spread: FloatArray) -> Ends:
    """Of 1 less the ratio of two means, as far as it varies with the rows; (0, 0) where there is nothing to vary."""
    left, whole = float(unexplained.mean()), float(spread.mean())
    if left <= 0 or whole <= 0:
        return 0.0, 0.0
    found = _moments(unexplained / left - spread / whole)
    down, up = found.reach(few_decide=True)
    plain = found.quantile(few_decide=True) * found.error
    return 1 - left / whole * float(np.exp(max(up, plain))), 1 - left / whole * float(np.exp(min(down, -plain)))


def _median(size: FloatArray) -> Ends:
    """From one row to another: so many of all are below the median as heads of so many coins."""
    rows = len(size)
    reach = Z * np.sqrt(rows) / 2
    first, last = max(0, int(np.floor(rows / 2 - reach)) - 1), min(rows - 1, int(np.ceil(rows / 2 + reach)))
    ordered = np.partition(size, (first, last))
    return float(ordered[first]), float(ordered[last])


def uncertain(model: Predictions) -> list[Warned]:
    """Why intervals of these answers may be too narrow, where they may: what makes the figure was hardly drawn."""
    return [told for told in (few_decide(model), near_zero(model)) if told is not None]


def near_zero(model: Predictions) -> Warned | None:
    """That a MAPE hangs on the few values that come near 0, where errors do not shrink with the values: of additive
    errors it has no mean that rows could tell. Prices that are off by a share are no such case."""
    if model.task != "regression" or model.rows < _HEAVY_ROWS:
        return None
    size = np.abs(np.asarray(model.actual, np.float64))
    near = size < NEAR * np.median(size)
    if not near.any() or not size.all():
        return None
    relative = np.abs(model.actual - model.predicted) / size
    share, few = float(relative[near].sum() / relative.sum()) if relative.any() else 0.0, int(near.sum())
    if share < _NEAR_SHARE or np.median(relative[near]) <= _OFF_BY * np.median(relative):
        return None
    return Warned(
        "values-near-zero",
        f"A few values decide the MAPE: {few:,} of {model.rows:,} are less than half as large as most, and make "
        f"{share:.0%} of it. Its interval is too narrow more often than others; MAE does not hang on them.",
    )


def few_decide(model: Predictions) -> Warned | None:
    """That few rows make most of a regression's squared error, where they do: it varies more than rows can tell."""
    found = heavy_rows(np.asarray(model.actual, np.float64) - model.predicted) if model.task == "regression" else None
    if found is None:
        return None
    few, part = found
    return Warned(
        "few-rows-decide",
        f"A few rows make much of this model's error: {few:,} of {model.rows:,} rows make {part:.0%} of its squares. "
        "RMSE, R2 and MAPE hang on such rows, and their intervals are too narrow more often than others; MAE does not.",
    )


def heavy_rows(error: npt.NDArray[np.floating[Any]]) -> tuple[int, float] | None:
    """How few rows make what part of the squared error, where that is far more than normal errors would.

    >>> heavy_rows(np.append(np.ones(95), np.full(5, 10.0)))
    (5, 0.8403361344537815)
    """
    rows = len(error)
    few = int(np.ceil(HEAVY_PART * rows))
    if rows < _HEAVY_ROWS:
        return None
    square = np.square(error)
    total = float(square.sum())
    part = float(np.partition(square, rows - few)[rows - few :].sum()) / total if total > 0 else 0.0
    return (few, part) if part > HEAVY_SHARE else None
