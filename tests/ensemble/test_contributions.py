"""What columns add to an answer: XGBoost's own figures for trees, exact for lines, and together the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from jobs.ensemble import random_trees
from jobs.ensemble.contributions import Contributions, of_line, of_trees
from jobs.ensemble.linear import Line, scaling
from jobs.ensemble.merging import Part, merge
from tests.ensemble.test_merging import FEATURES, FORMS, ROWS, drawn, fitted

NONE = np.zeros(0)


def merged(parts: list[Part], classes: int) -> xgb.Booster:
    found = merge(parts, classes, FEATURES)
    assert found.model is not None
    assert found.branches > 0
    return xgb.Booster(model_file=bytearray(found.model))


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_of_merged_trees_they_are_those_of_the_members_by_their_weights(classes: int) -> None:
    matrix, labels = drawn(classes, 1)
    expected, parts = np.zeros(0), list[Part]()
    for form, weight, columns in (("deep", 0.7, [0, 2, 3, 5]), ("forest", 0.3, [4, 1, 0])):
        own = np.ascontiguousarray(matrix[:, columns])
        trees = fitted(FORMS[form], own, labels, classes)
        said = trees.booster.predict(xgb.DMatrix(own), pred_contribs=True, strict_shape=True)
        whole = np.zeros((ROWS, said.shape[1], FEATURES))
        whole[:, :, columns] = said[:, :, :-1]
        expected = weight * whole if not parts else expected + weight * whole
        parts.append(Part(trees, weight, np.array(columns)))
    found = of_trees(merged(parts, classes), matrix, NONE)
    np.testing.assert_allclose(found.parts, expected, atol=0.02 * np.abs(expected).max())  # covers have eight bits


def test_of_trees_cut_at_random_they_are_what_the_rows_say() -> None:
    matrix, _ = drawn(0, 2)
    labels = np.nan_to_num(matrix[:, 1]).astype(np.float64) * 3
    trees = random_trees.fit(matrix, labels, {"trees": 10, "leaves": 30, "tried": FEATURES}, seed=1)
    found = of_trees(merged([Part(trees, 1.0, np.arange(FEATURES))], 0), matrix, NONE)
    assert found.base[0] == pytest.approx(
        labels.mean(), abs=0.02 * float(labels.std())
    )  # of all rows, each of the same weight
    sizes = np.abs(found.parts[:, 0]).mean(axis=0)
    assert sizes[1] > 5 * np.delete(sizes, 1).max()


def test_of_a_logarithm_each_part_grows_as_the_whole_does() -> None:
    matrix, labels = drawn(0, 3)
    plain, logarithm = (fitted(FORMS[form], matrix, labels, 0) for form in ("deep", "stump"))
    every = np.arange(FEATURES)
    found = of_trees(
        merged([Part(plain, 1.0, every), Part(logarithm, 1.0, every, 1)], 0), matrix, np.array([2.0])
    )  # fmt: skip
    whole = plain.margins(matrix)[:, 0] + 2 * np.expm1(logarithm.margins(matrix)[:, 0])
    np.testing.assert_allclose(found.base + found.parts.sum(axis=2)[:, 0], whole, atol=1e-5)
    alone = of_trees(merged([Part(plain, 1.0, every)], 0), matrix, NONE)
    shares = (found.parts - alone.parts)[:, 0]
    of_logarithm = of_trees(merged([Part(logarithm, 1.0, every)], 0), matrix, NONE).parts[:, 0]
    chosen = np.abs(of_logarithm).max(axis=1) > 1e-3
    cosine = (shares * of_logarithm).sum(axis=1)[chosen]
    lengths = np.linalg.norm(shares, axis=1)[chosen] * np.linalg.norm(of_logarithm, axis=1)[chosen]
    np.testing.assert_allclose(cosine, lengths, rtol=1e-4)


def test_of_a_line_they_are_the_weight_times_the_way_from_the_mean() -> None:
    draw = np.random.default_rng(4)
    matrix = np.column_stack([draw.normal(5, 2, 400), draw.integers(0, 2, 400), np.full(400, 3.0)]).astype(np.float32)
    even = scaling(matrix)
    assert even.spread_out == (0,)
    line = Line(np.array([[2.0, -1.0, 0.0, 0.5]]), np.array([0.25]))
    used = line.used(even)
    found = of_line(line.of(even, used), even.of(used), matrix, used, 3)
    scaled = even.apply(matrix)
    np.testing.assert_allclose(found.base + found.parts.sum(axis=2), line.margins(scaled))
    np.testing.assert_allclose(found.parts[:, 0, 1], -scaled[:, 1])
    np.testing.assert_allclose(found.parts[:, 0].mean(axis=0), 0, atol=0.01)
    assert not found.parts[:, :, 2].any()


def test_rounding_is_shared_out_and_nothing_else() -> None:
    found = Contributions(np.array([1.0]), np.array([[[2.0, -1.0, 0.0]]]))
    answer = np.array([[2.0 + 3e-6]])
    assert found.told(answer).parts.tolist() == [[[pytest.approx(2 + 2e-6), pytest.approx(-1 + 1e-6), 0.0]]]
    for wrong in (2.1, np.nan):
        with pytest.raises(ArithmeticError):
            found.told(np.array([[wrong]]))


def test_a_feature_of_two_columns_is_half_each_ones() -> None:
    parts: Any = np.array([[[4.0, 1.0, -3.0]]])
    told = Contributions(np.array([0.0]), parts).by_column(
        [("begun", "ended"), ("begun",), ("town",)], ["town", "ended", "begun"]
    )
    assert told.parts.tolist() == [[[-3.0, 2.0, 3.0]]]
