"""From confidence to a confusion matrix: what an answer was probably worth, cell by cell, for many draws at once.

A cell is a predicted class and a bin of confidence. The calibrated confidence says how many answers of a cell are
right; the wrong ones are spread over the other classes as the model's own probabilities say, corrected by which
classes it really confused on the held-out rows. All arrays begin with the draws (…), which may be absent.
"""

import numpy as np

from jobs.performance_estimation.grid import FloatArray, IntArray

_TRUST = 5.0  # wrong answers it takes for what happened to weigh as much as what the model's probabilities say


def spread(mass: IntArray, held_mass: IntArray, confused: FloatArray) -> FloatArray:
    """Shares (…, predicted, actual) of the classes among the wrong answers, by predicted class; the diagonal is 0.

    `mass` of the rows in question and `held_mass` of the held-out ones: (predicted, class). `confused`: (…,
    predicted, actual) wrong answers of the held-out rows.
    """
    size = len(mass)
    others = 1.0 - np.eye(size)
    expected = confused.sum(axis=-1, keepdims=True) * _shares(held_mass * others, others)
    weighted = _shares(mass * others, others) * (_TRUST + confused) / (_TRUST + expected)
    return _shares(weighted * others, others)


def _shares(weights: FloatArray, otherwise: FloatArray) -> FloatArray:
    total = weights.sum(axis=-1, keepdims=True)
    chosen = np.where(total > 0, weights, otherwise)
    return np.asarray(chosen / chosen.sum(axis=-1, keepdims=True))


def matrices(right: FloatArray, rows: FloatArray, shares: FloatArray) -> FloatArray:
    """Confusion matrices (…, actual, predicted) from right answers and all rows by cell, (…, classes, bins) each."""
    hits = right.sum(axis=-1)
    misses = rows.sum(axis=-1) - hits
    by_predicted = shares * misses[..., None]
    by_predicted += hits[..., None] * np.eye(hits.shape[-1])
    return np.asarray(np.swapaxes(by_predicted, -1, -2))


def areas(right: FloatArray, rows: FloatArray, positive: int) -> FloatArray:
    """ROC AUC (…) of two classes, rows of one cell being ties; NaN where one of the classes is not there.

    Ascending score of the positive class: the other class by falling confidence, then the positive by rising.
    """
    wrong = rows - right
    positives = np.concatenate([wrong[..., 1 - positive, ::-1], right[..., positive, :]], axis=-1)
    negatives = np.concatenate([right[..., 1 - positive, ::-1], wrong[..., positive, :]], axis=-1)
    below = np.cumsum(negatives, axis=-1) - negatives / 2
    pairs = positives.sum(axis=-1) * negatives.sum(axis=-1)
    ordered = (positives * below).sum(axis=-1)
    return np.divide(ordered, pairs, out=np.full(np.shape(pairs), np.nan), where=np.asarray(pairs) > 0)
