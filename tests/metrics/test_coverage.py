"""Intervals hold the truth as often as they say, on few rows and of rare classes; or there is none."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.intervals import COMMON, COMMON_GOOD, HEAVY, NORMAL, RARE, RARE_GOOD, ROWS, THREE, World, coverage
from jobs.metrics.catalogue import CATALOGUE
from jobs.metrics.confusion import confusion_matrix
from jobs.metrics.matrix_intervals import matrix_intervals
from jobs.metrics.mean_intervals import few_decide, heavy_rows, mean_intervals, near_zero, uncertain
from jobs.metrics.paired_intervals import paired_intervals
from jobs.metrics.predictions import Predictions

ENOUGH = 100
"""Given intervals: of fewer a share says nothing."""


@pytest.mark.parametrize(("world", "rows", "wanted"), [(RARE, 300, 0.9), (NORMAL, 100, 0.9), (HEAVY, 300, 0.75)])
def test_a_few_hundred_samples_hold_the_truth(world: World, rows: int, wanted: float) -> None:
    """The bootstrap's percentiles held .43 of F1 and .26 of precision with few positives, .75 of a heavy RMSE."""
    truth, _ = world.truth(200_000)
    names = ("recall", "precision", "f1", "f1_macro", "mcc", "log_loss", "rmse", "r2", "mae")
    held: dict[str, list[bool]] = {}
    for draw in range(250):
        model, _ = world.draw(np.random.default_rng([1, draw]), rows)
        found = mean_intervals(model, names)
        if world.task == "binary":
            found |= matrix_intervals(confusion_matrix(model.actual, model.predicted, 2), names, 1)  # type: ignore[arg-type]
        for name, (low, high) in found.items():
            held.setdefault(name, []).append(low <= truth[name] <= high)
    assert {"f1", "precision", "log_loss"} < held.keys() or {"rmse", "r2", "mae"} == held.keys()
    for name, each in held.items():
        assert np.mean(each) >= wanted, (name, np.mean(each))


def test_nearly_all_heavy_tails_of_many_rows_are_told_and_no_normal_ones() -> None:
    def told(world: World) -> int:
        pairs = (world.draw(np.random.default_rng(draw), 1_000) for draw in range(40))
        return sum(few_decide(model) is not None for model, _ in pairs)

    assert told(HEAVY) >= 34
    assert told(NORMAL) == 0
    assert heavy_rows(np.ones(39)) is None


def test_what_decides_is_told_with_its_share() -> None:
    model, _ = HEAVY.draw(np.random.default_rng(0), 2_000)
    warned = few_decide(model)
    assert warned is not None
    assert warned.code == "few-rows-decide"
    assert "100 of 2,000 rows make " in warned.sentence
    assert few_decide(COMMON.draw(np.random.default_rng(0), 200)[0]) is None


def test_a_mape_that_hangs_on_values_near_zero_is_told_and_one_of_prices_is_not() -> None:
    model, _ = HEAVY.draw(np.random.default_rng(0), 2_000)
    assert [one.code for one in uncertain(model)] == ["few-rows-decide", "values-near-zero"]
    generator = np.random.default_rng(1)
    value = np.exp(generator.normal(3, 1, 2_000))
    prices = Predictions("regression", value, value * generator.uniform(0.7, 1.3, 2_000))
    normal, _ = NORMAL.draw(generator, 2_000)
    assert near_zero(prices) is None, "they come near 0, and their errors with them"
    assert near_zero(normal) is None
    assert near_zero(Predictions("regression", np.zeros(50), np.ones(50))) is None, "there is no MAPE"
    assert near_zero(COMMON.draw(generator, 200)[0]) is None


@pytest.mark.slow
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("world", [COMMON, RARE, NORMAL, HEAVY], ids=lambda world: world.name)
def test_two_thousand_samples_hold_the_truth(world: World, rows: int) -> None:
    found = coverage(world, rows, 2_000, live=False)
    for name in CATALOGUE.published(world.task):
        count = found.own[name]
        if world is HEAVY:
            wanted = {"rmse": 0.80, "r2": 0.90, "explained_variance": 0.90, "mae": 0.92}  # and of a MAPE there is none
            assert count.share >= wanted.get(name, 0.0), (name, count)
        elif count.given >= ENOUGH:
            assert count.share >= 0.92, (name, count)
    if world is HEAVY:
        assert found.warned >= (1_900 if rows == 2_000 else 1_000)
        assert found.of_mape >= (1_600 if rows == 100 else 1_900)
    elif world is NORMAL:
        assert found.warned <= 20
        assert found.of_mape <= (300 if rows == 100 else 40)
    if rows >= 500:
        none = [name for name in CATALOGUE.published(world.task) if found.own[name].none > 100]
        assert none == []


@pytest.mark.slow
@pytest.mark.parametrize("rows", [100, 500])
@pytest.mark.parametrize("world", [COMMON, RARE, COMMON_GOOD, RARE_GOOD, THREE, NORMAL], ids=lambda world: world.name)
def test_differences_and_better_models_hold_it_too(world: World, rows: int) -> None:
    """With 400 samples: .92 less what chance takes of it, two standard deviations."""
    found = coverage(world, rows, 400)
    for counts in (found.own, found.differences):
        for name in CATALOGUE.published(world.task):
            count = counts[name]
            if count.given >= ENOUGH:
                assert count.share >= 0.92 - 2 * np.sqrt(0.92 * 0.08 / count.given), (name, count)


def test_the_same_labels_of_few_rows_are_no_proof_that_two_models_are_alike() -> None:
    """Of a hundred rows two good models often label all alike; then the difference was said to be 0, for certain."""
    pairs = (RARE_GOOD.draw(np.random.default_rng([100, draw]), 100) for draw in range(40))
    one, other = next(pair for pair in pairs if np.array_equal(pair[0].predicted, pair[1].predicted))
    low, high = paired_intervals(one, other, ["accuracy"])["accuracy"]
    assert -0.06 < low < -0.005
    assert 0.005 < high < 0.06
    assert paired_intervals(one, one, ["accuracy"]) == {"accuracy": (0.0, 0.0)}
