"""A training script of the user's own, as the relay asks for it: made of what relay.yaml's `algorithm` says.

What is started is not the script but `jobs/own_code/launch.py` beside it, which runs it. In SageMaker's scikit-learn
image it may have any hyperparameters, and metrics found by expressions of its own. In the XGBoost image it may not:
CreateHyperParameterTuningJob checks names against those that the built-in algorithm has registered, whatever runs in
its image, and takes no definitions of metrics. So there it has XGBoost's names, and prints metrics in the form that the
image's expressions find.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.algorithms import directions, images
from chalicelib.algorithms.objectives import Objective, UnsuitableObjectiveError
from chalicelib.algorithms.protocol import Algorithm, Script

if TYPE_CHECKING:
    from chalicelib.algorithms.hyperparameters import Kind
    from chalicelib.contract.metrics import Task

_PROGRAM = Script(
    {"sagemaker_program": "sagerelay_train.py", "sagemaker_submit_directory": "/opt/ml/input/data/code"},
    images.STARTS_OFFLINE,
    is_the_users=True,
)
_ROUNDS = "num_round"
"""The one hyperparameter without which SageMaker takes no tuning in the XGBoost image, and a value for it."""


class OwnScript:
    """See `chalicelib.algorithms.protocol.Algorithm`."""

    default_ranges: Mapping[str, Mapping[str, Any]] = {}
    early_stopping = False
    """What a script prints on its way may mean anything."""
    set_by_sagerelay: frozenset[str] = frozenset()
    content_types = ("application/x-parquet",)
    stops_by: frozenset[str] = frozenset()
    script: Script | None = _PROGRAM
    one_container = False
    closed = True
    packed = False
    serving_environment: Mapping[str, str] = {
        "SAGEMAKER_PROGRAM": "sagerelay_serve.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
        **images.STARTS_OFFLINE,
    }

    def __init__(self, chosen: Mapping[str, Any]) -> None:
        """`chosen`: what stands under `algorithm`, with its defaults."""
        self._name = str(chosen["script"])
        self._in_xgboost = chosen.get("image") == "xgboost"
        self.metrics: Mapping[str, str] = dict(chosen.get("metrics") or {})
        self._minimize = tuple(chosen.get("minimize") or ())
        self._maximize = tuple(chosen.get("maximize") or ())

    @property
    def title(self) -> str:
        return f"your script {self._name}"

    def kinds(self) -> Mapping[str, Kind]:
        if self._in_xgboost:
            return _of_the_image("xgboost").kinds()
        from chalicelib.algorithms.hyperparameters import AnyName

        return AnyName()

    def objective_names(self) -> frozenset[str]:
        return _of_the_image("auto").objective_names() if self._in_xgboost else frozenset(self.metrics)

    def contradictions(self, chosen: Mapping[str, str]) -> list[str]:  # noqa: ARG002
        return []

    def image(self, region: str) -> str:
        return images.xgboost(region) if self._in_xgboost else images.scikit_learn(region)

    def objective(self, name: str, task: Task) -> Objective:
        if self._in_xgboost:
            return _of_the_image("auto").objective(name, task)
        known = self._objectives()
        if name == "auto":
            return next(iter(known.values()), _NOTHING)
        if name in known:
            return known[name]
        raise UnsuitableObjectiveError(
            f'tuning.objective "{name}" is no metric of {self.title}. Allowed: {", ".join(sorted(known))}, or "auto".'
        )

    def _objectives(self) -> dict[str, Objective]:
        both = self._minimize, self._maximize
        return {name: Objective(name, maximize=bool(directions.maximized(name, *both))) for name in self.metrics}

    def listed_instead(self, objective: Objective) -> Objective | None:
        if not self._in_xgboost:
            return None
        return _of_the_image("auto").listed_instead(objective)

    def static_hyperparameters(
        self,
        task: Task,  # noqa: ARG002
        classes: int | None,  # noqa: ARG002
        objective: Objective,  # noqa: ARG002
        chosen: Mapping[str, Any],
        rows: int | None = None,  # noqa: ARG002
    ) -> dict[str, str]:
        from chalicelib.algorithms.hyperparameters import as_text

        values = {_ROUNDS: 100, **chosen} if self._in_xgboost else chosen
        return {name: as_text(value) for name, value in sorted(values.items())}


_NOTHING = Objective("none", maximize=True)
"""Of a script that prints no metric: it is trained once and tuned for nothing."""


def _of_the_image(name: str) -> Algorithm:
    """Who knows SageMaker's XGBoost image: its built-in the hyperparameters, our own script the metrics."""
    from chalicelib.algorithms import BUILT_IN

    return BUILT_IN.of({"algorithm": name})
