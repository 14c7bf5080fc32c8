"""Trees that are cut at random (Geurts, Ernst and Wehenkel, "Extremely randomized trees", 2006), for numbers.

Boosted trees shrink what few rows say towards the rest: of a company ten times as large as the others little is left.
These trees do not, their leaves are the rows themselves; and between neighbours they draw a line where boosting draws
steps. scikit-learn grows them; then they are written as XGBoost's own trees, cut for cut, so that the ensemble stays
one booster. A missing number goes where the column's median goes.

A leaf a row makes them ten times as large as boosted trees, and a tree more is worth less the more there are. The rows
that judge a fold hear that fold alone, a caller hears all folds: so a fold is judged with more trees than answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from jobs.encoding.columns import Floats
from jobs.ensemble import binary_json
from jobs.ensemble.boosting import Trees, parameters
from jobs.ensemble.losses import Labels

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesRegressor

_LEAF: Final = -1
_ROOTLESS: Final = 2**31 - 1
ANSWERING: Final = 12
"""Trees of each of several folds that answer: with these the member's error is the same to a thousandth as with 30 on
wages, to .3 % on companies, and its size two fifths."""


def fit(matrix: Floats, labels: Labels, form: Mapping[str, Any], seed: int) -> Trees:
    """Grown on all rows of `matrix`. `form`: how many `trees`, how many `leaves` a tree has at most (it is cut where
    that tells most), and how many columns are tried for a cut, `tried`."""
    from sklearn.ensemble import ExtraTreesRegressor  # a second of import that serving must not pay

    known = ~np.isnan(matrix).all(axis=0)
    middle = np.zeros(matrix.shape[1], dtype=np.float32)
    with np.errstate(over="ignore"):  # two numbers that are both as large as can be stored have no mean
        middle[known] = np.nan_to_num(np.nanmedian(matrix[:, known], axis=0))
    grown = ExtraTreesRegressor(
        int(form["trees"]),
        max_features=min(int(form["tried"]), matrix.shape[1]),
        max_leaf_nodes=int(form["leaves"]),
        random_state=seed,
        n_jobs=1,
    ).fit(np.where(np.isnan(matrix), middle, matrix), labels)
    return Trees(_booster(grown, middle), 1)


def answering(folds: Sequence[Trees]) -> tuple[Trees, ...]:
    """The trees of all folds as they answer together: as many of each as suffice. A fold alone keeps all of its own."""
    return tuple(_first(one, ANSWERING) if len(folds) > 1 else one for one in folds)


def _first(trees: Trees, count: int) -> Trees:
    """The mean of the first `count`."""
    grown, _ = trees.written
    if len(grown) <= count:
        return trees
    share = len(grown) / count
    kept = [
        {**tree, "split_conditions": np.where(tree["left_children"] == _LEAF, share, 1) * tree["split_conditions"]}
        for tree in grown[:count]
    ]
    return Trees(_written(trees.booster, kept), 1)


def _booster(grown: ExtraTreesRegressor, middle: Floats) -> xgb.Booster:
    """The mean of the trees as one round of a booster."""
    wide, count = len(middle), len(grown.estimators_)
    stump = xgb.DMatrix(np.zeros((2, wide), dtype=np.float32), np.array([0.0, 1.0]))
    sown = xgb.train(parameters({}, 0, 0, 1), stump, 1)
    (pattern,) = Trees(sown, 1).written[0]
    trees = [
        {**pattern, **_plain(one.tree_, middle, count), "id": place, "tree_param": _size(one.tree_, wide)}
        for place, one in enumerate(grown.estimators_)
    ]
    return _written(sown, trees)


def _written(pattern: xgb.Booster, trees: Sequence[Mapping[str, Any]]) -> xgb.Booster:
    """One round of these trees, in all else as `pattern`."""
    whole = binary_json.read(bytes(pattern.save_raw("ubj")))
    model, count = whole["learner"]["gradient_booster"]["model"], len(trees)
    model["trees"] = [{**one, "split_conditions": one["split_conditions"].astype(np.float32)} for one in trees]
    model["tree_info"] = [0] * count
    model["gbtree_model_param"] |= {"num_parallel_tree": str(count), "num_trees": str(count)}
    model["iteration_indptr"] = [0, count]
    booster = xgb.Booster()
    booster.load_model(bytearray(binary_json.write(whole)))
    return booster


def _size(tree: Any, wide: int) -> dict[str, str]:
    return {"num_deleted": "0", "num_feature": str(wide), "num_nodes": str(tree.node_count), "size_leaf_vector": "1"}


def _plain(tree: Any, middle: Floats, count: int) -> dict[str, npt.NDArray[Any]]:
    """A tree of scikit-learn's as XGBoost writes one, its leaves' values divided by the number of trees.

    XGBoost takes a right child to stand behind its left sibling; scikit-learn puts all that is below the left between.
    """
    inner = np.flatnonzero(tree.children_left >= 0)
    order = np.concatenate([[0], np.column_stack([tree.children_left[inner], tree.children_right[inner]]).reshape(-1)])
    place = np.empty(tree.node_count, dtype=np.int32)
    place[order] = np.arange(tree.node_count)
    left, right = (_LEAF * np.ones(tree.node_count, dtype=np.int32) for _ in range(2))
    parents = np.full(tree.node_count, _ROOTLESS, dtype=np.int32)
    left[place[inner]], right[place[inner]] = place[tree.children_left[inner]], place[tree.children_right[inner]]
    parents[left[place[inner]]] = parents[right[place[inner]]] = place[inner]
    columns = np.where(left == _LEAF, 0, tree.feature[order]).astype(np.int32)
    cuts = _above(tree.threshold[order])
    nothing = np.zeros(tree.node_count, dtype=np.float32)
    return {
        "left_children": left,
        "right_children": right,
        "parents": parents,
        "split_indices": columns,
        "split_conditions": np.where(left == _LEAF, tree.value[order, 0, 0] / count, cuts),
        "split_type": np.zeros(tree.node_count, dtype=np.uint8),
        "default_left": ((left != _LEAF) & (middle[columns] < cuts)).astype(np.uint8),
        "base_weights": nothing,
        "loss_changes": nothing,
        "sum_hessian": tree.weighted_n_node_samples[order].astype(np.float32),
    }


def _above(cuts: npt.NDArray[np.float64]) -> Floats:
    """scikit-learn goes left up to a cut, XGBoost below it: the least number of single precision that is above."""
    single = cuts.astype(np.float32)
    return np.where(single > cuts, single, np.nextafter(single, np.float32(np.inf)))
