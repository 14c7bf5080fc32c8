"""Which rows judge which: each once, and none that it was learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.ensemble.folds import FEW_ROWS, FOLDED_AT_MOST, HELD_OUT_AT_MOST, Folds, folds, of_a_trial

Array = npt.NDArray[Any]


def of(labels: Array, classes: int = 0, how: str = "stratified", train_rows: int | None = None) -> Folds:
    return folds(labels, train_rows or max(1, len(labels) - 1), classes=classes, how=how, seed=7)


def sound(found: Folds, rows: int) -> None:
    """No row judges what it taught."""
    for part in found.parts:
        assert len(part.learned)
        assert len(part.judged)
        assert not set(part.learned.tolist()) & set(part.judged.tolist())
        assert len(part.learned) + len(part.judged) == rows


@pytest.mark.parametrize("rows", [2, 3, 5, 20, 300, FEW_ROWS, FEW_ROWS + 1])
@pytest.mark.parametrize("classes", [0, 2, 5])
def test_each_row_is_judged_once(rows: int, classes: int) -> None:
    draw = np.random.default_rng(rows)
    found = of(draw.integers(0, classes, rows).astype(float) if classes else draw.normal(size=rows), classes)
    sound(found, rows)
    assert sorted(found.judged.tolist()) == list(range(rows))
    assert not found.refitted
    assert len(found.parts) <= (8 if rows < FEW_ROWS else 5)


@pytest.mark.parametrize("counts", [(200, 3), (200, 1), (199, 2, 1), (1, 1), (1, 1, 1, 1), (2, 1), (0, 7)])
def test_a_class_of_fewer_rows_than_folds_goes_where_it_can(counts: tuple[int, ...]) -> None:
    labels = np.repeat(np.arange(len(counts)), counts).astype(float)
    found = of(labels, len(counts))
    sound(found, len(labels))
    assert sorted(found.judged.tolist()) == list(range(len(labels)))


def test_each_class_is_spread_over_the_folds() -> None:
    labels = np.repeat([0.0, 1.0], [360, 40])
    assert [int(labels[part.judged].sum()) for part in of(labels, 2).parts] == [5] * 8


@pytest.mark.parametrize("how", ["time", "group"])
def test_rows_that_were_kept_apart_are_the_ones_that_judge(how: str) -> None:
    found = of(np.zeros(100), how=how, train_rows=70)
    assert found.refitted
    assert [part.judged.tolist() for part in found.parts] == [list(range(70, 100))]
    assert found.parts[0].learned.tolist() == list(range(70))


def test_of_many_rows_one_part_judges() -> None:
    rows = FOLDED_AT_MOST + 1
    found = of(np.random.default_rng(0).normal(size=rows))
    assert found.refitted
    assert len(found.parts) == 1
    sound(found, rows)
    assert len(found.judged) == pytest.approx(rows / 5, abs=1)
    most = of(np.zeros(1_000_000))
    assert len(most.judged) <= HELD_OUT_AT_MOST


def test_a_trial_is_judged_by_all_folds_where_rows_are_few_and_by_the_first_where_not() -> None:
    few, some = of(np.zeros(5_000)), of(np.zeros(5_001))
    assert of_a_trial(few) is few
    assert of_a_trial(some).parts == some.parts[:1]


def test_the_seed_decides() -> None:
    labels = np.random.default_rng(0).normal(size=50)
    first, again = of(labels), of(labels)
    other = folds(labels, 49, classes=0, how="stratified", seed=8)
    assert [part.judged.tolist() for part in first.parts] == [part.judged.tolist() for part in again.parts]
    assert [part.judged.tolist() for part in first.parts] != [part.judged.tolist() for part in other.parts]
