"""Metrics that follow from a confusion matrix alone.

One definition serves the exact value and every bootstrap resample: the matrix may hold counts or weights. A ratio whose
denominator is zero is NaN here (never 0, never a warning); `intervals.py` turns it into null and a sentence.
Averages over classes leave undefined classes out, as scikit-learn does with `zero_division=np.nan`.
"""

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
    top, bottom = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)


def mean_of_defined(values: FloatArray, weights: FloatArray | None = None) -> float:
    """(Weighted) mean of what is not NaN; NaN when nothing is. Where only weightless values are defined, their mean."""
    defined = ~np.isnan(values)
    share = np.ones(len(values)) if weights is None or not weights[defined].any() else weights
    return float(ratio(values[defined] @ share[defined], share[defined].sum()))


def f_beta(matrix: FloatArray, beta: float = 1.0) -> FloatArray:
    """F-beta of each class: 0 for one missed altogether, NaN for one neither there nor predicted."""
    hits, actual, predicted = np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return ratio((1 + beta**2) * hits, beta**2 * actual + predicted)


def class_rates(matrix: FloatArray) -> ClassRates:
    """Precision, recall, F1 and support of every class."""
    hits = np.diagonal(matrix)
    return ClassRates(
        precision=ratio(hits, matrix.sum(axis=0)),
        recall=ratio(hits, matrix.sum(axis=1)),
        f1=f_beta(matrix),
        support=matrix.sum(axis=1),
    )


def matthews(matrix: FloatArray) -> float:
    """Matthews correlation of any number of classes; NaN when one side holds a single class (scikit-learn says 0)."""
    actual, predicted, total = matrix.sum(axis=1), matrix.sum(axis=0), matrix.sum()
    covariance = np.trace(matrix) * total - actual @ predicted
    spread = (total**2 - predicted @ predicted) * (total**2 - actual @ actual)
    return float(ratio(covariance, np.sqrt(max(spread, 0.0))))


def class_averages(matrix: FloatArray) -> dict[str, float]:
    """What every classifier has, whatever the number of classes."""
    rates = class_rates(matrix)
    averages = {
        "accuracy": float(ratio(np.trace(matrix), matrix.sum())),
        "balanced_accuracy": mean_of_defined(rates.recall),
        "mcc": matthews(matrix),
    }
    for name, values in (("precision", rates.precision), ("recall", rates.recall), ("f1", rates.f1)):
        averages[f"{name}_macro"] = mean_of_defined(values)
        averages[f"{name}_weighted"] = mean_of_defined(values, rates.support)
    for name, beta in (("f0_5", 0.5), ("f2", 2.0)):
        averages[f"{name}_weighted"] = mean_of_defined(f_beta(matrix, beta), rates.support)
    return averages


def positive_class_rates(matrix: FloatArray, positive: int) -> dict[str, float]:
    """What a binary problem says about its positive class; `matrix` is 2 x 2, `positive` 0 or 1."""
    rates = class_rates(matrix)
    return {
        "precision": float(rates.precision[positive]),
        "recall": float(rates.recall[positive]),
        "f1": float(rates.f1[positive]),
        "f0_5": float(f_beta(matrix, 0.5)[positive]),
        "f2": float(f_beta(matrix, 2.0)[positive]),
        "specificity": float(rates.recall[1 - positive]),
    }
