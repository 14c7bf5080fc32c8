"""The hyperparameters of SageRelay's ensemble: those of XGBoost that mean something for its members.

Names and bounds are within what the built-in XGBoost has registered, because SageMaker checks them for this image
whatever runs in it. What the script decides itself (on which rows, from which score, and `max_bin`, because all members
learn from one table that is cut into bins once) is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.algorithms.hyperparameters import LARGEST_WHOLE, Choice, Kind, Number, as_text, whole
from chalicelib.algorithms.objectives import Objective
from chalicelib.contract.metrics import Task

MOST_ROUNDS = 5_000
"""Early stopping finds how many are needed; this bounds the size of a member, and so the time of an answer."""
_SHARE = Number(0, 1, open_low=True, tunable=True)
_PENALTY = Number(0, tunable=True)

KINDS: dict[str, Kind] = {
    "num_round": whole(1, MOST_ROUNDS),
    "early_stopping_rounds": whole(1, MOST_ROUNDS),
    "eta": Number(0, 1, open_low=True, tunable=True),
    "gamma": _PENALTY,
    "max_depth": whole(0, 30, tunable=True),
    "max_leaves": whole(0, 65_536),
    "grow_policy": Choice(("depthwise", "lossguide")),
    "min_child_weight": _PENALTY,
    "max_delta_step": _PENALTY,
    "subsample": _SHARE,
    "colsample_bytree": _SHARE,
    "colsample_bylevel": _SHARE,
    "colsample_bynode": _SHARE,
    "lambda": _PENALTY,
    "alpha": _PENALTY,
    "seed": whole(0, LARGEST_WHOLE - 1),
    "num_class": whole(2),
}

DEFAULTS: dict[str, Any] = {"num_round": 3000, "early_stopping_rounds": 60, "eta": 0.05, "max_depth": 6, "seed": 7}


def contradictions(chosen: Mapping[str, str]) -> list[str]:
    """What is right by itself and wrong beside the others."""
    if chosen.get("max_depth") == "0" and chosen.get("max_leaves", "0") == "0":
        return ['"max_depth: 0", which is no limit, needs "max_leaves" of 1 or more']
    return []


def static(task: Task, classes: int | None, _objective: Objective, chosen: Mapping[str, Any]) -> dict[str, str]:
    """All hyperparameters of a training but the tuned ones, as the strings SageMaker wants.

    Which metric is printed the script learns from plan.json: its members are fitted by log loss or squared error.
    """
    values = {**DEFAULTS, **chosen, "objective": _LEARNING_OBJECTIVE[task]}
    if task is Task.MULTICLASS:
        values["num_class"] = classes
    return {name: as_text(value) for name, value in sorted(values.items())}


_LEARNING_OBJECTIVE = {
    Task.BINARY: "binary:logistic",
    Task.MULTICLASS: "multi:softprob",
    Task.REGRESSION: "reg:squarederror",
}
