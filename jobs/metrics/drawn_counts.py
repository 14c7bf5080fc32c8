"""Counts of rows as they could have been, and the metrics that follow from them.

A draw gives each cell of the counted ones the noise of Dirichlet's distribution. `Draws.more` is what is added besides:
half a row of each class for what is about classes, a row in all for what is about all rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from jobs.metrics.confusion import FloatArray, IntArray, ratio

_MOST, _FEWEST, _NUMBERS = 2_000, 400, 4_000_000
_ABOUT_ALL_ROWS = frozenset({"accuracy", "recall_weighted", "precision_weighted", "f1_weighted", "mcc"})
_BETA = {"f1": 1.0, "f0_5": 0.5, "f2": 2.0}


@dataclass(frozen=True)
class Counts:
    """Of a model, (draws, classes): rows that are right, of the class, and called so."""

    hits: FloatArray
    actual: FloatArray
    called: FloatArray

    def wrong(self, rows: FloatArray) -> Counts:
        """So many rows more of each class, called as the next one that has rows."""
        there, called = np.flatnonzero(rows.any(axis=0)), self.called.copy()
        called[:, np.roll(there, -1)] += rows[:, there]
        return Counts(self.hits, self.actual + rows, called)

    def right(self, rows: FloatArray) -> Counts:
        """So many rows more of each class, called so."""
        return Counts(self.hits + rows, self.actual + rows, self.called + rows)

    def metric(self, name: str, positive: int = 0) -> FloatArray:
        """(draws,) of a metric that a confusion matrix decides, NaN where it is undefined. `positive`: the class that
        those of one class are about."""
        if name == "mcc":
            return self._matthews()
        if name in {"accuracy", "recall_weighted"}:
            return ratio(self.hits.sum(axis=1), self.actual.sum(axis=1))
        what, _, kind = name.rpartition("_") if name.endswith(("_macro", "_weighted")) else (name, "", "")
        if what == "balanced_accuracy":
            what, kind = "recall", "macro"
        rates = self._rates("recall" if what == "specificity" else what)
        if not kind:
            return rates[:, 1 - positive if what == "specificity" else positive]
        weights = np.where(np.isnan(rates), 0.0, 1.0 if kind == "macro" else self.actual)
        return ratio((np.nan_to_num(rates) * weights).sum(axis=1), weights.sum(axis=1))

    def _rates(self, what: str) -> FloatArray:
        if what in {"precision", "recall"}:
            return ratio(self.hits, self.called if what == "precision" else self.actual)
        square = _BETA[what] ** 2
        return ratio((1 + square) * self.hits, square * self.actual + self.called)

    def _matthews(self) -> FloatArray:
        total = self.actual.sum(axis=1)
        covariance = self.hits.sum(axis=1) * total - (self.actual * self.called).sum(axis=1)
        spread = (total**2 - np.square(self.called).sum(axis=1)) * (total**2 - np.square(self.actual).sum(axis=1))
        return ratio(covariance, np.sqrt(np.maximum(spread, 0.0)))


@dataclass(frozen=True)
class Draws:
    """Cells (draws, cells) of rows that have something in common, each of one of so many classes."""

    cells: FloatArray
    there: FloatArray
    """Per class 1 where there are rows of it."""

    @classmethod
    def of(cls, classes: int, actual: IntArray, rows: IntArray) -> Draws:
        """Of cells of so many `rows` (cells,) of the `actual` class (cells,). Seeded."""
        generator = np.random.default_rng(0)
        draws = int(np.clip(_NUMBERS // max(len(rows), 1), _FEWEST, _MOST))
        there = np.bincount(actual, rows, minlength=classes) > 0
        return cls(generator.standard_gamma(rows, (draws, len(rows))), there.astype(float))

    def counts(self, actual: IntArray, called: IntArray) -> Counts:
        """The counts of a model that calls the cells so."""
        return Counts(
            self._by_class(actual, (actual == called).astype(float)),
            self._by_class(actual, np.ones(len(actual))),
            self._by_class(called, np.ones(len(actual))),
        )

    def more(self, name: str) -> FloatArray:
        """(draws, classes): what is added of each class for the ends of a metric; the same for two that are alike."""
        generator = np.random.default_rng(1)
        rows = 1 / self.there.sum() if name in _ABOUT_ALL_ROWS else 0.5
        return self.there * generator.standard_gamma(rows, (len(self.cells), len(self.there)))

    def _by_class(self, place: IntArray, weight: FloatArray) -> FloatArray:
        sums = sparse.csr_matrix((weight, (place, np.arange(len(place)))), shape=(len(self.there), len(place)))
        return np.asarray((sums @ self.cells.T).T)
