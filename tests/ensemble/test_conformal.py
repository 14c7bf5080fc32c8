"""Nine of ten: the interval holds fresh rows as often as it says, wherever on the scale they are."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.ensemble.conformal import COVERAGE, interval

Array = npt.NDArray[Any]


def drawn(rows: int, seed: int, *, uneven: bool) -> tuple[Array, Array]:
    """Predictions, and what happened: with errors as large everywhere, or growing with the prediction."""
    draw = np.random.default_rng(seed)
    predictions = draw.uniform(0, 10, rows)
    return predictions, predictions + draw.standard_t(4, rows) * (0.1 + predictions if uneven else 1)


def held(between: Array, actual: Array) -> Array:
    return (between[:, 0] <= actual) & (actual <= between[:, 1])


@pytest.mark.parametrize("uneven", [False, True])
def test_fresh_rows_are_held_as_often_as_it_says(*, uneven: bool) -> None:
    found = interval(*drawn(4_000, 0, uneven=uneven))
    predictions, actual = drawn(40_000, 1, uneven=uneven)
    inside = held(found.around(predictions), actual)
    assert inside.mean() == pytest.approx(COVERAGE, abs=0.015)
    for low in (0, 3, 7):
        assert inside[(predictions >= low) & (predictions < low + 3)].mean() == pytest.approx(COVERAGE, abs=0.05)


def test_where_errors_grow_the_interval_does() -> None:
    found = interval(*drawn(4_000, 0, uneven=True))
    assert found.halves[-1] > 4 * found.halves[0]


@pytest.mark.parametrize("rows", [19, 60, 120])
def test_on_average_few_rows_hold_as_often(rows: int) -> None:
    inside = [
        held(interval(*drawn(rows, seed, uneven=False)).around(fresh), actual).mean()
        for seed in range(200)
        for fresh, actual in [drawn(200, 1_000 + seed, uneven=False)]
    ]
    assert np.mean(inside) == pytest.approx(COVERAGE, abs=0.03)


def test_of_fewer_than_nine_rows_the_largest_error_is_taken() -> None:
    found = interval(np.zeros(4), np.array([1.0, -3.0, 2.0, 0.5]))
    assert found.halves == (3.0,)
    assert found.around(np.array([5.0])).tolist() == [[2.0, 8.0]]


@pytest.mark.parametrize("rows", [1, 2, 400])
def test_predictions_that_are_all_the_same(rows: int) -> None:
    actual = np.linspace(-1, 1, rows)
    found = interval(np.full(rows, 3.0), 3 + actual)
    between = found.around(np.array([3.0, -9.0, 99.0]))
    assert np.isfinite(between).all()
    assert held(found.around(np.full(rows, 3.0)), 3 + actual).mean() >= COVERAGE
