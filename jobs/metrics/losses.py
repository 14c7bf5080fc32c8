"""Losses that are a mean over rows: log loss and Brier score."""

import numpy as np
from numpy.typing import NDArray

from jobs.metrics.confusion import FloatArray, IntArray, blocks

_SMALLEST = float(
    np.finfo(np.float64).eps
)  # scikit-learn's clipping: a certain but wrong answer costs 36, not infinity


def log_losses(true_class_probability: FloatArray) -> FloatArray:
    """-log of the probability given to each row's actual class, clipped as scikit-learn does."""
    return np.asarray(-np.log(np.clip(true_class_probability, _SMALLEST, 1 - _SMALLEST)))


def brier_losses(positive: NDArray[np.bool_], score: FloatArray) -> FloatArray:
    """Squared distance between the positive class's probability and what happened."""
    return np.asarray(np.square(score - positive))


def binary_losses(positive: NDArray[np.bool_], score: FloatArray) -> dict[str, float]:
    """Mean log loss and Brier score of `score` (rows,), the probability of the positive class."""
    log_loss = brier = 0.0
    for part in blocks(len(score)):
        log_loss += float(log_losses(np.where(positive[part], score[part], 1 - score[part])).sum())
        brier += float(brier_losses(positive[part], score[part]).sum())
    return {"log_loss": log_loss / len(score), "brier": brier / len(score)}


def multiclass_log_loss(actual: IntArray, probability: FloatArray) -> float:
    """Mean log loss of `probability` (rows, classes)."""
    total = 0.0
    for part in blocks(len(actual)):
        total += float(log_losses(np.take_along_axis(probability[part], actual[part, None], axis=1)[:, 0]).sum())
    return total / len(actual)
