"""Where rows are too few to tell: fewer than ten of the class that a metric is about, or fewer than ten at all.

An interval of four rows of a class would be of no use, and methods that hold with more rows do not hold there. So the
count is told in its place. What even so few rows rule out is kept beside it, unprinted: the gate must not take a model
for surely better than a guess because it was measured on less.

Where a metric varies with how many positives there happen to be, a bound on that count lets through the samples that
have too many. So precision goes by the rows that are called positive alone, means over all rows (log loss, Brier score)
ask for no more than three of a class, and an average precision for fifteen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.documents.metrics import FewRows
from jobs.metrics.confusion import IntArray
from jobs.metrics.shares import Ends
from jobs.refusals import shown

FEWEST, _OF_A_MEAN, _OF_AN_AVERAGE_PRECISION = 10, 3, 15
_OF_THE_POSITIVE = frozenset({"recall", "f1", "f0_5", "f2"})
_OF_ALL_ROWS = frozenset({"accuracy", "recall_weighted", "precision_weighted", "f1_weighted", "auc_weighted"})


@dataclass(frozen=True)
class Few:
    """So few rows, of the class at this place or, None, at all; `called`: said to be of it, whatever they are."""

    rows: int
    place: int | None = None
    called: bool = False

    def sentence(self, classes: list[str] | None) -> str:
        """
        >>> Few(4, 1).sentence(["no", "yes"]), Few(1, 0, called=True).sentence(["no", "yes"])
        ('Too few to tell: 4 rows are of the class "yes".', 'Too few to tell: 1 row is said to be "no".')
        """
        count = f"{self.rows:,} row{'s' if self.rows != 1 else ''}"
        if self.place is None or classes is None:
            return f"Too few to tell: {count}."
        verb = "are" if self.rows != 1 else "is"
        name = shown(classes[self.place])
        return f"Too few to tell: {count} {verb} {'said to be' if self.called else 'of the class'} {name}."

    def to_json(self, ends: Ends | None, classes: list[str] | None) -> FewRows:
        """`ends`: what even these rows rule out, where that is known."""
        low, high = ends or (None, None)
        name = None if self.place is None or classes is None else classes[self.place]
        return {"rows": self.rows, "of": name, "low": low, "high": high}


@dataclass(frozen=True)
class Rows:
    """How many rows there are: at all, and where there are classes by class, as they are (`actual`) and as they are
    `called`. `positive`: its place in a binary task."""

    count: int
    actual: IntArray | None = None
    called: IntArray | None = None
    positive: int | None = None

    @classmethod
    def of(cls, matrix: IntArray, positive: int | None) -> Rows:
        """Of a confusion matrix, rows actual."""
        return cls(int(matrix.sum()), matrix.sum(axis=1), matrix.sum(axis=0), positive)

    def too_few(self, name: str) -> Few | None:
        """Whether there are too few rows for an interval of this metric, and of what."""
        if self.count < FEWEST:
            return Few(self.count)
        if self.actual is None or self.called is None or name in _OF_ALL_ROWS:
            return None
        if name == "precision_macro":
            return self._few(self.called, self._rarest(self.called), called=True)
        if self.positive is None:  # a rare one of many classes has no more than its rows' part of the log loss
            return None if name == "log_loss" else self._few(self.actual, self._rarest(self.actual))
        if name == "precision":
            return self._few(self.called, self.positive, called=True)
        if name == "specificity":
            return self._few(self.actual, 1 - self.positive)
        if name in _OF_THE_POSITIVE:
            return self._few(self.actual, self.positive)
        return self._few(self.actual, self._rarest(self.actual), _FEWEST_OF.get(name, FEWEST))

    def _rarest(self, counts: IntArray) -> int:
        """The class of the fewest rows. Of many classes averages leave those out that have none; of two, none does."""
        return int(np.argmin(counts if self.positive is not None else np.where(counts > 0, counts, counts.max() + 1)))

    @staticmethod
    def _few(counts: IntArray, place: int, fewest: int = FEWEST, *, called: bool = False) -> Few | None:
        rows = int(counts[place])
        return Few(rows, place, called) if rows < fewest else None


_FEWEST_OF = {"log_loss": _OF_A_MEAN, "brier": _OF_A_MEAN, "average_precision": _OF_AN_AVERAGE_PRECISION}
