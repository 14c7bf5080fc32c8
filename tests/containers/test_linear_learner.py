"""The stand-in for linear-learner: what it learns, logs, refuses and answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chalicelib.algorithms.linear_learner import hyperparameters as of_relay
from chalicelib.algorithms.linear_learner import objectives as of_relay_objectives
from local.containers.errors import UserError
from local.containers.linear_learner import STAND_IN
from local.containers.linear_learner import hyperparameters as of_container
from local.containers.linear_learner.inference import ScoringService
from local.containers.linear_learner.objectives import OBJECTIVES
from local.containers.linear_learner.training import train
from local.sagemaker.metrics import last_values, points
from tests.containers.jobs import job, rows

BINARY = {"predictor_type": "binary_classifier", "mini_batch_size": "20"}
MANY = {"predictor_type": "multiclass_classifier", "num_classes": "3", "mini_batch_size": "10"}
NUMBER = {"predictor_type": "regressor", "mini_batch_size": "20"}


def numbers() -> Any:
    """A line through amounts of very different sizes, about 1,000."""
    draw = np.random.default_rng(3)
    plain = draw.normal(size=(400, 3))
    labels = 1_000 + 50 * plain[:, 0] - 20 * plain[:, 1] + draw.normal(size=400)
    return np.column_stack([labels, plain * [1, 1_000, 0.001] + [0, 5_000, 0]])


def trained(
    tmp_path: Path, given: dict[str, str], capfd: pytest.CaptureFixture[str], data: Any = None
) -> tuple[Path, str]:
    root = job(tmp_path / "job", given, form="csv", data=data)
    assert train(root) == 0, (root / "output/failure").read_text()
    return root, capfd.readouterr().out


def refused(tmp_path: Path, given: dict[str, str], data: Any = None, **channels: Any) -> str:
    root = job(tmp_path / "job", given, form="csv", data=data)
    if channels:
        path = root / "input/config/inputdataconfig.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **channels}))
    assert train(root) == 2
    return (root / "output/failure").read_text()


def answered(root: Path, body: str, media: str = "text/csv", accept: str | None = None) -> Any:
    return ScoringService(root / "model").invoke(body.encode(), media, accept)


def as_csv(features: Any) -> str:
    return "\n".join(",".join(f"{value:.9g}" for value in row) for row in features)


@pytest.mark.parametrize(
    ("given", "data", "within"),
    [
        (BINARY, "binary", {"validation:roc_auc_score": (0.98, 1), "validation:objective_loss": (0, 0.2)}),
        (MANY, "multiclass", {"validation:multiclass_accuracy": (0.9, 1), "validation:dcg": (0.9, 1)}),
        (NUMBER, None, {"validation:mse": (0.5, 3), "validation:absolute_loss": (0.5, 2)}),
    ],
)
def test_it_learns_and_sagemakers_expressions_find_its_metrics(
    tmp_path: Path, given: dict[str, str], data: str | None, within: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    _, log = trained(tmp_path, given, capfd, rows(data) if data else numbers())
    found = last_values(points(log.splitlines(), known=STAND_IN.metadata()))

    for metric, (low, high) in within.items():
        assert low <= found[metric] <= high, metric
    assert "This is not SageMaker's linear-learner" in log
    assert found["train:progress"] <= 100
    task = {"binary_classifier": "binary", "multiclass_classifier": "multiclass", "regressor": "regression"}
    wanted = of_relay_objectives.OBJECTIVES[task[given["predictor_type"]]]  # type: ignore[index]
    assert {objective.metric for objective in wanted.values()} <= found.keys()


def test_its_lines_have_the_form_of_those_that_were_seen_of_the_real_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, log = trained(tmp_path, {**BINARY, "epochs": "2"}, capfd)

    loss = "binary_classification_cross_entropy_objective"
    for line in (
        rf"#quality_metric: host=algo-1, epoch=1, train {loss} <loss>=0\.\d+",
        rf"#quality_metric: host=algo-1, epoch=1, validation {loss} <loss>=0\.\d+",
        r"#early_stopping_criteria_metric: host=algo-1, epoch=1, criteria=sampled_accuracy, value=0\.\d+",
        r"#progress_metric: host=algo-1, completed 100 % of epochs",
        r"#validation_score \(algo-1\) : \('binary_f_1\.000', 0\.\d+\)",
        r"#quality_metric: host=algo-1, validation binary_f_1\.000 <score>=0\.\d+",
        r"#quality_metric: host=algo-1, validation roc_auc_score <score>=0\.\d+",
        r"Test data is not provided\.",
    ):
        assert re.search(rf"(?m)^\[\d\d/\d\d/\d{{4}} [\d:]{{8}} INFO \d+\] {line}$", log), line


def test_epochs_are_the_steps_of_the_loss(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, log = trained(tmp_path, {**BINARY, "epochs": "3"}, capfd)
    found = points(log.splitlines(), known=STAND_IN.metadata())

    assert [one.step for one in found if one.metric == "validation:objective_loss"] == [0, 1, 2]


def test_the_same_job_gives_the_same_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    models = [(trained(tmp_path / name, BINARY, capfd)[0] / "model/model_algo-1").read_bytes() for name in "ab"]

    assert models[0] == models[1]


def test_a_tuning_has_one_model_a_trial(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tuned = {**BINARY, "learning_rate": "0.3", "_tuning_objective_metric": "validation:roc_auc_score"}
    _, log = trained(tmp_path, tuned, capfd)

    assert '"learning_rate": 0.3' in log.partition("Best model found for hyperparameters: ")[2]


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
@pytest.mark.parametrize("loss", ["huber_loss", "quantile_loss", "absolute_loss", "eps_insensitive_squared_loss"])
def test_every_optimizer_and_loss_learns(
    tmp_path: Path, optimizer: str, loss: str, capfd: pytest.CaptureFixture[str]
) -> None:
    _, log = trained(tmp_path, {**NUMBER, "loss": loss, "optimizer": optimizer, "epochs": "40"}, capfd, numbers())

    found = last_values(points(log.splitlines(), known=STAND_IN.metadata()))
    assert found["validation:absolute_loss"] < 5  # they spread by 54
    assert f"validation {loss}_objective <loss>" in log


def test_penalties_and_the_bias_do_what_they_are_called(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def weights(name: str, **more: str) -> Any:
        root, _ = trained(tmp_path / name, {**BINARY, "epochs": "5", "num_models": "1", **more}, capfd)
        return json.loads((root / "model/model_algo-1").read_text())

    plain, decayed = weights("plain"), weights("decayed", wd="1")
    sparse, unbiased = weights("sparse", l1="0.5"), weights("unbiased", use_bias="false")
    assert np.abs(decayed["weights"]).sum() < np.abs(plain["weights"]).sum()
    assert np.count_nonzero(sparse["weights"]) < np.count_nonzero(plain["weights"])
    assert unbiased["bias"] == [0.0]


def test_the_threshold_follows_what_is_wanted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wanted = {
        "binary_classifier_model_selection_criteria": "precision_at_target_recall",
        "target_recall": "0.999",
    }
    root, log = trained(tmp_path, {**BINARY, **wanted}, capfd)

    assert last_values(points(log.splitlines(), known=STAND_IN.metadata()))["validation:recall"] == 1
    said = json.loads(answered(root, as_csv(rows()[:200, 1:])).body)["predictions"]
    threshold = json.loads((root / "model/model_algo-1").read_text())["threshold"]
    assert {one["predicted_label"] for one in said} == {0, 1}
    assert all(one["predicted_label"] == (one["score"] >= threshold) for one in said)


# --- what it refuses


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "No value(s) were specified for 'predictor_type' which are required hyperparameter(s)"),
        ({**BINARY, "eta": "1"}, "Additional hyperparameters are not allowed ('eta' was unexpected)"),
        ({**BINARY, "wd": "much"}, "'much' is not of the type of the hyperparameter 'wd'"),
        ({**BINARY, "momentum": "1"}, "1.0 is not valid for the hyperparameter 'momentum': [0, 1)"),
        ({**BINARY, "epochs": "0.5"}, "'0.5' is not of the type"),
        ({**BINARY, "loss": "squared_loss"}, "The loss squared_loss is none for the predictor_type binary_classifier"),
        ({"predictor_type": "multiclass_classifier"}, "num_classes must be at least 3"),
        ({**BINARY, "feature_dim": "7"}, "feature_dim is 7, but the train channel has 30 features"),
        ({"predictor_type": "binary_classifier"}, "the mini-batch size is too high"),
    ],
)
def test_wrong_hyperparameters_are_refused(tmp_path: Path, given: dict[str, str], why: str) -> None:
    reason = refused(tmp_path, given)

    assert reason.startswith("ClientError: ")
    assert why in reason


def test_no_feature_dim_is_needed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    trained(tmp_path, {**BINARY, "feature_dim": "30", "epochs": "1"}, capfd)
    trained(tmp_path / "again", {**BINARY, "epochs": "1"}, capfd)


@pytest.mark.parametrize(
    ("channel", "why"),
    [
        ({"train": {"ContentType": "application/x-parquet"}}, "No iterator has been registered for ContentType"),
        ({"validation": {"ContentType": "csv"}}, "No iterator has been registered for ContentType ('csv', '1.0')"),
        ({"code": {"ContentType": "text/csv"}}, "'code' was unexpected"),
    ],
)
def test_wrong_channels_are_refused(tmp_path: Path, channel: dict[str, Any], why: str) -> None:
    assert why in refused(tmp_path, BINARY, **channel)


def test_recordio_is_refused_as_what_only_the_stand_in_lacks(tmp_path: Path) -> None:
    root = job(tmp_path / "job", BINARY, form="libsvm")

    assert train(root) == 1
    assert "AlgorithmError" in (root / "output/failure").read_text()


@pytest.mark.parametrize(
    ("given", "label", "why"),
    [
        (BINARY, 2, "The label of every row must be 0 or 1; the train channel has 2"),
        (MANY, 3, "must be a whole number from 0 to 2; the train channel has 3"),
        (MANY, 0.5, "the train channel has 0.5"),
        (NUMBER, np.nan, "Unable to parse csv: rows 1-1000, file /opt/ml/input/data/train/"),
    ],
)
def test_wrong_labels_are_refused(tmp_path: Path, given: dict[str, str], label: float, why: str) -> None:
    data = rows("multiclass").astype(np.float64)
    data[:, 0] = np.minimum(data[:, 0], 1) if given is BINARY else data[:, 0]
    data[0, 0] = label

    assert why in refused(tmp_path, given, data)


def test_words_and_gaps_are_refused(tmp_path: Path) -> None:
    for name, cell in (("word", "red"), ("gap", ""), ("nan", "nan")):
        root = job(tmp_path / name, BINARY, form="csv")
        file = min((root / "input/data/train").iterdir())
        first, *others = file.read_text().splitlines()
        file.write_text("\n".join([",".join([*first.split(",")[:-1], cell]), *others]))
        assert train(root) == 2
        assert "Unable to parse csv" in (root / "output/failure").read_text()


@pytest.mark.parametrize("name", sorted(of_relay.KINDS))
def test_the_settings_take_no_hyperparameter_that_the_container_would_refuse(name: str) -> None:
    theirs = of_container.KINDS[name]
    for value in ("auto", "balanced", "true", "uniform", "-1", "0", "0.5", "1", "3", "1000000000000"):
        if of_relay.KINDS[name].fault(value) is None:
            given = {"predictor_type": "regressor", name: value}
            if name in {"predictor_type", "loss"}:
                assert value in theirs.allowed
            else:
                of_container.validate(given)
    assert of_relay.KINDS[name].tunable == (name in of_container.TUNABLE)


def test_the_settings_take_no_objective_that_it_cannot_be_tuned_for() -> None:
    for by_name in of_relay_objectives.OBJECTIVES.values():
        for objective in by_name.values():
            assert OBJECTIVES[objective.metric] == objective.direction


# --- what it answers


def test_it_answers_json_and_json_lines_and_no_csv(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root, _ = trained(tmp_path, {**MANY, "epochs": "3"}, capfd, rows("multiclass"))
    two = rows("multiclass")[:2, 1:].tolist()
    plain = answered(root, as_csv(two), "text/csv; charset=utf-8")
    said = json.loads(plain.body)["predictions"]

    assert (plain.status, plain.content_type) == (200, "application/json")
    assert [set(one) for one in said] == [{"score", "predicted_label"}] * 2
    assert all(sum(one["score"]) == pytest.approx(1) for one in said)
    assert [np.argmax(one["score"]) for one in said] == [one["predicted_label"] for one in said]
    lines = answered(root, as_csv(two), accept="application/jsonlines")
    assert [json.loads(line) for line in lines.body.decode().splitlines()] == said
    instances = json.dumps({"instances": [{"features": row} for row in two]})
    in_lines = "\n".join(json.dumps({"data": {"features": {"values": row}}}) for row in two)
    for body, media in ((instances, "application/json"), (in_lines, "application/jsonlines")):
        again = json.loads(answered(root, body, media).body)["predictions"]
        assert [one["score"] for one in again] == [pytest.approx(one["score"], abs=1e-6) for one in said]
    assert answered(root, as_csv(two), accept="text/csv").status == 406
    assert answered(root, as_csv(two), "application/x-parquet").status == 415
    for body in ("1,2", "a,b,c,d", "1,2,,4", "1,2,nan,4", ""):
        assert answered(root, body).status == 400
    assert answered(root, "{}", "application/json").status == 400


def test_a_regression_answers_numbers_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root, _ = trained(tmp_path, NUMBER, capfd, numbers())
    (one,) = json.loads(answered(root, as_csv(numbers()[:1, 1:])).body)["predictions"]

    assert set(one) == {"score"}
    assert one["score"] == pytest.approx(numbers()[0, 0], abs=10)


@pytest.mark.parametrize("content", [None, b"PK\x03\x04 of AWS's own", b"{}", b"[]"])
def test_a_model_that_is_not_its_own_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "model_algo-1").write_bytes(content)
    with pytest.raises(UserError, match="it reads none of AWS's"):
        ScoringService(tmp_path)
