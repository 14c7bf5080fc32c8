"""Intervals that hold the truth as often as they say, paired differences, and a sentence for what is undefined."""

from functools import partial

import numpy as np
import pytest

from jobs.metrics.bootstrap import deviations, interval, number_of_resamples
from jobs.metrics.catalogue import CATALOGUE
from jobs.metrics.intervals import _NO_INTERVAL, measure
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score, weighted_statistic
from jobs.metrics.shares import newcombe


def coin(rows: int, *, seed: int, gap: float = 0.3, share: float = 0.4) -> Predictions:
    generator = np.random.default_rng(seed)
    actual = (generator.random(rows) < share).astype(np.int64)
    chance = np.clip(generator.normal(0.35 + gap * actual, 0.25), 0, 1)
    return Predictions("binary", actual, (chance > 0.5).astype(np.int64), np.stack([1 - chance, chance], axis=1), 1)


def test_an_interval_is_as_wide_as_theory_says() -> None:
    model = coin(4_000, seed=1)
    accuracy = measure(model, None, ["no", "yes"]).candidate.metrics["accuracy"]
    assert accuracy.value is not None
    theory = np.sqrt(accuracy.value * (1 - accuracy.value) / 4_000)
    assert accuracy.standard_deviation == pytest.approx(theory, rel=0.1)
    assert accuracy.high - accuracy.low == pytest.approx(2 * 1.96 * theory, rel=0.15)  # type: ignore[operator]


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    truth, place = score(coin(400_000, seed=999)).values["auc"], CATALOGUE.names("binary").index("auc")
    held = 0
    for seed in range(40):
        model = coin(300, seed=seed)
        strata, value = model.actual.astype(np.int64), score(model).values["auc"]
        spread = deviations(partial(weighted_statistic, model), strata, resamples=150)
        found = interval(value, spread[:, place])
        held += found.low <= truth <= found.high
    assert held >= 34  # 38 expected


@pytest.mark.parametrize("share", [0.4, 0.003])
def test_resampling_a_subset_gives_the_width_of_resampling_all(share: float) -> None:
    model = coin(16_000, seed=3, share=share)
    strata = model.actual.astype(np.int64)

    def spread(exact_rows: int) -> np.ndarray:  # type: ignore[type-arg]
        found = deviations(
            lambda rows: weighted_statistic(model, rows), strata, resamples=150, seed=1, exact_rows=exact_rows
        )
        return np.nanstd(found, axis=0)

    assert spread(5_000) == pytest.approx(spread(16_000), rel=0.3)


def test_the_difference_is_paired() -> None:
    """Two nearly equal models: each one's interval is wide, that of their difference is not."""
    candidate = coin(1_000, seed=4)
    assert candidate.probability is not None
    almost = np.clip(candidate.probability[:, 1] + 0.002, 0, 1)
    live = Predictions(
        "binary", candidate.actual, (almost > 0.5).astype(np.int64), np.stack([1 - almost, almost], axis=1), 1
    )
    found = measure(candidate, live, ["no", "yes"])
    assert found.differences is not None
    auc, difference = found.candidate.metrics["auc"], found.differences["auc"]
    assert difference.high - difference.low < 0.1 * (auc.high - auc.low)  # type: ignore[operator]


def test_the_same_rows_give_the_same_intervals() -> None:
    model = coin(500, seed=5)
    assert (
        measure(model, None, ["no", "yes"]).candidate.metrics == measure(model, None, ["no", "yes"]).candidate.metrics
    )


def test_one_class_leaves_sentences_where_there_is_no_number() -> None:
    chance = np.array([0.2, 0.3, 0.1])
    model = Predictions(
        "binary", np.zeros(3, np.int64), np.zeros(3, np.int64), np.stack([1 - chance, chance], axis=1), 1
    )
    metrics = measure(model, None, ["no", "yes"]).candidate.metrics
    assert metrics["accuracy"].value == 1
    assert metrics["auc"].undefined == 'All 3 test rows are of the class "no".'
    assert metrics["precision"].undefined == 'The positive class "yes" is never predicted.'
    assert metrics["recall"].undefined == 'The positive class "yes" is not the class of any test row.'
    for name in CATALOGUE.published("binary"):
        assert metrics[name].value is None or metrics[name].undefined == "Too few to tell: 3 rows.", name
        assert metrics[name].undefined, name


def test_a_percentage_of_zero_and_a_constant_have_sentences() -> None:
    zeros = Predictions("regression", np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.5]))
    assert (
        measure(zeros, None, None).candidate.metrics["mape"].undefined
        == "1 of 3 actual values are 0: no percentage of that."
    )
    constant = Predictions("regression", np.full(5, 3.0), np.arange(5.0))
    metrics = measure(constant, None, None).candidate.metrics
    assert metrics["r2"].value is None
    assert "all" in (metrics["r2"].undefined or "").lower()
    assert metrics["mae"].value == pytest.approx(1.4)


def test_a_single_row_is_measured_too() -> None:
    model = Predictions("regression", np.array([2.0]), np.array([3.0]))
    assert measure(model, None, None).candidate.metrics["rmse"].value == 1


def test_resamples_adapt_to_the_work() -> None:
    assert number_of_resamples(500, 2) == 1000
    assert number_of_resamples(10**7, 200) == 100


