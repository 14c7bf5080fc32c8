"""Which rows judge which: folds where rows are few, one held-out part where they are many or kept apart on purpose.

What a split by time or by group keeps apart, folds at random would mix again, and every figure would flatter. There the
validation part that prepare made is what is held out.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import KFold, StratifiedKFold

Rows = npt.NDArray[np.int64]

FEW_ROWS = 2_000
"""Below, a fold more is worth its time: each model learns from 7/8 of the rows instead of 4/5."""
FOLDED_AT_MOST = 100_000
"""Rows; above, one held-out part says as much as five, at a fifth of the time."""
HELD_OUT_AT_MOST = 50_000
_TRIED_ON_ALL_FOLDS = 5_000


@dataclass(frozen=True)
class Fold:
    """Rows to learn from, and the rows that judge it."""

    learned: Rows
    judged: Rows


@dataclass(frozen=True)
class Folds:
    """How a data set is judged."""

    parts: tuple[Fold, ...]
    refitted: bool
    """Whether there is one part only: what it chose is then fitted again on all rows."""

    @property
    def judged(self) -> Rows:
        """Every row with a prediction of a model that has not seen it."""
        return np.concatenate([part.judged for part in self.parts])


def folds(labels: npt.NDArray[np.float64], train_rows: int, *, classes: int, how: str, seed: int) -> Folds:
    """The folds of a run.

    `labels` (rows,): those of the training part, `train_rows` of them, then those of the validation part; `classes`:
    0 for numbers; `how`: the split of schema.json.
    """
    rows = len(labels)
    if how in {"time", "group"}:
        return Folds((Fold(np.arange(train_rows), np.arange(train_rows, rows)),), refitted=True)
    count = 8 if rows < FEW_ROWS else 5
    if rows > FOLDED_AT_MOST:
        count = max(5, -(-rows // HELD_OUT_AT_MOST))
    count = max(2, min(count, rows))
    parts = [Fold(np.sort(a), np.sort(b)) for a, b in _split(labels, count, classes, seed)]
    return Folds(tuple(parts[:1]), refitted=True) if rows > FOLDED_AT_MOST else Folds(tuple(parts), refitted=False)


def of_a_trial(all_folds: Folds) -> Folds:
    """What judges one trial of a tuning: every fold where rows are few, the first where they are many."""
    rows = sum(len(part.judged) for part in all_folds.parts)
    return all_folds if rows <= _TRIED_ON_ALL_FOLDS else Folds(all_folds.parts[:1], refitted=all_folds.refitted)


def _split(labels: npt.NDArray[np.float64], count: int, classes: int, seed: int) -> list[tuple[Rows, Rows]]:
    most = int(np.bincount(labels.astype(np.int64)).max()) if classes else 0
    if most < 2:  # numbers, or never two rows of a class
        return list(KFold(count, shuffle=True, random_state=seed).split(labels))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")  # its rows go where they can
        return list(StratifiedKFold(min(count, most), shuffle=True, random_state=seed).split(labels, labels))
