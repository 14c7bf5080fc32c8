"""A run over several algorithms: each has its leg, one that comes to nothing stops no other, the best goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import form_names
from chalicelib.algorithms import BUILT_IN
from chalicelib.aws.store import Store
from chalicelib.costs.commitments import of_step
from chalicelib.costs.prices import Prices
from chalicelib.mails.messages import about_run
from chalicelib.names import RunKeys, Step
from chalicelib.records.commands import Adopt, CollectTrials, Mail, Start
from chalicelib.records.events import ComparisonRead, ResultUnusable, RunEvent
from chalicelib.records.legs import Leg
from chalicelib.records.run import Run, Stage
from chalicelib.relay import comparing
from chalicelib.relay.deciding import decide
from chalicelib.requests.training import past_tuning
from chalicelib.serving_mode import Mode
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from tests.relay.builders import (
    ARTIFACT,
    DEPLOYMENT,
    LEGS,
    NOW,
    completed,
    evaluation,
    failed,
    run,
    schema_read,
    settings,
    trials_collected,
)
from tests.relay.invariants import problems_with
from tests.relay.world import SCHEMA, World, drop

BOTH = ["auto", "xgboost"]
FORMS = dict.fromkeys(BOTH, "application/x-parquet")
QUOTA = "ResourceLimitExceeded: the account-level limit is 0 instances"


def begun(**chosen: Any) -> Run:
    """A run over two algorithms whose data is being prepared."""
    return run(settings=settings(algorithm=BOTH, **chosen), legs=tuple(Leg(name) for name in BOTH))


def after(before: Run, *events: RunEvent) -> Run:
    for event in events:
        before = decide(replace(before, pending=()), event, NOW).run
        assert problems_with(before) == []
    return before


def schema() -> RunEvent:
    return replace(schema_read(), content_types=FORMS)


def trained(attempt: int) -> RunEvent:
    return replace(completed(Step.TRAIN, attempt), artifact=ARTIFACT.replace("train-1", f"train-{attempt}"))


def test_each_algorithm_is_tuned_and_trained_under_names_of_its_own_and_then_they_are_compared() -> None:
    first = after(begun(), schema())
    assert (first.stage, first.pending, first.settings["algorithm"]) == (Stage.TUNING, (Start(Step.TUNE, 1),), "auto")
    assert first.settings["tuning"]["ranges"] == settings(algorithm="auto")["tuning"]["ranges"]
    assert not first.settings["tuning"]["early_stopping"]

    second = after(first, completed(Step.TUNE, 1), trials_collected(), trained(1))
    assert (second.stage, second.pending) == (Stage.TUNING, (Start(Step.TUNE, 2),))
    assert (second.settings["algorithm"], second.trials, second.members, second.artifact) == ("xgboost", 0, (), None)
    assert second.settings["tuning"]["early_stopping"]  # as suits this one
    assert second.prepared.endswith("/prepared/forms/xgboost")

    tuned = after(second, completed(Step.TUNE, 2))
    assert tuned.pending == (CollectTrials(2),)
    compared = after(tuned, trials_collected(), trained(2))
    assert (compared.stage, compared.pending) == (Stage.COMPARING, (Start(Step.COMPARE),))
    assert [(leg.algorithm, leg.attempts, leg.trials, bool(leg.artifact)) for leg in compared.legs] == [
        ("auto", 1, 20, True),
        ("xgboost", 2, 20, True),
    ]


def test_the_best_goes_on_as_if_the_run_had_been_over_it_alone() -> None:
    legs = (replace(LEGS[0], trials=3, tuning="churn-1a2b3c4d-tune-1", hyperparameters={"eta": "0.3"}), LEGS[1])
    found = ComparisonRead({"auto": 0.9, "xgboost": 0.8}, {}, "auto", Mode.SERVERLESS, "nothing speaks against it")
    won = after(run(Stage.COMPARING, legs=legs, settings=settings()), found)
    assert (won.stage, won.pending) == (Stage.DEPLOYING, (Adopt(), Start(Step.CANDIDATE)))
    assert (won.settings["algorithm"], won.mode, won.artifact) == ("auto", Mode.SERVERLESS, ARTIFACT)
    assert (won.hyperparameters, won.trials) == ({"eta": "0.3"}, 3)
    assert [leg.value for leg in won.legs] == [0.9, 0.8]
    past = past_tuning(won, BUILT_IN.of(won.settings))
    assert past is not None
    assert past.job == "churn-1a2b3c4d-tune-1"


@pytest.mark.parametrize(
    "event",
    [failed(Step.TUNE, "AlgorithmError: exit code 1"), ResultUnusable("No trial ended well.")],
    ids=["failed", "unusable"],
)
def test_one_that_comes_to_nothing_does_not_stop_the_next(event: RunEvent) -> None:
    second = after(begun(), schema(), event)
    assert (second.stage, second.pending) == (Stage.TUNING, (Start(Step.TUNE, 2),))
    assert second.legs[0].failure is not None

    alone = after(second, completed(Step.TUNE, 2), trials_collected(), trained(2))
    assert alone.stage is Stage.COMPARING

    none = after(second, failed(Step.TUNE, "AlgorithmError: exit code 2", attempt=2))
    assert none.stage is Stage.FAILED
    assert none.failure is not None
    assert "SageRelay's ensemble: " in none.failure.reason
    assert "XGBoost: AlgorithmError: exit code 2." in none.failure.reason


def test_what_says_nothing_of_an_algorithm_ends_those_after_it_too() -> None:
    first = after(begun(), schema(), completed(Step.TUNE, 1), trials_collected(), trained(1))
    assert first.stage is Stage.TUNING
    compared = after(first, ResultUnusable(QUOTA))
    assert compared.stage is Stage.COMPARING
    assert after(begun(), schema(), ResultUnusable(QUOTA)).stage is Stage.FAILED


def test_retries_of_a_later_algorithm_are_counted_as_those_of_any_run() -> None:
    again = "InternalServerError: We encountered an internal error."
    second = after(begun(), schema(), failed(Step.TUNE, "AlgorithmError: exit code 1"))
    tries = [second]
    for attempt in (2, 3, 4):
        tries.append(after(tries[-1], failed(Step.TUNE, again, attempt=attempt)))
    assert [one.stage for one in tries] == [Stage.TUNING] * 3 + [Stage.FAILED]
    assert [one.pending[-1] for one in tries[:3]] == [Start(Step.TUNE, number) for number in (2, 3, 4)]


def test_without_tuning_each_is_trained_at_once() -> None:
    first = after(begun(tuning={"enabled": False}), schema())
    second = after(first, trained(1))
    assert [(one.stage, one.pending) for one in (first, second)] == [
        (Stage.TRAINING, (Start(Step.TRAIN, number),)) for number in (1, 2)
    ]


def test_an_objective_that_one_cannot_have_ends_that_one() -> None:
    without = after(begun(tuning={"objective": "f1"}), schema())  # of two classes the built-in counts it wrongly
    assert without.settings["algorithm"] == "auto"
    assert "Use" in (without.legs[1].failure or "")


def test_a_budget_counts_every_algorithm() -> None:
    known = Prices("us-east-1")

    def steps(one: Run, step: Step) -> int:
        return len(of_step(one, step, known, BUILT_IN))

    assert steps(begun(), Step.PREPARE) == 8  # tune and train of each, compared, perhaps packed, evaluated
    first = after(begun(), schema())
    assert (steps(first, Step.TUNE), steps(first, Step.TRAIN)) == (7, 6)
    assert steps(run(Stage.COMPARING), Step.COMPARE) == 3
    assert steps(run(Stage.PACKING, legs=LEGS), Step.PACK) == 2


COMPARISON = {
    "version": 1,
    "entries": [
        {"name": "auto", "metrics": {}, "unavailable": "Its model.tar.gz is gone."},
        {"name": "xgboost", "metrics": {"auc": {"value": 0.8}}, "unavailable": None},
    ],
}


def test_the_best_is_told_by_the_metric_of_the_gate() -> None:
    found = comparing.read(json.dumps(COMPARISON).encode(), run(Stage.COMPARING))
    assert found == comparing.Compared({"xgboost": 0.8}, {"auto": "Its model.tar.gz is gone."}, "xgboost")
    nothing = comparing.read(b'{"version": 1, "entries": []}', run(Stage.COMPARING))
    assert isinstance(nothing, ResultUnusable)
    assert isinstance(comparing.read(b'{"version": 2}', run(Stage.COMPARING)), ResultUnusable)


def test_every_mail_names_each_algorithm_with_what_came_of_it() -> None:
    legs = (replace(LEGS[0], artifact=None, failure="[out-of-memory] It ran out."), replace(LEGS[1], value=0.91))
    told = about_run(Mail.PROMOTED, run(Stage.LIVE, legs=legs), DEPLOYMENT)
    assert "XGBoost is the best" in told.text
    assert "SageRelay's ensemble came to nothing: It ran out." in told.text
    assert told.machine["algorithms"][1] == {
        "algorithm": "xgboost",
        "won": True,
        "value": 0.91,
        "trials": 0,
        "failure": None,
    }
    assert "algorithms" not in about_run(Mail.PROMOTED, run(Stage.LIVE), DEPLOYMENT).machine


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("algorithm: [auto, linear-learner]", "algorithm: linear-learner cannot stand in a list yet"),
        ("hyperparameters: {eta: 0.1}", "hyperparameters: hyperparameters belong to one algorithm"),
        ("tuning: {ranges: {eta: {min: 0.1, max: 0.2}}}", "tuning.ranges: ranges belong to one algorithm"),
        ("tuning: {strategy: Grid}", 'tuning: "strategy: Grid" needs lists of values'),
        ("decision: {optimize: f1}", '"decision" needs "algorithm: auto", and it is [auto, xgboost] here'),
    ],
)
def test_what_cannot_stand_beside_a_list_is_a_sentence(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(text if text.startswith("algorithm") else f"algorithm: [auto, xgboost]\n{text}\n")
    assert told in str(refused.value)


def test_a_whole_run_goes_live_with_the_winner_and_the_next_may_start_from_its_tuning() -> None:
    here = World()
    drop(here, "relay.yaml", b"algorithm: [auto, xgboost]\nendpoint: {mode: realtime}\n")
    name = drop(here)
    keys, objects = RunKeys(name), here.runtime.executor.objects

    def deliver(step: Step, attempt: int = 1) -> None:
        envelope = here.end(name, step, attempt=attempt)
        if step is Step.PREPARE:
            objects.write(keys.schema, json.dumps({**SCHEMA, "forms": FORMS}).encode())
            for form in BOTH:
                objects.write(
                    f"{form_names.form(name, form)}/schema.json", json.dumps({**SCHEMA, "algorithm": form}).encode()
                )
            objects.write(f"{form_names.form(name, 'xgboost')}/encoder/model.tar.gz", b"encoder")
        if step is Step.COMPARE:
            objects.write(form_names.comparison_json(name), json.dumps(COMPARISON).encode())
        here.runtime.receive(envelope)

    for step, attempt in ((Step.PREPARE, 1), (Step.TUNE, 1), (Step.TRAIN, 1), (Step.TUNE, 2), (Step.TRAIN, 2)):
        deliver(step, attempt)
        here.runtime.receive(here.end(name, step, attempt=attempt))  # an event that comes twice
    assert here.stage(name) == "comparing"
    contestants = json.loads(objects.read(form_names.contestants(name)) or b"")["contestants"]
    assert [one["name"] for one in contestants] == BOTH
    for step in (Step.COMPARE, Step.PACK, Step.CANDIDATE, Step.EVALUATE, Step.LIVE):
        deliver(step)
    assert here.stage(name) == "live"
    assert json.loads(objects.read(keys.schema) or b"")["algorithm"] == "xgboost"
    assert objects.read(keys.encoder) == b"encoder"
    assert objects.read(keys.trials) == objects.read(form_names.trials(name, "xgboost"))
    record = Store(here.dynamodb, DEPLOYMENT.table).run(name)
    assert record is not None
    assert record.settings["algorithm"] == "xgboost"
    tuning = Store(here.dynamodb, DEPLOYMENT.table).dataset("churn").tuning
    assert tuning is not None
    assert tuning.job == f"{name}-tune-2"
    assert [mail["kind"] for mail in here.mails()] == ["promoted"]
    assert evaluation()["metrics"]
