"""The linear member: logistic or ridge regression on columns made even, as one function of the whole matrix.

Each column is standardised and, where it is a number of many values, also spread to a normal distribution by its
quantiles, because a line through raw amounts bends nowhere. What is missing stands in the middle. Fitted on each fold,
the coefficients are averaged: a mean of linear functions is one.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from jobs.encoding.columns import Floats
from jobs.ensemble.losses import Labels, Margins, width

Numbers = npt.NDArray[np.float64]
_QUANTILES = 100
_MANY_VALUES = 10
_FURTHEST = 6.0
_FEW_ROWS = 8
"""Up to which a call a column takes longer than to compare with all quantiles."""
_STILL = 1e-12
"""The spread of a column that holds one value."""
STRENGTHS = (0.003, 0.03, 0.3, 3.0)
"""Of regularisation, as scikit-learn's C; for ridge, alpha is 1 / C times the rows' thousandth."""


@dataclass(frozen=True)
class Scaling:
    """Columns made even: what `fit` learned of each, as plain numbers."""

    middle: tuple[float, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    spread_out: tuple[int, ...]
    """Columns that are given as normal scores, too."""
    quantiles: tuple[tuple[float, ...], ...]
    """Of each of these, ascending."""

    @cached_property
    def _tables(self) -> tuple[Numbers, Numbers, Numbers, npt.NDArray[np.int64], Numbers]:
        quantiles = np.array(self.quantiles).reshape(len(self.spread_out), _QUANTILES + 1)
        spread_out = np.array(self.spread_out, dtype=np.int64)
        return np.array(self.middle), np.array(self.centre), np.array(self.spread), spread_out, quantiles

    @property
    def width(self) -> int:
        """Columns of what `apply` gives."""
        return len(self.middle) + len(self.spread_out)

    @cached_property
    def means(self) -> Numbers:
        """Of what `apply` gives, over the rows that were looked at; of normal scores by the quantiles."""
        quantiles = self._tables[-1]
        means = np.zeros(self.width)
        if self.spread_out:
            between = (quantiles[:, 1:] + quantiles[:, :-1]).T / 2
            normal = np.empty_like(between)
            _spread_out(between, quantiles, normal)
            means[len(self.middle) :] = normal.mean(axis=0)
        return means

    def to_document(self) -> list[Any]:
        """Plain lists, in the order of the fields."""
        return [
            list(self.middle),
            list(self.centre),
            list(self.spread),
            list(self.spread_out),
            [*map(list, self.quantiles)],
        ]

    def of(self, columns: npt.NDArray[np.int64]) -> Scaling:
        """The same for a matrix of these columns only."""
        table = dict(zip(self.spread_out, self.quantiles, strict=True))
        kept = [(place, table[at]) for place, at in enumerate(columns.tolist()) if at in table]
        middle, centre, spread = (_plain(np.array(part)[columns]) for part in (self.middle, self.centre, self.spread))
        places, quantiles = tuple(place for place, _ in kept), tuple(quantiles for _, quantiles in kept)
        return Scaling(middle, centre, spread, places, quantiles)

    def places_of(self, columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Where the scaled columns of `of(columns)` stand among all scaled columns."""
        at = {column: len(self.middle) + place for place, column in enumerate(self.spread_out)}
        return np.concatenate([columns, np.array([at[one] for one in columns.tolist() if one in at], dtype=np.int64)])

    def apply(self, matrix: Floats) -> Numbers:
        """(rows, features) to (rows, features + spread out ones), nothing missing."""
        middle, centre, spread, spread_out, quantiles = self._tables
        filled = np.where(np.isnan(matrix), middle, matrix)
        even = np.empty((len(matrix), self.width))
        plain, normal = even[:, : len(middle)], even[:, len(middle) :]
        np.subtract(filled, centre, out=plain)
        np.divide(plain, spread, out=plain)
        if self.spread_out:
            _spread_out(filled[:, spread_out], quantiles, normal)
        np.maximum(even, -_FURTHEST, out=even)
        return np.minimum(even, _FURTHEST, out=even)


@cache
def _normal_scores() -> Numbers:
    """Of the quantiles."""
    grid = np.linspace(0, 1, _QUANTILES + 1)
    found: Numbers = np.clip(ndtri(np.clip(grid, 1e-7, 1 - 1e-7)), -5, 5)
    return found


def _spread_out(values: Numbers, quantiles: Numbers, out: Numbers) -> None:
    """Normal scores of each column by its quantiles: of a few rows all columns at once, of many a column at a time."""
    scores = _normal_scores()
    if len(values) > _FEW_ROWS:
        for at in range(len(quantiles)):
            out[:, at] = np.interp(values[:, at], quantiles[at], scores)
        return
    below = (quantiles <= values[:, :, None]).sum(axis=2) - 1
    lower, columns = np.clip(below, 0, _QUANTILES - 1), np.arange(len(quantiles))
    start, end = quantiles[columns, lower], quantiles[columns, lower + 1]
    steep = (scores[lower + 1] - scores[lower]) / np.where(end > start, end - start, 1.0)
    found = steep * (values - start) + scores[lower]
    out[:] = np.where(below < 0, scores[0], np.where(below < _QUANTILES, found, scores[-1]))


