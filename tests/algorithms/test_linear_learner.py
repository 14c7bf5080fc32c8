"""`algorithm: linear-learner`: its settings, what a run asks SageMaker for, and the rows that prepare writes for it."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import requests
from chalicelib.algorithms.linear_learner import LinearLearner, hyperparameters, objectives
from chalicelib.algorithms.objectives import UnsuitableObjectiveError
from chalicelib.contract.metrics import Task
from chalicelib.names import Step
from chalicelib.records.run import Run, Stage
from chalicelib.relay.deciding import begin, decide
from chalicelib.relay.documents import read_schema
from chalicelib.settings import machines
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from chalicelib.settings.stored import Settings
from jobs.prepare.pipeline import prepare
from jobs.serving import encode
from jobs.serving.decode import Model, transform_fn
from jobs.settings import Inputs
from local.wire.shapes import validated
from tests.prepare import tables
from tests.relay.builders import ARTIFACT, DEPLOYMENT, NOW, run, schema_read

NAME = "linear-learner"
IMAGE = "438346466558.dkr.ecr.eu-west-1.amazonaws.com/linear-learner:1"


def chosen(text: str = "") -> Settings:
    return machines.chosen(read_settings(f"algorithm: {NAME}\n{text}").as_stored(), 1e6)


def learned(settings: Settings, task: str = "binary", rows: int = 600) -> Run:
    """The run that knows what it has to learn."""
    read = replace(schema_read(task), content_type="text/csv", rows={"read": 1000, "train": rows})
    return decide(replace(begin(run()), settings=settings), read, NOW).run


def asked(step: Step, of: Run) -> list[dict[str, Any]]:
    """The requests that start a step, as SageMaker would take them."""
    calls = requests.start(step, 1, of, DEPLOYMENT)
    for call in calls:
        validated("sagemaker", "".join(word.capitalize() for word in call.operation.split("_")), call.arguments)
    return [call.arguments for call in calls]


# --- settings


def test_relay_yaml_chooses_it_and_gets_its_ranges() -> None:
    settings = read_settings(f"algorithm: {NAME}\n")

    assert set(settings.tuning.ranges) == {"learning_rate", "wd", "l1"}
    assert not settings.tuning.early_stopping
    assert settings.as_stored()["algorithm"] == NAME


@pytest.mark.parametrize(
    "text",
    [
        "hyperparameters: {wd: auto, l1: 0, positive_example_weight_mult: balanced, use_bias: false}",
        "hyperparameters: {optimizer: sgd, momentum: 0.9, epochs: 30, num_models: 4}",
        "hyperparameters: {loss: huber_loss, huber_delta: 2, init_bias: -1.5}",
        "tuning: {trials: 2, ranges: {use_bias: {values: [true, false]}}}",
        "tuning: {ranges: {mini_batch_size: {min: 100, max: 500}, wd: {values: [0.1, 0.01]}}, trials: 4}",
    ],
)
def test_what_it_takes_may_be_set(text: str) -> None:
    assert chosen(text)["algorithm"] == NAME


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hyperparameters: {eta: 0.1}", 'linear-learner has no hyperparameter "eta".'),
        ("hyperparameters: {learning_rte: 0.1}", 'Did you mean "learning_rate"?'),
        ("hyperparameters: {num_classes: 3}", '"num_classes" follows from "task" and "tuning.objective"'),
        ("hyperparameters: {wd: some}", "\"wd\" is a number, or one of auto; 'some' is not"),
        ("hyperparameters: {momentum: 1}", '"momentum" must be at least 0 and below 1, not 1'),
        ("hyperparameters: {learning_rate: 0}", '"learning_rate" must be above 0, not 0'),
        ("hyperparameters: {mini_batch_size: 0.5}", '"mini_batch_size" is a whole number; 0.5 is not'),
        ("hyperparameters: {loss: hinge_loss}", '"loss" must be one of auto, logistic, softmax_loss'),
        ("hyperparameters: {momentum: 0.9}", '"momentum" does nothing without "optimizer: sgd"'),
        ("hyperparameters: {quantile: 0.9, loss: huber_loss}", '"quantile" does nothing without "loss: quantile_loss"'),
        ("tuning: {objective: aucpr}", 'tuning.objective: "aucpr" is not known; '),
        ("tuning: {ranges: {epochs: {min: 1, max: 3}}}", 'does not let "epochs" be tuned, only l1, learning_rate'),
        ("tuning: {ranges: {wd: {values: [auto, 0.1]}}}", "\"wd\" is a number; 'auto' is not"),
        ("tuning: {trials: 2, ranges: {use_bias: {values: [true, true]}}}", '"use_bias" has the value true twice'),
        ("endpoint: {mode: serverless}", '"algorithm: linear-learner" is served by three'),
        ("decision: {threshold: 0.3}", "linear-learner answers the likelier class"),
    ],
)
def test_it_says_what_may_be_set(text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as raised:
        chosen(text)
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "task", "why"),
    [
        ("tuning: {objective: auc}", "regression", 'tuning.objective "auc" does not suit a regression target'),
        ("tuning: {objective: mse}", "binary", 'tuning.objective "mse" does not suit a binary target'),
        ("hyperparameters: {loss: squared_loss}", "multiclass", '"loss: squared_loss" does not suit a multiclass'),
        ("hyperparameters: {accuracy_top_k: 2}", "binary", '"accuracy_top_k" is for a multiclass target'),
        ("hyperparameters: {mini_batch_size: 601}", "binary", "is more than the 600 training rows"),
    ],
)
def test_what_the_data_shows_to_be_unsuitable_ends_the_run(settings: str, task: str, why: str) -> None:
    ended = learned(chosen(settings), task)

    assert ended.stage is Stage.FAILED
    assert ended.failure
    assert why in ended.failure.reason


def test_every_documented_objective_has_its_own_name() -> None:
    """Of "Tune a linear learner model", the validation channel's."""
    listed = {
        Task.BINARY: "binary_classification_accuracy binary_f_beta precision recall roc_auc_score objective_loss",
        Task.MULTICLASS: "dcg macro_f_beta macro_precision macro_recall multiclass_accuracy multiclass_top_k_accuracy "
        "objective_loss",
        Task.REGRESSION: "absolute_loss mse objective_loss",
    }
    for task, names in listed.items():
        for name in names.split():
            assert objectives.objective(name, task).metric == f"validation:{name}"
        assert {one.metric for one in objectives.OBJECTIVES[task].values()} == {
            f"validation:{name}" for name in names.split()
        }
    with pytest.raises(UnsuitableObjectiveError):
        objectives.objective("dcg", Task.BINARY)


