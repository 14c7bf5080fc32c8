"""Macro averages of two sets of rows that do not hold the same classes."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from jobs.documents.evaluation import Evaluation
from jobs.evaluate.evaluation import per_class
from jobs.ground_truth.measuring import Measured, Rule, compare
from jobs.metrics.catalogue import CATALOGUE
from jobs.metrics.common_classes import common
from jobs.metrics.comparison import sentence
from jobs.metrics.intervals import measure
from jobs.metrics.predictions import Predictions
from jobs.settings import MonitoringSettings

CLASSES = ["apple", "pear", "rare <b>"]


def fruit(rows: int, accuracy: float, *, rare: int, seed: int = 0) -> Predictions:
    """Apples and pears, and so many rare ones, which the model never names."""
    chance = np.random.default_rng(seed)
    actual = chance.integers(0, 2, rows)
    predicted = np.where(chance.random(rows) < accuracy, actual, 1 - actual)
    actual, predicted = np.append(actual, np.full(rare, 2)), np.append(predicted, np.zeros(rare, np.int64))
    return Predictions("multiclass", actual, predicted, np.eye(3)[predicted] * 0.7 + 0.1)


def promotion(found: Predictions) -> Evaluation:
    measured = measure(found, None, CLASSES).candidate
    assert measured.scores.matrix is not None
    kept = {
        "run": "fruit-1a2b3c4d", "task": "multiclass", "rows": found.rows, "classes": CLASSES,
        "metrics": {name: measured.metrics[name].to_json() for name in CATALOGUE.published("multiclass")},
        "confusion_matrix": measured.scores.matrix.astype(int).tolist(), "per_class": per_class(measured, CLASSES),
    }  # fmt: skip
    return cast("Evaluation", kept)


def judged(now: Predictions, then: Predictions, **settings: Any) -> Measured:
    return compare(
        now, CLASSES, promotion(then), Rule.of(cast("MonitoringSettings", settings), "multiclass"), labelled=now.rows
    )


def test_labels_without_the_class_that_the_model_gets_wrong_do_not_hide_a_loss() -> None:
    found = judged(fruit(400, 0.80, rare=0), fruit(600, 0.92, rare=8))
    block: Any = found.metrics["f1_macro"]
    assert found.state == "fell"
    assert 0.90 < block["at_promotion"] < 0.94  # and not two thirds of it
    assert block["without"] == ["rare <b>"]
    assert 'at promotion, both without the rows of "rare <b>" (95 % interval of the loss 0.0' in found.sentence


def test_a_rare_class_that_only_the_labels_hold_is_no_loss() -> None:
    found = judged(fruit(400, 0.92, rare=8, seed=1), fruit(600, 0.92, rare=0))
    block: Any = found.metrics["f1_macro"]
    assert found.state == "kept", found.sentence
    assert 0.88 < block["value"] < 0.96
    assert block["difference"] == pytest.approx(block["value"] - block["at_promotion"])


def test_an_average_that_cannot_be_restated_says_so() -> None:
    found = judged(fruit(400, 0.92, rare=0), fruit(600, 0.92, rare=8), metric="auc_macro")
    assert found.state == "not-enough-labels"
    assert 'The class "rare <b>" has rows on one of the two sides only' in found.sentence
    assert found.metrics["auc_macro"]["value"] is not None
    assert found.metrics["auc_weighted"]["difference"] is not None


def test_the_same_classes_on_both_sides_stay_as_they_were_measured() -> None:
    then = promotion(fruit(600, 0.92, rare=8))
    assert common(np.array([[9.0, 1, 0], [1, 9, 0], [1, 0, 0]]), then) is None
    assert common(None, then) is None
    assert common(np.array([[0.0, 0, 0], [0, 0, 0], [1, 0, 0]]), promotion(fruit(600, 0.92, rare=0))) is None
    assert "without" not in judged(fruit(400, 0.92, rare=3), fruit(600, 0.92, rare=8)).metrics["f1_macro"]


@pytest.mark.parametrize(
    ("name", "low", "high", "says"),
    [
        ("f1", 0.1, 0.2, "of the gain 0.1000 to 0.2000"),
        ("f1", -0.2, 0.1, "of the loss -0.1000 to 0.2000"),
        ("rmse", -0.2, -0.1, "of the gain 0.1000 to 0.2000"),
        ("rmse", -0.1, 0.2, "of the loss -0.1000 to 0.2000"),
    ],
)
def test_a_gain_is_called_one(name: str, low: float, high: float, says: str) -> None:
    block: Any = {"value": 0.7, "at_promotion": 0.6, "difference": 0.1, "difference_low": low, "difference_high": high}
    assert says in sentence(name, block)
