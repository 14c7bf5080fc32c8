"""Trees that scikit-learn grows say as XGBoost's the same of every row, also of one that lacks a number."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor

from jobs.encoding.columns import Floats
from jobs.ensemble import random_trees
from jobs.ensemble.boosting import Trees
from jobs.ensemble.merging import Part, merge, nodes

FORM = {"trees": 5, "leaves": 60, "tried": 2}
ROWS, FEATURES, SEED = 200, 4, 3


def rows(seed: int, lacking: float) -> Floats:
    """Whole numbers, too: many rows lie exactly on a cut."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(ROWS, FEATURES)).astype(np.float32)
    matrix[:, 1] = np.round(matrix[:, 1] * 2)
    matrix[draw.random(matrix.shape) < lacking] = np.nan
    return matrix


def grown(matrix: Floats) -> Trees:
    return random_trees.fit(matrix, np.nan_to_num(matrix).sum(axis=1), FORM, SEED)


@pytest.mark.parametrize("lacking", [0.0, 0.3])
def test_every_row_is_answered_as_scikit_learn_answers_it(lacking: float) -> None:
    matrix, fresh = rows(0, lacking), rows(1, lacking)
    middle = np.nanmedian(matrix, axis=0)
    filled, asked = (np.where(np.isnan(one), middle, one) for one in (matrix, fresh))
    own = ExtraTreesRegressor(5, max_leaf_nodes=60, max_features=2, random_state=SEED)
    own.fit(filled, np.nan_to_num(matrix).sum(axis=1))
    trees = grown(matrix)
    np.testing.assert_allclose(trees.margins(fresh)[:, 0], own.predict(asked), atol=1e-5)
    np.testing.assert_allclose(trees.margins(matrix)[:, 0], own.predict(filled), atol=1e-5)
    assert nodes(trees) == sum(tree.get_depth() for tree in own.estimators_)


def test_they_are_a_part_of_a_sum_like_others() -> None:
    trees, fresh = grown(rows(0, 0.1)), rows(1, 0.1)
    merged = merge([Part(trees, 0.25, np.array([3, 2, 1, 0]))], 0, FEATURES)
    again = Trees(trees.booster.__class__(model_file=bytearray(merged.model or b"")), 5)
    np.testing.assert_allclose(again.margins(fresh[:, ::-1].copy()), 0.25 * trees.margins(fresh), atol=1e-6)


def test_what_one_row_says_is_not_shrunk_towards_the_rest() -> None:
    matrix = np.zeros((50, 2), dtype=np.float32)
    matrix[:, 0] = np.arange(50)
    labels = np.zeros(50)
    labels[-1] = 1_000.0
    assert random_trees.fit(matrix, labels, FORM, SEED).margins(matrix)[-1, 0] == pytest.approx(1_000)


def test_a_column_without_a_value_tells_nothing() -> None:
    matrix = rows(0, 0.0)
    matrix[:, 2] = np.nan
    trees = grown(matrix)
    given = matrix.copy()
    given[:, 2] = 5.0
    assert (trees.margins(given) == trees.margins(matrix)).all()


def test_of_several_folds_fewer_trees_answer_and_their_mean_is_a_mean() -> None:
    matrix = rows(0, 0.1)
    labels, form = np.nan_to_num(matrix).sum(axis=1), {**FORM, "trees": random_trees.ANSWERING + 4}
    whole = random_trees.fit(matrix, labels, form, SEED)
    fewer = random_trees.fit(matrix, labels, {**form, "trees": random_trees.ANSWERING}, SEED)  # the first of `whole`
    first, second = random_trees.answering([whole, fewer])
    assert len(first.written[0]) == random_trees.ANSWERING
    np.testing.assert_allclose(first.margins(matrix), fewer.margins(matrix), atol=1e-5)
    assert second is fewer
    assert random_trees.answering([whole]) == (whole,)
