"""The linear member: columns made even, of one row as of many, and a line without the columns that say nothing."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from jobs.encoding.columns import Floats
from jobs.ensemble import linear
from jobs.ensemble.linear import Line


def rows(count: int = 400) -> Floats:
    """Numbers with a long tail, a flag, what is always the same, few values often, and nothing at all."""
    draw = np.random.default_rng(3)
    wide = draw.lognormal(0, 2, count)
    wide[::9] = np.nan
    often = np.where(draw.random(count) < 0.6, 0.0, draw.normal(size=count))
    flag, same, nothing = draw.integers(0, 2, count), np.full(count, 4.0), np.full(count, np.nan)
    return np.column_stack([wide, flag, same, often, nothing]).astype(np.float32)


def test_a_row_alone_is_scaled_as_among_many() -> None:
    matrix = rows()
    scaling = linear.scaling(matrix)
    assert scaling.spread_out == (0, 3)
    beyond = np.array([[-1e9, 0, 4, 1e9, 0], [1e9, 1, 4, -1e9, 0]], dtype=np.float32)
    asked = np.vstack([matrix, beyond])
    alone = np.vstack([scaling.apply(asked[at : at + 1]) for at in range(len(asked))])
    np.testing.assert_array_equal(alone, scaling.apply(asked))
    assert np.isfinite(alone).all()


def test_scaled_columns_are_even_and_their_normal_scores_are_normal() -> None:
    matrix = rows()
    scaled = linear.scaling(matrix).apply(matrix)
    assert scaled.shape == (len(matrix), 7)
    assert abs(scaled[:, 1].mean()) < 1e-6
    assert abs(scaled[:, 1].std() - 1) < 1e-6
    tail = rows()[:, :1]
    tail = tail[~np.isnan(tail[:, 0])]
    normal = linear.scaling(tail).apply(tail)[:, 1]
    assert abs(normal.std() - 1) < 0.1
    assert abs(np.median(normal)) < 0.05


def test_a_line_needs_only_the_columns_that_have_a_weight() -> None:
    matrix = rows()
    scaling = linear.scaling(matrix)
    coefficients = np.zeros((2, scaling.width))
    coefficients[0, 1], coefficients[1, 6] = 0.5, -0.25  # the flag, and the normal score of column 3
    line = Line(coefficients, np.array([1.0, 2.0]))
    used = line.used(scaling)
    assert used.tolist() == [1, 3]
    found = line.of(scaling, used).margins(scaling.of(used).apply(matrix[:, used]))
    np.testing.assert_allclose(found, line.margins(scaling.apply(matrix)), rtol=1e-12)


def test_a_line_is_fitted_by_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def fit(*_: object) -> Line:
        seen.extend(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
        return Line(np.zeros((1, 2)), np.zeros(1))

    monkeypatch.setattr(linear, "_fit", fit)
    with threadpool_limits(2, user_api="blas"):
        linear.fit(np.zeros((4, 2)), np.zeros(4), 0, 0.3)
    assert set(seen) == {1}
