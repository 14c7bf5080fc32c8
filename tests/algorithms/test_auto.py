"""SageRelay's ensemble, as the relay asks for it: nothing that SageMaker would refuse of this image."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from chalicelib.algorithms import BUILT_IN, xgboost
from chalicelib.algorithms.auto import hyperparameters, objectives
from chalicelib.algorithms.hyperparameters import Number, faults
from chalicelib.algorithms.objectives import UnsuitableObjectiveError
from chalicelib.algorithms.ranges import fault
from chalicelib.algorithms.xgboost import hyperparameters as of_xgboost
from chalicelib.algorithms.xgboost import objectives as xgboost_objectives
from chalicelib.contract.metrics import Task
from chalicelib.names import Step
from chalicelib.records.run import Stage
from chalicelib.requests import concessions, training
from chalicelib.settings.defaults import ranges_of
from jobs.ensemble import boosting
from jobs.ensemble.forms import read_trial
from local.containers.xgboost.objectives import OBJECTIVES as REGISTERED
from local.containers.xgboost.objectives import UNLISTED
from local.sagemaker import training_requests, trials
from tests.relay.builders import AUTO, DEPLOYMENT, run, settings
from tests.relay.request_cases import AUTOMATIC, BY_HYPERBAND, CALLS, MULTICLASS

LEARNED_WITH: dict[str, Any] = {
    "num_round": 2, "early_stopping_rounds": 1, "eta": 1, "gamma": 0.5, "max_depth": 30, "max_leaves": 4,
    "grow_policy": "lossguide", "min_child_weight": 9, "max_delta_step": 1, "subsample": 0.01,
    "colsample_bytree": 0.01, "colsample_bylevel": 0.01, "colsample_bynode": 0.01, "lambda": 0, "alpha": 5,
    "seed": 2**31 - 2,
}  # fmt: skip
NAMED = [(task, name) for task, by_name in objectives.OBJECTIVES.items() for name in by_name]


@pytest.mark.parametrize("name", hyperparameters.KINDS)
def test_a_hyperparameter_is_one_of_the_built_in_and_within_its_bounds(name: str) -> None:
    ours, registered = hyperparameters.KINDS[name], of_xgboost.KINDS[name]

    assert registered.tunable or not ours.tunable
    if isinstance(ours, Number):
        ends = {ours.low, ours.high} - ({ours.low} if ours.open_low else set())
        assert [registered.fault(int(end) if ours.whole else end) for end in ends] == [None] * len(ends)


@pytest.mark.parametrize(("name", "value"), LEARNED_WITH.items())
def test_a_member_learns_with_each_hyperparameter(name: str, value: Any) -> None:
    """`max_bin` was taken, and no trial could be fitted: the members share one table of bins."""
    assert hyperparameters.KINDS.keys() == {*LEARNED_WITH, "num_class"}
    draw = np.random.default_rng(0)
    rows, labels = draw.normal(size=(60, 3)).astype(np.float32), draw.integers(0, 2, 60).astype(float)
    assert faults(AUTO, {name: value}) == []
    form = read_trial({"num_round": "5", name: str(value)})
    learned, judged = boosting.data_of(lambda: iter([(rows, labels)])), xgb.DMatrix(rows, labels)

    seed = value if name == "seed" else 7
    assert np.isfinite(boosting.fit(learned, judged, form, 2, seed=seed, threads=1).margins(rows)).all()


def test_the_defaults_and_the_ranges_are_taken() -> None:
    assert faults(AUTO, hyperparameters.DEFAULTS) == []
    ranges = settings(algorithm="auto")["tuning"]["ranges"]
    assert ranges == ranges_of(AUTO)
    assert [fault(AUTO, name, bounds) for name, bounds in ranges.items()] == [None] * 7


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"max_depth": 0}, '"max_depth: 0", which is no limit, needs "max_leaves" of 1 or more'),
        ({"max_depth": 0, "max_leaves": 31}, None),
        ({"num_round": 9_000}, '"num_round" must be at least 1 and at most 5000, not 9000'),
        ({"eval_metric": "auc"}, '"eval_metric" follows from "task" and "tuning.objective"; set those instead'),
        ({"booster": "dart"}, 'SageRelay\'s ensemble has no hyperparameter "booster".'),
        ({"max_bin": 64}, 'SageRelay\'s ensemble has no hyperparameter "max_bin".'),
    ],
)
def test_what_it_does_not_take_is_told(chosen: dict[str, Any], told: str | None) -> None:
    found = faults(AUTO, chosen)
    assert found == [] if told is None else found[0].startswith(told)


@pytest.mark.parametrize(("task", "name"), NAMED)
def test_an_objective_is_registered_and_better_the_same_way(task: Task, name: str) -> None:
    objective = objectives.objective(name, task)

    assert REGISTERED[objective.metric] == objective.direction
    nearest = AUTO.listed_instead(objective)
    assert (nearest is not None) == (objective.metric in UNLISTED)
    assert nearest is None or (nearest.metric not in UNLISTED and REGISTERED[nearest.metric] == nearest.direction)


def test_every_objective_of_the_built_in_is_one_here_so_that_no_relay_yaml_is_refused_for_another_default() -> None:
    for task, by_name in xgboost_objectives.OBJECTIVES.items():
        assert by_name.keys() <= objectives.OBJECTIVES[task].keys()
    assert xgboost_objectives.NAMES <= objectives.NAMES


def test_what_means_nothing_for_the_task_is_told() -> None:
    assert [objectives.objective("auto", task).metric for task in Task] == [
        f"validation:{metric}" for metric in ("logloss", "mlogloss", "rmse")
    ]
    with pytest.raises(UnsuitableObjectiveError, match=r'"auc" does not suit a multiclass target. Allowed for it: acc'):
        objectives.objective("auc", Task.MULTICLASS)


@pytest.mark.parametrize("name", [name for name in CALLS if "-auto" in name])
def test_the_laptop_s_sagemaker_takes_what_is_asked(name: str) -> None:
    for call in CALLS[name]:
        if call.operation == "create_hyper_parameter_tuning_job":
            trials.check(call.arguments, DEPLOYMENT.region)
        if call.operation == "create_training_job":
            training_requests.check(call.arguments, DEPLOYMENT.region)


@pytest.mark.parametrize("name", [name for name in CALLS if name.startswith(("tune-auto", "train-auto"))])
def test_no_training_of_it_is_given_the_rows_that_it_is_tested_on(name: str) -> None:
    """A channel's address is a prefix: neither may it hold the test rows, nor be among them."""
    prepared = f"{DEPLOYMENT.uri('')}runs/churn-1a2b3c4d/prepared/"
    (call,) = CALLS[name]
    definition = call.arguments.get("TrainingJobDefinition", call.arguments)
    given = {one["ChannelName"]: one["DataSource"]["S3DataSource"] for one in definition["InputDataConfig"]}
    assert given.keys() == {"train", "validation", "schema", "plan", "code"}
    rows = f"{prepared}forms/auto/" if name.endswith("-of-several") else prepared
    assert given["train"]["S3Uri"].startswith(f"{rows}train/")
    for source in given.values():
        assert source["S3DataType"] == "S3Prefix"
        assert not f"{prepared}test/test.csv".startswith(source["S3Uri"])
        assert not source["S3Uri"].startswith(f"{prepared}test")


