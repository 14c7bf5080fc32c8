"""evaluation.json and its neighbours: SageMaker's names, naive answers, warnings, importance, what the report draws."""

import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.algorithms import BUILT_IN, ImportanceError
from jobs.evaluate.curves import curves
from jobs.evaluate.evaluation import Findings, LiveModel, Requests, document
from jobs.evaluate.importance import importance
from jobs.metrics.catalogue import CATALOGUE
from jobs.metrics.intervals import measure
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score

from .trained import train, write_files

CLASSES = ["a", "b", "c"]


def evaluated(model: Predictions, classes: list[str] | None, live: LiveModel | None = None) -> Any:
    positive = None if model.positive is None or classes is None else classes[model.positive]
    schema: Any = {"classes": classes, "target": "t", "positive_class": positive, "class_counts": None}
    findings = Findings("run", schema, model, measure(model, None, classes), live, [], Requests(3, 1, model.rows, 2.0))
    found = document(findings)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return found


def three_classes(rows: int = 300) -> Predictions:
    generator = np.random.default_rng(2)
    actual = generator.integers(0, 3, rows)
    raw = generator.random((rows, 3)) + 0.8 * np.eye(3)[actual]
    chance = raw / raw.sum(axis=1, keepdims=True)
    return Predictions("multiclass", actual, chance.argmax(axis=1), chance)


def two_classes(rows: int = 400) -> Predictions:
    generator = np.random.default_rng(3)
    actual = (generator.random(rows) < 0.25).astype(np.int64)
    chance = np.clip(generator.normal(0.3 + 0.3 * actual, 0.2), 0, 1)
    return Predictions("binary", actual, (chance > 0.5).astype(np.int64), np.stack([1 - chance, chance], axis=1), 1)


def test_binary_block_has_sagemakers_names() -> None:
    model = two_classes()
    block = evaluated(model, ["no", "yes"])["binary_classification_metrics"]
    ours = evaluated(model, ["no", "yes"])["sagerelay"]
    share = model.actual.mean()
    assert block["confusion_matrix"]["yes"]["no"] == ours["confusion_matrix"][1][0]
    assert block["recall"]["value"] == ours["metrics"]["recall"]["value"] == block["true_positive_rate"]["value"]
    assert block["false_negative_rate"]["value"] == pytest.approx(1 - block["recall"]["value"])
    assert block["true_negative_rate"]["value"] == pytest.approx(ours["per_class"]["no"]["recall"])
    assert block["recall_best_constant_classifier"]["value"] == 1
    assert block["precision_best_constant_classifier"]["value"] == pytest.approx(share)
    assert block["accuracy_best_constant_classifier"]["value"] == pytest.approx(1 - share)
    assert 0 < block["auc"]["standard_deviation"] < 0.1
    assert len(block["receiver_operating_characteristic_curve"]["true_positive_rates"]) > 50
    assert set(block) >= {"f0_5", "f1", "f2", "precision_recall_curve", "f2_best_constant_classifier"}


def test_multiclass_and_regression_blocks_have_sagemakers_names() -> None:
    block = evaluated(three_classes(), CLASSES)["multiclass_classification_metrics"]
    assert set(block) >= {"accuracy", "weighted_recall", "weighted_f0_5", "weighted_f2_best_constant_classifier"}
    assert block["weighted_recall"]["value"] == pytest.approx(block["accuracy"]["value"])
    few = evaluated(Predictions("regression", np.arange(9.0), np.arange(9.0) + 1), None)["regression_metrics"]
    assert {name: entry["value"] for name, entry in few.items()} == pytest.approx(
        {"mae": 1, "mse": 1, "rmse": 1, "r2": 1 - 9 / 60}
    )
    assert few["mae"]["standard_deviation"] == "NaN"


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_our_block_has_every_metric_of_the_contract(task: str) -> None:
    model = {"binary": two_classes(), "multiclass": three_classes()}.get(
        task, Predictions("regression", np.arange(1, 50.0), np.arange(1, 50.0) * 1.1)
    )
    classes = {"binary": ["no", "yes"], "multiclass": CLASSES}.get(task)
    ours = evaluated(model, classes)["sagerelay"]
    assert tuple(ours["metrics"]) == CATALOGUE.published(task)
    assert all(set(entry) == {"value", "low", "high", "undefined"} for entry in ours["metrics"].values())
    assert ours["requests"] == {"count": 3, "retried": 1, "rows_per_second": model.rows / 2}
    assert ours["live"] is None
    assert ours["comparison"] is None


def test_the_naive_answer_is_what_needs_no_model() -> None:
    naive = evaluated(two_classes(), ["no", "yes"])["sagerelay"]["naive"]
    assert naive["auc"] == 0.5
    assert naive["accuracy"] == pytest.approx(1 - two_classes().actual.mean())
    assert "precision" not in naive  # nothing is ever predicted positive: undefined, so it is not given
    mean = evaluated(Predictions("regression", np.array([1.0, 2, 3]), np.array([1.0, 2, 4])), None)["sagerelay"][
        "naive"
    ]
    assert mean["r2"] == pytest.approx(0)


