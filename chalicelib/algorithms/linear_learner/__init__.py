"""SageMaker's built-in linear-learner, as the relay asks for it: many linear models trained at once, the best is kept.

Its image is closed: what is known of it is what AWS documents, and what it has printed for others. It reads CSV or
RecordIO and no Parquet, takes no missing cell, and answers JSON; so its rows are complete (`jobs.algorithms`), and it
is served between encoder and decoder. The label is the likelier class by its probability, as for XGBoost, and not by
the threshold that it calibrates.

Plain values here, because every record's settings are filled in with the ranges; the tables stand in
`hyperparameters.py` and `objectives.py`. The ranges are those of AWS's "Tune a linear learner model", the step's
narrowed where a model would hardly move; the weight of the positive class is not among them, because it moves
probabilities away from shares.
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
    "learning_rate": {"min": 0.0005, "max": 0.5, "scaling": "Logarithmic"},
    "wd": {"min": 1e-7, "max": 1, "scaling": "Logarithmic"},
    "l1": {"min": 1e-7, "max": 1, "scaling": "Logarithmic"},
}


class LinearLearner:
    """See `chalicelib.algorithms.protocol.Algorithm`."""

    title = "linear-learner"
    default_ranges = DEFAULT_RANGES
    early_stopping = False
    """SageMaker stops its trials by the objective loss alone, which alone is printed after every epoch."""
    set_by_sagerelay = frozenset({"predictor_type", "num_classes"})
    content_types = ("text/csv",)
    metrics: Mapping[str, str] = {}
    stops_by = frozenset({"early_stopping_patience", "early_stopping_tolerance"})
    script: Script | None = None
    one_container = False
    closed = True
    packed = False
    serving_environment: Mapping[str, str] = {}

    def objective_names(self) -> frozenset[str]:
        from chalicelib.algorithms.linear_learner import objectives

        return objectives.NAMES

    def kinds(self) -> Mapping[str, Kind]:
        from chalicelib.algorithms.linear_learner import hyperparameters

        return hyperparameters.KINDS

    def contradictions(self, chosen: Mapping[str, str]) -> list[str]:
        from chalicelib.algorithms.linear_learner import hyperparameters

        return hyperparameters.contradictions(chosen)

    def image(self, region: str) -> str:
        from chalicelib.algorithms import images

        return images.linear_learner(region)

    def objective(self, name: str, task: Task) -> Objective:
        from chalicelib.algorithms.linear_learner import objectives

        return objectives.objective(name, task)

    def listed_instead(self, objective: Objective) -> Objective | None:  # noqa: ARG002  all that are offered are listed
        return None

    def static_hyperparameters(
        self,
        task: Task,
        classes: int | None,
        objective: Objective,  # noqa: ARG002  it prints all its metrics, whatever is judged by
        chosen: Mapping[str, Any],
        rows: int | None = None,
    ) -> dict[str, str]:
        from chalicelib.algorithms.linear_learner import hyperparameters

        return hyperparameters.static(task, classes, chosen, rows)
