"""Many boosters as one: the same sum, read from and written in XGBoost's own binary JSON."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xgboost as xgb

from jobs.encoding.columns import Floats
from jobs.ensemble import binary_json
from jobs.ensemble.boosting import Trees
from jobs.ensemble.losses import width
from jobs.ensemble.merging import Part, merge, nodes

FORMS: dict[int, dict[str, Any]] = {
    0: {"objective": "reg:squarederror"},
    2: {"objective": "binary:logistic"},
    3: {"objective": "multi:softprob", "num_class": 3},
}


def rows(features: int = 8) -> Floats:
    draw = np.random.default_rng(1)
    matrix = draw.normal(size=(300, features)).astype(np.float32)
    matrix[draw.random(matrix.shape) < 0.1] = np.nan
    return matrix


def labels(matrix: Floats, classes: int) -> npt.NDArray[np.float64]:
    found = np.nan_to_num(matrix[:, 0]) + np.nan_to_num(matrix[:, 1]) ** 2
    return np.digitize(found, [0.3, 1.5][: classes - 1]).astype(float) if classes else found.astype(float)


def trees(matrix: Floats, classes: int, rounds: int = 7, kept: int = 5, **form: Any) -> Trees:
    asked = FORMS[classes] | {"nthread": 1, "subsample": 0.8} | form
    return Trees(xgb.train(asked, xgb.DMatrix(matrix, labels(matrix, classes)), rounds), kept)


@pytest.mark.parametrize("classes", FORMS)
def test_the_sum_is_what_the_boosters_say_times_their_weights(classes: int) -> None:
    matrix = rows()
    columns = np.array([0, 1, 2, 5]), np.array([7, 0, 1])
    members = [
        trees(matrix[:, columns[0]], classes, max_depth=4),
        trees(matrix[:, columns[1]], classes, num_parallel_tree=3, max_leaves=6, grow_policy="lossguide"),
    ]
    parts = [Part(one, weight, of) for one, weight, of in zip(members, (0.3, 0.7), columns, strict=True)]
    merged = merge(parts, classes, matrix.shape[1])
    booster = xgb.Booster()
    booster.load_model(bytearray(merged.model or b""))

    found = booster.inplace_predict(matrix, predict_type="margin").reshape(len(matrix), -1) + merged.base
    wanted = sum(part.weight * part.trees.margins(matrix[:, part.columns]) for part in parts)
    assert found.shape == (len(matrix), width(classes))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=2e-6)


def test_no_tree_is_a_base_alone() -> None:
    merged = merge([], 3, 4)
    assert merged.model is None
    assert merged.base.tolist() == [0, 0, 0]


def test_nodes_are_the_depths_of_the_trees_that_count() -> None:
    grown = trees(rows(), 2, max_leaves=7, grow_policy="lossguide")
    assert nodes(grown) == sum(_depth(tree) for tree in grown.booster.get_dump(dump_format="json")[:5])
    assert merge([Part(grown, 1.0, np.arange(8))], 2, 8).nodes == nodes(grown)


def _depth(tree: str) -> int:
    def below(node: dict[str, Any]) -> int:
        return 1 + max(map(below, node["children"])) if "children" in node else 0

    return below(json.loads(tree))


def test_a_tree_of_one_leaf_is_walked_through_by_nobody() -> None:
    assert nodes(trees(rows(), 0, gamma=1e9)) == 0


@pytest.mark.parametrize("classes", FORMS)
def test_binary_json_is_read_and_written_as_xgboost_does(classes: int) -> None:
    booster = trees(rows(), classes).booster
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


def test_binary_json_of_somebody_else_is_refused() -> None:
    with pytest.raises(ValueError, match="byte 1"):
        binary_json.read(b"H\x00")
    with pytest.raises(ValueError, match="no array"):
        binary_json.read(b"[$d\x00")
