"""answers.json: the answers to held-out rows as a reference for the traffic's, and what an estimate is made of."""

import json
from typing import Any

import numpy as np
import pytest

from jobs.evaluate.held_out import answers_document
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.performance_estimation import AnswerCounts, estimate
from jobs.profiles.counts import Counts
from jobs.profiles.profile import Reference

RUN = "clinic-1a2b3c4d"


def document(predictions: Predictions, classes: list[str] | None, positive: str | None = None) -> Any:
    schema: Any = {"classes": classes, "positive_class": positive}
    written = answers_document(RUN, schema, predictions, score(predictions).values)
    return json.loads(json.dumps(written, allow_nan=False))


def classified(rows: int, classes: int, seed: int = 0) -> Predictions:
    generator = np.random.default_rng(seed)
    chances = generator.dirichlet(np.full(classes, 0.6), rows)
    actual = (chances.cumsum(axis=1) < generator.random((rows, 1))).sum(axis=1).clip(0, classes - 1)
    task, positive = ("binary", 1) if classes == 2 else ("multiclass", None)
    return Predictions(task, actual, chances.argmax(axis=1), chances, positive)


@pytest.mark.parametrize("classes", [["no", "yes"], ["a", "b", "c"]])
def test_the_held_out_rows_themselves_are_no_change(classes: list[str]) -> None:
    held_out = classified(500, len(classes))
    answers = document(held_out, classes, "yes" if len(classes) == 2 else None)
    counts = AnswerCounts.empty(answers)
    counts.add(np.array(classes)[held_out.predicted], held_out.probability)
    found = estimate(answers, counts, {})
    assert answers["rows"] == counts.rows == 500
    for name, metric in found["metrics"].items():
        assert metric["difference"] == pytest.approx(0, abs=2e-6), name
        assert metric["estimated"] == pytest.approx(score(held_out).values[name], abs=3e-6), name
    assert found["loss"] == "none"


def test_columns_can_be_counted_against() -> None:
    held_out = classified(300, 2)
    prediction, chance = (Reference.read(column) for column in document(held_out, ["no", "yes"], "yes")["columns"])
    assert (prediction.kind, chance.name, chance.kind) == ("categorical", "p(yes)", "numeric")
    assert held_out.probability is not None
    assert Counts.empty(chance).add(held_out.probability[:, 1]).bins == chance.counts
    assert prediction.rows == chance.rows == 300


def test_a_regression_has_its_numbers_and_no_calibration() -> None:
    held_out = Predictions("regression", np.arange(50.0), np.arange(50.0) + 1)
    answers = document(held_out, None)
    assert [(column["name"], column["kind"]) for column in answers["columns"]] == [("prediction", "numeric")]
    assert answers["calibration"] is None


def test_hundreds_of_classes_stay_small() -> None:
    answers = document(classified(20_000, 150), [f"class {place}" for place in range(150)])
    assert [column["name"] for column in answers["columns"]] == ["prediction"]
    assert len(json.dumps(answers)) < 1_000_000
