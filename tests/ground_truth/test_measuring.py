"""The verdict: fell, kept or not enough labels; and how often it errs, by simulation."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from jobs.ground_truth.measuring import Measured, Rule, compare
from jobs.metrics.comparison import Estimate, difference, is_certain_loss
from jobs.metrics.intervals import measure
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.settings import MonitoringSettings
from tests.ground_truth import traffic


def answers(rows: int, accuracy: float, seed: int = 0, *, share: float = 0.5) -> Predictions:
    chance = np.random.default_rng(seed)
    actual = (chance.random(rows) < share).astype(np.int64)
    predicted = np.where(chance.random(rows) < accuracy, actual, 1 - actual)
    probability = np.where(predicted == 1, 0.8, 0.2)
    return Predictions("binary", actual, predicted, np.stack([1 - probability, probability], axis=1), 1)


def judged(found: Predictions, *, value: float = 0.9, reach: float = 0.02, **settings: Any) -> Measured:
    rule = Rule.of(cast("MonitoringSettings", {"metric": "accuracy", **settings}), "binary")
    promotion = traffic.evaluation(value=value, reach=reach)
    return compare(found, ["no", "yes"], promotion, rule, labelled=found.rows)


@pytest.mark.parametrize(
    ("rows", "accuracy", "state", "says"),
    [
        (2000, 0.80, "fell", "below the 0.9000 of the evaluation at promotion (95 % interval of the loss 0.0"),
        (2000, 0.90, "kept", "no certain loss"),
        (2000, 0.95, "kept", "above the 0.900"),
        (4_000, 0.885, "kept", "a certain loss, within the 0.02 that monitoring.max_loss allows."),
        (120, 0.87, "kept", "more than the 0.02 that monitoring.max_loss allows, but 120 labels do not"),
        (99, 0.10, "not-enough-labels", "99 rows that the live model answered have a label; 100 are needed"),
    ],
)
def test_a_loss_is_one_when_it_is_large_and_certain(rows: int, accuracy: float, state: str, says: str) -> None:
    # the narrow interval at promotion is that of many test rows
    found = judged(answers(rows, accuracy), reach=0.003 if rows > 3_000 else 0.02)
    assert found.state == state, found.sentence
    assert says in found.sentence


def test_a_metric_that_is_undefined_on_these_labels_is_not_kept() -> None:
    found = judged(answers(500, 0.9, share=1.0), metric="auc")
    assert found.state == "not-enough-labels"
    assert "All 500 test rows are of the class" in found.sentence
    assert found.metrics["auc"]["value"] is None
    assert found.metrics["accuracy"]["value"] is not None


def test_a_metric_that_was_undefined_at_promotion_is_not_kept() -> None:
    promotion = traffic.evaluation()
    promotion["metrics"]["auc"] = {"value": None, "low": None, "high": None, "undefined": "All rows were alike."}
    found = compare(answers(500, 0.9), ["no", "yes"], promotion, Rule.of({}, "binary"), labelled=500)
    assert found.state == "not-enough-labels"
    assert "At promotion: All rows were alike" in found.sentence


def test_where_the_promotion_had_too_few_rows_their_number_stands_in_the_interval_s_place() -> None:
    promotion = traffic.evaluation(value=0.9)
    why = 'Too few to tell: 5 rows are of the class "yes".'
    few: Any = {"rows": 5, "of": "yes", "low": 0.5, "high": 0.98}
    promotion["metrics"]["recall"] = {"value": 0.9, "low": None, "high": None, "undefined": why, "few": few}
    rule = Rule.of(cast("MonitoringSettings", {"metric": "recall"}), "binary")
    kept, fell = (compare(answers(500, share), ["no", "yes"], promotion, rule, labelled=500) for share in (0.8, 0.2))
    for found, state in ((kept, "kept"), (fell, "fell")):
        block = found.metrics["recall"]
        assert (block["difference_low"], block["difference_high"]) == (None, None)
        assert block["few_at_promotion"]["rows"] == 5
        assert 'no interval: at promotion there were only 5 rows that count for the class "yes"' in found.sentence
        assert "95 %" not in found.sentence
        assert found.state == state, "what even five rows rule out is ruled out"
    assert "certain all the same" in fell.sentence
    assert "few_at_promotion" not in kept.metrics["accuracy"]
    assert kept.metrics["accuracy"]["difference_low"] is not None


def test_no_row_at_all_has_metrics_that_say_why() -> None:
    found = judged(answers(0, 0.9))
    assert found.state == "not-enough-labels"
    assert set(found.metrics) == set(traffic.evaluation()["metrics"])
    assert "No row with a label" in (found.metrics["accuracy"]["undefined"] or "")
    assert found.matrix is None


def test_settings_default_and_a_foreign_metric_is_auto() -> None:
    assert Rule.of({}, "binary") == Rule("auc", 0.02, 100)
    assert Rule.of({"metric": "auto", "max_loss": 0.1, "min_labels": 7}, "regression") == Rule("r2", 0.1, 7)
    assert Rule.of({"metric": "rmse"}, "multiclass").metric == "f1_macro"


@pytest.mark.parametrize(
    ("max_loss", "meant", "error", "state", "says"),
    [
        (0.02, "share", 1_010.0, "kept", "within the 2 % of the RMSE at promotion (20.00) that monitoring.max_loss"),
        (0.02, "share", 1_200.0, "fell", "more than the 2 % of the RMSE at promotion (20.00) that monitoring.max_loss"),
        (0.02, "amount", 1_010.0, "fell", "still means 0.02 in the unit of RMSE. Set now, it is a share of the RMSE"),
        (500, "amount", 1_200.0, "kept", "a certain loss, within the 500 in the unit of RMSE that monitoring.max_loss"),
    ],
)
def test_of_a_metric_with_a_unit_a_share_is_allowed(
    max_loss: float, meant: str, error: float, state: str, says: str
) -> None:
    chance = np.random.default_rng(0)
    actual, sizes = chance.normal(size=4_000), error * chance.normal(1.0, 0.01, size=4_000)
    answered = Predictions("regression", actual, actual + sizes * np.resize([-1.0, 1.0], 4_000))
    then = {"value": 1_000.0, "low": 999.0, "high": 1_001.0, "undefined": None}
    promotion = cast("Any", {"metrics": {"rmse": then}, "rows": 4_000})
    settings = cast("MonitoringSettings", {"metric": "rmse", "max_loss": max_loss})
    found = compare(answered, None, promotion, Rule.of(settings, "regression", meant=meant), labelled=4_000)
    assert found.state == state, found.sentence
    assert says in found.sentence
    assert ("under an earlier release" in found.sentence) is (meant == "amount")


def test_all_right_in_forty_rows_is_not_beyond_doubt() -> None:
    then = Estimate(1.0, 1.0, 1.0, None, 40)
    now = Estimate(0.96, 0.93, 0.99, None, 200)
    assert not is_certain_loss("accuracy", difference("accuracy", now, then))
    assert is_certain_loss("accuracy", difference("accuracy", now, Estimate(1.0, 1.0, 1.0, None, 4000)))


def _measured(seed: int, rows: int, accuracy: float) -> dict[str, Estimate]:
    found = measure(answers(rows, accuracy, seed, share=0.3), None, ["no", "yes"]).candidate.metrics
    return {name: Estimate.of(found[name], rows) for name in ("accuracy", "f1", "mcc")}


@pytest.mark.slow
def test_the_interval_of_the_difference_covers_the_truth_about_as_often_as_it_says() -> None:
    tries, before, after = 60, 0.85, 0.80
    large = [score(answers(400_000, accuracy, 1, share=0.3)).values for accuracy in (before, after)]
    covered, alarms = dict.fromkeys(("accuracy", "f1", "mcc"), 0), dict.fromkeys(("accuracy", "f1", "mcc"), 0)
    for seed in range(tries):
        then, now, same = (
            _measured(start + seed, rows, accuracy)
            for start, rows, accuracy in ((1000, 400, before), (5000, 300, after), (9000, 300, before))
        )
        for name in covered:
            found = difference(name, now[name], then[name])
            assert found.low is not None
            assert found.high is not None
            covered[name] += found.low <= large[1][name] - large[0][name] <= found.high
            alarms[name] += is_certain_loss(name, difference(name, same[name], then[name]))
    assert min(covered.values()) >= 0.87 * tries, covered
    assert max(alarms.values()) <= 0.1 * tries, alarms  # 2.5 % are due; the bound is four standard errors above
