"""What is learned from, fold by fold, whether the rows are held at once or read in pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from jobs.encoding.columns import Floats
from jobs.ensemble import boosting, linear
from jobs.ensemble.boosting import Batch
from jobs.ensemble.features import Features, Places
from jobs.ensemble.folds import Folds
from jobs.ensemble.forms import Family
from jobs.ensemble.losses import Labels
from jobs.ensemble.rows import Encoded, chosen, gathered, surveyed

_LINE_ROWS = 100_000


@dataclass(frozen=True)
class Problem:
    """All that is learned from. `labels` of a regression are centred and scaled."""

    features: Features
    rows: Encoded
    means: Sequence[npt.NDArray[np.float32]]
    """For each fold its target means for the rows it learns from, cross-fitted: (rows, features of a block)."""
    labels: Labels
    classes: int
    folds: Folds
    seed: int
    threads: int
    share: float | None = None
    """Of numbers that are never negative: the labels' unit as a share of their mean. So `1 + label * share` is the
    number itself, in means. None for others."""
    _judged: dict[int, Floats] = field(default_factory=dict, init=False, repr=False)

    def without(self, kinds: Collection[str]) -> Problem:
        """The same but for these kinds of features. Nothing is fitted anew, and what is held is not encoded anew."""
        features = self.features.without(kinds)
        kept = [one.kind not in kinds for one in self.features.encoder.encodings for _ in one.features]
        return replace(self, features=features, rows=self.rows.narrowed(features.encoder, np.array(kept)))

    @property
    def side_by_side(self) -> int:
        """Folds that are fitted at a time."""
        return max(1, min(self.threads, len(self.folds.parts)))

    @property
    def threads_each(self) -> int:
        """Threads of each of these."""
        return max(1, self.threads // self.side_by_side)

    def learned(self, fold: int) -> xgb.QuantileDMatrix:
        """The rows that a fold's models learn from."""
        rows = self.folds.parts[fold].learned
        return boosting.data_of(lambda: self._taught(fold, rows, slice(None)))

    def judging(self, fold: int) -> xgb.DMatrix:
        """The rows that judge them, beside those that are learned from."""
        return xgb.DMatrix(self.judged(fold), self.labels[self.folds.parts[fold].judged])

    def judged(self, fold: int) -> Floats:
        """The rows that judge them, (rows, features of a block)."""
        if fold not in self._judged:
            columns = self.features.layout.of_block(fold)
            self._judged[fold] = gathered(self.rows, self.folds.parts[fold].judged, columns)
        return self._judged[fold]

    @property
    def families(self) -> frozenset[Family]:
        """Of members that the target allows."""
        if self.classes:
            return frozenset({Family.BOOSTED})
        return frozenset(Family) - (frozenset() if self.share else {Family.EXPONENTIAL})

    def sample(self, fold: int) -> Batch:
        """As many of the rows that are learned from as a linear model has use for, and their labels."""
        rows = self.folds.parts[fold].learned
        places = sampled(len(rows), self.seed)
        batches = list(self._taught(fold, rows[places], places))
        if len(batches) == 1:
            return batches[0]
        return np.concatenate([matrix for matrix, _ in batches]), np.concatenate([labels for _, labels in batches])

    @property
    def scaling(self) -> linear.Scaling:
        """Of all features, by as many rows as a linear model learns from."""
        return self._described[0]

    @property
    def lacking(self) -> npt.NDArray[np.bool_]:
        """(features,): whether any row lacks it."""
        return self._described[1]

    @cached_property
    def _described(self) -> tuple[linear.Scaling, npt.NDArray[np.bool_]]:
        rows = np.arange(len(self.labels))[sampled(len(self.labels), self.seed)]
        matrix, lacking = surveyed(self.rows, rows, self.features.layout.width)
        return linear.scaling(matrix), lacking

    def _taught(self, fold: int, rows: Places, places: slice | Places) -> Iterator[Batch]:
        """Rows with the means that they are taught; `places`: where they stand among the fold's."""
        layout, means = self.features.layout, self.means[fold][places]
        for block, matrix in chosen(self.rows, rows, layout.of_block(fold)):
            if means.shape[1]:
                matrix[:, layout.shared :] = means[block]
            yield matrix, self.labels[rows[block]]


def sampled(rows: int, seed: int) -> slice | Places:
    """As many rows as a linear model has use for."""
    if rows <= _LINE_ROWS:
        return slice(None)
    return np.sort(np.random.default_rng(seed).choice(rows, _LINE_ROWS, replace=False))
