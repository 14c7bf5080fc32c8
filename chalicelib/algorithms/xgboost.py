"""SageMaker's built-in XGBoost: hyperparameters it takes, sensible defaults, and the ranges worth tuning.

Facts from the container's own validation (sagemaker-xgboost-container, hyperparameter_validation.py) and, for the
ranges, from AWS's "Tune an XGBoost Model", narrowed where its upper ends only cost time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.algorithms.objectives import Objective, Task

CONTENT_TYPE = "application/x-parquet"

SET_BY_SAGERELAY = frozenset({"objective", "num_class", "eval_metric"})
"""These follow from the task and the tuning objective; a person who sets them contradicts one of the two."""

INTEGERS = frozenset(
    {"num_round", "early_stopping_rounds", "verbosity", "nthread", "max_depth", "refresh_leaf", "max_leaves", "max_bin"}
    | {"one_drop", "seed", "num_parallel_tree", "csv_weights"}
)
CONTINUOUS = frozenset(
    {"eta", "gamma", "min_child_weight", "max_delta_step", "subsample", "lambda", "alpha", "sketch_eps"}
    | {"colsample_bytree", "colsample_bylevel", "colsample_bynode", "scale_pos_weight", "base_score"}
    | {"rate_drop", "skip_drop", "lambda_bias"}
)
CATEGORICAL = frozenset(
    {"booster", "tree_method", "updater", "dsplit", "process_type", "grow_policy", "predictor", "sample_type"}
    | {"monotone_constraints", "interaction_constraints", "normalize_type", "save_model_on_termination"}
    | {"deterministic_histogram", "sampling_method"}
)
HYPERPARAMETERS = INTEGERS | CONTINUOUS | CATEGORICAL

TUNABLE = frozenset(
    {"num_round", "eta", "gamma", "max_depth", "min_child_weight", "max_delta_step", "subsample", "lambda", "alpha"}
    | {"colsample_bytree", "colsample_bylevel", "colsample_bynode"}
)

DEFAULTS: dict[str, Any] = {"num_round": 200, "early_stopping_rounds": 20, "eta": 0.2, "max_depth": 6, "seed": 7}

DEFAULT_RANGES: dict[str, dict[str, Any]] = {
    "eta": {"min": 0.02, "max": 0.5, "scaling": "Logarithmic"},
    "max_depth": {"min": 2, "max": 10, "scaling": "Linear"},
    "min_child_weight": {"min": 0.5, "max": 30, "scaling": "Logarithmic"},
    "subsample": {"min": 0.5, "max": 1.0, "scaling": "Linear"},
    "colsample_bytree": {"min": 0.4, "max": 1.0, "scaling": "Linear"},
    "lambda": {"min": 0.01, "max": 100, "scaling": "Logarithmic"},
    "alpha": {"min": 0.001, "max": 10, "scaling": "Logarithmic"},
}


def static_hyperparameters(
    task: Task, classes: int | None, objective: Objective, chosen: Mapping[str, Any]
) -> dict[str, str]:
    """All hyperparameters of a training but the tuned ones, as the strings SageMaker wants.

    Several metrics are printed. The container stops a tuning's trials by the objective, and the training after it by
    the last metric listed: log loss for classes, because ranks and hits can be at their best after a single tree,
    whose probabilities all lie near one half.
    """
    values = {**DEFAULTS, **chosen, "objective": _LEARNING_OBJECTIVE[task]}
    if task is Task.MULTICLASS:
        values["num_class"] = classes
    last = _STOPS_TRAINING.get(task, objective.eval_metric)
    others = dict.fromkeys((*_ALWAYS_PRINTED[task], objective.eval_metric))
    values["eval_metric"] = ",".join([*(metric for metric in others if metric != last), last])
    return {name: as_text(value) for name, value in sorted(values.items())}


def as_text(value: Any) -> str:
    """A hyperparameter's value as SageMaker wants it: text, with booleans as the container spells them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


_LEARNING_OBJECTIVE = {
    Task.BINARY: "binary:logistic",
    Task.MULTICLASS: "multi:softprob",
    Task.REGRESSION: "reg:squarederror",
}
_ALWAYS_PRINTED = {
    Task.BINARY: ("error", "logloss", "auc"),
    Task.MULTICLASS: ("merror", "mlogloss"),
    Task.REGRESSION: ("mae", "rmse"),
}
_STOPS_TRAINING = {Task.BINARY: "logloss", Task.MULTICLASS: "mlogloss"}
