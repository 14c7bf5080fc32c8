"""What a model said of rows whose truth is known: the input of every metric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.metrics.confusion import FloatArray


@dataclass(frozen=True)
class Predictions:
    """What one endpoint said about the test rows.

    Classification: `actual` and `predicted` (rows,) hold positions in the classes, `probability` is (rows, classes),
    `positive` the position of the positive class of a binary task. Regression: numbers, no probability.
    """

    task: str
    actual: NDArray[np.int64] | FloatArray
    predicted: NDArray[np.int64] | FloatArray
    probability: FloatArray | None = None
    positive: int | None = None

    def take(self, rows: NDArray[np.int64]) -> Predictions:
        """The same, for some of the rows."""
        probability = None if self.probability is None else self.probability[rows]
        return Predictions(self.task, self.actual[rows], self.predicted[rows], probability, self.positive)

    @property
    def rows(self) -> int:
        return len(self.actual)
