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
from chalicelib.algorithms import xgboost
from chalicelib.algorithms.objectives import OBJECTIVES, Task, objective
from chalicelib.names import CheckKeys, Kind, Step
from chalicelib.requests import Call, processing, registry, training
from chalicelib.requests.processing import CheckRequest
from chalicelib.requests.training import past_tuning
from chalicelib.run import Problem, Stage
from local.shapes import validated
from tests.relay.builders import DEPLOYMENT, LIVE, NOW, run, settings

GOLDEN = Path(__file__).parent / "golden"
MULTICLASS = Problem(Task.MULTICLASS, ("a", "b", "c"), "application/x-parquet", {"read": 100})
SPOT = settings(
    tuning={
        "strategy": "Random",
        "ranges": {
            "eta": {"min": 0.01, "max": 0.3, "scaling": "Logarithmic"},
            "max_depth": {"min": 2, "max": 8},
        },
    },
    spot={"enabled": True},
)
FIXED = settings(hyperparameters={"max_depth": 4, "booster": "dart"})
GRID = settings(tuning={"strategy": "Grid", "ranges": {"max_depth": {"values": [2, 4, 6]}}})
HYPERBAND = settings(tuning={"strategy": "Hyperband"})


PAST = past_tuning(run(Stage.LIVE))


def check(kind: Kind, previous: str | None = None) -> CheckRequest:
    before = CheckKeys("churn", kind, 11, NOW)
    return CheckRequest(
        CheckKeys("churn", kind, 12, NOW),
        model="churn-1a2b3c4d",
        artifact=f"s3://{DEPLOYMENT.bucket}/runs/churn-1a2b3c4d/training/churn-1a2b3c4d-train-1/output/model.tar.gz",
        previous=f"{before.root}/{previous}" if previous else None,
        instance="ml.m5.large",
        volume_gb=30,
    )


RUNS = {
    "prepare": (Step.PREPARE, run()),
    "prepare-with-live-model": (Step.PREPARE, run(live=LIVE)),
    "tune": (Step.TUNE, run(Stage.TUNING)),
    "tune-warm": (Step.TUNE, run(Stage.TUNING, warm_start=PAST)),
    "tune-spot-random": (Step.TUNE, run(Stage.TUNING, settings=SPOT)),
    "tune-with-given-hyperparameters": (Step.TUNE, run(Stage.TUNING, settings=FIXED)),
    "tune-grid": (Step.TUNE, run(Stage.TUNING, settings=GRID)),
    "tune-grid-without-lists": (Step.TUNE, run(Stage.TUNING, settings=GRID, lists_refused=True)),
    "tune-hyperband": (Step.TUNE, run(Stage.TUNING, settings=HYPERBAND)),
    "train": (Step.TRAIN, run(Stage.TRAINING)),
    "train-spot-multiclass": (
        Step.TRAIN,
        run(Stage.TRAINING, settings=SPOT, problem=MULTICLASS, objective=objective("auto", Task.MULTICLASS)),
    ),
    "deploy": (Step.CANDIDATE, run(Stage.DEPLOYING)),
    "evaluate": (Step.EVALUATE, run(Stage.EVALUATING)),
    "evaluate-with-live-model": (Step.EVALUATE, run(Stage.EVALUATING, live=LIVE)),
    "evaluate-without-tuning": (Step.EVALUATE, run(Stage.EVALUATING, trials=0)),
    "promote-first": (Step.LIVE, run(Stage.PROMOTING)),
    "promote-update": (Step.LIVE, run(Stage.PROMOTING, live=LIVE)),
}
PRIVATE = replace(
    DEPLOYMENT,
    kms_key="arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000",
    subnets=("subnet-0a1b2c3d", "subnet-4e5f6a7b"),
    security_groups=("sg-0a1b2c3d",),
)
CALLS = {name: requests.start(step, 1, record, DEPLOYMENT) for name, (step, record) in RUNS.items()} | {
    "register": [
        Call("create_model_package_group", registry.group(run(Stage.LIVE), DEPLOYMENT)),
        Call("create_model_package", registry.package(run(Stage.LIVE), DEPLOYMENT, "Approved")),
    ],
    "check-drift": [Call("create_processing_job", processing.drift(check(Kind.DRIFT), DEPLOYMENT, 1))],
    "check-drift-again": [
        Call("create_processing_job", processing.drift(check(Kind.DRIFT, "drift.json"), DEPLOYMENT, 2))
    ],
    "check-drill": [Call("create_processing_job", processing.drift(check(Kind.DRILL), DEPLOYMENT, 1))],
    "check-quality": [
        Call("create_processing_job", processing.quality(check(Kind.QUALITY, "quality.json"), DEPLOYMENT, 1))
    ],
    **{
        f"{name}-in-a-vpc-with-a-key": requests.start(*RUNS[name][:1], 1, RUNS[name][1], PRIVATE)
        for name in ("prepare", "tune", "train", "deploy", "promote-first")
    },
    "check-test": [Call("create_processing_job", processing.test(check(Kind.TEST), DEPLOYMENT, 1))],
}


@pytest.mark.parametrize("name", CALLS)
def test_the_request_is_the_reviewed_one(name):
    made = [{"operation": call.operation, "arguments": call.arguments} for call in CALLS[name]]
    file = GOLDEN / f"{name}.json"
    if os.environ.get("SAGERELAY_ACCEPT"):
        file.write_text(json.dumps(made, indent=1) + "\n")

    assert json.loads(file.read_text()) == made


def test_no_golden_file_is_left_over():
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_sagemaker_would_take_it(name):
    for call in CALLS[name]:
        operation = "".join(word.capitalize() for word in call.operation.split("_"))
        validated("sagemaker", operation, call.arguments)


def test_a_retry_differs_in_its_name_only():
    first, second = (
        json.dumps(requests.start(Step.TRAIN, n, run(Stage.TRAINING), DEPLOYMENT)[0].arguments) for n in (1, 2)
    )

    assert first.replace("-train-1", "-train-2") == second


@pytest.mark.parametrize(("task", "name"), [(task, name) for task, names in OBJECTIVES.items() for name in names])
def test_the_container_is_told_to_print_what_the_tuner_reads(task, name):
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
def test_the_training_stops_early_by_a_metric_that_keeps_probabilities_honest(task, name, last):
    hyperparameters = xgboost.static_hyperparameters(task, 3, objective(name, task), {})
    assert hyperparameters["eval_metric"].split(",")[-1] == last


def test_tuned_hyperparameters_are_not_given_as_static_ones():
    request = training.tune(run(Stage.TUNING), DEPLOYMENT, 1)

    static = request["TrainingJobDefinition"]["StaticHyperParameters"]
    assert "eta" not in static
    assert "num_round" in static
