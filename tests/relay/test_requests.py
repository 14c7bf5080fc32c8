"""Every request the relay can make: a reviewed golden file each, and valid by botocore's model, patterns included.

To accept a change of the requests, run `SAGERELAY_ACCEPT=1 python -m pytest tests/relay/test_requests.py -n 0` and
review the difference.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib import requests
from chalicelib.algorithms.xgboost.objectives import OBJECTIVES, objective
from chalicelib.contract.metrics import Task
from chalicelib.names import Step
from chalicelib.records.run import Stage
from chalicelib.requests import training
from local.wire.shapes import validated
from tests.relay.builders import DEPLOYMENT, XGBOOST, run
from tests.relay.request_cases import CALLS, MULTICLASS

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", CALLS)
def test_the_request_is_the_reviewed_one(name: str) -> None:
    made = [{"operation": call.operation, "arguments": call.arguments} for call in CALLS[name]]
    file = GOLDEN / f"{name}.json"
    if os.environ.get("SAGERELAY_ACCEPT"):
        file.write_text(json.dumps(made, indent=1) + "\n")

    assert json.loads(file.read_text()) == made


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_sagemaker_would_take_it(name: str) -> None:
    for call in CALLS[name]:
        operation = "".join(word.capitalize() for word in call.operation.split("_"))
        validated("sagemaker", operation, call.arguments)


def test_a_retry_differs_in_its_name_only() -> None:
    first, second = (
        json.dumps(requests.start(Step.TRAIN, n, run(Stage.TRAINING), DEPLOYMENT)[0].arguments) for n in (1, 2)
    )

    assert first.replace("-train-1", "-train-2") == second


@pytest.mark.parametrize(("task", "name"), [(task, name) for task, names in OBJECTIVES.items() for name in names])
def test_the_container_is_told_to_print_what_the_tuner_reads(task: Task, name: str) -> None:
    chosen = objective(name, task)
    problem = replace(MULTICLASS, task=task, classes=None if task is Task.REGRESSION else ("a", "b"))
    request = training.tune(run(Stage.TUNING, problem=problem, objective=chosen), DEPLOYMENT, 1)

    printed = request["TrainingJobDefinition"]["StaticHyperParameters"]["eval_metric"].split(",")
    watched = request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    assert watched["MetricName"].removeprefix("validation:") in printed
    assert len(printed) == len(set(printed))


@pytest.mark.parametrize(
    ("task", "name", "last"),
    [
        (Task.BINARY, "auc", "logloss"),
        (Task.BINARY, "logloss", "logloss"),
        (Task.MULTICLASS, "f1_macro", "mlogloss"),
        (Task.REGRESSION, "mae", "mae"),
    ],
)
def test_the_training_stops_early_by_a_metric_that_keeps_probabilities_honest(task: Task, name: str, last: str) -> None:
    hyperparameters = XGBOOST.static_hyperparameters(task, 3, objective(name, task), {})
    assert hyperparameters["eval_metric"].split(",")[-1] == last


def test_tuned_hyperparameters_are_not_given_as_static_ones() -> None:
    request = training.tune(run(Stage.TUNING), DEPLOYMENT, 1)

    static = request["TrainingJobDefinition"]["StaticHyperParameters"]
    assert "eta" not in static
    assert "num_round" in static


@pytest.mark.parametrize("name", CALLS)
def test_a_processing_job_has_no_more_inputs_than_sagemaker_takes(name: str) -> None:
    assert all(len(call.arguments.get("ProcessingInputs", ())) <= 10 for call in CALLS[name])