def test_a_trial_under_hyperband_does_not_stop_itself() -> None:
    (tuned,) = CALLS["tune-auto-hyperband"]
    assert "early_stopping_rounds" not in tuned.arguments["TrainingJobDefinition"]["StaticHyperParameters"]
    assert training.is_watched(run(Stage.TUNING, **BY_HYPERBAND), AUTO)
    assert not training.is_watched(run(Stage.TUNING, **AUTOMATIC), AUTO)
    asked = settings(algorithm="auto", tuning={"early_stopping": True})
    assert training.is_watched(run(Stage.TUNING, **AUTOMATIC | {"settings": asked}), AUTO)


def test_a_tuning_of_the_built_in_is_no_parent_of_one_of_these() -> None:
    """Their trials mean something else, and SageMaker wants the same hyperparameters."""
    problem = {"problem": MULTICLASS, "objective": AUTO.objective("auto", Task.MULTICLASS)}
    former = run(Stage.LIVE, **problem)
    past = training.past_tuning(former, BUILT_IN.of(former.settings))
    assert past
    now = run(Stage.TUNING, settings=settings(algorithm="auto"), warm_start=past, **problem)

    assert training.warm_start(replace(former, warm_start=past), xgboost.XGBoost()) == past.job
    assert training.warm_start(now, AUTO) is None


def test_an_unlisted_objective_that_is_refused_gives_way_to_the_nearest() -> None:
    asked = settings(algorithm="auto", tuning={"objective": "recall"})
    tuned = run(Stage.TUNING, settings=asked, objective=AUTO.objective("recall", Task.BINARY))

    less = concessions.of_refused_tuning(tuned, AUTO)

    assert less
    assert less.run.objective == AUTO.objective("f1", Task.BINARY)
    assert "lists for SageRelay's ensemble" in concessions.sentence(less.run, AUTO)
    assert less.next(1)[1].step is Step.TUNE
