"""What the built-in XGBoost can be tuned for, and which way."""

_MAXIMIZE = """
    accuracy auc aucpr balanced_accuracy f1 f1_binary f1_macro map ndcg precision precision_macro precision_micro r2
    recall recall_macro recall_micro
"""
_MINIMIZE = """
    aft-nloglik cox-nloglik error gamma-deviance gamma-nloglik interval-regression-accuracy logloss mae mape merror
    mlogloss mphe mse poisson-nloglik rmse rmsle tweedie-nloglik
"""
OBJECTIVES = {
    f"validation:{metric}": way
    for way, names in (("Maximize", _MAXIMIZE), ("Minimize", _MINIMIZE))
    for metric in names.split()
}
UNLISTED = frozenset(OBJECTIVES) - {
    f"validation:{metric}"
    for metric in "accuracy auc error f1 logloss mae map merror mlogloss mse ndcg rmse".split()  # noqa: SIM905
}
"""What "Tune an XGBoost Model" does not list (docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html)."""
