"""What a tuning of SageRelay's ensemble tries to improve: metrics that its script computes, each what its name says.

The names are the built-in XGBoost's, because SageMaker finds metrics in this image's log by the registered ones alone.
What the built-in computes wrongly for two classes (accuracy, f1 and their like) the script computes rightly, so all are
offered. AWS's page lists only twelve of them as what one tunes for; `listed_instead` is the nearest of those, should
SageMaker refuse another.
"""

from __future__ import annotations

from chalicelib.algorithms import image_metrics
from chalicelib.algorithms.image_metrics import maximize, minimize
from chalicelib.algorithms.objectives import Objective, chosen
from chalicelib.contract.metrics import Task

OBJECTIVES: dict[Task, dict[str, Objective]] = {
    Task.BINARY: {
        "logloss": minimize("logloss"),
        "auc": maximize("auc"),
        "aucpr": maximize("aucpr"),
        "accuracy": maximize("accuracy"),
        "error": minimize("error"),
        "balanced_accuracy": maximize("balanced_accuracy"),
        # Of the positive class.
        "f1": maximize("f1"),
        "f1_binary": maximize("f1"),
        "precision": maximize("precision"),
        "recall": maximize("recall"),
        "f1_macro": maximize("f1_macro"),
    },
    Task.MULTICLASS: {
        "mlogloss": minimize("mlogloss"),
        "logloss": minimize("mlogloss"),
        "accuracy": maximize("accuracy"),
        "merror": minimize("merror"),
        "error": minimize("merror"),
        "balanced_accuracy": maximize("balanced_accuracy"),
        # The mean over the classes.
        "f1": maximize("f1"),
        "f1_macro": maximize("f1"),
        "precision_macro": maximize("precision_macro"),
        "recall_macro": maximize("recall_macro"),
        # Over all rows, of which each has one class: both are the accuracy.
        "precision_micro": maximize("accuracy"),
        "recall_micro": maximize("accuracy"),
    },
    Task.REGRESSION: {
        "rmse": minimize("rmse"),
        "mae": minimize("mae"),
        "mse": minimize("mse"),
        "r2": maximize("r2"),
    },
}
DEFAULT_OBJECTIVE = {Task.BINARY: "logloss", Task.MULTICLASS: "mlogloss", Task.REGRESSION: "rmse"}
NAMES = frozenset(name for by_name in OBJECTIVES.values() for name in by_name)
"""Every objective a person may ask for in relay.yaml; whether it suits the task is known only when the data is."""

_NEAREST: dict[str, Objective] = {
    "validation:aucpr": maximize("auc"),
    # The same order of candidates: on the same rows the one is the other turned round.
    "validation:r2": minimize("mse"),
    "validation:balanced_accuracy": maximize("f1"),
    "validation:precision": maximize("f1"),
    "validation:recall": maximize("f1"),
    "validation:precision_macro": maximize("f1"),
    "validation:recall_macro": maximize("f1"),
    "validation:f1_macro": maximize("f1"),
}


def listed_instead(objective: Objective) -> Objective | None:
    """The nearest objective that AWS's page lists; None for one that it lists.

    >>> listed_instead(Objective("validation:r2", maximize=True))
    Objective(metric='validation:mse', maximize=False)
    """
    return image_metrics.listed_instead(objective, _NEAREST)


def objective(name: str, task: Task) -> Objective:
    """The objective of this name for this task; "auto" takes the task's default.

    Raises:
        UnsuitableObjectiveError: it means nothing for this task.

    >>> objective("accuracy", Task.BINARY), objective("auto", Task.BINARY).metric
    (Objective(metric='validation:accuracy', maximize=True), 'validation:logloss')
    """
    return chosen(name, task, OBJECTIVES, DEFAULT_OBJECTIVE)
