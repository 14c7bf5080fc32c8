"""Many boosters as one: the same sum of trees in one call, instead of a call a member and fold.

A weighted mean of margins is a sum over all trees of their leaves' values, each times its booster's weight; so the
trees go into one booster with their leaves scaled. Boosters of different folds know different columns (their own target
means), so places of columns are translated on the way. What a booster says before its first tree is added up apart.

What only training wants to know of a node (its gain, its own weight) is zero in the sum: it would be a fifth of the
archive. How many rows came through it stays, in two digits and a half: by that, answers are explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from jobs.ensemble import binary_json
from jobs.ensemble.boosting import Trees, base_margins
from jobs.ensemble.losses import width

_LEAF: Final = -1
_OF_TRAINING: Final = ("base_weights", "loss_changes")
_LEAST_COVER: Final = np.float32(1e-20)


@dataclass(frozen=True)
class Part:
    """One booster of the sum: its share, and where its columns stand among all."""

    trees: Trees
    weight: float
    columns: npt.NDArray[np.int64]
    sum: int = 0
    """Of numbers: which sum the trees go into. What is begun with, before the first tree, is of the first sum alone."""


@dataclass(frozen=True)
class Merged:
    """The sum, as XGBoost's own binary JSON; None without a tree. `base` (width,) is to be added."""

    model: bytes | None
    base: npt.NDArray[np.float64]
    nodes: int
    """Nodes that an answer walks through at most: the depths of all trees."""
    branches: int = 0
    """What an explained answer costs: over all leaves the squares of their depths."""


def merge(parts: Sequence[Part], classes: int, features: int) -> Merged:
    """`features`: how many columns there are in all. Weights are taken as they are.

    Numbers may have several sums; then the booster's margin has as many columns.
    """
    base = np.zeros(width(classes))
    wide = width(classes) + max((part.sum for part in parts), default=0)
    trees: list[dict[str, Any]] = []
    groups: list[int] = []
    for part in parts:
        if not part.sum:
            base += part.weight * base_margins(part.trees.booster, classes)
        grown, of = part.trees.written
        for tree in grown:
            trees.append(_rewritten(tree, part, len(trees), features))
        groups += [part.sum] * len(of) if part.sum else of
    if not trees:
        return Merged(None, base, 0)
    whole = binary_json.read(bytes(parts[0].trees.booster.save_raw("ubj")))
    learner = whole["learner"]
    # Leaves are summed and nothing else is done: no start of its own, no probability.
    zero = "[" + ",".join(["0E0"] * wide) + "]"
    learner["learner_model_param"] |= {"base_score": zero, "num_feature": str(features), "boost_from_average": "0"}
    if wide == 1:
        learner["objective"] = {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}}
    elif wide > width(classes):
        learner["objective"] = {"name": "multi:softprob", "softmax_multiclass_param": {"num_class": str(wide)}}
        learner["learner_model_param"] |= {"num_class": str(wide)}
    learner["attributes"] = {}
    learner["feature_names"], learner["feature_types"] = [], []
    counts = {"num_trees": str(len(trees)), "num_parallel_tree": "1"}
    learner["gradient_booster"]["model"] |= {
        "trees": trees,
        "tree_info": groups,
        "gbtree_model_param": counts,
        "iteration_indptr": list(range(0, len(trees) + 1, wide)) if wide == width(classes) else [0, len(trees)],
    }
    booster = xgb.Booster()
    booster.load_model(bytearray(binary_json.write(whole)))
    sizes = [sizes_of(part.trees.written[0]) for part in parts]
    walked, branches = (sum(each) for each in zip(*sizes, strict=True))
    return Merged(bytes(booster.save_raw("ubj")), base, walked, branches)


def nodes(trees: Trees) -> int:
    """Nodes that an answer of these trees walks through at most: the sum of their depths."""
    return sizes_of(trees.written[0])[0]


def sizes_of(grown: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """The sum of the depths of trees as XGBoost writes them, and that of the squares of their leaves' depths."""
    sizes = [len(tree["left_children"]) for tree in grown]
    starts = np.cumsum([0, *sizes])[:-1]
    of = np.repeat(np.arange(len(grown)), sizes)
    sides = [np.concatenate([tree[side] for tree in grown]) for side in ("left_children", "right_children")]
    children = [np.where(side == _LEAF, _LEAF, side + np.repeat(starts, sizes)) for side in sides]
    total, branches, depth, level = 0, 0, 0, starts
    while len(level):
        below = np.concatenate([side[level] for side in children])
        inner = below[below != _LEAF]
        branches += (len(level) - len(inner) // 2) * depth**2
        total += len(np.unique(of[inner]))
        depth, level = depth + 1, inner
    return total, branches


def _rewritten(tree: dict[str, Any], part: Part, place: int, features: int) -> dict[str, Any]:
    values = tree["split_conditions"].astype(np.float64)
    values[tree["left_children"] == _LEAF] *= part.weight
    return {
        **tree,
        **{name: np.zeros_like(tree[name]) for name in _OF_TRAINING},
        "sum_hessian": _coarse(tree["sum_hessian"]),
        "split_conditions": values.astype(np.float32),
        "split_indices": part.columns[tree["split_indices"]].astype(np.int32),
        "id": place,
        "tree_param": {**tree["tree_param"], "num_feature": str(features)},
    }


def _coarse(cover: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Covers with eight bits instead of 24, which an archive packs; never 0, by which they are divided."""
    bits = np.maximum(cover.astype(np.float32), _LEAST_COVER).view(np.uint32)
    return ((bits + 0x8000) & np.uint32(0xFFFF0000)).view(np.float32)
