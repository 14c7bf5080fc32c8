"""Estimates of a regression's metrics against the truth they do not see."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from jobs.error_estimation import NAMES
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.performance_estimation import estimate
from jobs.performance_estimation.estimate import loss_of
from jobs.settings import MonitoringSettings
from tests.error_estimation.made import Rows, answers_of, counted, rows

WORSE = rows(2_000, 5, shift=0.5, odd=0.5)


@pytest.fixture(scope="module")
def answers() -> Any:
    return answers_of(rows(1_500, 1))


def estimated(answers: Any, traffic: Rows, meant: str = "amount", **settings: Any) -> Any:
    return estimate(answers, counted(answers, traffic), cast("MonitoringSettings", settings), meant)


def test_rows_with_larger_errors_are_known_without_a_label(answers: Any) -> None:
    found, true = estimated(answers, WORSE, metric="rmse", max_loss=10), score(WORSE.predictions).values
    assert tuple(found["metrics"]) == NAMES
    for name in ("mae", "rmse", "median_absolute_error"):
        block = found["metrics"][name]
        assert true[name] > 1.4 * block["at_promotion"], name
        assert block["estimated"] == pytest.approx(true[name], rel=0.12), name
        assert block["low"] <= true[name] <= block["high"], name
        assert block["difference_low"] > 0, name
    assert found["method"] == "error-size"
    assert found["loss"] == "certain"
    assert "above the" in found["sentence"]
    assert "the loss is certain (95 % interval" in found["sentence"]
    assert "only labels can show" in found["sentence"]


def test_r2_decides_unless_told_otherwise(answers: Any) -> None:
    found, true = estimated(answers, WORSE, max_loss=0.01), score(WORSE.predictions).values["r2"]
    block = found["metrics"]["r2"]
    assert (found["metric"], found["loss"]) == ("r2", "certain")
    assert block["low"] <= true <= block["high"]
    assert "below the" in found["sentence"]
    within = estimated(answers, WORSE, max_loss=1.0)
    assert within["loss"] == "none"


def test_an_r2_that_keeps_its_level_hides_no_larger_errors(answers: Any) -> None:
    said = estimated(answers, WORSE, max_loss=1.0)["sentence"]
    assert "no loss beyond 1. The errors are larger all the same: MAE is estimated at" in said
    assert "set metric: mae under monitoring. This is made of how large errors were" in said
    assert "all the same" not in estimated(answers, rows(1_500, 7), max_loss=1.0)["sentence"]


def test_the_same_kind_of_rows_is_no_loss(answers: Any) -> None:
    found = estimated(answers, rows(1_500, 7), metric="mae", max_loss=0.02)
    assert found["loss"] != "certain"
    for name, block in found["metrics"].items():
        assert block["difference_low"] < 0 < block["difference_high"], name


def test_smaller_errors_are_no_loss(answers: Any) -> None:
    found = estimated(answers, rows(1_500, 8, shift=-1.0, odd=0.0), metric="rmse", max_loss=0.02)
    assert found["loss"] == "none"
    assert found["metrics"]["rmse"]["difference_high"] < 0
    assert "below the" in found["sentence"]
    assert "no loss beyond 0.02" in found["sentence"]


@pytest.mark.parametrize(
    ("meant", "max_loss", "loss", "says"),
    [
        ("share", 0.02, "certain", ", more than the 2 % of the RMSE at promotion ("),
        ("share", 0.9, "none", ": no loss beyond 90 % of the RMSE at promotion ("),
        ("amount", 0.02, "certain", ", more than the 0.02 in the unit of RMSE that monitoring.max_loss allows; the"),
        ("amount", 500.0, "none", ": no loss beyond 500 in the unit of RMSE. "),
    ],
)
def test_what_may_be_lost_is_a_share_or_what_was_written_before(
    answers: Any, meant: str, max_loss: float, loss: str, says: str
) -> None:
    found = estimated(answers, WORSE, meant, metric="rmse", max_loss=max_loss)
    assert found["loss"] == loss, found["sentence"]
    assert says in found["sentence"]
    kept = f"monitoring.max_loss ({max_loss:g}) was set under an earlier release and still means {max_loss:g} in the"
    assert (kept in found["sentence"]) is (meant == "amount")


def test_the_unit_of_the_target_changes_nothing_but_the_figures(answers: Any) -> None:
    unit = 1e-9

    def scaled(given: Rows) -> Rows:
        one = given.predictions
        return Rows(given.columns, Predictions("regression", one.actual * unit, one.predicted * unit))

    other = estimated(answers_of(scaled(rows(1_500, 1))), scaled(WORSE), metric="rmse", max_loss=0.0)
    block, ours = other["metrics"]["rmse"], estimated(answers, WORSE)["metrics"]["rmse"]
    assert other["loss"] == "certain"
    assert block["estimated"] / unit == pytest.approx(ours["estimated"], rel=0.02)


def test_rows_that_hang_together_make_the_interval_wider(answers: Any) -> None:
    together = cast("Any", {**answers, "errors": {**answers["errors"], "effect": 5.0}})

    def widths(answers: Any, effect: float) -> list[float]:
        blocks = estimate(answers, counted(answers, WORSE), {}, effect=effect)["metrics"].values()
        return [cast("float", one["difference_high"]) - cast("float", one["difference_low"]) for one in blocks]

    alone = widths(answers, 1.0)
    of_window, of_both = (np.divide(widths(*wide), alone) for wide in ((answers, 5.0), (together, 1.0)))
    assert (of_window > 1.05).all()
    assert (of_both > of_window).all()
    assert of_both.max() < 2 * 5**0.5


def test_what_cannot_be_estimated_says_why(answers: Any) -> None:
    of_old = {"task": "regression", "classes": None}
    found = estimated(of_old, WORSE)
    assert (found["loss"], found["metrics"]) == (None, {})
    assert "this model was trained before" in found["undefined"]
    found = estimated(answers, WORSE, metric="mape")
    assert found["undefined"].startswith("MAPE cannot be estimated from the sizes of errors; these can: mae, rmse")
    assert found["metrics"]["mae"]["estimated"] is not None
    assert "No answer was captured" in estimated(answers, WORSE.take(np.arange(0)))["undefined"]


def test_r2_of_a_model_that_explains_nothing_is_not_estimated() -> None:
    one = rows(600, 1)
    useless = Rows(one.columns, Predictions("regression", -one.predictions.predicted, one.predictions.predicted))
    found = estimated(answers_of(useless), useless)
    assert found["metrics"]["r2"]["estimated"] is None
    assert found["loss"] is None
    assert found["metrics"]["mae"]["estimated"] is not None


@pytest.mark.parametrize("case", ["few", "never off"])
def test_held_out_rows_that_teach_nothing_leave_no_document(case: str) -> None:
    one = rows(99 if case == "few" else 200, 1)
    exact = Predictions("regression", one.predictions.predicted, one.predictions.predicted)
    assert answers_of(one if case == "few" else Rows(one.columns, exact))["errors"] is None


@pytest.mark.slow
@pytest.mark.parametrize(("held_out", "window"), [(300, 200), (1_500, 1_000)])
def test_stable_traffic_does_not_ring_and_intervals_hold_the_truth(held_out: int, window: int) -> None:
    rung, held = [], []
    for seed in range(12):
        answers = answers_of(rows(held_out, 1_000 + seed))
        for turn in range(10):
            traffic = rows(window, 2_000 + 10 * seed + turn)
            true = score(traffic.predictions).values
            blocks = estimated(answers, traffic)["metrics"]
            rung.append([loss_of(name, blocks[name], 0.0) == "certain" for name in NAMES])
            held.append([blocks[name]["low"] <= true[name] <= blocks[name]["high"] for name in NAMES])
    assert np.mean(rung, axis=0).max() <= 0.05
    # Ten windows share a held-out sample, so the samples say how far the share is off by chance.
    by_sample = np.reshape(held, (12, 10, len(NAMES))).mean(axis=1)
    chance = 2 * by_sample.std(axis=0, ddof=1) / np.sqrt(12)
    assert (by_sample.mean(axis=0) + chance).min() >= 0.92
    assert by_sample.mean(axis=0).min() >= 0.85
