"""The loss that an ensemble makes small, and how margins become what a person is told.

A margin is what trees and linear models add up: log-odds of the second of two classes, one number a class of more, the
number itself in a regression. Always (rows, width), width 1 or the number of classes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_expit, log_softmax, softmax

Margins = npt.NDArray[np.float64]
Labels = npt.NDArray[np.float64]
"""(rows,): the number, or the place of the class."""


def width(classes: int) -> int:
    """Numbers a row; `classes` is 0 for a regression."""
    return classes if classes > 2 else 1


def loss(margins: Margins, labels: Labels, classes: int) -> float:
    """Mean log loss, or the root of the mean squared error."""
    if not classes:
        return float(np.sqrt(np.mean((margins[:, 0] - labels) ** 2)))
    return float(-np.mean(log_likelihoods(margins, labels)))


def log_likelihoods(margins: Margins, labels: Labels) -> npt.NDArray[np.float64]:
    """(rows,): the log of the probability given to what happened."""
    if margins.shape[1] == 1:
        return np.asarray(log_expit(np.where(labels == 1, margins[:, 0], -margins[:, 0])))
    places = labels.astype(np.int64)[:, None]
    return np.asarray(np.take_along_axis(log_softmax(margins, axis=1), places, axis=1)[:, 0])


def scores(margins: Margins, classes: int) -> npt.NDArray[np.float64]:
    """Probabilities (rows, classes), or the numbers (rows, 1)."""
    if not classes:
        return margins
    if classes == 2:
        positive = expit(margins[:, 0])
        return np.column_stack([1.0 - positive, positive])
    return np.asarray(softmax(margins, axis=1))


def naive(labels: Labels, classes: int) -> npt.NDArray[np.float64]:
    """(width,): the margin of who knows nothing of a row but how often each class occurs, or the mean."""
    if not classes:
        return np.array([labels.mean()])
    counts = np.bincount(labels.astype(np.int64), minlength=classes) + 0.5
    logs = np.log(counts / counts.sum())
    return np.array([logs[1] - logs[0]]) if classes == 2 else logs