def test_too_few_defined_resamples_give_no_interval() -> None:
    assert np.isnan(interval(0.5, np.full(100, np.nan)).low)
    assert interval(0.99, np.linspace(-0.1, 0.1, 100), 0.0, 1.0).high == 1.0


def few_positives(positives: int, rows: int, *, seed: int, gap: float) -> Predictions:
    generator = np.random.default_rng(seed)
    actual = (np.arange(rows) < positives).astype(np.int64)
    chance = 1 / (1 + np.exp(-generator.normal(gap * actual - 2, 1)))
    return Predictions("binary", actual, (chance > 0.5).astype(np.int64), np.stack([1 - chance, chance], axis=1), 1)


def test_two_positives_make_nothing_certain() -> None:
    model = few_positives(2, 300, seed=1, gap=0.0)
    said = np.zeros(300, np.int64)
    constant = Predictions("binary", model.actual, said, np.tile([0.99, 0.01], (300, 1)), 1)

    metrics = measure(constant, None, ["no", "yes"]).candidate.metrics

    for name in ("auc", "recall", "f1", "average_precision", "balanced_accuracy", "recall_macro"):
        found = metrics[name]
        assert (found.low, found.high) == (None, None)
        assert found.undefined == 'Too few to tell: 2 rows are of the class "yes".'
        assert found.few is not None
        assert (found.few["rows"], found.few["of"]) == (2, "yes")
        assert found.few["high"] - found.few["low"] > 0.3, (name, found)  # type: ignore[operator]
        assert found.few["low"] <= found.value <= found.few["high"]  # type: ignore[operator]
    assert metrics["accuracy"].high - metrics["accuracy"].low < 0.05  # type: ignore[operator]


def test_two_rows_of_one_of_three_classes_make_averages_wide() -> None:
    actual = np.repeat([0, 1, 2], [150, 148, 2])
    model = Predictions("multiclass", actual, np.where(actual == 2, 0, actual), np.eye(3)[actual] * 0.7 + 0.1)

    metrics = measure(model, None, ["a", "b", "c"]).candidate.metrics

    recall, area = metrics["recall_macro"].few, metrics["auc_macro"].few
    assert recall is not None
    assert area is not None
    assert recall["high"] - recall["low"] > 0.2  # type: ignore[operator]
    assert area["low"] < 0.9  # type: ignore[operator]
    assert metrics["accuracy"].low is not None  # it is of all rows


@pytest.mark.parametrize("positives", [2, 4, 9])
def test_intervals_from_few_positives_hold_the_truth(positives: int) -> None:
    truth = score(few_positives(40_000, 80_000, seed=0, gap=1.5)).values["auc"]
    held = 0
    for seed in range(1, 201):
        area = score(few_positives(positives, 60, seed=seed, gap=1.5)).values["auc"]
        low, high = newcombe(area, positives, 60 - positives)
        held += low <= truth <= high
    assert held >= 184  # 190 expected


def test_with_rows_enough_an_area_varies_as_its_resamples_do() -> None:
    model = coin(2_000, seed=2)
    strata = model.actual.astype(np.int64)
    spread = deviations(partial(weighted_statistic, model), strata, resamples=500)
    alone = interval(score(model).values["auc"], spread[:, CATALOGUE.names("binary").index("auc")], 0.0, 1.0)

    found = measure(model, None, ["no", "yes"], resamples=500).candidate.metrics["auc"]

    assert (found.low, found.high) == pytest.approx((alone.low, alone.high), abs=0.003)


def perfect(rows: int) -> Predictions:
    actual = np.arange(rows) % 3 == 0
    chance = np.where(actual, 0.9, 0.1)
    return Predictions("binary", actual.astype(np.int64), actual.astype(np.int64), np.stack([1 - chance, chance], 1), 1)


def test_no_mistake_in_forty_rows_is_not_never_one() -> None:
    metrics = measure(perfect(45), None, ["no", "yes"], resamples=50).candidate.metrics

    for name in set(CATALOGUE.published("binary")) - {"log_loss", "brier"}:
        found = metrics[name]
        assert (found.value, found.high) == (1.0, 1.0), name
        assert found.low is not None
        assert found.low < 0.97, (name, found)
    for name in ("log_loss", "brier"):  # every row has the same loss
        assert (metrics[name].low, metrics[name].undefined) == (None, _NO_INTERVAL)


def test_the_same_answers_are_exactly_as_good() -> None:
    model = coin(300, seed=6)
    differences = measure(model, model, ["no", "yes"], resamples=50).differences

    assert differences is not None
    for name in CATALOGUE.published("binary"):
        assert (differences[name].value, differences[name].low, differences[name].high) == (0.0, 0.0, 0.0), name


def test_a_difference_of_too_few_rows_is_not_called_certain() -> None:
    candidate, live = few_positives(5, 300, seed=1, gap=0.5), few_positives(5, 300, seed=2, gap=3.0)

    found = measure(candidate, live, ["no", "yes"], resamples=50).differences

    assert found is not None
    assert (found["auc"].low, found["auc"].high) == (None, None)
    assert found["auc"].value is not None
    assert found["auc"].to_json()["few"] == {"rows": 5, "of": "yes", "low": None, "high": None}
    assert found["accuracy"].low is not None