def scaling(matrix: Floats) -> Scaling:
    """Of the columns as the rows have them; looks at no label."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)  # a column without a value
        middle = np.nan_to_num(np.nanmedian(matrix, axis=0)).astype(np.float64)
    filled = np.where(np.isnan(matrix), middle, matrix)
    centre, spread = filled.mean(axis=0), filled.std(axis=0)
    wide = [at for at in range(matrix.shape[1]) if _is_wide(filled[:, at])]
    grid = np.linspace(0, 1, _QUANTILES + 1)
    quantiles = tuple(_plain(np.quantile(filled[:, at], grid)) for at in wide)
    steady = np.where(spread > _STILL, spread, 1.0)
    return Scaling(_plain(middle), _plain(centre), _plain(steady), tuple(wide), quantiles)


def _plain(numbers: Any) -> tuple[float, ...]:
    return tuple(numbers.tolist())


def _is_wide(column: Numbers) -> bool:
    return len(np.unique(column[:1000])) > _MANY_VALUES


@dataclass(frozen=True)
class Line:
    """A linear function of scaled columns: `coefficients` (width, scaled columns), `intercept` (width,)."""

    coefficients: Numbers
    intercept: Numbers

    def margins(self, scaled: Numbers) -> Margins:
        """(rows, width)."""
        return np.asarray(scaled @ self.coefficients.T + self.intercept)

    def used(self, scaling: Scaling) -> npt.NDArray[np.int64]:
        """The columns, not yet scaled, that have a weight."""
        weighty = np.any(self.coefficients != 0, axis=0)
        plain, normal = weighty[: len(scaling.middle)], weighty[len(scaling.middle) :]
        return np.union1d(np.flatnonzero(plain), np.array(scaling.spread_out, dtype=np.int64)[normal])

    def of(self, scaling: Scaling, columns: npt.NDArray[np.int64]) -> Line:
        """The same function of `scaling.of(columns)`, where the other columns have no weight."""
        return Line(self.coefficients[:, scaling.places_of(columns)], self.intercept)


def fit(scaled: Numbers, labels: Labels, classes: int, strength: float) -> Line:
    """On the rows of a fold; `strength` is one of `STRENGTHS`.

    By one thread of the linear algebra: several wait for each other longer than such small sums take, fifty times as
    long beside another training, and add up in another order on another machine.
    """
    with _threads().limit(limits=1, user_api="blas"):
        return _fit(scaled, labels, classes, strength)


@cache
def _threads() -> Any:
    """Of the libraries that scikit-learn brings; it takes some milliseconds to find them."""
    import sklearn.linear_model  # noqa: F401 - a second of import that serving must not pay
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _fit(scaled: Numbers, labels: Labels, classes: int, strength: float) -> Line:
    from sklearn.linear_model import LogisticRegression, Ridge

    wide = width(classes)
    if not classes:
        ridge = Ridge(alpha=len(labels) / 1000 / strength).fit(scaled, labels)
        return Line(ridge.coef_.reshape(1, -1), np.array([float(ridge.intercept_)]))
    if len(np.unique(labels)) < 2:
        return Line(np.zeros((wide, scaled.shape[1])), np.zeros(wide))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="lbfgs failed to converge|Setting penalty")
        found: Any = LogisticRegression(C=strength, max_iter=300).fit(scaled, labels)
    if wide == 1:
        return Line(found.coef_, found.intercept_)
    return _of_all_classes(found.coef_, found.intercept_, found.classes_.astype(np.int64), wide)


def _of_all_classes(coefficients: Numbers, intercept: Numbers, known: npt.NDArray[np.int64], wide: int) -> Line:
    """A class that the fold does not hold is as unlikely as the rarest that it holds, and a bit more."""
    if len(known) == 2 and len(coefficients) == 1:
        coefficients, intercept = np.vstack([-coefficients, coefficients]) / 2, np.append(-intercept, intercept) / 2
    all_coefficients = np.zeros((wide, coefficients.shape[1]))
    all_intercepts = np.full(wide, intercept.min() - 3.0)
    all_coefficients[known], all_intercepts[known] = coefficients, intercept
    return Line(all_coefficients, all_intercepts)


def averaged(lines: Sequence[Line], columns: Sequence[npt.NDArray[np.int64]], scaled_width: int) -> Line:
    """The mean of the folds' lines over all columns; `columns`: where each line's columns stand among all scaled."""
    wide = len(lines[0].intercept)
    coefficients = np.zeros((wide, scaled_width))
    for line, places in zip(lines, columns, strict=True):
        coefficients[:, places] += line.coefficients / len(lines)
    return Line(coefficients, np.mean([line.intercept for line in lines], axis=0))
