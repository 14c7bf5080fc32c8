"""Which hyperparameters the container takes: names, types, ranges, and what depends on what.

All values arrive as strings. `validate` refuses what the container refuses, in its words and in its order: unknown
names first, then types, ranges, dependencies. One table is the whole knowledge; xgboost's own checks come later, in
training.
"""

import ast
import math
from collections.abc import Mapping
from typing import Any

from local.containers.errors import AlgorithmError, UserError
from local.containers.kinds import Dependent, Interval, Kind
from local.containers.xgboost.objectives import MAXIMIZED, MINIMIZED

OBJECTIVES = (
    "aft_loss_distribution", "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax",
    "multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear", "reg:squarederror", "reg:logistic",
    "reg:gamma", "reg:pseudohubererror", "reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie", "survival:aft",
    "survival:cox",
)  # fmt: skip
ALIASES = {"learning_rate": "eta", "min_split_loss": "gamma", "reg_lambda": "lambda", "reg_alpha": "alpha"}
_TREE_GROWERS = ("grow_colmaker", "distcol", "grow_histmaker", "grow_quantile_histmaker")
_TREE_UPDATERS = (*_TREE_GROWERS, "grow_skmaker", "sync", "refresh", "prune")
_LINEAR_UPDATERS = ("shotgun", "coord_descent")
# The container's table of updaters lacks grow_quantile_histmaker, so that it refuses what its own next check allows.
_UPDATERS = (
    "grow_colmaker",
    "distcol",
    "grow_histmaker",
    "grow_skmaker",
    "sync",
    "refresh",
    "prune",
    *_LINEAR_UPDATERS,
)


class _Metrics:
    """The evaluation metrics, some of which take a threshold: `error@0.3`, `ndcg@5`, `map@5`."""

    def __contains__(self, metric: str) -> bool:
        if "<function" in metric:
            raise UserError(f"User defined evaluation metric {metric} is not supported yet.")
        if "@" not in metric:
            return metric in MAXIMIZED + MINIMIZED
        name, threshold = (part.strip() for part in metric.split("@")[:2])
        if name not in ("error", "ndcg", "map"):
            raise UserError(
                f"Metric '{metric}' is not supported. Parameter 'eval_metric' with customized threshold should "
                "be one of these options: 'error', 'ndcg', 'map'."
            )
        try:
            float(threshold)
        except ValueError:
            raise UserError(f"Threshold value 't' in '{name}@t' expects float input.") from None
        return True

    def __str__(self) -> str:
        return str([*MAXIMIZED, *MINIMIZED])


def _listed(text: str) -> list[str]:
    return text.split(",")


def _check_updater(value: list[str], given: Mapping[str, Any]) -> None:
    if given.get("booster") == "gblinear":
        if len(value) != 1 or value[0] not in _LINEAR_UPDATERS:
            raise UserError("Linear updater should be one of these options: 'shotgun', 'coord_descent'.")
    elif given.get("process_type") == "update":
        if not set(value) <= {"refresh", "prune"}:
            raise UserError("process_type 'update' can only be used with updater 'refresh' and 'prune'")
    elif not set(value) <= set(_TREE_UPDATERS):
        options = ", ".join(f"'{name}'" for name in _TREE_UPDATERS)
        raise UserError(f"Tree updater should be selected from these options: {options}.")
    elif sum(name in _TREE_GROWERS for name in value) > 1:
        raise UserError("Only one tree grow plugin can be selected.")


def _check_objective(value: str, given: Mapping[str, Any]) -> None:
    if value in ("multi:softmax", "multi:softprob") and given.get("num_class") is None:
        raise UserError("Require input for parameter 'num_class' for multi-classification")


def _check_metrics(value: list[str], given: Mapping[str, Any]) -> None:
    if "objective" not in given:  # the container looks it up without asking, and fails with a KeyError
        raise AlgorithmError("KeyError: 'objective' (eval_metric is given without objective)")
    objective = given["objective"]
    if "auc" in value and not objective.startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in value and objective != "survival:aft":
        raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")


def _only_with(name: str, methods: tuple[str, ...]) -> Dependent:
    def check(value: Any, given: Mapping[str, Any]) -> None:  # noqa: ARG001
        if given.get("tree_method") not in methods:
            *first, last = (f"'{method}'" for method in methods)
            options = f"either {', '.join(first)} or {last}"
            raise UserError(f"{name} can be used only when the tree_method parameter is set to {options}.")

    return check


def _integer(low: float, high: float = math.inf) -> Kind:
    return Kind(int, Interval(low, high))


def _real(interval: Interval) -> Kind:
    return Kind(float, interval)


def _choice(*values: str) -> Kind:
    return Kind(str, list(values))


