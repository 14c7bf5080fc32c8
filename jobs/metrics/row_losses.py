"""The loss of each row, and of any weighting of the rows: what models are compared by when what counts is their answers
and not a threshold. Log loss of classes, root mean squared error of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from jobs.metrics.bootstrap import deviations
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.metrics.losses import log_losses
from jobs.metrics.scores import Statistic

RESAMPLES = 1_000
_NOTHING = 1e-12
"""Of the loss: what adding up leaves of no difference."""


@dataclass(frozen=True)
class Loss:
    """A loss by its name in the catalogue."""

    name: str

    @classmethod
    def of(cls, task: str) -> Loss:
        """
        >>> Loss.of("multiclass").name, Loss.of("regression").name
        ('log_loss', 'rmse')
        """
        return cls("rmse" if task == "regression" else "log_loss")

    @property
    def words(self) -> str:
        """As it stands within a sentence."""
        return "RMSE" if self.name == "rmse" else "log loss"

    def rows(self, actual: FloatArray | IntArray, scores: FloatArray) -> FloatArray:
        """Each row's part (rows,): log loss, or the squared error. `scores`: (rows, classes), or (rows, 1) numbers."""
        if self.name == "rmse":
            return np.asarray(np.square(actual - scores[:, 0]), np.float64)
        return log_losses(np.take_along_axis(scores, actual.astype(np.int64)[:, None], axis=1)[:, 0])

    def over(self, parts: FloatArray) -> float:
        """The loss of these rows' parts."""
        return float(self.of_mean(np.asarray(parts.mean())))

    def of_mean(self, mean: FloatArray) -> FloatArray:
        """The loss, of the mean of the rows' parts."""
        return np.sqrt(mean) if self.name == "rmse" else mean


@dataclass(frozen=True)
class Rise:
    """How much larger a loss is than another on the same rows, with its 95 % interval."""

    value: float
    low: float
    high: float


def rises(loss: Loss, base: FloatArray, others: FloatArray, *, seed: int = 0) -> list[Rise]:
    """How much larger each of `others` (models, rows) is than `base` (rows,), by a paired bootstrap over the rows.

    The intervals hold 95 % for all of them together (Bonferroni), so that of twenty that are no worse hardly one seems
    to be; the ends lie out where a thousand resamples are few, so they are the normal distribution's.
    """

    def build(rows: IntArray) -> Statistic:
        ours, theirs = base[rows], others[:, rows]

        def rise(weights: FloatArray) -> FloatArray:
            share = weights / weights.sum()
            return loss.of_mean(theirs @ share) - loss.of_mean(ours @ share)

        return rise

    rows = len(base)
    values = build(np.arange(rows))(np.ones(rows))
    values[np.abs(values) <= _NOTHING * loss.over(base)] = 0.0
    spread = deviations(build, np.zeros(rows, np.int64), resamples=RESAMPLES, seed=seed).std(axis=0)
    reach = NormalDist().inv_cdf(1 - 0.025 / max(len(others), 1)) * spread
    return [
        Rise(float(value), float(value - to_end), float(value + to_end))
        for value, to_end in zip(values, reach, strict=True)
    ]
