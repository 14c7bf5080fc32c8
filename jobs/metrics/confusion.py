"""Metrics that follow from a confusion matrix alone.

One definition serves the exact value and every bootstrap resample: the matrix may hold counts or weights. A ratio whose
denominator is zero is NaN here (never 0, never a warning); `intervals.py` turns it into null and a sentence.
Averages over classes leave undefined classes out, as scikit-learn does with `zero_division=np.nan`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BLOCK = 1 << 17


@dataclass(frozen=True)
class ClassRates:
    """One value per class, in the order of the matrix; NaN where undefined."""

    precision: FloatArray
    recall: FloatArray
    f1: FloatArray
    support: FloatArray


def blocks(rows: int, *, start: int = 0) -> Iterator[slice]:
    """Slices that cover start … rows in order, each at most BLOCK long: pieces that fit the processor's cache.

    Temporaries of one block instead of one whole column keep the memory of ten million rows flat, and are faster too.
    """
    for begin in range(start, rows, BLOCK):
        yield slice(begin, min(begin + BLOCK, rows))


def confusion_matrix(
    actual: IntArray, predicted: IntArray, classes: int, weights: FloatArray | None = None
) -> FloatArray:
    """(classes, classes) counts or weights, rows actual, columns predicted; both inputs hold 0 … classes - 1."""
    totals = np.zeros(classes * classes)
    for part in blocks(len(actual)):
        cell = actual[part].astype(np.intp) * classes + predicted[part]
        totals += np.bincount(cell, None if weights is None else weights[part], minlength=len(totals))
    return totals.reshape(classes, classes)


def ratio(numerator: FloatArray | float, denominator: FloatArray | float) -> FloatArray:
    """Element-wise quotient, NaN where the denominator is zero."""
    bottom = np.asarray(denominator, float)
    # Without `where`, whose masks cost more than the quotients of a matrix of two classes, and resamples are thousands.
    quotient: FloatArray = np.asarray(numerator, float) / np.where(bottom == 0, np.nan, bottom)
    return quotient


def mean_of_defined(values: FloatArray, weights: FloatArray | None = None) -> float:
    """(Weighted) mean of what is not NaN; NaN when nothing is. Where only weightless values are defined, their mean."""
    defined = ~np.isnan(values)
    kept = values[defined]
    share = np.ones(len(kept)) if weights is None else weights[defined]
    total = float(share.sum())
    if total == 0 and weights is not None:
        share, total = np.ones(len(kept)), float(len(kept))
    return float(kept @ share) / total if total else math.nan


def f_beta(matrix: FloatArray, beta: float = 1.0) -> FloatArray:
    """F-beta of each class: 0 for one missed altogether, NaN for one neither there nor predicted."""
    return _Sums.of(matrix).f_beta(beta)


@dataclass(frozen=True, slots=True)
class _Sums:
    """What all ratios of a matrix are made of: of each class the hits, the rows and the predictions."""

    hits: FloatArray
    actual: FloatArray
    predicted: FloatArray

    @classmethod
    def of(cls, matrix: FloatArray) -> "_Sums":
        return cls(np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0))

    def f_beta(self, beta: float) -> FloatArray:
        return ratio((1 + beta**2) * self.hits, beta**2 * self.actual + self.predicted)

    def rates(self) -> ClassRates:
        return ClassRates(
            precision=ratio(self.hits, self.predicted),
            recall=ratio(self.hits, self.actual),
            f1=self.f_beta(1.0),
            support=self.actual,
        )

    def matthews(self) -> float:
        total, hits = float(self.actual.sum()), float(self.hits.sum())
        covariance = hits * total - float(self.actual @ self.predicted)
        spread = (total**2 - float(self.predicted @ self.predicted)) * (total**2 - float(self.actual @ self.actual))
        return covariance / math.sqrt(spread) if spread > 0 else math.nan


def class_rates(matrix: FloatArray) -> ClassRates:
    """Precision, recall, F1 and support of every class."""
    return _Sums.of(matrix).rates()


def matthews(matrix: FloatArray) -> float:
    """Matthews correlation of any number of classes; NaN when one side holds a single class (scikit-learn says 0)."""
    return _Sums.of(matrix).matthews()


def class_averages(matrix: FloatArray) -> dict[str, float]:
    """What every classifier has, whatever the number of classes."""
    sums = _Sums.of(matrix)
    rates, total = sums.rates(), float(sums.actual.sum())
    averages = {
        "accuracy": float(sums.hits.sum()) / total if total else math.nan,
        "balanced_accuracy": mean_of_defined(rates.recall),
        "mcc": sums.matthews(),
    }
    for name, values in (("precision", rates.precision), ("recall", rates.recall), ("f1", rates.f1)):
        averages[f"{name}_macro"] = mean_of_defined(values)
        averages[f"{name}_weighted"] = mean_of_defined(values, rates.support)
    for name, beta in (("f0_5", 0.5), ("f2", 2.0)):
        averages[f"{name}_weighted"] = mean_of_defined(sums.f_beta(beta), rates.support)
    return averages


def positive_class_rates(matrix: FloatArray, positive: int) -> dict[str, float]:
    """What a binary problem says about its positive class; `matrix` is 2 x 2, `positive` 0 or 1."""
    (no, false), (missed, hits) = matrix.tolist() if positive else matrix[::-1, ::-1].tolist()
    return {
        "precision": _share(hits, hits + false),
        "recall": _share(hits, hits + missed),
        "f1": _share(2 * hits, 2 * hits + missed + false),
        "f0_5": _share(1.25 * hits, 0.25 * (hits + missed) + (hits + false)),
        "f2": _share(5 * hits, 4 * (hits + missed) + (hits + false)),
        "specificity": _share(no, no + false),
    }


def _share(part: float, whole: float) -> float:
    """NaN where there is nothing to be a part of."""
    return part / whole if whole else math.nan
