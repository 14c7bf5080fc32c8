"""SageRelay's own algorithm, as the relay asks for it: an ensemble, trained by our script in SageMaker's XGBoost image.

Script mode in an image of AWS's own has two limits. CreateHyperParameterTuningJob checks the names of hyperparameters
against those that the built-in algorithm has registered, and takes no definitions of metrics. So all hyperparameters
here are XGBoost's, beside the two that name the script; and what the script prints bears the names and the form that
the built-in's metrics have.

Plain values here, because every record's settings are filled in with the ranges and so every start of a Lambda imports
them; the tables stand in `hyperparameters.py` and `objectives.py`. Ranges and rounds fit each other: a small step needs
many rounds, which early stopping finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from chalicelib.algorithms import images
from chalicelib.algorithms.protocol import Script

if TYPE_CHECKING:
    from chalicelib.algorithms.hyperparameters import Kind
    from chalicelib.algorithms.objectives import Objective
    from chalicelib.contract.metrics import Task

DEFAULT_RANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "eta": {"min": 0.03, "max": 0.3, "scaling": "Logarithmic"},
    "max_depth": {"min": 2, "max": 10, "scaling": "Linear"},
    "min_child_weight": {"min": 0.5, "max": 30, "scaling": "Logarithmic"},
    "subsample": {"min": 0.5, "max": 1.0, "scaling": "Linear"},
    "colsample_bytree": {"min": 0.3, "max": 1.0, "scaling": "Linear"},
    "lambda": {"min": 0.01, "max": 100, "scaling": "Logarithmic"},
    "alpha": {"min": 0.001, "max": 10, "scaling": "Logarithmic"},
}


class Auto:
    """See `chalicelib.algorithms.protocol.Algorithm`."""

    title = "SageRelay's ensemble"
    default_ranges = DEFAULT_RANGES
    early_stopping = False
    """A trial that is cut short would be judged by another measure than the rest."""
    set_by_sagerelay = frozenset({"objective", "num_class", "eval_metric"})
    content_types = ("application/x-parquet",)
    metrics: Mapping[str, str] = {}
    stops_by = frozenset({"early_stopping_rounds"})
    script: Script | None = Script(
        {"sagemaker_program": "jobs.train", "sagemaker_submit_directory": "/opt/ml/input/data/code"},
        images.STARTS_OFFLINE,
    )
    one_container = True
    closed = False
    packed = False
    serving_environment: Mapping[str, str] = {}

    def objective_names(self) -> frozenset[str]:
        from chalicelib.algorithms.auto import objectives

        return objectives.NAMES

    def kinds(self) -> Mapping[str, Kind]:
        from chalicelib.algorithms.auto import hyperparameters

        return hyperparameters.KINDS

    def contradictions(self, chosen: Mapping[str, str]) -> list[str]:
        from chalicelib.algorithms.auto import hyperparameters

        return hyperparameters.contradictions(chosen)

    def image(self, region: str) -> str:
        return images.xgboost(region)

    def objective(self, name: str, task: Task) -> Objective:
        from chalicelib.algorithms.auto import objectives

        return objectives.objective(name, task)

    def listed_instead(self, objective: Objective) -> Objective | None:
        from chalicelib.algorithms.auto import objectives

        return objectives.listed_instead(objective)

    def static_hyperparameters(
        self,
        task: Task,
        classes: int | None,
        objective: Objective,
        chosen: Mapping[str, Any],
        rows: int | None = None,  # noqa: ARG002
    ) -> dict[str, str]:
        from chalicelib.algorithms.auto import hyperparameters

        return hyperparameters.static(task, classes, objective, chosen)
