"""The losses by their documented names: how large, and which way they fall, one number a row.

Scores are (rows, outputs); what is the truth, (rows,), is a class's place or a number in the scores' unit.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Pair = Callable[[Floats, Floats, Mapping[str, Any]], tuple[Floats, Floats]]
"""Scores, truth and hyperparameters to the loss of each row, (rows,), and its slope by the scores."""

TITLES = {
    "logistic": "binary_classification_cross_entropy_objective",
    "hinge_loss": "hinge_loss_objective",
    "softmax_loss": "multiclass_cross_entropy_objective",
    "squared_loss": "mse_objective",
}
"""What the log calls them; the others by their own name."""


def title(loss: str) -> str:
    """The name of a loss in the log.

    >>> title("squared_loss"), title("huber_loss")
    ('mse_objective', 'huber_loss_objective')
    """
    return TITLES.get(loss, f"{loss}_objective")


def chances(scores: Floats) -> Floats:
    """(rows, outputs) to probabilities: of the second class for one output, else of each."""
    if scores.shape[1] == 1:
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scores)), np.float64)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)


def _logistic(scores: Floats, truth: Floats, given: Mapping[str, Any]) -> tuple[Floats, Floats]:  # noqa: ARG001
    score = scores[:, 0]
    return np.logaddexp(0.0, score) - truth * score, chances(scores) - truth[:, None]


def _hinge(scores: Floats, truth: Floats, given: Mapping[str, Any]) -> tuple[Floats, Floats]:
    sign = 2.0 * truth - 1.0
    short = given["margin"] - sign * scores[:, 0]
    return np.maximum(0.0, short), np.where(short > 0, -sign, 0.0)[:, None]


def _softmax(scores: Floats, truth: Floats, given: Mapping[str, Any]) -> tuple[Floats, Floats]:  # noqa: ARG001
    found, at = chances(scores), (np.arange(len(truth)), truth.astype(np.int64))
    slope = found.copy()
    slope[at] -= 1.0
    return -np.log(np.maximum(found[at], 1e-15)), slope


def _of_errors(of: Callable[[Floats, Mapping[str, Any]], tuple[Floats, Floats]]) -> Pair:
    def pair(scores: Floats, truth: Floats, given: Mapping[str, Any]) -> tuple[Floats, Floats]:
        loss, slope = of(scores[:, 0] - truth, given)
        return loss, slope[:, None]

    return pair


def _squared(error: Floats, given: Mapping[str, Any]) -> tuple[Floats, Floats]:  # noqa: ARG001
    return error**2, 2.0 * error


def _absolute(error: Floats, given: Mapping[str, Any]) -> tuple[Floats, Floats]:  # noqa: ARG001
    return np.abs(error), np.sign(error)


def _beyond(error: Floats, given: Mapping[str, Any]) -> Floats:
    return np.asarray(np.sign(error) * np.maximum(0.0, np.abs(error) - given["loss_insensitivity"]), np.float64)


def _quantile(error: Floats, given: Mapping[str, Any]) -> tuple[Floats, Floats]:
    above, below = 1.0 - given["quantile"], given["quantile"]
    return np.where(error > 0, above * error, -below * error), np.where(error > 0, above, -below)


def _huber(error: Floats, given: Mapping[str, Any]) -> tuple[Floats, Floats]:
    size, delta = np.abs(error), given["huber_delta"]
    loss = np.where(size <= delta, 0.5 * error**2, delta * (size - 0.5 * delta))
    return loss, np.clip(error, -delta, delta)


LOSSES: dict[str, Pair] = {
    "logistic": _logistic,
    "hinge_loss": _hinge,
    "softmax_loss": _softmax,
    "squared_loss": _of_errors(_squared),
    "absolute_loss": _of_errors(_absolute),
    "eps_insensitive_squared_loss": _of_errors(lambda error, given: _squared(_beyond(error, given), given)),
    "eps_insensitive_absolute_loss": _of_errors(lambda error, given: _absolute(_beyond(error, given), given)),
    "quantile_loss": _of_errors(_quantile),
    "huber_loss": _of_errors(_huber),
}
