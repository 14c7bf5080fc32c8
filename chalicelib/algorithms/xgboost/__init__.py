"""SageMaker's built-in XGBoost, as the relay asks for it.

Plain values here, because every record's settings are filled in with the ranges and so every start of a Lambda imports
them; the tables stand in `hyperparameters.py` and `objectives.py`. The ranges are from AWS's "Tune an XGBoost Model",
narrowed where its upper ends only cost time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from chalicelib.algorithms.hyperparameters import Kind
    from chalicelib.algorithms.objectives import Objective
    from chalicelib.algorithms.protocol import Script
    from chalicelib.contract.metrics import Task

DEFAULT_RANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "eta": {"min": 0.02, "max": 0.5, "scaling": "Logarithmic"},
    "max_depth": {"min": 2, "max": 10, "scaling": "Linear"},
    "min_child_weight": {"min": 0.5, "max": 30, "scaling": "Logarithmic"},
    "subsample": {"min": 0.5, "max": 1.0, "scaling": "Linear"},
    "colsample_bytree": {"min": 0.4, "max": 1.0, "scaling": "Linear"},
    "lambda": {"min": 0.01, "max": 100, "scaling": "Logarithmic"},
    "alpha": {"min": 0.001, "max": 10, "scaling": "Logarithmic"},
}


class XGBoost:
    """See `chalicelib.algorithms.protocol.Algorithm`."""

    title = "XGBoost"
    default_ranges = DEFAULT_RANGES
    early_stopping = True
    set_by_sagerelay = frozenset({"objective", "num_class", "eval_metric"})
    content_types = ("application/x-parquet", "text/csv")
    metrics: Mapping[str, str] = {}
    stops_by = frozenset({"early_stopping_rounds"})
    script: Script | None = None
    one_container = True
    packed = True
    closed = False
    serving_environment: Mapping[str, str] = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}

    def objective_names(self) -> frozenset[str]:
        from chalicelib.algorithms.xgboost import objectives

        return objectives.NAMES

    def kinds(self) -> Mapping[str, Kind]:
        from chalicelib.algorithms.xgboost import hyperparameters

        return hyperparameters.KINDS

    def contradictions(self, chosen: Mapping[str, str]) -> list[str]:
        from chalicelib.algorithms.xgboost import hyperparameters

        return hyperparameters.contradictions(chosen)

    def image(self, region: str) -> str:
        from chalicelib.algorithms import images

        return images.xgboost(region)

    def objective(self, name: str, task: Task) -> Objective:
        from chalicelib.algorithms.xgboost import objectives

        return objectives.objective(name, task)

    def listed_instead(self, objective: Objective) -> Objective | None:
        from chalicelib.algorithms.xgboost import objectives

        return objectives.listed_instead(objective)

    def static_hyperparameters(
        self,
        task: Task,
        classes: int | None,
        objective: Objective,
        chosen: Mapping[str, Any],
        rows: int | None = None,  # noqa: ARG002
    ) -> dict[str, str]:
        from chalicelib.algorithms.xgboost import hyperparameters

        return hyperparameters.static(task, classes, objective, chosen)
