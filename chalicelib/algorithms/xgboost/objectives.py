"""What a tuning tries to improve: the names people use, mapped to what the XGBoost container really computes.

All of them are printed by the container and registered by its source, but AWS's page lists only twelve of them as what
one tunes for. Whether SageMaker takes the others was never seen: should it refuse, `listed_instead` says what comes
nearest among the twelve.

The mapping is not the identity, because the container's own `validation:accuracy` (and f1, precision, recall,
balanced_accuracy) compare a probability with 0 on binary problems and so report the share of one class, the same in
every round; a tuner that trusts them picks at random. Measured with the container's source and xgboost 3.2.0: accuracy
printed 0.77311 where `validation:error` was 0.01681. On multiclass problems, where they take the largest of the
probabilities, they are right.
"""

from __future__ import annotations

from chalicelib.algorithms import image_metrics
from chalicelib.algorithms.image_metrics import maximize, minimize
from chalicelib.algorithms.objectives import Objective, UnsuitableObjectiveError, chosen
from chalicelib.contract.metrics import Task

OBJECTIVES: dict[Task, dict[str, Objective]] = {
    Task.BINARY: {
        "auc": maximize("auc"),
        "aucpr": maximize("aucpr"),
        "accuracy": minimize("error"),
        "error": minimize("error"),
        "logloss": minimize("logloss"),
    },
    Task.MULTICLASS: {
        "mlogloss": minimize("mlogloss"),
        "logloss": minimize("mlogloss"),
        "accuracy": minimize("merror"),
        "merror": minimize("merror"),
        "error": minimize("merror"),
        "f1": maximize("f1"),
        "f1_macro": maximize("f1"),
        "balanced_accuracy": maximize("balanced_accuracy"),
        "precision_macro": maximize("precision_macro"),
        "precision_micro": maximize("precision_micro"),
        "recall_macro": maximize("recall_macro"),
        "recall_micro": maximize("recall_micro"),
    },
    Task.REGRESSION: {
        "rmse": minimize("rmse"),
        "mae": minimize("mae"),
        "mse": minimize("mse"),
        "r2": maximize("r2"),
    },
}

_NEAREST: dict[str, Objective] = {
    "validation:aucpr": maximize("auc"),
    # The same order of candidates: on the same rows the one is the other turned round.
    "validation:r2": minimize("mse"),
    "validation:precision_micro": minimize("merror"),
    "validation:recall_micro": minimize("merror"),
    # f1 is the mean over the classes, as these are.
    "validation:balanced_accuracy": maximize("f1"),
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


DEFAULT_OBJECTIVE = {Task.BINARY: "auc", Task.MULTICLASS: "mlogloss", Task.REGRESSION: "rmse"}

NAMES = frozenset(name for by_name in OBJECTIVES.values() for name in by_name) | {
    "f1_binary",
    "precision",
    "recall",
}
"""Every objective a person may ask for in relay.yaml; whether it suits the task is known only when the data is."""

_WRONG_ON_BINARY = frozenset(
    {"f1", "f1_binary", "f1_macro", "balanced_accuracy", "precision", "recall"}
    | {f"{metric}_{average}" for metric in ("precision", "recall") for average in ("macro", "micro")}
)


def objective(name: str, task: Task) -> Objective:
    """The objective of this name for this task; "auto" takes the task's default.

    Raises:
        UnsuitableObjectiveError: the container does not compute it for this task, or computes it wrongly.

    >>> objective("accuracy", Task.BINARY)
    Objective(metric='validation:error', maximize=False)
    """
    if task is Task.BINARY and name in _WRONG_ON_BINARY:
        raise UnsuitableObjectiveError(
            f'tuning.objective "{name}" cannot be used here: for two classes the XGBoost container compares the '
            f"probability with 0 instead of 0.5, so {name} would be the same in every trial. "
            'Use "aucpr" (close to F1 on rare classes), "logloss" or "accuracy" instead.'
        )
    return chosen(name, task, OBJECTIVES, DEFAULT_OBJECTIVE)
