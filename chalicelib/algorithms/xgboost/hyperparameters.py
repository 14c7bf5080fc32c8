"""SageMaker's built-in XGBoost: hyperparameters it takes, and sensible defaults.

Facts from the container's own validation (sagemaker-xgboost-container, hyperparameter_validation.py).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from chalicelib.algorithms.hyperparameters import LARGEST_WHOLE, Choice, Kind, Number, Written, as_text, whole
from chalicelib.algorithms.objectives import Objective
from chalicelib.contract.metrics import Task


def _all_in(read: Any, kind: type, members: Container[int]) -> bool:
    return isinstance(read, kind) and all(type(one) is int and one in members for one in read)  # type: ignore[attr-defined]


def _groups(read: Any) -> bool:
    return isinstance(read, list) and all(_all_in(group, list, range(1, LARGEST_WHOLE)) for group in read)


_SHARE = Number(0, 1, open_low=True, tunable=True)
_NOT_NEGATIVE = Number(0)
_PENALTY = Number(0, tunable=True)
_PART = Number(0, 1)
_SWITCH = whole(0, 1)
_YES_OR_NO = Choice(("true", "false"))
_GROWERS = frozenset({"grow_colmaker", "grow_histmaker"})
_LINEAR_UPDATERS = frozenset({"shotgun", "coord_descent"})

KINDS: dict[str, Kind] = {
    "num_round": whole(1, tunable=True),
    "early_stopping_rounds": whole(1),
    "booster": Choice(("gbtree", "gblinear", "dart")),
    "verbosity": whole(0, 3),
    "nthread": whole(1),
    "csv_weights": _SWITCH,
    "eta": Number(0, 1, tunable=True),
    "gamma": _PENALTY,
    "max_depth": whole(0, tunable=True),
    "min_child_weight": _PENALTY,
    "max_delta_step": _PENALTY,
    "subsample": _SHARE,
    "colsample_bytree": _SHARE,
    "colsample_bylevel": _SHARE,
    "colsample_bynode": _SHARE,
    "lambda": _PENALTY,
    "alpha": _PENALTY,
    "tree_method": Choice(("auto", "exact", "approx", "hist")),
    "sketch_eps": Number(0, 1, open_low=True, open_high=True),
    "scale_pos_weight": Number(0, open_low=True),
    "updater": Choice((*sorted(_GROWERS), "sync", "prune", *sorted(_LINEAR_UPDATERS)), listed=True),
    "dsplit": Choice(("row", "col")),
    "refresh_leaf": _SWITCH,
    "process_type": Choice(("default",)),
    "grow_policy": Choice(("depthwise", "lossguide")),
    "max_leaves": whole(0),
    "max_bin": whole(2),
    "predictor": Choice(("auto", "cpu_predictor", "gpu_predictor")),
    "monotone_constraints": Written("(1,0,-1)", lambda read: _all_in(read, tuple, {-1, 0, 1})),
    "interaction_constraints": Written("[[1,2],[3]]", _groups),
    "sample_type": Choice(("uniform", "weighted")),
    "normalize_type": Choice(("tree", "forest")),
    "rate_drop": _PART,
    "one_drop": _SWITCH,
    "skip_drop": _PART,
    "lambda_bias": _PART,
    "base_score": _NOT_NEGATIVE,
    "seed": Number(-(2**31), LARGEST_WHOLE, whole=True, open_low=True, open_high=True),
    "num_parallel_tree": whole(1),
    "save_model_on_termination": _YES_OR_NO,
    "deterministic_histogram": _YES_OR_NO,
    "sampling_method": Choice(("uniform", "gradient_based")),
    "num_class": whole(2),
}
"""What the container takes, less what XGBoost 3.2 itself then refuses: `gpu_hist`, updaters that are gone, bins of
nothing, and an update of a model that there is not."""


def contradictions(chosen: Mapping[str, str]) -> list[str]:
    """What is right by itself and wrong beside the others, as the container checks it."""
    method, found = chosen.get("tree_method"), []
    if "monotone_constraints" in chosen and method not in {"exact", "hist"}:
        found.append('"monotone_constraints" needs "tree_method: hist" (or exact)')
    if "interaction_constraints" in chosen and method not in {"exact", "hist", "approx"}:
        found.append('"interaction_constraints" needs "tree_method: hist" (or approx, exact)')
    if method == "exact" and chosen.get("max_depth") == "0":
        found.append('"tree_method: exact" needs "max_depth" of 1 or more')
    if "updater" in chosen:
        updaters = chosen["updater"].split(",")
        if chosen.get("booster") == "gblinear":
            if len(updaters) != 1 or not set(updaters) <= _LINEAR_UPDATERS:
                found.append('"booster: gblinear" needs one "updater": shotgun or coord_descent')
        elif set(updaters) & _LINEAR_UPDATERS:
            found.append('"updater" shotgun and coord_descent need "booster: gblinear"')
        elif updaters[0] not in _GROWERS or len(_GROWERS & set(updaters)) != 1:
            found.append('"updater" must begin with one of grow_colmaker and grow_histmaker, and not have both')
    return found


DEFAULTS: dict[str, Any] = {"num_round": 200, "early_stopping_rounds": 20, "eta": 0.2, "max_depth": 6, "seed": 7}


def static(task: Task, classes: int | None, objective: Objective, chosen: Mapping[str, Any]) -> dict[str, str]:
    """All hyperparameters of a training but the tuned ones, as the strings SageMaker wants.

    Several metrics are printed. The container stops a tuning's trials by the objective, and the training after it by
    the last metric listed: log loss for classes, because ranks and hits can be at their best after a single tree,
    whose probabilities all lie near one half.
    """
    values = {**DEFAULTS, **chosen, "objective": _LEARNING_OBJECTIVE[task]}
    if task is Task.MULTICLASS:
        values["num_class"] = classes
    last = _STOPS_TRAINING.get(task, _eval_metric(objective))
    others = dict.fromkeys((*_ALWAYS_PRINTED[task], _eval_metric(objective)))
    values["eval_metric"] = ",".join([*(metric for metric in others if metric != last), last])
    return {name: as_text(value) for name, value in sorted(values.items())}


def _eval_metric(objective: Objective) -> str:
    """The container's `eval_metric` that makes it print this metric."""
    return objective.metric.removeprefix("validation:")


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
