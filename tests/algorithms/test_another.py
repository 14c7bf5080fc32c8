"""One more algorithm is one folder and an entry in each registry: settings, requests and jobs take it as it is."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import algorithms, requests
from chalicelib.mails.messages import about_run
from chalicelib.names import Step
from chalicelib.records.commands import Mail
from chalicelib.records.events import SchemaRead, StepFailed
from chalicelib.records.run import Run, Stage
from chalicelib.relay.deciding import begin, decide
from chalicelib.relay.documents import context, read_schema, trials
from chalicelib.requests import concessions, registry
from chalicelib.requests.training import past_tuning
from chalicelib.settings import machines
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from chalicelib.settings.stored import Settings
from jobs import algorithms as of_jobs
from jobs.evaluate.asking import importance_of
from jobs.prepare.pipeline import prepare
from jobs.settings import Inputs
from local.wire.shapes import validated
from tests.algorithms.nearest import FOR_JOBS, FOR_RELAY, NAME
from tests.algorithms.nearest.relay import ACCURACY, MARGIN, Nearest
from tests.prepare import tables
from tests.relay.builders import ARTIFACT, DEPLOYMENT, NOW, run, schema_read

HERE = replace(DEPLOYMENT, algorithms=FOR_RELAY)
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/nearest:1"


def chosen(text: str = "") -> Settings:
    return machines.chosen(read_settings(f"algorithm: nearest\n{text}", FOR_RELAY).as_stored(), 1e6)


@pytest.mark.parametrize("name", algorithms.BUILT_IN.loaders)
def test_lambda_and_the_jobs_know_the_same_algorithms(name: str) -> None:
    known = algorithms.BUILT_IN.of({"algorithm": name})
    assert of_jobs.BUILT_IN.of({"algorithm": name}).content_type in known.content_types
    own = algorithms.BUILT_IN.own  # what a mapping describes goes by its form there
    assert algorithms.BUILT_IN.loaders.keys() | own.keys() == of_jobs.BUILT_IN.loaders.keys()
    assert algorithms.FORMER == of_jobs.DEFAULT


def test_what_names_no_algorithm_is_of_the_one_that_every_release_had() -> None:
    assert algorithms.BUILT_IN.of({}).title == "XGBoost"
    assert of_jobs.BUILT_IN.of({}).content_type == "application/x-parquet"


# --- settings


def test_relay_yaml_chooses_it_and_gets_its_ranges() -> None:
    settings = read_settings("algorithm: nearest\n", FOR_RELAY)

    assert set(settings.tuning.ranges) == {"shrink", "power"}
    assert settings.model_dump(mode="json", exclude_unset=True) == {"algorithm": "nearest"}
    assert set(read_settings("algorithm: nearest\ntuning: {trials: 3}", FOR_RELAY).tuning.ranges) == {"shrink", "power"}
    unnamed = read_settings("tuning: {trials: 3}", FOR_RELAY)
    assert set(unnamed.tuning.ranges) == set(read_settings("", FOR_RELAY).tuning.ranges)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hyperparameters: {eta: 0.1}", 'hyperparameters: Nearest has no hyperparameter "eta".'),
        ("hyperparameters: {shrnk: 0.1}", 'Did you mean "shrink"?'),
        ("hyperparameters: {classes: 3}", '"classes" follows from "task" and "tuning.objective"'),
        ("hyperparameters: {power: 1, scale: unit}", '"scale: unit" needs "power" of 2 or more'),
        ("tuning: {objective: auc}", 'tuning.objective: "auc" is not known; allowed: auto, accuracy, margin'),
        ("tuning: {ranges: {scale: {values: [none, unit]}}}", 'does not let "scale" be tuned, only power, shrink'),
        ("endpoint: {mode: serverless}", '"mode: serverless" needs a model that one container serves'),
        ("tuning: {trials: 9, ranges: {power: {min: 1, max: 3}}}", "more than there are combinations"),
    ],
)
def test_it_says_what_may_be_set(text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as raised:
        chosen(text)
    assert problem in str(raised.value)


@pytest.mark.parametrize("name", ["nearest", "3", ""])  # others: test_settings_own_code.py
def test_what_is_not_offered_is_refused_without_judging_what_hangs_on_it(name: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(f"algorithm: {name}\nhyperparameters: {{shrink: 1}}\nsplit: {{test: 9}}\n")

    second, first = raised.value.problems
    assert first.startswith("algorithm: ")
    assert first.endswith(f"is not allowed; allowed: {', '.join(map(repr, algorithms.BUILT_IN.loaders))}")
    assert second.startswith("split.test: ")


# --- the relay and its requests


def learned(settings: Settings, event: SchemaRead | None = None) -> Run:
    """The run that knows what it has to learn."""
    read = event or replace(schema_read("multiclass"), content_type="text/csv")
    return decide(replace(begin(run()), settings=settings), read, NOW, FOR_RELAY).run


def asked(step: Step, of: Run) -> list[dict[str, Any]]:
    """The requests that start a step, as SageMaker would take them."""
    calls = requests.start(step, 1, of, HERE)
    for call in calls:
        validated("sagemaker", "".join(word.capitalize() for word in call.operation.split("_")), call.arguments)
    return [call.arguments for call in calls]


def test_its_tuning_asks_for_what_it_needs() -> None:
    tuned = learned(chosen("tuning: {strategy: Hyperband, objective: margin}"))
    (request,) = asked(Step.TUNE, tuned)

    assert tuned.stage is Stage.TUNING
    definition, config = request["TrainingJobDefinition"], request["HyperParameterTuningJobConfig"]
    assert definition["AlgorithmSpecification"] == {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": name, "Regex": regex} for name, regex in sorted(Nearest.metrics.items())],
    }
    assert {channel["ContentType"] for channel in definition["InputDataConfig"]} == {"text/csv"}
    assert definition["StaticHyperParameters"] == {"classes": "3", "judge_by": MARGIN.metric, "learn": "multiclass"}
    assert config["HyperParameterTuningJobObjective"] == {"Type": "Maximize", "MetricName": "validation:margin"}
    assert set(config["ParameterRanges"]) == {"IntegerParameterRanges", "ContinuousParameterRanges"}


def test_all_steps_of_a_run_with_it_are_requests_that_sagemaker_takes() -> None:
    made = replace(
        learned(chosen()),
        artifact=ARTIFACT,
        hyperparameters={"shrink": "0.2", "power": "3"},
        verdict=run(Stage.LIVE).verdict,
        jobs=run(Stage.EVALUATING).jobs,
    )
    (prepared,), (trained,), (evaluated,) = (asked(step, made) for step in (Step.PREPARE, Step.TRAIN, Step.EVALUATE))
    model, *_ = asked(Step.CANDIDATE, made)

    of_task = {"classes": "3", "learn": "multiclass", "judge_by": ACCURACY.metric}
    assert trained["HyperParameters"] == {**of_task, "patience": "5", "power": "3", "shrink": "0.2"}
    assert [container["Image"] for container in model["Containers"]] == [HERE.image, IMAGE, HERE.image]
    assert model["Containers"][1]["Environment"] == Nearest.serving_environment
    assert {job["AppSpecification"]["ImageUri"] for job in (prepared, evaluated)} == {HERE.image}
    validated("sagemaker", "CreateModelPackage", registry.package(made, HERE, "Approved"))
    told = json.loads(context(made, HERE, (), NOW))
    assert (told["settings"]["algorithm"], told["hyperparameters"]) == (NAME, trained["HyperParameters"])


def test_what_it_cannot_learn_ends_the_run() -> None:
    failure = learned(chosen(), schema_read("regression")).failure
    assert failure
    assert failure.reason == '"algorithm: nearest" learns classes, not numbers'


def test_a_refused_tuning_asks_for_less_in_its_words() -> None:
    tuned = learned(chosen("tuning: {objective: margin}"))
    less = decide(tuned, StepFailed(Step.TUNE, 1, "refused", None, refused=True), NOW, FOR_RELAY).run

    assert (tuned.objective, less.objective) == (MARGIN, ACCURACY)
    assert "of those that SageMaker lists for Nearest" in concessions.sentence(less, Nearest())
    text, _ = trials(less, Nearest(), "job", None, [])
    assert json.loads(text)["instead_of"] == MARGIN.metric


def test_its_tuning_is_what_the_next_one_starts_from() -> None:
    first = replace(learned(chosen()), trials=4, jobs=run(Stage.LIVE).jobs)
    second = replace(learned(chosen("hyperparameters: {scale: none}\n")), warm_start=past_tuning(first, Nearest()))
    third = replace(learned(chosen()), warm_start=past_tuning(first, Nearest()))

    assert "WarmStartConfig" not in asked(Step.TUNE, second)[0]  # one hyperparameter more
    assert "WarmStartConfig" in asked(Step.TUNE, third)[0]


def test_a_release_without_it_ends_the_run_and_says_so() -> None:
    ended = decide(replace(begin(run()), settings=chosen()), schema_read(), NOW).run

    assert ended.stage is Stage.FAILED
    assert ended.failure
    offered = ", ".join(algorithms.BUILT_IN.loaders)
    assert ended.failure.reason == f"algorithm 'nearest' is not offered here; there are: {offered}"
    refused = replace(learned(chosen()), pending=())
    failed = decide(refused, StepFailed(Step.TUNE, 1, "ValidationException: no", None, refused=True), NOW).run
    assert failed.stage is Stage.FAILED
    assert about_run(Mail.FAILED, failed, DEPLOYMENT).text


# --- the jobs


def test_prepare_writes_its_rows_and_evaluate_reads_its_model(tmp_path: Path) -> None:
    files = tables.laid_down(tmp_path, {"datasets/churn/train/a.csv": tables.text()})
    inputs: Inputs = {"run": "churn-1a2b3c4d", "dataset": "churn", "settings": tables.settings(algorithm=NAME)}
    prepare(inputs, files, None, tmp_path / "prepared", offered=FOR_JOBS)

    text = (tmp_path / "prepared/schema.json").read_bytes()
    schema, event = json.loads(text), read_schema(text)
    rows = (tmp_path / "prepared/train/rows.csv").read_text().splitlines()
    assert (schema["algorithm"], schema["content_type"]) == (NAME, "text/csv")
    assert {len(row.split(",")) for row in rows} == {1 + len(schema["features"])}
    assert [path.name for path in (tmp_path / "prepared/validation").iterdir()] == ["rows.csv"]
    assert isinstance(event, SchemaRead)
    assert learned(chosen(), event).stage is Stage.TUNING

    means = [[0.0] * len(schema["features"]), [3.0, *[0.0] * (len(schema["features"]) - 1)]]
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("means.json")
        member.size = len(json.dumps(means))
        tar.addfile(member, io.BytesIO(json.dumps(means).encode()))
    assert importance_of(archive, schema, FOR_JOBS) == ([{"column": schema["feature_columns"][0], "gain": 1.0}], [])
    shares, (warned,) = importance_of(archive, schema)
    assert shares == []
    known = ", ".join(of_jobs.BUILT_IN.loaders)
    assert warned.sentence == f"What the model used cannot be told: The algorithm 'nearest' is none of {known}."
