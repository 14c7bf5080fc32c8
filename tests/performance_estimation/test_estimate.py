"""Estimates against the truth they do not see: simulated models, held-out rows, traffic, and then its outcomes."""

import json
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest

from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.performance_estimation import AnswerCounts, calibration, estimate, merged
from jobs.settings import MonitoringSettings
from tests.performance_estimation.simulated import Binary, Multiclass, answers_of, counted

Model = Binary | Multiclass
CASES = {
    "right confidence, shift down": (Binary(), Binary(shift=-1.0), 1_500, 1_000),
    "overconfident, shift up": (Binary(overconfident=1.6), Binary(shift=1.0, overconfident=1.6), 1_500, 1_000),
    "biased, large": (Binary(bias=1.0), Binary(shift=-0.7, bias=1.0), 5_000, 10_000),
    "few of both": (Binary(), Binary(spread=0.6), 200, 150),
    "a low threshold": (Binary(threshold=0.2), Binary(shift=-0.7, threshold=0.2), 1_500, 1_000),
    "a high threshold, overconfident": (
        Binary(overconfident=1.6, threshold=0.7),
        Binary(shift=0.7, overconfident=1.6, threshold=0.7),
        1_500,
        1_000,
    ),
    "four classes": (Multiclass(overconfident=1.5), Multiclass(shift=1.0, overconfident=1.5), 2_000, 1_000),
}


@dataclass(frozen=True)
class Repeated:
    """`reps` worlds: what was estimated, and what the outcomes then said."""

    blocks: list[Any]
    true: list[dict[str, float]]

    def covered(self, metric: str) -> float:
        held = [
            one["metrics"][metric]["low"] <= truth[metric] <= one["metrics"][metric]["high"]
            for one, truth in zip(self.blocks, self.true, strict=True)
        ]
        return float(np.mean(held))

    def errors(self, metric: str) -> Any:
        pairs = zip(self.blocks, self.true, strict=True)
        return np.array([one["metrics"][metric]["estimated"] - truth[metric] for one, truth in pairs])

    def share(self, loss: str) -> float:
        return float(np.mean([one["loss"] == loss for one in self.blocks]))


def repeated(held_out: Model, now: Model, rows: tuple[int, int], reps: int, **settings: Any) -> Repeated:
    generator, blocks, true = np.random.default_rng(1), [], []
    for _ in range(reps):
        answers = answers_of(held_out.rows(rows[0], generator))
        traffic = now.rows(rows[1], generator)
        blocks.append(estimate(answers, counted(answers, traffic), cast("MonitoringSettings", settings)))
        true.append(score(traffic).values)
    return Repeated(blocks, true)


