"""Generated from jobs/metrics/catalogue.py by `make contract`: change that, not this."""

from collections.abc import Mapping

FACTS: tuple[tuple[str, str, tuple[str, ...], str, str, Mapping[str, int]], ...] = (
    ("accuracy", "Accuracy", ("binary", "multiclass"), "larger", "ratio", {"binary": 5, "multiclass": 4}),
    ("balanced_accuracy", "Balanced accuracy", ("binary", "multiclass"), "larger", "ratio", {}),
    ("precision", "Precision", ("binary",), "larger", "ratio", {"binary": 3}),
    ("recall", "Recall", ("binary",), "larger", "ratio", {"binary": 4}),
    ("f1", "F1", ("binary",), "larger", "ratio", {"binary": 2}),
    ("auc", "ROC AUC", ("binary",), "larger", "ratio", {"binary": 1}),
    ("average_precision", "Average precision", ("binary",), "larger", "ratio", {}),
    ("auc_macro", "ROC AUC (macro)", ("multiclass",), "larger", "ratio", {"multiclass": 5}),
    ("auc_weighted", "ROC AUC (weighted)", ("multiclass",), "larger", "ratio", {}),
    ("average_precision_macro", "Average precision (macro)", ("multiclass",), "larger", "ratio", {}),
    ("log_loss", "Log loss", ("binary", "multiclass"), "smaller", "ratio", {}),
    ("brier", "Brier score", ("binary",), "smaller", "ratio", {}),
    ("mcc", "MCC", ("binary", "multiclass"), "larger", "ratio", {}),
    ("precision_macro", "Precision (macro)", ("binary", "multiclass"), "larger", "ratio", {"multiclass": 2}),
    ("recall_macro", "Recall (macro)", ("binary", "multiclass"), "larger", "ratio", {"multiclass": 3}),
    ("f1_macro", "F1 (macro)", ("binary", "multiclass"), "larger", "ratio", {"multiclass": 1}),
    ("precision_weighted", "Precision (weighted)", ("binary", "multiclass"), "larger", "ratio", {}),
    ("recall_weighted", "Recall (weighted)", ("binary", "multiclass"), "larger", "ratio", {}),
    ("f1_weighted", "F1 (weighted)", ("binary", "multiclass"), "larger", "ratio", {}),
    ("mae", "MAE", ("regression",), "smaller", "amount", {"regression": 3}),
    ("rmse", "RMSE", ("regression",), "smaller", "amount", {"regression": 2}),
    ("r2", "R2", ("regression",), "larger", "ratio", {"regression": 1}),
    ("median_absolute_error", "Median absolute error", ("regression",), "smaller", "amount", {}),
    ("mape", "MAPE", ("regression",), "smaller", "ratio", {}),
    ("explained_variance", "Explained variance", ("regression",), "larger", "ratio", {}),
)
"""Name, title, tasks, the better direction, how it is printed, and by task its place among those that come first."""
