"""One booster of many says what they say together, whatever they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.ensemble.boosting import Trees, fit
from jobs.ensemble.losses import width
from jobs.ensemble.merging import Merged, Part, merge

Array = npt.NDArray[Any]

ROWS, FEATURES = 80, 6
FORMS: dict[str, dict[str, Any]] = {
    "deep": {"num_round": 6, "eta": 0.3, "max_depth": 6},
    "stump": {"num_round": 3, "eta": 1, "max_depth": 1},
    "none": {"num_round": 2, "eta": 0.3, "max_depth": 3, "gamma": 1e9},
    "leafwise": {"num_round": 3, "max_depth": 0, "max_leaves": 7, "grow_policy": "lossguide"},
    "forest": {"num_round": 1, "eta": 1, "num_parallel_tree": 4, "max_depth": 3, "subsample": 0.7},
    "boosted forest": {"num_round": 3, "num_parallel_tree": 3, "max_depth": 2, "subsample": 0.5},
    "stopped": {"num_round": 60, "early_stopping_rounds": 2, "eta": 0.9, "max_depth": 5},
}


@st.composite
def sums(draw: st.DrawFn) -> tuple[int, int, list[tuple[str, float, list[int]]]]:
    """Classes, a seed, and of each booster its form, its weight and its columns."""
    columns = st.lists(st.integers(0, FEATURES - 1), min_size=1, max_size=FEATURES, unique=True)
    weight = st.one_of(st.floats(0.03, 1), st.floats(-2, 5).filter(lambda one: abs(one) > 1e-3))
    parts = st.lists(st.tuples(st.sampled_from(list(FORMS)), weight, columns), min_size=1, max_size=5)
    return draw(st.sampled_from([0, 2, 3, 5])), draw(st.integers(0, 10_000)), draw(parts)


def drawn(classes: int, seed: int) -> tuple[Array, Array]:
    """Rows with gaps; a class may be missing among them, or be all of them."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(ROWS, FEATURES)).astype(np.float32)
    matrix[draw.random(matrix.shape) < 0.2] = np.nan
    if not classes:
        return matrix, np.nan_to_num(matrix[:, 0]) + draw.normal(0, 0.1, ROWS)
    return matrix, draw.choice(classes, ROWS, p=draw.dirichlet(np.full(classes, 0.3))).astype(float)


def fitted(form: dict[str, Any], matrix: Array, labels: Array, classes: int, seed: int = 0) -> Trees:
    half = ROWS // 2
    learned = xgb.QuantileDMatrix(matrix[:half], labels[:half])
    judged = xgb.DMatrix(matrix[half:], labels[half:]) if form.get("early_stopping_rounds") else None
    return fit(learned, judged, form, classes, seed=seed, threads=1)


def said(merged: Merged, matrix: Array) -> Array:
    found = np.broadcast_to(merged.base, (len(matrix), len(merged.base)))
    if merged.model is None:
        return found
    booster = xgb.Booster(model_file=bytearray(merged.model))
    trees = booster.inplace_predict(matrix, predict_type="margin", validate_features=False)
    return np.asarray(found + trees.reshape(len(matrix), -1))


@settings(max_examples=40)
@given(sums())
def test_the_merged_one_says_the_weighted_sum(drawn_sum: tuple[int, int, list[tuple[str, float, list[int]]]]) -> None:
    classes, seed, described = drawn_sum
    matrix, labels = drawn(classes, seed)
    parts, expected = [], np.zeros((ROWS, width(classes)))
    for place, (form, weight, columns) in enumerate(described):
        own = np.ascontiguousarray(matrix[:, columns])
        trees = fitted(FORMS[form], own, labels, classes, seed + place)
        parts.append(Part(trees, weight, np.array(columns)))
        expected += weight * trees.margins(own)
    merged = merge(parts, classes, FEATURES)
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(said(merged, matrix) / scale, expected / scale, atol=1e-5)


def test_a_rare_class_does_not_blur_the_start() -> None:
    rows = 20_000
    labels = np.zeros(rows)
    labels[:3] = 1
    matrix = np.random.default_rng(0).normal(size=(rows, 2)).astype(np.float32)
    trees = fit(xgb.QuantileDMatrix(matrix, 1 - labels), None, {"num_round": 1, "eta": 0}, 2, seed=0, threads=1)
    merged = merge([Part(trees, 1.0, np.arange(2))], 2, 2)
    np.testing.assert_allclose(said(merged, matrix[:5]), trees.margins(matrix[:5]), rtol=1e-6)


def test_numbers_have_as_many_sums_as_asked_for() -> None:
    matrix, labels = drawn(0, 4)
    amounts = np.exp(labels)
    data = xgb.QuantileDMatrix(matrix, amounts / amounts.mean())
    plain = fitted(FORMS["deep"], matrix, labels, 0)
    logs = [
        fit(data, None, {"num_round": 5, "max_depth": depth}, 0, seed=1, threads=1, exponential=True)
        for depth in (2, 4)
    ]
    columns = np.arange(FEATURES)
    parts = [Part(logs[1], 1.0, columns, 2), Part(plain, 0.5, columns), Part(logs[0], 0.5, columns, 1)]
    found = said(merge(parts, 0, FEATURES), matrix)
    expected = np.hstack([0.5 * plain.margins(matrix), 0.5 * logs[0].margins(matrix), logs[1].margins(matrix)])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_only_the_rounds_that_count_are_in_it_and_an_answer_s_length_is_their_depths() -> None:
    matrix, labels = drawn(0, 1)
    trees = fitted(FORMS["deep"], matrix, labels, 0)
    whole = merge([Part(trees, 1.0, np.arange(FEATURES))], 0, FEATURES)
    cut = merge([Part(Trees(trees.booster, 2), 1.0, np.arange(FEATURES))], 0, FEATURES)
    assert cut.model is not None
    booster = xgb.Booster(model_file=bytearray(cut.model))
    assert booster.num_boosted_rounds() == 2
    frame = booster.trees_to_dataframe()
    depths = [max(_depths(frame[frame.Tree == tree])) for tree in (0, 1)]
    assert cut.nodes == sum(depths)
    assert cut.nodes < whole.nodes


def _depths(frame: Any) -> list[int]:
    deep = {frame.ID.iloc[0]: 0}
    for row in frame.itertuples():
        for child in (row.Yes, row.No):
            if isinstance(child, str):
                deep[child] = deep[row.ID] + 1
    return list(deep.values())


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_of_nothing_the_sum_is_nothing(classes: int) -> None:
    merged = merge([], classes, FEATURES)
    assert (merged.model, merged.nodes, merged.base.tolist()) == (None, 0, [0.0] * width(classes))


def test_the_parts_are_as_they_were() -> None:
    matrix, labels = drawn(2, 3)
    trees = fitted(FORMS["deep"], matrix, labels, 2)
    before = trees.booster.save_raw("json")
    merge([Part(trees, 0.5, np.arange(FEATURES))] * 2, 2, FEATURES)
    assert trees.booster.save_raw("json") == before