def test_batches_are_smaller_than_the_training_part() -> None:
    batches = [
        hyperparameters.static(Task.BINARY, 2, {}, rows)["mini_batch_size"] for rows in (1, 60, 600, 10**6, None)
    ]
    assert batches == ["1", "3", "30", "1000", "1000"]


# --- requests


@pytest.mark.parametrize(
    ("task", "static"),
    [
        (
            "binary",
            {"predictor_type": "binary_classifier", "binary_classifier_model_selection_criteria": "loss_function"},
        ),
        ("multiclass", {"predictor_type": "multiclass_classifier", "num_classes": "3"}),
        ("regression", {"predictor_type": "regressor"}),
    ],
)
def test_its_tuning_asks_for_what_it_needs(task: str, static: dict[str, str]) -> None:
    (request,) = asked(Step.TUNE, learned(chosen(), task))

    definition, config = request["TrainingJobDefinition"], request["HyperParameterTuningJobConfig"]
    assert definition["AlgorithmSpecification"] == {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    assert definition["StaticHyperParameters"] == {"epochs": "15", "mini_batch_size": "30", **static}
    for channel in definition["InputDataConfig"]:
        assert channel["ContentType"] == "text/csv"
        assert channel["DataSource"]["S3DataSource"]["S3DataDistributionType"] == "FullyReplicated"
    assert [channel["ChannelName"] for channel in definition["InputDataConfig"]] == ["train", "validation"]
    assert config["TrainingJobEarlyStoppingType"] == "Off"
    assert [one["Name"] for one in config["ParameterRanges"]["ContinuousParameterRanges"]] == [
        "l1", "learning_rate", "wd",
    ]  # fmt: skip


def test_it_is_served_between_encoder_and_decoder() -> None:
    made = replace(learned(chosen()), artifact=ARTIFACT, hyperparameters={"wd": "0.1"})
    model, *_ = asked(Step.CANDIDATE, made)

    assert [container["Image"] for container in model["Containers"]] == [DEPLOYMENT.image, IMAGE, DEPLOYMENT.image]
    assert model["Containers"][1]["Environment"] == {}


def test_lambda_starts_without_its_tables() -> None:
    assert LinearLearner().default_ranges["wd"]["max"] == 1


# --- the jobs


def test_prepare_writes_csv_with_the_label_first_and_no_missing_cell(tmp_path: Path) -> None:
    rows = tables.text().splitlines()
    gappy = [rows[0], *(_without_first_number(row) if place % 7 == 0 else row for place, row in enumerate(rows[1:]))]
    files = tables.laid_down(tmp_path, {"datasets/churn/train/a.csv": "\n".join(gappy)})
    inputs: Inputs = {"run": "churn-1a2b3c4d", "dataset": "churn", "settings": tables.settings(algorithm=NAME)}
    prepare(inputs, files, None, tmp_path / "prepared")

    text = (tmp_path / "prepared/schema.json").read_bytes()
    schema = json.loads(text)
    written = list(csv.reader((tmp_path / "prepared/train/train.csv").read_text().splitlines()))
    assert (schema["algorithm"], schema["content_type"]) == (NAME, "text/csv")
    assert len(written) == schema["rows"]["train"]
    assert {len(row) for row in written} == {1 + len(schema["features"])}
    assert {row[0] for row in written} == {"0", "1"}
    assert all(cell and float(cell) == float(cell) for row in written for cell in row)
    assert [path.name for path in (tmp_path / "prepared/validation").iterdir()] == ["validation.csv"]
    event = read_schema(text)
    assert learned(chosen()).stage is Stage.TUNING
    assert getattr(event, "content_type", None) == "text/csv"


def _without_first_number(row: str) -> str:
    cells = row.split(",")
    place = next(at for at, cell in enumerate(cells) if cell.replace(".", "").isdigit())
    return ",".join([*cells[:place], "", *cells[place + 1 :]])


def test_a_request_with_empty_cells_reaches_it_complete(tmp_path: Path) -> None:
    files = tables.laid_down(tmp_path, {"datasets/churn/train/a.csv": tables.text()})
    inputs: Inputs = {"run": "churn-1a2b3c4d", "dataset": "churn", "settings": tables.settings(algorithm=NAME)}
    prepare(inputs, files, None, tmp_path / "prepared")
    import tarfile

    with tarfile.open(tmp_path / "prepared/encoder/model.tar.gz") as tar:
        tar.extractall(tmp_path / "encoder", filter="data")
    model = encode.model_fn(str(tmp_path / "encoder"))
    text, media = encode.transform_fn(model, ",".join("" for _ in model.columns), "text/csv", "text/csv")

    assert media == "text/csv"
    assert "nan" not in text
    assert len(text.split(",")) == len(model.encoder.features)


@pytest.mark.parametrize(
    ("classes", "answer", "told"),
    [
        (["no", "yes"], '{"predictions": [{"score": 0.75, "predicted_label": 0}]}', "yes,0.25,0.75\n"),
        (
            ["a", "b", "c"],
            '{"predictions": [{"score": [0.2, 0.5, 0.3], "predicted_label": 1}]}',
            "b,0.2,0.5,0.3\n",
        ),
        (None, '{"predictions": [{"score": 4.5}, {"score": -1.0}]}', "4.5\n-1\n"),
    ],
)
def test_the_decoder_reads_its_answers(classes: list[str] | None, answer: str, told: str) -> None:
    """By the probability, and not by the threshold that it has calibrated."""
    assert transform_fn(Model(classes), answer, "application/json", "text/csv") == (told, "text/csv")
