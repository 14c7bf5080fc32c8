"""Many boosters as one: the same sum of trees in one call, instead of a call a member and fold.

A weighted mean of margins is a sum over all trees of their leaves' values, each times its booster's weight; so the
trees go into one booster with their leaves scaled. Boosters of different folds know different columns (their own target
means), so places of columns are translated on the way. What a booster says before its first tree is added up apart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from jobs.ensemble.boosting import Trees, base_margins
from jobs.ensemble.losses import width

_LEAF = -1


@dataclass(frozen=True)
class Part:
    """One booster of the sum: its share, and where its columns stand among all."""

    trees: Trees
    weight: float
    columns: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Merged:
    """The sum, as XGBoost's own binary JSON; None without a tree. `base` (width,) is to be added."""

    model: bytes | None
    base: npt.NDArray[np.float64]
    nodes: int
    """Nodes that an answer walks through at most: the depths of all trees."""


def merge(parts: Sequence[Part], classes: int, features: int) -> Merged:
    """`features`: how many columns there are in all. Weights are taken as they are."""
    base = np.zeros(width(classes))
    trees: list[dict[str, Any]] = []
    groups: list[int] = []
    nodes = 0
    for part in parts:
        base += part.weight * base_margins(part.trees.booster, classes)
        model = _document(part.trees.booster)["learner"]["gradient_booster"]["model"]
        last = model["iteration_indptr"][part.trees.rounds]
        for tree, group in zip(model["trees"][:last], model["tree_info"][:last], strict=True):
            _rewrite(tree, part, len(trees), features)
            nodes += _depth(tree)
            trees.append(tree)
            groups.append(group)
    if not trees:
        return Merged(None, base, 0)
    whole = _document(parts[0].trees.booster)
    learner = whole["learner"]
    wide = width(classes)
    # Leaves are summed and nothing else is done: no start of its own, no probability.
    zero = "[" + ",".join(["0E0"] * wide) + "]"
    learner["learner_model_param"] |= {"base_score": zero, "num_feature": str(features), "boost_from_average": "0"}
    if wide == 1:
        learner["objective"] = {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}}
    learner["attributes"] = {}
    learner["feature_names"], learner["feature_types"] = [], []
    counts = {"num_trees": str(len(trees)), "num_parallel_tree": "1"}
    learner["gradient_booster"]["model"] |= {
        "trees": trees,
        "tree_info": groups,
        "gbtree_model_param": counts,
        "iteration_indptr": list(range(0, len(trees) + 1, wide)),
    }
    booster = xgb.Booster()
    booster.load_model(bytearray(json.dumps(whole).encode()))
    return Merged(bytes(booster.save_raw("ubj")), base, nodes)


def _document(booster: xgb.Booster) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bytes(booster.save_raw("json")))
    return document


def _rewrite(tree: dict[str, Any], part: Part, place: int, features: int) -> None:
    left = np.array(tree["left_children"])
    values = np.array(tree["split_conditions"], dtype=np.float64)
    values[left == _LEAF] *= part.weight
    tree["split_conditions"] = values.astype(np.float32).astype(np.float64).tolist()
    tree["split_indices"] = part.columns[np.array(tree["split_indices"])].tolist()
    tree["id"] = place
    tree["tree_param"]["num_feature"] = str(features)


def _depth(tree: dict[str, Any]) -> int:
    left, right = tree["left_children"], tree["right_children"]
    level, deep = [0], 0
    while level := [child for node in level for child in (left[node], right[node]) if child != _LEAF]:
        deep += 1
    return deep
