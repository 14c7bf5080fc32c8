"""XGBoost's binary JSON is read and written as XGBoost does, and what a sum of trees keeps of it."""

import json
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from jobs.encoding.columns import Floats
from jobs.ensemble import binary_json
from jobs.ensemble.boosting import Trees
from jobs.ensemble.merging import Part, merge, nodes

FORMS: dict[int, dict[str, Any]] = {
    0: {"objective": "reg:squarederror"},
    2: {"objective": "binary:logistic"},
    3: {"objective": "multi:softprob", "num_class": 3},
}


def rows() -> Floats:
    draw = np.random.default_rng(1)
    matrix = draw.normal(size=(300, 8)).astype(np.float32)
    matrix[draw.random(matrix.shape) < 0.1] = np.nan
    return matrix


def trees(classes: int, **form: Any) -> Trees:
    matrix = rows()
    found = np.nan_to_num(matrix[:, 0]) + np.nan_to_num(matrix[:, 1]) ** 2
    labels = np.digitize(found, [0.3, 1.5][: classes - 1]) if classes else found
    return Trees(xgb.train(FORMS[classes] | {"nthread": 1} | form, xgb.DMatrix(matrix, labels), 7), 5)


@pytest.mark.parametrize("classes", FORMS)
def test_it_is_read_and_written_as_xgboost_does(classes: int) -> None:
    booster = trees(classes).booster
    booster.set_attr(rounds="5", name="größer")
    content = bytes(booster.save_raw("ubj"))
    again = xgb.Booster()
    again.load_model(bytearray(binary_json.write(binary_json.read(content))))
    assert bytes(again.save_raw("ubj")) == content
    assert _plain(binary_json.read(content)) == _plain(json.loads(bytes(booster.save_raw("json"))))


def _plain(value: Any) -> Any:
    """Numbers as single precision has them; arrays as lists."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | np.ndarray):
        return [_plain(one) for one in value]
    return float(np.float32(value)) if isinstance(value, int | float | np.number) else value


@pytest.mark.parametrize("value", [None, True, False, -3, 2.5, "é", [], {}, [{"a": [1, "b"]}]])
def test_what_is_written_is_read(value: Any) -> None:
    assert binary_json.read(binary_json.write(value)) == value


def test_what_somebody_else_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match="byte 1"):
        binary_json.read(b"H\x00")
    with pytest.raises(ValueError, match="no array"):
        binary_json.read(b"[$d\x00")


def test_a_sum_of_trees_keeps_nothing_that_only_training_asks_for() -> None:
    merged = merge([Part(trees(2), 1.0, np.arange(8))], 2, 8)
    model = binary_json.read(merged.model or b"")["learner"]["gradient_booster"]["model"]
    assert len(model["trees"]) == 5
    for tree in model["trees"]:
        assert len(tree["sum_hessian"]) == len(tree["left_children"])
        assert (tree["sum_hessian"] > 0).all()  # by the rows that came through, answers are explained
        assert not any(tree[name].any() for name in ("base_weights", "loss_changes"))
        assert tree["split_conditions"].any()


def test_a_tree_of_one_leaf_is_walked_through_by_nobody() -> None:
    assert nodes(trees(0, gamma=1e9)) == 0