SLOW = {"overconfident, shift up", "biased, large", "a low threshold"}
"""What `make verify` looks at, as it does at the counts of all."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=pytest.mark.slow if name in SLOW else ()) for name, case in CASES.items()],
)
def test_the_interval_holds_the_truth_when_only_the_inputs_move(case: tuple[Model, Model, int, int]) -> None:
    held_out, now, tested, window = case
    found = repeated(held_out, now, (tested, window), 20)
    for metric in ("accuracy", "f1_macro", *(["auc", "f1"] if isinstance(now, Binary) else [])):
        assert found.covered(metric) >= 0.8, metric  # 16 of 20; of a true 95 % fewer come once in 390
        errors = found.errors(metric)
        assert abs(errors.mean()) < 4 * errors.std() / np.sqrt(len(errors)) + 0.002, metric


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_interval_holds_the_truth_in_about_95_of_100(case: tuple[Model, Model, int, int]) -> None:
    held_out, now, tested, window = case
    found = repeated(held_out, now, (tested, window), 200)
    for metric in ("accuracy", "f1_macro", *(["auc", "f1"] if isinstance(now, Binary) else [])):
        assert 0.9 <= found.covered(metric) <= 0.995, metric


@pytest.mark.parametrize("rows", [(150, 100), (1_000, 300), pytest.param((3_000, 20_000), marks=pytest.mark.slow)])
@pytest.mark.parametrize("metric", ["auc", "f1"])
def test_without_a_change_no_loss_is_certain(rows: tuple[int, int], metric: str) -> None:
    found = repeated(Binary(overconfident=1.3), Binary(overconfident=1.3), rows, 25, metric=metric)
    assert found.share("certain") <= 0.04  # one of 25, at a rate of some 0.3 %; the slow proof counts more finely


def test_rows_that_hang_together_make_the_interval_wider_and_a_loss_less_certain() -> None:
    generator = np.random.default_rng(1)
    held_out, traffic = Binary().rows(1_500, generator), Binary(shift=0.33, spread=0.35).rows(300, generator)
    answers, five = answers_of(held_out), np.repeat(np.arange(300), 5)
    assert "effect" not in answers["calibration"]
    assert answers_of(held_out.take(five))["calibration"]["effect"] > 4

    def width(effect: float) -> float:
        block = estimate(answers, counted(answers, traffic), {}, effect=effect)["metrics"]["f1"]
        return cast("float", block["difference_high"]) - cast("float", block["difference_low"])

    assert 1.5 < width(5.0) / width(1.0) < 5**0.5


@pytest.mark.slow
@pytest.mark.parametrize("rows", [(150, 100), (500, 5_000), (3_000, 20_000)])
@pytest.mark.parametrize("metric", ["auc", "f1"])
def test_without_a_change_about_one_check_in_a_hundred_calls_a_loss_certain(rows: tuple[int, int], metric: str) -> None:
    found = repeated(Binary(overconfident=1.3), Binary(overconfident=1.3), rows, 300, metric=metric)
    assert found.share("certain") <= 0.03  # nine of 300: once in a thousand times at a rate of one in a hundred


def test_a_real_loss_is_found() -> None:
    harder = Binary(shift=0.33, spread=0.35)  # everybody comes close to the line between the classes
    found = repeated(Binary(), harder, (1_500, 1_000), 15)
    fell = np.array([one["metrics"]["auc"]["at_promotion"] for one in found.blocks]) - [t["auc"] for t in found.true]
    assert fell.min() > 0.1
    assert found.share("certain") == 1.0
    assert np.abs(found.errors("auc")).mean() < 0.03


def test_a_change_of_the_concept_is_not_seen_and_every_sentence_says_so() -> None:
    found = repeated(Binary(), Binary(concept=2.0), (1_500, 1_000), 20, metric="precision")
    assert min(found.errors("precision")) > 0.2  # the truth is far worse
    assert found.share("none") > 0.9
    assert all("only labels can show" in one["sentence"] for one in found.blocks)


def test_a_model_that_is_always_wrongly_certain_is_not_believed() -> None:
    generator = np.random.default_rng(3)
    actual = (generator.random(400) < 0.3).astype(int)
    held_out = Predictions("binary", actual, np.zeros(400, int), np.tile([1.0, 0.0], (400, 1)), 1)
    answers = answers_of(held_out)
    block: Any = estimate(answers, counted(answers, held_out), {})
    accuracy = block["metrics"]["accuracy"]
    assert answers["calibration"]["method"] == "platt"
    assert accuracy["estimated"] == pytest.approx(1 - actual.mean(), abs=0.01)
    assert accuracy["low"] < accuracy["estimated"] - 0.03
    assert block["metrics"]["precision"]["undefined"] == "Precision was undefined in the evaluation at promotion."


def test_a_hundred_right_of_a_hundred_is_not_certainty() -> None:
    actual = np.arange(100) % 2
    chance = np.where(actual, 0.999, 0.001)
    answers = answers_of(Predictions("binary", actual, actual, np.stack([1 - chance, chance], axis=1), 1))
    counts = counted(answers, Predictions("binary", actual, actual, np.stack([1 - chance, chance], axis=1), 1))
    accuracy: Any = estimate(answers, counts, {})["metrics"]["accuracy"]
    assert accuracy["low"] < 0.99
    assert accuracy["high"] == 1.0


def test_it_is_repeatable_and_independent_of_the_partition() -> None:
    generator = np.random.default_rng(2)
    answers = json.loads(json.dumps(answers_of(Multiclass().rows(800, generator))))
    traffic = Multiclass(shift=1.0).rows(500, generator)
    parts = [counted(answers, traffic.take(part)) for part in (np.arange(300, 500), np.arange(300))]
    assert estimate(answers, counted(answers, traffic), {}) == estimate(answers, merged(*parts), {})


def test_small_test_sets_are_undefined_and_say_what_helps() -> None:
    answers = answers_of(Binary().rows(99, np.random.default_rng(0)))
    block: Any = estimate(answers, counted(answers, Binary().rows(500, np.random.default_rng(1))), {})
    assert (block["loss"], block["metrics"]) == (None, {})
    assert "99 rows" in block["undefined"]


def test_a_rare_class_has_the_number_of_its_held_out_rows_in_the_interval_s_place() -> None:
    generator = np.random.default_rng(4)
    many = Binary(bias=-1.0).rows(3_000, generator)
    rare = many.take(np.flatnonzero((many.actual == 0) | (np.cumsum(many.actual) <= 6)))
    block: Any = estimate(answers_of(rare), counted(answers_of(rare), many), {"metric": "recall", "max_loss": 0.0})
    recall, accuracy = block["metrics"]["recall"], block["metrics"]["accuracy"]
    assert recall["few"]["rows"] == 6
    assert [recall[key] for key in ("low", "high", "difference_low", "difference_high")] == [None] * 4
    assert recall["estimated"] is not None
    assert block["loss"] in {"possible", "none"}
    assert "95 %" not in block["sentence"]
    assert accuracy["low"] is not None
    assert "few" not in accuracy


@pytest.mark.parametrize(
    ("answers", "settings", "words"),
    [
        ({"task": "regression", "classes": None, "calibration": None}, {}, "labels"),
        ({"task": "binary", "classes": ["no", "yes"], "positive_class": "yes", "calibration": None}, {}, "labels"),
        ({}, {}, "No answer with probabilities was captured; 3 were unusable"),
    ],
)
def test_what_cannot_be_estimated_is_undefined_with_a_reason(
    answers: Any, settings: MonitoringSettings, words: str
) -> None:
    known = answers or answers_of(Binary().rows(200, np.random.default_rng(0)))
    counts = AnswerCounts.empty(known)
    counts.add(["no", "yes", "no"], None)
    block: Any = estimate(known, counts, settings)
    assert block["loss"] is None
    assert words in block["undefined"]
    assert block["sentence"] == block["undefined"]


def test_a_metric_that_confidence_says_nothing_of_leaves_the_others() -> None:
    generator = np.random.default_rng(8)
    answers = answers_of(Binary().rows(200, generator))
    block: Any = estimate(answers, counted(answers, Binary().rows(300, generator)), {"metric": "average_precision"})
    assert (block["loss"], block["metric"]) == (None, "average_precision")
    assert block["undefined"].startswith("Average precision cannot be estimated from the model's confidence")
    assert block["metrics"]["auc"]["estimated"] is not None


def test_a_metric_of_another_task_is_auto() -> None:
    generator = np.random.default_rng(8)
    answers = answers_of(Binary().rows(200, generator))
    assert estimate(answers, counted(answers, Binary().rows(300, generator)), {"metric": "rmse"})["metric"] == "auc"


def test_a_class_that_is_no_longer_answered_leaves_its_precision_undefined() -> None:
    generator = np.random.default_rng(4)
    answers, traffic = answers_of(Binary().rows(500, generator)), Binary(shift=-1.0).rows(500, generator)
    only_no = traffic.take(np.flatnonzero(traffic.predicted == 0))
    found = estimate(answers, counted(answers, only_no), {"metric": "precision"})
    assert found["metrics"]["precision"]["estimated"] is None
    assert found["undefined"] == found["sentence"] == "The answers of this window do not define Precision."
    assert found["metrics"]["accuracy"]["estimated"] is not None


def test_the_sentence_names_figures_and_the_assumption() -> None:
    generator = np.random.default_rng(6)
    answers = answers_of(Binary().rows(2_000, generator))
    lost = estimate(answers, counted(answers, Binary(shift=0.33, spread=0.35).rows(2_000, generator)), {})
    assert lost["sentence"].startswith(
        f"ROC AUC is estimated at {lost['metrics']['auc']['estimated']:.4f} (95 % interval"
    )
    assert "the loss is certain" in lost["sentence"]
    kept = estimate(answers, counted(answers, Binary().rows(2_000, generator)), {})
    assert "no loss beyond 0.02" in kept["sentence"]


def test_more_classes_than_a_calibration_can_hold_are_left_alone() -> None:
    chances = np.full((400, 201), 1 / 201)
    predictions = Predictions("multiclass", np.arange(400) % 201, np.arange(400) % 201, chances)
    schema: Any = {"classes": [str(place) for place in range(201)]}
    assert calibration(predictions, schema, {}) is None
