"""What a tuning of linear-learner tries to improve: the metrics that AWS's "Tune a linear learner model" lists.

They go by AWS's names, and by those that the other algorithms have for the same. What needs a label is measured at the
threshold which the algorithm calibrates on the validation rows.
"""

from __future__ import annotations

from chalicelib.algorithms.image_metrics import maximize, minimize
from chalicelib.algorithms.objectives import Objective, chosen
from chalicelib.contract.metrics import Task

_LOSS = minimize("objective_loss")
OBJECTIVES: dict[Task, dict[str, Objective]] = {
    Task.BINARY: {
        "objective_loss": _LOSS,
        "logloss": _LOSS,
        "roc_auc_score": maximize("roc_auc_score"),
        "auc": maximize("roc_auc_score"),
        "binary_classification_accuracy": maximize("binary_classification_accuracy"),
        "accuracy": maximize("binary_classification_accuracy"),
        "binary_f_beta": maximize("binary_f_beta"),
        "f1": maximize("binary_f_beta"),
        "f1_binary": maximize("binary_f_beta"),
        "precision": maximize("precision"),
        "recall": maximize("recall"),
    },
    Task.MULTICLASS: {
        "objective_loss": _LOSS,
        "logloss": _LOSS,
        "mlogloss": _LOSS,
        "multiclass_accuracy": maximize("multiclass_accuracy"),
        "accuracy": maximize("multiclass_accuracy"),
        "multiclass_top_k_accuracy": maximize("multiclass_top_k_accuracy"),
        "macro_f_beta": maximize("macro_f_beta"),
        "f1": maximize("macro_f_beta"),
        "f1_macro": maximize("macro_f_beta"),
        "macro_precision": maximize("macro_precision"),
        "precision_macro": maximize("macro_precision"),
        "macro_recall": maximize("macro_recall"),
        "recall_macro": maximize("macro_recall"),
        "dcg": maximize("dcg"),
    },
    Task.REGRESSION: {
        "objective_loss": _LOSS,
        "mse": minimize("mse"),
        # The same order of candidates.
        "rmse": minimize("mse"),
        "absolute_loss": minimize("absolute_loss"),
        "mae": minimize("absolute_loss"),
    },
}
DEFAULT_OBJECTIVE = {Task.BINARY: "objective_loss", Task.MULTICLASS: "objective_loss", Task.REGRESSION: "mse"}
NAMES = frozenset(name for by_name in OBJECTIVES.values() for name in by_name)
"""Every objective a person may ask for in relay.yaml; whether it suits the task is known only when the data is."""


def objective(name: str, task: Task) -> Objective:
    """The objective of this name for this task; "auto" takes the task's default.

    Raises:
        UnsuitableObjectiveError: it means nothing for this task.

    >>> objective("auc", Task.BINARY), objective("auto", Task.REGRESSION).metric
    (Objective(metric='validation:roc_auc_score', maximize=True), 'validation:mse')
    """
    return chosen(name, task, OBJECTIVES, DEFAULT_OBJECTIVE)
