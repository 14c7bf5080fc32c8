"""What a tuning of SageRelay's ensemble tries to improve: metrics that its script computes, each what its name says.

The names are the built-in XGBoost's, because SageMaker finds metrics in this image's log by the registered ones alone.
What the built-in computes wrongly for two classes (accuracy, f1 and their like) the script computes rightly, so all are
offered. AWS's page lists only twelve of them as what one tunes for; `listed_instead` is the nearest of those, should
SageMaker refuse another.
"""

from __future__ import annotations

from chalicelib.algorithms.objectives import Objective, UnsuitableObjectiveError
from chalicelib.contract.metrics import Task


def _maximize(metric: str) -> Objective:
    return Objective(f"validation:{metric}", maximize=True)


def _minimize(metric: str) -> Objective:
    return Objective(f"validation:{metric}", maximize=False)


OBJECTIVES: dict[Task, dict[str, Objective]] = {
    Task.BINARY: {
        "logloss": _minimize("logloss"),
        "auc": _maximize("auc"),
        "aucpr": _maximize("aucpr"),
        "accuracy": _maximize("accuracy"),
        "error": _minimize("error"),
        "balanced_accuracy": _maximize("balanced_accuracy"),
        # Of the positive class.
        "f1": _maximize("f1"),
        "f1_binary": _maximize("f1"),
        "precision": _maximize("precision"),
        "recall": _maximize("recall"),
        "f1_macro": _maximize("f1_macro"),
    },
    Task.MULTICLASS: {
        "mlogloss": _minimize("mlogloss"),
        "logloss": _minimize("mlogloss"),
        "accuracy": _maximize("accuracy"),
        "merror": _minimize("merror"),
        "error": _minimize("merror"),
        "balanced_accuracy": _maximize("balanced_accuracy"),
        # The mean over the classes.
        "f1": _maximize("f1"),
        "f1_macro": _maximize("f1"),
        "precision_macro": _maximize("precision_macro"),
        "recall_macro": _maximize("recall_macro"),
        # Over all rows, of which each has one class: both are the accuracy.
        "precision_micro": _maximize("accuracy"),
        "recall_micro": _maximize("accuracy"),
    },
    Task.REGRESSION: {
        "rmse": _minimize("rmse"),
        "mae": _minimize("mae"),
        "mse": _minimize("mse"),
        "r2": _maximize("r2"),
    },
}
DEFAULT_OBJECTIVE = {Task.BINARY: "logloss", Task.MULTICLASS: "mlogloss", Task.REGRESSION: "rmse"}
NAMES = frozenset(name for by_name in OBJECTIVES.values() for name in by_name)
"""Every objective a person may ask for in relay.yaml; whether it suits the task is known only when the data is."""

LISTED = frozenset(
    f"validation:{metric}"
    for metric in "accuracy auc error f1 logloss mae map merror mlogloss mse ndcg rmse".split()  # noqa: SIM905
)
"""The metrics of "Tune an XGBoost Model" (docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html)."""

_NEAREST: dict[str, Objective] = {
    "validation:aucpr": _maximize("auc"),
    # The same order of candidates: on the same rows the one is the other turned round.
    "validation:r2": _minimize("mse"),
    "validation:balanced_accuracy": _maximize("f1"),
    "validation:precision": _maximize("f1"),
    "validation:recall": _maximize("f1"),
    "validation:precision_macro": _maximize("f1"),
    "validation:recall_macro": _maximize("f1"),
    "validation:f1_macro": _maximize("f1"),
}


def listed_instead(objective: Objective) -> Objective | None:
    """The nearest objective that AWS's page lists; None for one that it lists.

    >>> listed_instead(Objective("validation:r2", maximize=True))
    Objective(metric='validation:mse', maximize=False)
    """
    return None if objective.metric in LISTED else _NEAREST.get(objective.metric)


def objective(name: str, task: Task) -> Objective:
    """The objective of this name for this task; "auto" takes the task's default.

    Raises:
        UnsuitableObjectiveError: it means nothing for this task.

    >>> objective("accuracy", Task.BINARY), objective("auto", Task.BINARY).metric
    (Objective(metric='validation:accuracy', maximize=True), 'validation:logloss')
    """
    suitable = OBJECTIVES[task]
    if name == "auto":
        return suitable[DEFAULT_OBJECTIVE[task]]
    if name in suitable:
        return suitable[name]
    raise UnsuitableObjectiveError(
        f'tuning.objective "{name}" does not suit a {task} target. Allowed for it: {", ".join(sorted(suitable))}, or '
        '"auto".'
    )
