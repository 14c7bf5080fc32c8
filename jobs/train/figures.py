"""The metrics that a trial is judged by, computed here and printed as the container's own algorithm prints them.

SageMaker finds an XGBoost job's metrics by regular expressions that it has registered for the image, and takes no
others. So the names are the container's; what they mean is what people mean: `accuracy`, `f1` and the like of two
classes compare a probability with one half (the container's own compare it with 0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn import metrics

from jobs.ensemble.losses import Labels, Margins, loss, scores

Answers = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]
"""Of classes: what happened, what was answered, the probabilities (rows, classes); of two the second is positive."""

_AVERAGES = ("macro", "micro")


@dataclass(frozen=True)
class Target:
    """What the figures of a task depend on."""

    classes: int
    """0 for a regression."""
    positive: int | None
    """Of two classes the place of the one that precision, recall and F1 are of."""
    spread: float
    """The unit in which a regression's labels are given here."""


def figures(margins: Margins, labels: Labels, target: Target) -> dict[str, float]:
    """By the container's name of the metric."""
    classes = target.classes
    if not classes:
        return _of_numbers(margins[:, 0], labels, target.spread)
    probability = scores(margins, classes)
    actual, answered = labels.astype(np.int64), probability.argmax(axis=1).astype(np.int64)
    answers: Answers = actual, answered, probability
    if target.positive == 0:
        answers = 1 - actual, 1 - answered, probability[:, ::-1]
    found = {name: float(metric(answers)) for name, metric in _of_classes(classes).items()}
    lost = loss(margins, labels, classes)
    return {("logloss" if classes == 2 else "mlogloss"): lost, **found}


def printed(values: Mapping[str, float], iteration: int = 0) -> str:
    """One line, as the container prints one.

    >>> printed({"logloss": 0.25, "auc": 0.9})
    '[0]\\tvalidation-logloss:0.25000\\tvalidation-auc:0.90000'
    """
    return f"[{iteration}]" + "".join(f"\tvalidation-{name}:{_digits(value)}" for name, value in values.items())


def _digits(value: float) -> str:
    """Enough to tell trials apart, in a form that the registered expressions take."""
    return f"{value:.5f}" if value == 0 or 0.01 <= abs(value) < 1000 else f"{value:.7g}"


def _of_numbers(predicted: npt.NDArray[np.float64], actual: Labels, spread: float) -> dict[str, float]:
    error = predicted - actual
    squared, total = float(np.mean(error**2)), float(np.var(actual))
    return {
        "rmse": squared**0.5 * spread,
        "mae": float(np.mean(np.abs(error))) * spread,
        "mse": squared * spread * spread,
        "r2": 1 - squared / total if total else 0.0,
    }


def _of_classes(classes: int) -> dict[str, Callable[[Answers], float]]:
    if classes > 2:
        by_class: dict[str, Callable[[Answers], float]] = {"merror": _error, "accuracy": _accuracy, "f1": _f1_macro}
        return by_class | {"f1_macro": _f1_macro, "balanced_accuracy": _balanced} | _averaged()
    return {
        "error": _error,
        "accuracy": _accuracy,
        "auc": _auc,
        "aucpr": _aucpr,
        "f1": lambda of: float(metrics.f1_score(of[0], of[1], zero_division=0)),
        "f1_macro": _f1_macro,
        "f1_binary": lambda of: float(metrics.f1_score(of[0], of[1], zero_division=0)),
        "balanced_accuracy": _balanced,
        "precision": lambda of: float(metrics.precision_score(of[0], of[1], zero_division=0)),
        "recall": lambda of: float(metrics.recall_score(of[0], of[1], zero_division=0)),
        **_averaged(),
    }


def _averaged() -> dict[str, Callable[[Answers], float]]:
    def score(name: str, average: str) -> Callable[[Answers], float]:
        function = metrics.precision_score if name == "precision" else metrics.recall_score
        return lambda of: float(function(of[0], of[1], average=average, zero_division=0))

    return {f"{name}_{average}": score(name, average) for name in ("precision", "recall") for average in _AVERAGES}


def _error(of: Answers) -> float:
    return float(np.mean(of[0] != of[1]))


def _accuracy(of: Answers) -> float:
    return 1 - _error(of)


def _balanced(of: Answers) -> float:
    return float(np.mean([np.mean(of[1][of[0] == one] == one) for one in np.unique(of[0])]))


def _f1_macro(of: Answers) -> float:
    return float(metrics.f1_score(of[0], of[1], average="macro", zero_division=0))


def _auc(of: Answers) -> float:
    return float(metrics.roc_auc_score(of[0], of[2][:, 1])) if len(np.unique(of[0])) == 2 else 0.5


def _aucpr(of: Answers) -> float:
    return float(metrics.average_precision_score(of[0], of[2][:, 1])) if of[0].any() else 0.0
