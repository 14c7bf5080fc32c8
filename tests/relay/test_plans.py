"""plan.json: what a training script is told, from the run's record alone; and when it is written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.contract.metrics import Task
from chalicelib.names import RunKeys, Step
from chalicelib.records.events import TrialsCollected
from chalicelib.records.handed_over import Trial
from chalicelib.records.run import Run, Stage
from chalicelib.relay import plans
from chalicelib.relay.deciding import decide
from chalicelib.relay.documents import trials
from chalicelib.requests import training
from tests.relay.builders import AUTO, DEPLOYMENT, NOW, XGBOOST, run, settings
from tests.relay.request_cases import AUTOMATIC, BY_HYPERBAND, UNTUNED_AUTOMATIC
from tests.relay.world import Crash, World, drop

STATIC = {"early_stopping_rounds": "60", "num_round": "3000", "objective": "binary:logistic", "seed": "7"}


def read(record: Run, step: Step) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(plans.plan(record, AUTO, step, "s3://b/failures/"))
    return document


def test_a_trial_is_told_what_to_print_and_no_members() -> None:
    assert read(run(Stage.TUNING, **AUTOMATIC), Step.TUNE) == {
        "version": 1,
        "mode": "trial",
        "task": "binary",
        "metric": "logloss",
        "intermediate": False,
        "seed": 7,
        "members": [],
        "decision": {"optimize": "accuracy", "costs": None, "threshold": "auto"},
        "max_seconds": 7200,
        "answer_nodes": 250_000,
        "failures": "s3://b/failures/",
    }


def test_a_trial_that_may_be_ended_prints_while_it_trains() -> None:
    record = run(Stage.TUNING, **BY_HYPERBAND)
    assert read(record, Step.TUNE)["intermediate"]
    assert not read(record, Step.TRAIN)["intermediate"]


def test_the_training_is_told_the_best_trials_complete() -> None:
    tuned = ({"eta": "0.1", "max_depth": "4"}, {"eta": "0.2", "max_depth": "3"})
    record = run(Stage.TRAINING, **AUTOMATIC, members=tuned)
    document = read(record, Step.TRAIN)

    assert document["mode"] == "ensemble"
    assert document["members"] == [{**STATIC, **one} for one in tuned]


def test_a_record_without_members_has_the_best_trial_for_one() -> None:
    record = run(Stage.TRAINING, **AUTOMATIC)
    assert read(record, Step.TRAIN)["members"] == [{**STATIC, "eta": "0.21", "max_depth": "6"}]


def test_without_a_tuning_the_given_hyperparameters_are_the_one_member() -> None:
    document = read(run(Stage.TRAINING, **UNTUNED_AUTOMATIC), Step.TRAIN)
    assert document["members"] == [{**STATIC, "eta": "0.05", "max_depth": "4"}]


def test_it_says_how_to_decide_and_how_to_draw() -> None:
    chosen = {"optimize": "cost", "costs": {"false_positive": 1, "false_negative": 5}}
    asked = settings(
        algorithm="auto", decision=chosen, hyperparameters={"seed": 3}, instances={"max_runtime_minutes": 9}
    )
    document = read(run(Stage.TRAINING, **AUTOMATIC | {"settings": asked}), Step.TRAIN)

    assert document["decision"] == {**chosen, "threshold": "auto"}
    assert (document["seed"], document["max_seconds"]) == (3, 540)


# --- the best trials


def trial(eta: float, value: float | None, status: str = "Completed") -> Trial:
    return {
        "name": f"t-{eta}",
        "status": status,
        "objective": value,
        "hyperparameters": {"eta": str(eta)},
        "seconds": 60,
        "billable_seconds": 60,
        "started": None,
        "ended": None,
        "failure_reason": None,
    }


TRIED = [
    trial(0.1, 0.5),
    trial(0.2, 0.3),
    trial(0.3, 0.1, "Stopped"),
    trial(0.4, None, "Failed"),
    trial(0.5, 0.3),
    trial(0.6, float("nan")),
    trial(0.7, 0.4),
    trial(0.2, 0.35),
    trial(0.8, 0.45),
    trial(0.9, 0.6),
]


@pytest.mark.parametrize(
    ("name", "best"),
    [("logloss", ["0.2", "0.5", "0.7", "0.8", "0.1"]), ("auc", ["0.9", "0.1", "0.8", "0.7", "0.2"])],
)
def test_members_are_trials_that_ended_well_best_first_and_none_twice(name: str, best: list[str]) -> None:
    objective = AUTO.objective(name, Task.BINARY)
    record = run(Stage.TUNING, **AUTOMATIC | {"objective": objective})
    _, event = trials(record, AUTO, "job", "t-0.2", TRIED)

    assert isinstance(event, TrialsCollected)
    after = decide(record, event, NOW).run
    assert [one["eta"] for one in after.members] == best
    assert codec.is_stable(after)


def test_the_built_in_s_record_holds_the_best_alone_and_is_written_as_before() -> None:
    record = run(Stage.TUNING)
    _, event = trials(record, XGBOOST, "job", "t-0.2", TRIED)

    assert isinstance(event, TrialsCollected)
    after = decide(record, event, NOW).run
    assert after.members == ()
    assert {"members", "instead_of"}.isdisjoint(json.loads(codec.to_document(after)))


def test_a_newer_release_s_members_that_cannot_be_read_leave_the_rest() -> None:
    stored = json.loads(codec.to_document(run(Stage.TRAINING, **AUTOMATIC, members=({"eta": "0.1"},))))
    stored["members"].append(["another form"])

    assert codec.from_document(Run, json.dumps(stored), 1).members == ({"eta": "0.1"},)


# --- when it is written


def to_tuning(here: World, text: str) -> str:
    here.put("relay.yaml", text.encode())
    run_id = drop(here)
    here.runtime.receive(here.end(run_id, Step.PREPARE))
    return run_id


def plan_of(here: World, run_id: str, step: Step) -> dict[str, Any] | None:
    body = here.s3.body(RunKeys(run_id).plan(step))
    return json.loads(body) if body else None


def test_it_lies_there_before_the_job_that_reads_it(here: World) -> None:
    run_id = to_tuning(here, "algorithm: auto\n")
    trial = plan_of(here, run_id, Step.TUNE)
    here.runtime.receive(here.end(run_id, Step.TUNE))
    ensemble = plan_of(here, run_id, Step.TRAIN)

    assert trial
    assert trial["mode"] == "trial"
    assert ensemble
    assert ensemble["mode"] == "ensemble"
    assert ensemble["members"]
    record = here.runtime.executor.store.run(run_id)
    assert record
    assert ensemble["members"][0] == {**training.static(record, AUTO), **record.hyperparameters}
    assert trial["failures"] == ensemble["failures"] == f"s3://{DEPLOYMENT.bucket}/runs/{run_id}/failures/"


def test_without_a_tuning_there_is_one_for_the_training_alone(here: World) -> None:
    run_id = to_tuning(here, "algorithm: auto\ntuning: {enabled: false}\n")

    assert plan_of(here, run_id, Step.TUNE) is None
    assert plan_of(here, run_id, Step.TRAIN)


def test_the_built_in_has_none(here: World) -> None:
    run_id = to_tuning(here, "algorithm: xgboost\n")
    here.runtime.receive(here.end(run_id, Step.TUNE))

    assert here.stage(run_id) == "training"
    assert plan_of(here, run_id, Step.TUNE) is None
    assert plan_of(here, run_id, Step.TRAIN) is None


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 9))
def test_whoever_dies_at_it_leaves_it_to_the_next_who_comes(here: World, where: str, nth: int) -> None:
    run_id = to_tuning(here, "algorithm: auto\n")
    envelope = here.end(run_id, Step.TUNE)
    here.crash_at = (here.counted + nth, where)
    try:
        here.runtime.receive(envelope)
    except Crash:
        here.crash_at = None
        here.runtime.receive(envelope)
        here.runtime.sweep()

    assert [call for call in here.sagemaker.calls if "create_training_job" in call] == [
        f"create_training_job {run_id}-train-1"
    ]
    assert plan_of(here, run_id, Step.TRAIN)


def test_a_second_attempt_is_told_the_same(here: World) -> None:
    run_id = to_tuning(here, "algorithm: auto\n")
    here.runtime.receive(here.end(run_id, Step.TUNE))
    first = plan_of(here, run_id, Step.TRAIN)
    here.s3.delete(RunKeys(run_id).plan(Step.TRAIN))

    here.runtime.receive(here.end(run_id, Step.TRAIN, failure="InternalServerError: We encountered an internal error."))

    assert any(call.endswith("-train-2") for call in here.sagemaker.calls)
    assert plan_of(here, run_id, Step.TRAIN) == first


def test_a_concession_is_told_to_the_trials() -> None:
    record = run(Stage.TUNING, **AUTOMATIC | {"objective": AUTO.objective("recall", Task.BINARY)})
    nearest = AUTO.listed_instead(AUTO.objective("recall", Task.BINARY))
    assert read(record, Step.TUNE)["metric"] == "recall"
    assert read(replace(record, objective=nearest), Step.TUNE)["metric"] == "f1"
