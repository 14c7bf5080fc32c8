"""An endpoint that says "yes" from a probability of 0.2 on: what it says counts, everywhere, not which is likelier.

The same answers go the ways that answers go: the evaluation at promotion, an uploaded test, captured traffic that is
joined with late labels, and the estimate without labels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as oracle

from jobs.capture import cut
from jobs.drift.traffic import Baseline, count
from jobs.evaluate.answers import actual_values, predictions
from jobs.evaluate.curves import curves
from jobs.evaluate.endpoint import Answer
from jobs.evaluate.evaluation import Findings, Requests, document
from jobs.evaluate.held_out import answers_document
from jobs.metrics.intervals import measure
from jobs.performance_estimation import estimate
from jobs.tables.bodies import Body
from tests.drift_job.made import asked
from tests.ground_truth import traffic
from tests.ground_truth.checking import checked

ROWS, THRESHOLD = 900, 0.2
WORDS = ["no", "yes"]
SCHEMA: Any = {**traffic.schema(), "rows": {}}


def said() -> tuple[list[str], list[str], Any]:
    """Truths in words, lines of answers, and the chance of "yes"."""
    generator = np.random.default_rng(8)
    chance = generator.beta(1.0, 3.0, ROWS).round(6)
    truths = [WORDS[int(one)] for one in generator.random(ROWS) < chance]
    lines = [f"{WORDS[int(one >= THRESHOLD)]},{1 - one:.6f},{one:.6f}" for one in chance]
    return truths, lines, chance


def evaluated() -> tuple[Any, Any, Any]:
    truths, lines, _ = said()
    answers = [Answer(Body(2, ROWS, ""), "\n".join(lines), 1)]
    found = predictions(answers, actual_values(truths, SCHEMA), SCHEMA, None)
    measurement = measure(found, None, WORDS)
    ours = document(Findings("run", SCHEMA, found, measurement, None, [], Requests(1, 0, ROWS, 1.0)))
    return found, measurement, ours["sagerelay"]


def test_the_evaluation_takes_the_endpoints_labels() -> None:
    truths, _, chance = said()
    by_threshold = [WORDS[int(one)] for one in chance >= THRESHOLD]

    _, _, ours = evaluated()

    assert ours["confusion_matrix"] == oracle.confusion_matrix(truths, by_threshold, labels=WORDS).tolist()
    for name, of in (("accuracy", oracle.accuracy_score), ("balanced_accuracy", oracle.balanced_accuracy_score)):
        assert ours["metrics"][name]["value"] == pytest.approx(of(truths, by_threshold))
    assert ours["metrics"]["f1"]["value"] == pytest.approx(oracle.f1_score(truths, by_threshold, pos_label="yes"))
    assert ours["metrics"]["f1"]["low"] < ours["metrics"]["f1"]["value"] < ours["metrics"]["f1"]["high"]
    likelier = [WORDS[int(one)] for one in chance > 0.5]
    assert oracle.f1_score(truths, likelier, pos_label="yes") < ours["metrics"]["f1"]["low"]  # so it would be noticed


def test_what_is_drawn_of_the_scores_knows_no_threshold() -> None:
    found, measurement, ours = evaluated()

    (row,) = (
        one for one in curves(found, measurement.candidate.scores, WORDS)["thresholds"] if one["threshold"] == 0.2
    )

    assert row["f1"] == pytest.approx(ours["metrics"]["f1"]["value"])


def captured() -> dict[str, str]:
    _, lines, _ = said()
    rows = [traffic.record([traffic.row(n)], [line], event=f"e{n}", inference=f"r{n}") for n, line in enumerate(lines)]
    return {"a": "".join(f"{one}\n" for one in rows)}


def test_late_labels_are_compared_with_the_endpoints_labels(tmp_path: Path) -> None:
    truths, _, _ = said()
    _, _, ours = evaluated()
    labels = "inference_id,label\n" + "".join(f"r{n},{word}\n" for n, word in enumerate(truths))

    found = checked(tmp_path, "binary", captured(), {"l": labels}, settings={"metric": "f1"})

    assert found["confusion_matrix"] == ours["confusion_matrix"]
    assert found["metrics"]["f1"]["value"] == pytest.approx(ours["metrics"]["f1"]["value"])


def test_a_check_of_the_same_traffic_finds_no_drift_and_no_loss_in_it() -> None:
    found, measurement, ours = evaluated()
    answers = answers_document("run", SCHEMA, found, measurement.candidate.scores.values)
    body = captured()["a"].encode()

    counted = count(cut([("f", body)]), Baseline(SCHEMA, (), answers), asked().which, 1)

    told = estimate(answers, counted.answers, {"metric": "f1"})
    assert counted.answers.rows == ROWS
    assert told["metrics"]["f1"]["estimated"] == pytest.approx(ours["metrics"]["f1"]["value"], abs=1e-5)
    assert told["metrics"]["auc"]["estimated"] == pytest.approx(ours["metrics"]["auc"]["value"], abs=1e-5)
    assert told["loss"] == "none"
    words = counted.predictions["prediction"]
    assert dict(zip(words.reference.values, words.bins, strict=False)) == dict(
        zip(words.reference.values, words.reference.counts, strict=False)
    )
