"""The metrics of a confusion matrix, of hundreds of matrices at once.

The same definitions as `jobs/metrics/confusion.py` (a test holds them to each other): that module walks one
matrix after the other, which for the draws of an estimate costs ten times as much. NaN means undefined; averages over
classes leave undefined classes out.
"""

import numpy as np

from jobs.performance_estimation.grid import FloatArray


def rates(matrices: FloatArray, positive: int | None) -> dict[str, FloatArray]:
    """Metrics (draws,) by name, of matrices (draws, actual, predicted); `positive` of two classes adds its own."""
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)
    actual, predicted = matrices.sum(axis=-1), matrices.sum(axis=-2)
    by_class = {
        "precision": _ratio(hits, predicted),
        "recall": _ratio(hits, actual),
        "f1": _ratio(2 * hits, actual + predicted),
    }
    found = {"accuracy": _ratio(hits.sum(axis=-1), actual.sum(axis=-1)), "mcc": _matthews(hits, actual, predicted)}
    for name, values in by_class.items():
        found[f"{name}_macro"] = _mean(values, np.ones_like(actual))
        found[f"{name}_weighted"] = _mean(values, actual)
        if positive is not None:
            found[name] = values[..., positive]
    return found | {"balanced_accuracy": found["recall_macro"]}


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    empty = np.full(np.shape(numerator), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=empty, where=denominator != 0))


def _mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    defined = ~np.isnan(values)
    weighted = np.where(defined, weights, 0.0)
    counted = np.where(weighted.sum(axis=-1, keepdims=True) > 0, weighted, defined.astype(float))
    return _ratio((np.where(defined, values, 0.0) * counted).sum(axis=-1), counted.sum(axis=-1))


def _matthews(hits: FloatArray, actual: FloatArray, predicted: FloatArray) -> FloatArray:
    total = actual.sum(axis=-1)
    covariance = hits.sum(axis=-1) * total - (actual * predicted).sum(axis=-1)
    spread = (total**2 - (predicted**2).sum(axis=-1)) * (total**2 - (actual**2).sum(axis=-1))
    return _ratio(covariance, np.sqrt(np.maximum(spread, 0.0)))
