"""The leaderboard: every contestant on the same rows, and "a linear model would do" where it is true."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as oracle

from jobs.evaluate.leaderboard import against_linear, leaderboard
from jobs.metrics.predictions import Predictions
from jobs.metrics.row_losses import Loss
from tests.evaluate.contestants import Entrant, Model, text, two

CLASSES = ["no", "yes"]
NAMES = {"naive": "naive guess", "linear": "linear model", "ensemble": "ensemble"}


def sigmoid(values: Any) -> Any:
    return 1 / (1 + np.exp(-values))


def board(seed: int, *, curved: float, rows: int = 2_000, threshold: float = 0.5) -> tuple[Model, Any, Predictions]:
    """A truth that is linear but for `curved`: the linear model sees the line, the ensemble all of it."""
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(rows, 2)).astype(np.float32).astype(float)
    line, bend = matrix[:, 0], curved * (matrix[:, 1] ** 2 - 1)
    actual = (generator.random(rows) < sigmoid(line + bend)).astype(np.int64)
    model = Model(
        ("x", "z"),
        {
            "naive": lambda given: two(np.full(len(given), 0.4)),
            "linear": lambda given: two(sigmoid(given[:, 0].astype(float))),
            "ensemble": lambda given: two(
                sigmoid(given[:, 0].astype(float) + curved * (given[:, 1].astype(float) ** 2 - 1))
            ),
        },
        threshold=threshold,
        contestants=[Entrant(name, title, None if name == "naive" else 2.5) for name, title in NAMES.items()],
    )
    scores = model.scores(model.encode(model.columns, text(matrix)))
    asked = Predictions("binary", actual, model.labels(scores), scores, 1)
    return model, text(matrix), asked


def found_of(model: Model, cells: Any, asked: Predictions, metric: str = "auc") -> Any:
    return leaderboard(model, model.columns, cells, asked, CLASSES, metric, clock=itertools.count().__next__)


def test_all_contestants_are_measured_on_the_same_rows_with_intervals() -> None:
    model, cells, asked = board(1, curved=1.0)

    found = found_of(model, cells, asked)

    assert [entry["name"] for entry in found["entries"]] == list(NAMES)
    assert [entry["title"] for entry in found["entries"]] == ["Naive guess", "Linear model", "Ensemble"]
    assert (found["metric"], found["loss"], found["rows"]) == ("auc", "log_loss", 2_000)
    naive, linear, ensemble = (entry["metrics"] for entry in found["entries"])
    assert list(linear) == ["auc", "log_loss"]
    chance = sigmoid(np.array([float(row[0]) for row in cells]))
    assert linear["log_loss"]["value"] == pytest.approx(oracle.log_loss(asked.actual, chance), abs=1e-6)
    assert linear["auc"]["value"] == pytest.approx(oracle.roc_auc_score(asked.actual, chance), abs=1e-6)
    assert linear["log_loss"]["low"] < linear["log_loss"]["value"] < linear["log_loss"]["high"]
    assert naive["auc"] == {"value": 0.5, "low": None, "high": None, "undefined": None}
    assert ensemble["auc"]["value"] > linear["auc"]["value"]
    assert [entry["seconds"] for entry in found["entries"]] == [None, 2.5, 2.5]
    assert found["entries"][0]["answer_ms"] == {"1": 1000.0, "1000": 1000.0}  # of a clock that ticks once a look


def test_where_the_ensemble_sees_more_a_linear_model_would_not_do() -> None:
    found = found_of(*board(2, curved=1.0))

    assert found["against_linear"]["high"] < 0
    assert (found["linear_would_do"], found["sentence"]) == (False, None)


def test_where_the_truth_is_a_line_a_linear_model_would_do() -> None:
    model, cells, asked = board(3, curved=0.0)

    found = found_of(model, cells, asked)

    assert found["linear_would_do"]
    assert found["sentence"].startswith("A linear model would do: its log loss is 0.")
    assert "which chance explains" in found["sentence"]


def test_where_hardly_a_row_is_positive_nobody_knows_whether_a_linear_model_would_do() -> None:
    model, cells, asked = board(3, curved=0.0)
    negative = np.flatnonzero(asked.actual == 0)
    rows = np.concatenate([negative, np.flatnonzero(asked.actual == 1)[:2]])

    found = found_of(model, [cells[row] for row in rows], asked.take(rows))

    against = found["against_linear"]
    assert (against["low"], against["high"], against["few"]["rows"]) == (None, None, 2)
    assert against["undefined"]
    assert (found["linear_would_do"], found["sentence"]) == (False, None)


def test_a_gain_below_one_percent_is_none_however_certain() -> None:
    linear = np.full(10_000, 0.5) + np.random.default_rng(4).normal(0, 0.1, 10_000)
    losses = {"naive": linear + 0.2, "linear": linear, "ensemble": linear - 0.004}

    found, would_do = against_linear(Loss("log_loss"), losses)

    assert found
    assert found.high < 0
    assert would_do
    assert not against_linear(Loss("log_loss"), {**losses, "ensemble": linear - 0.006})[1]


def test_a_linear_model_does_not_do_where_another_contestant_is_better_for_certain() -> None:
    linear = np.full(10_000, 0.5) + np.random.default_rng(4).normal(0, 0.1, 10_000)
    losses = {"naive": linear + 0.2, "linear": linear, "ensemble": linear + 0.001}

    assert against_linear(Loss("log_loss"), {**losses, "xgboost": linear - 0.004})[1]
    assert not against_linear(Loss("log_loss"), {**losses, "xgboost": linear - 0.006})[1]


def test_an_ensemble_that_is_worse_for_certain_is_called_so() -> None:
    model, cells, asked = board(8, curved=0.0)
    model.answers["ensemble"] = lambda given: two(sigmoid(0.2 * given[:, 0].astype(float)))

    found = found_of(model, cells, asked)

    assert found["linear_would_do"]
    assert "worse for certain" in found["sentence"]


def test_a_linear_model_that_is_no_better_than_a_naive_guess_does_not_do() -> None:
    same = np.random.default_rng(5).normal(0.7, 0.1, 500)

    assert against_linear(Loss("log_loss"), {"naive": same, "linear": same + 0.001, "ensemble": same})[1] is False
    assert against_linear(Loss("log_loss"), {"naive": same, "ensemble": same}) == (None, False)


def test_labels_are_those_of_the_threshold_but_for_the_naive_guess() -> None:
    model, cells, asked = board(6, curved=1.0, threshold=0.2)

    found = found_of(model, cells, asked, "recall")

    recall = {entry["name"]: entry["metrics"]["recall"]["value"] for entry in found["entries"]}
    chance = sigmoid(np.array([float(row[0]) for row in cells]))
    assert recall["ensemble"] == pytest.approx(oracle.recall_score(asked.actual, asked.predicted))
    assert recall["linear"] == pytest.approx(oracle.recall_score(asked.actual, chance >= 0.2))
    assert recall["naive"] == 0


def test_numbers_are_compared_by_their_root_mean_squared_error() -> None:
    generator = np.random.default_rng(7)
    matrix = generator.normal(size=(900, 1)).astype(np.float32).astype(float)
    actual = matrix[:, 0] ** 2 + 0.1 * generator.normal(size=900)
    model = Model(
        ("x",),
        {
            "naive": lambda given: np.ones((len(given), 1)),
            "linear": lambda given: 1.0 + 0.01 * given[:, :1].astype(float),
            "ensemble": lambda given: given[:, :1].astype(float) ** 2,
        },
        contestants=[Entrant(name, title) for name, title in NAMES.items()],
    )
    asked = Predictions("regression", actual, matrix[:, 0] ** 2)

    found = leaderboard(model, ("x",), text(matrix), asked, None, "rmse")

    assert list(found["entries"][2]["metrics"]) == ["rmse"]
    assert found["entries"][2]["metrics"]["rmse"]["value"] == pytest.approx(0.1, rel=0.1)
    assert not found["linear_would_do"]
    assert set(found["entries"][0]["answer_ms"]) == {"1", "1000"}
