"""What sizes of errors the traffic's rows are expected to have, as integers, and how far apart the answers lie.

Integers add up to the same in any order and partition of the capture files. Of an answer its distance from the middle
of the held-out ones is kept, and the square of that, in steps of 2**-8 of their spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jobs.documents.answers import Errors
from jobs.error_estimation.features import Floats
from jobs.error_estimation.grid import BINS, IntArray, bins
from jobs.error_estimation.model import FOLDS, Sizes

_STEPS, _FARTHEST = 256, 1 << 16
"""In steps; the square of what lies farther would not fit, ten million times over."""
_ROWS = 16_384
"""Rows whose trees are walked at a time."""


@dataclass
class ErrorCounts:
    """`levels` (FOLDS, BINS): rows by the size that each model expects. `first`, `second`: sums of the answers'
    distances and of their squares, in steps."""

    sizes: Sizes
    centre: float
    spread: float
    levels: IntArray
    first: int = 0
    second: int = 0

    @classmethod
    def empty(cls, errors: Errors) -> ErrorCounts:
        """Nothing counted yet, for the model that answers.json describes."""
        spread = errors["spread"]
        width = spread["predicted"] ** 0.5 or 1.0
        return cls(Sizes.read(errors["model"]), spread["centre"], width, np.zeros((FOLDS, BINS), np.int64))

    @property
    def rows(self) -> int:
        """Answers that were counted."""
        return int(self.levels[0].sum())

    @property
    def variance(self) -> float:
        """Of the answers."""
        rows = max(self.rows, 1)
        mean = self.first / rows
        return max(self.second / rows - mean * mean, 0.0) * (self.spread / _STEPS) ** 2

    def add(self, columns: Mapping[str, Any], predicted: Floats) -> None:
        """Count rows, in place: their columns, and what was answered (rows,)."""
        matrix = self.sizes.features.matrix(columns, predicted)
        for start in range(0, len(matrix), _ROWS):
            self.levels += counted(self.sizes.log_sizes(matrix[start : start + _ROWS]))
        away = np.rint((predicted - self.centre) / self.spread * _STEPS)
        steps = np.clip(np.nan_to_num(away), -_FARTHEST, _FARTHEST).astype(np.int64)
        self.first += int(steps.sum())
        self.second += int((steps * steps).sum())


def merged(one: ErrorCounts, other: ErrorCounts) -> ErrorCounts:
    """Both together; they must be of the same model."""
    return ErrorCounts(
        one.sizes,
        one.centre,
        one.spread,
        one.levels + other.levels,
        one.first + other.first,
        one.second + other.second,
    )


def counted(log_sizes: Floats) -> IntArray:
    """Sizes (rows, FOLDS) as counts (FOLDS, BINS)."""
    places = bins(log_sizes) + np.arange(FOLDS) * BINS
    return np.bincount(places.ravel(), minlength=FOLDS * BINS).reshape(FOLDS, BINS)
