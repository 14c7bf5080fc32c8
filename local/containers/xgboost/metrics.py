"""The metrics the container adds to XGBoost's own, with its mistake kept.

Its metrics compare predictions with 0, because they expect margins; current XGBoost hands them probabilities. So on a
binary problem `accuracy`, `f1`, `precision`, `recall` and their like judge a model that always says yes; multiclass
(argmax) is right. A tuner on AWS would be misled in exactly this way, so the laptop must be, too: choose `error`
instead.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sklearn import metrics as judged

Score = Callable[[Any, Any], float]
Evaluation = Callable[[Any, Any], list[tuple[str, float]]]

_OF_LABELS: dict[str, Score] = {
    "accuracy": judged.accuracy_score,
    "balanced_accuracy": judged.balanced_accuracy_score,
    "f1": lambda labels, guesses: judged.f1_score(labels, guesses, average="macro"),
    "f1_binary": lambda labels, guesses: judged.f1_score(labels, guesses, average="binary"),
    "f1_macro": lambda labels, guesses: judged.f1_score(labels, guesses, average="macro"),
    "precision": judged.precision_score,
    "precision_macro": lambda labels, guesses: judged.precision_score(labels, guesses, average="macro"),
    "precision_micro": lambda labels, guesses: judged.precision_score(labels, guesses, average="micro"),
    "recall": judged.recall_score,
    "recall_macro": lambda labels, guesses: judged.recall_score(labels, guesses, average="macro"),
    "recall_micro": lambda labels, guesses: judged.recall_score(labels, guesses, average="micro"),
}
_OF_NUMBERS: dict[str, Score] = {
    "mae": judged.mean_absolute_error,
    "mse": judged.mean_squared_error,
    "rmse": judged.root_mean_squared_error,
    "r2": judged.r2_score,
}
OWN = frozenset(_OF_LABELS) | frozenset(_OF_NUMBERS)


def requested(tuned: str | None, listed: Sequence[str] | None) -> list[str]:
    """All metrics to print: the tuner's `validation:<metric>` and the eval_metric list."""
    tuned_names = tuned.split(":")[1].split(",") if tuned else None
    if tuned_names is not None and listed is not None:
        return sorted({*tuned_names, *listed})
    return list(tuned_names or listed or ())


def evaluation(names: Sequence[str]) -> Evaluation | None:
    """What `xgboost.train` calls each round for the container's own metrics among `names`; None without any."""
    own = [name for name in names if name in OWN]
    if not own:
        return None

    def evaluate(predictions: Any, matrix: Any) -> list[tuple[str, float]]:
        return [(name, score(name, predictions, matrix.get_label())) for name in own]

    return evaluate


def score(name: str, predictions: Any, labels: Any) -> float:
    """One of the container's own metrics; `predictions` are (rows,) or, for multi:softprob, (rows, classes).

    >>> import numpy as np
    >>> score("accuracy", np.array([0.1, 0.9]), np.array([0.0, 1.0]))  # right twice, and yet
    0.5
    """
    if name in _OF_NUMBERS:
        return float(_OF_NUMBERS[name](labels, predictions))
    if predictions.size == 0:
        return 0.0
    guesses = predictions.argmax(axis=-1) if predictions.ndim > 1 else (predictions > 0.0).astype(int)
    return float(_OF_LABELS[name](labels, guesses))