def test_a_class_never_predicted_is_undefined_and_said() -> None:
    model = three_classes()
    said = np.where(model.predicted == 2, 0, model.predicted)
    ours = evaluated(Predictions("multiclass", model.actual, said, model.probability), CLASSES)["sagerelay"]
    assert ours["per_class"]["c"]["precision"] is None
    assert ours["per_class"]["c"]["recall"] == 0
    assert [warning["code"] for warning in ours["warnings"]] == ["class-never-predicted"]


def test_what_was_odd_about_the_data_follows_what_is_odd_about_the_figures() -> None:
    model = train("binary")
    found = document(
        Findings("run", model.schema, two_classes(90), measure(two_classes(90), None, model.schema["classes"]),
                 None, [], Requests(1, 0, 90, 1.0))
    )  # fmt: skip
    warnings = found["sagerelay"]["warnings"]
    assert [warning["code"] for warning in warnings] == ["small-test-set", "decimal-commas"]
    assert warnings[1] == model.schema["warnings"][0]


def test_the_rows_of_the_rarest_class_are_counted() -> None:
    actual = (np.arange(300) < 2).astype(np.int64)
    chance = np.tile([0.99, 0.01], (300, 1))

    ours = evaluated(Predictions("binary", actual, np.zeros(300, np.int64), chance, 1), ["no", "fraud"])["sagerelay"]

    told = {warning["code"]: warning["sentence"] for warning in ours["warnings"]}
    assert 'only 2 rows of the class "fraud" (of 300): too few to tell' in told["small-test-set"]
    assert "wide" not in told["small-test-set"], "there is no interval"
    assert ours["only_answer"] == "no"
    assert evaluated(two_classes(), ["no", "yes"])["sagerelay"]["only_answer"] is None
    small = evaluated(two_classes(60), ["no", "yes"])["sagerelay"]["warnings"][0]["sentence"]
    assert "only 60 rows, " in small
    assert "the intervals are wide" in small
    assert 'of the class "yes"' in small


def test_a_number_said_of_every_row_is_told() -> None:
    always = Predictions("regression", np.arange(300.0), np.full(300, 7.25))

    assert evaluated(always, None)["sagerelay"]["only_answer"] == "7.25"


def test_the_reason_why_the_live_model_is_missing_is_kept() -> None:
    live = evaluated(three_classes(), CLASSES, LiveModel("sagerelay-x", "x-1", "It is gone."))["sagerelay"]["live"]
    assert live == {"endpoint": "sagerelay-x", "run": "x-1", "metrics": None, "unavailable": "It is gone."}


def test_gains_of_features_are_added_to_their_columns(tmp_path: Path) -> None:
    model = train("regression")
    write_files(model, tmp_path)
    gains = BUILT_IN.of({}).gain_by_feature(tmp_path / "model/model.tar.gz")
    assert gains == pytest.approx(model.booster.get_score(importance_type="total_gain"))
    ranked = importance(gains, model.schema)
    assert ranked[0]["gain"] == max(entry["gain"] for entry in ranked)
    ward = sum(gains.get(f"f{place}", 0.0) for place in range(4)) / sum(gains.values())
    assert {entry["column"]: entry["gain"] for entry in ranked}["ward"] == pytest.approx(ward)


def test_an_archive_without_a_booster_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImportanceError, match="cannot be opened"):
        BUILT_IN.of({}).gain_by_feature(tmp_path / "model.tar.gz")
    (tmp_path / "xgboost-model").write_bytes(b"no model")
    for name, words in (("xgboost-model", "cannot be read by xgboost"), ("other", "holds no file named")):
        with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
            archive.add(tmp_path / "xgboost-model", name)
        with pytest.raises(ImportanceError, match=words):
            BUILT_IN.of({}).gain_by_feature(tmp_path / "model.tar.gz")


def test_what_is_drawn_agrees_with_the_predictions() -> None:
    model = two_classes()
    assert model.probability is not None
    drawn = curves(model, measure(model, None, ["no", "yes"]).candidate.scores, ["no", "yes"])
    chance, truth = model.probability[:, 1], model.actual == 1
    for row in drawn["thresholds"]:
        flagged = chance >= row["threshold"]
        assert row["flagged"] == pytest.approx(flagged.mean())
        assert row["recall"] == pytest.approx(flagged[truth].mean())
    assert drawn["suggested"]["f1"] >= max(row["f1"] for row in drawn["thresholds"])
    assert sum(one["rows"] for one in drawn["calibration"]) == model.rows
    first = drawn["calibration"][0]
    inside = chance < 0.1
    assert (first["observed"], first["predicted"]) == pytest.approx((truth[inside].mean(), chance[inside].mean()))


def test_what_is_drawn_is_bounded() -> None:
    generator = np.random.default_rng(0)
    actual = generator.normal(size=30_000)
    model = Predictions("regression", actual, actual)
    numbers = curves(model, score(model), None)
    assert len(numbers["points"]["actual"]) == 1_200
    assert sum(numbers["residuals"]["counts"]) == 30_000
