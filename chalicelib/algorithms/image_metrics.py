"""The metrics that SageMaker knows of its XGBoost image, for all algorithms that run in it.

It finds them in the log by expressions registered for the image, in script mode, too; AWS's page lists only twelve as
what one tunes for, and whether SageMaker takes the others was never seen.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.algorithms.objectives import Objective

LISTED = frozenset(
    f"validation:{metric}"
    for metric in "accuracy auc error f1 logloss mae map merror mlogloss mse ndcg rmse".split()  # noqa: SIM905
)
"""The metrics of "Tune an XGBoost Model" (docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html)."""


def maximize(metric: str) -> Objective:
    """More of it is better."""
    return Objective(f"validation:{metric}", maximize=True)


def minimize(metric: str) -> Objective:
    """Less of it is better."""
    return Objective(f"validation:{metric}", maximize=False)


def listed_instead(objective: Objective, nearest: Mapping[str, Objective]) -> Objective | None:
    """What is `nearest` to an objective that AWS's page does not list; None for one that it lists."""
    return None if objective.metric in LISTED else nearest.get(objective.metric)
