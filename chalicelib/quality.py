"""The quality metrics of evaluation.json: which there are for a task, and which direction is better.

Names only; the numbers are computed in `jobs/evaluate`. Both sides follow docs/formats.md.
"""

from __future__ import annotations

from chalicelib.algorithms.objectives import Task

_AVERAGED = tuple(
    f"{metric}_{average}" for average in ("macro", "weighted") for metric in ("precision", "recall", "f1")
)

METRICS: dict[Task, tuple[str, ...]] = {
    Task.BINARY: (
        *("accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc", "average_precision"),
        *("log_loss", "brier", "mcc"),
        *_AVERAGED,
    ),
    Task.MULTICLASS: (
        *("accuracy", "balanced_accuracy", *_AVERAGED, "auc_macro", "auc_weighted", "average_precision_macro"),
        *("log_loss", "mcc"),
    ),
    Task.REGRESSION: ("mae", "rmse", "r2", "median_absolute_error", "mape", "explained_variance"),
}
NAMES = frozenset(name for names in METRICS.values() for name in names)

HEADLINES: dict[Task, tuple[str, ...]] = {
    Task.BINARY: ("accuracy", "precision", "recall", "f1", "auc"),
    Task.MULTICLASS: ("accuracy", "f1_macro", "precision_macro", "recall_macro", "auc_macro"),
    Task.REGRESSION: ("r2", "rmse", "mae"),
}
"""What a person wants to see first."""

DEFAULT_GATE = {Task.BINARY: "auc", Task.MULTICLASS: "f1_macro", Task.REGRESSION: "r2"}

_SMALLER_IS_BETTER = frozenset({"log_loss", "brier", "mae", "rmse", "median_absolute_error", "mape"})

TITLES = {
    "auc": "ROC AUC",
    "auc_macro": "ROC AUC (macro)",
    "auc_weighted": "ROC AUC (weighted)",
    "f1": "F1",
    "f1_macro": "F1 (macro)",
    "f1_weighted": "F1 (weighted)",
    "precision_macro": "Precision (macro)",
    "recall_macro": "Recall (macro)",
    "r2": "R2",
    "mae": "MAE",
    "rmse": "RMSE",
    "mape": "MAPE",
    "mcc": "MCC",
}


def larger_is_better(metric: str) -> bool:
    """Whether a larger value of this metric is a better model."""
    return metric not in _SMALLER_IS_BETTER


def title(metric: str) -> str:
    """The metric's name as people write it.

    >>> title("auc"), title("balanced_accuracy")
    ('ROC AUC', 'Balanced accuracy')
    """
    return TITLES.get(metric, metric.replace("_", " ").capitalize())