_SHARE = Interval(0, 1, low_open=True)
_NOT_NEGATIVE = Interval(0)
KINDS: dict[str, Kind] = {
    "num_round": _integer(1),
    "csv_weights": _integer(0, 1),
    "early_stopping_rounds": _integer(1),
    "booster": _choice("gbtree", "gblinear", "dart"),
    "verbosity": _integer(0, 3),
    "nthread": _integer(1),
    "eta": _real(Interval(0, 1)),
    "gamma": _real(_NOT_NEGATIVE),
    "max_depth": _integer(0),
    "min_child_weight": _real(_NOT_NEGATIVE),
    "max_delta_step": _real(_NOT_NEGATIVE),
    "subsample": _real(_SHARE),
    "colsample_bytree": _real(_SHARE),
    "colsample_bylevel": _real(_SHARE),
    "colsample_bynode": _real(_SHARE),
    "lambda": _real(_NOT_NEGATIVE),
    "alpha": _real(_NOT_NEGATIVE),
    "tree_method": _choice("auto", "exact", "approx", "hist", "gpu_hist"),
    "sketch_eps": _real(Interval(0, 1, low_open=True, high_open=True)),
    "scale_pos_weight": _real(Interval(0, low_open=True)),
    "updater": Kind(_listed, list(_UPDATERS), listed=True, needs=("booster", "process_type"), check=_check_updater),
    "dsplit": _choice("row", "col"),
    "refresh_leaf": _integer(0, 1),
    "process_type": _choice("default", "update"),
    "grow_policy": _choice("depthwise", "lossguide"),
    "max_leaves": _integer(0),
    "max_bin": _integer(0),
    "predictor": _choice("auto", "cpu_predictor", "gpu_predictor"),
    "monotone_constraints": Kind(
        ast.literal_eval, [-1, 0, 1], listed=True, needs=("tree_method",),
        check=_only_with("monotone_constraints", ("exact", "hist")),
    ),
    "interaction_constraints": Kind(
        ast.literal_eval, Interval(1), listed=True, nested=True, needs=("tree_method",),
        check=_only_with("interaction_constraints", ("exact", "hist", "approx")),
    ),
    "sample_type": _choice("uniform", "weighted"),
    "normalize_type": _choice("tree", "forest"),
    "rate_drop": _real(Interval(0, 1)),
    "one_drop": _integer(0, 1),
    "skip_drop": _real(Interval(0, 1)),
    "lambda_bias": _real(Interval(0, 1)),
    "tweedie_variance_power": _real(Interval(1, 2, low_open=True, high_open=True)),
    "objective": Kind(str, list(OBJECTIVES), needs=("num_class",), check=_check_objective),
    "num_class": _integer(2),
    "base_score": _real(_NOT_NEGATIVE),
    "_kfold": _integer(2),
    "_num_cv_round": _integer(1),
    "_tuning_objective_metric": _choice(*(f"validation:{metric}" for metric in MAXIMIZED + MINIMIZED)),
    "eval_metric": Kind(_listed, _Metrics(), listed=True, needs=("objective",), check=_check_metrics),
    "seed": Kind(int, Interval(-(2**31), 2**31 - 1, low_open=True, high_open=True)),
    "num_parallel_tree": _integer(1),
    "save_model_on_termination": _choice("true", "false"),
    "aft_loss_distribution": _choice("normal", "logistic", "extreme"),
    "aft_loss_distribution_scale": _real(_NOT_NEGATIVE),
    "deterministic_histogram": _choice("true", "false"),
    "sampling_method": _choice("uniform", "gradient_based"),
    "prob_buffer_row": Kind(int, Interval(1, low_open=True)),
    "use_dask_gpu_training": _choice("true", "false"),
}  # fmt: skip

TUNABLE = frozenset(
    {"num_round", "eta", "gamma", "max_depth", "min_child_weight", "max_delta_step", "subsample", "lambda", "alpha"}
    | {"colsample_bytree", "colsample_bylevel", "colsample_bynode"}
)
"""What the container's makers have marked so for SageMaker's tuning."""


def validate(hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """The hyperparameters, aliases resolved and values read; raises `UserError` as the container does."""
    named = {ALIASES.get(name, name): value for name, value in hyperparameters.items()}
    if "num_round" not in named:
        raise UserError("Missing required hyperparameter: num_round")
    values = {name: _parsed(name, value) for name, value in named.items()}
    for name, value in values.items():
        _check_range(name, value)
    for name, value in values.items():
        kind = KINDS[name]
        if kind.check:
            kind.check(value, {need: values[need] for need in kind.needs if need in values})
    return values


def _parsed(name: str, value: str) -> Any:
    if name not in KINDS:
        raise UserError(f"Extraneous hyperparameter found: {name}")
    try:
        return KINDS[name].parse(value)
    except (ValueError, SyntaxError):
        raise UserError(f"Hyperparameter {name}: could not parse value (caused by ValueError)") from None


def _check_range(name: str, value: Any) -> None:
    kind = KINDS[name]
    try:
        members = [item for part in value for item in (part if kind.nested else [part])] if kind.listed else [value]
        fits = all(member in kind.allowed for member in members)
    except TypeError:
        failure = f"Hyperparameter {name}: unexpected failure when validating {value} (caused by TypeError)"
        raise AlgorithmError(failure) from None
    if not fits:
        what = f"value {value} not in range" if kind.listed else f"{value} is not in"
        raise UserError(f"Hyperparameter {name}: {what} {kind.allowed}")
