"""What the built-in XGBoost can be tuned for, and which way.

The control plane asks this of every tuning: nothing here imports what computes a metric.
"""

MAXIMIZED = (
    "accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map", "ndcg", "precision", "r2",
    "recall", "precision_macro", "precision_micro", "recall_macro", "recall_micro",
)  # fmt: skip
MINIMIZED = (
    "aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik", "interval-regression-accuracy", "logloss",
    "mae", "mape", "merror", "mlogloss", "mphe", "mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik",
)  # fmt: skip
"""In the container's order, which its refusals show."""
OBJECTIVES = {
    f"validation:{metric}": way for way, names in (("Maximize", MAXIMIZED), ("Minimize", MINIMIZED)) for metric in names
}
UNLISTED = frozenset(OBJECTIVES) - {
    f"validation:{metric}"
    for metric in "accuracy auc error f1 logloss mae map merror mlogloss mse ndcg rmse".split()  # noqa: SIM905
}
"""What "Tune an XGBoost Model" does not list (docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html)."""
