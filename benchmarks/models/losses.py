"""How far answers are from the truth: log loss, RMSE, ROC AUC, and the expected calibration error.

One function for everybody: no entrant computes its own loss.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 15
_LEAST = 1e-15
Array = npt.NDArray[Any]


def scores(truth: Array, answers: Array) -> dict[str, float]:
    """`loss` for all; `auc` for two classes; `calibration_error` for classes. Probabilities have a column a class.

    Raises:
        ValueError: the answers are not numbers for every row.
    """
    if len(answers) != len(truth) or not np.isfinite(answers).all():
        raise ValueError("not every test row has an answer")
    if truth.dtype.kind != "i":
        return {"loss": float(np.sqrt(np.mean((answers.reshape(-1) - truth) ** 2)))}
    found = {"loss": log_loss(truth, answers), "calibration_error": calibration_error(truth, answers)}
    if answers.shape[1] == 2:
        found["auc"] = auc(truth == 1, answers[:, 1])
    return found


def log_loss(truth: Array, probabilities: Array) -> float:
    """The mean negative logarithm of what the true class was given.

    >>> round(log_loss(np.array([0, 1]), np.array([[0.5, 0.5], [0.75, 0.25]])), 4)
    1.0397
    """
    sure = np.clip(probabilities, _LEAST, 1)
    sure = sure / sure.sum(axis=1, keepdims=True)
    return float(-np.log(sure[np.arange(len(truth)), truth]).mean())


def calibration_error(truth: Array, probabilities: Array) -> float:
    """Expected calibration error over 15 bins of equal width: of the second class where there are two, and of the class
    that is answered where there are more.

    >>> round(calibration_error(np.array([0, 1, 1, 1]), np.array([[0.1, 0.9]] * 4)), 6)
    0.15
    """
    if probabilities.shape[1] == 2:
        said, hit = probabilities[:, 1], truth == 1
    else:
        said, hit = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    places = np.minimum((said * BINS).astype(int), BINS - 1)
    gaps = np.bincount(places, said - hit, BINS)
    return float(np.abs(gaps).sum() / len(truth))


def auc(positive: Array, score: Array) -> float:
    """The share of pairs that stand in the right order; ties count half.

    >>> auc(np.array([False, True, True]), np.array([0.2, 0.2, 0.9]))
    0.75
    """
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    positives = int(positive.sum())
    above = ranks[positive].sum() - positives * (positives + 1) / 2
    return float(above / (positives * (len(score) - positives)))
