"""The quality metrics of evaluation.json: which there are for a task, which direction is better, how they are written.

No metric is computed here, that is done in `jobs/evaluate`. Both sides follow docs/formats.md.
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


def number(value: float | None) -> str:
    """A metric's value as people write it: four decimals, fewer for large numbers; a dash for what is undefined.

    >>> number(0.91), number(27134.36), number(60.0702), number(0.00012), number(-2e-16), number(None)
    ('0.9100', '27,134', '60.07', '0.00012', '0.0000', '-')
    """
    if value is None:
        return "-"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.2f}"
    if size < 1e-12:
        return "0.0000"  # what adding up leaves of nothing
    return f"{value:.4f}" if size >= 1e-3 else f"{value:.2g}"


def signed(value: float | None) -> str:
    """A difference of two values, with its sign.

    >>> signed(0.03), signed(-1234.5), signed(None)
    ('+0.0300', '-1,234', '-')
    """
    return number(value) if value is None or value < 0 else f"+{number(value)}"
