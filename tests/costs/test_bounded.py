"""Everything that the relay creates in SageMaker is bounded by a budget, free, or named as what is not.

Reckoned here from the requests alone, as SageMaker would bill them at the worst; the code under test is not asked.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore import xform_name

from chalicelib import requests, transform_names
from chalicelib.aws.errors import BusyError, RefusedError
from chalicelib.costs import budget, commitments
from chalicelib.costs.prices import Prices
from chalicelib.names import CheckKeys, Kind, Step, StepName
from chalicelib.records.events import JobRecord, StepFailed
from chalicelib.records.ledger import Ledger, Serving
from chalicelib.records.run import LiveModel, Run, Stage
from chalicelib.requests import Call, transforming
from chalicelib.requests.processing import CheckRequest
from chalicelib.runtime.budgets import Budgets, begin_check
from chalicelib.serving_mode import Mode
from tests.relay.builders import DEPLOYMENT, LIVE, NOW, run, settings
from tests.relay.world import World, drop
from tests.requests import operations

BOUNDED = {
    "CreateProcessingJob": "its limit",
    "CreateTrainingJob": "its limit",
    "CreateHyperParameterTuningJob": "its limit times the trials at once",
    "CreateTransformJob": "its requests, each with a limit and its tries",
    "CreateEndpoint": "a candidate's by its evaluation's limit and hours to spare; a live one's to the month's end",
    "UpdateEndpoint": "as a live endpoint that is created",
}
TOLD = {
    "CreateEndpoint": "the old model's, when the new one's mode is not to be had: it was committed when it went live",
    "UpdateEndpoint": "a rollback's: it is not held up, and counts from then on",
}
FREE = {
    *("CreateModel", "CreateEndpointConfig", "CreateModelPackage", "CreateModelPackageGroup", "UpdateModelPackage"),
}
SIZES = ("large", "xlarge")
_PRICED = [f"{use} ml.m5.{size}" for use in ("training", "processing", "hosting", "transform") for size in SIZES]
PRICES = f"prices: {{{', '.join(f'{name}: 1' for name in _PRICED)}}}\n"
FILES = 9


def test_whatever_is_created_is_bounded_or_named() -> None:
    made = {name.partition(".")[2] for name in operations.of_functions() if name.startswith("sagemaker.")}
    assert {name for name in made if name.startswith(("Create", "Update"))} == BOUNDED.keys() | FREE
    assert TOLD.keys() <= BOUNDED.keys()


def most(call: Call) -> float:
    """What a call may cost at most, at a dollar an hour."""
    given: Any = call.arguments
    match call.operation:
        case "create_hyper_parameter_tuning_job":
            limits = given["HyperParameterTuningJobConfig"]["ResourceLimits"]
            return float(limits["MaxParallelTrainingJobs"] * limits["MaxRuntimeInSeconds"] / 3600)
        case "create_transform_job":
            config = given["ModelClientConfig"]
            tries = config["InvocationsTimeoutInSeconds"] * (config["InvocationsMaxRetries"] + 1)
            return float((900 + math.ceil(FILES / given["MaxConcurrentTransforms"]) * tries) / 3600)
        case "create_processing_job" | "create_training_job":
            return float(given["StoppingCondition"]["MaxRuntimeInSeconds"] / 3600)
    return 0.0


@pytest.fixture
def here() -> World:
    here = World()
    for who in (transform_names.CANDIDATE, transform_names.LIVE):
        for number in range(FILES):
            here.s3.put(f"{transform_names.asked('churn-1a2b3c4d', who)}{number:05d}.csv", b"rows")
    return here


def begun(here: World, mode: Mode, live: LiveModel | None, budget: float) -> Run:
    drop(here, "relay.yaml", f"{PRICES}budget: {{run: {budget:g}}}\n".encode())
    chosen = settings(prices=dict.fromkeys(_PRICED, 1.0), budget={"run": budget, "month": None})
    return run(Stage.TRAINING, settings=chosen, mode=mode, live=live, jobs=())


def started(budgets: Budgets, one: Run, step: Step, attempt: int = 1) -> list[Call]:
    return budgets.bounded(step, attempt, one, requests.start(step, attempt, one, DEPLOYMENT))


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("live", [None, LIVE, replace(LIVE, mode=Mode.BATCH)], ids=["none", "endpoint", "batch"])
@pytest.mark.parametrize("budget", [9.0, 14.0, 200.0])
def test_all_that_a_run_starts_costs_no_more_than_its_budget(
    here: World, mode: Mode, live: LiveModel | None, budget: float
) -> None:
    one, budgets = begun(here, mode, live, budget), Budgets(here.runtime.executor, here.time)
    calls: list[Call] = []
    for step in (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.CANDIDATE, Step.EVALUATE):
        calls += started(budgets, one, step)
    assert {xform_name(name) for name in BOUNDED.keys() | FREE} >= {call.operation for call in calls}
    there = commitments.SPARE / timedelta(hours=1) if mode is Mode.REALTIME else 0.0
    evaluating = most(calls[-1]) if mode is Mode.REALTIME else 0.0
    assert sum(map(most, calls)) + there + evaluating <= budget + 0.01
    transforms = [call for call in calls if call.operation == requests.TRANSFORM]
    assert len(transforms) == (mode is Mode.BATCH) + (live is not None and live.mode is Mode.BATCH)
    for call in transforms:
        assert call.arguments["ModelClientConfig"]["InvocationsTimeoutInSeconds"] >= commitments.A_REQUEST // 4


def test_a_transform_that_is_made_anew_is_committed_anew(here: World) -> None:
    one, budgets = begun(here, Mode.BATCH, None, 9.0), Budgets(here.runtime.executor, here.time)
    made = started(budgets, one, Step.CANDIDATE) + started(budgets, one, Step.CANDIDATE, 2)
    evaluating = started(budgets, one, Step.EVALUATE)
    assert sum(map(most, [*made, *evaluating])) <= 9.01
    assert len(here.runtime.executor.store.ledger("churn").commitments) == 2


def test_what_a_transform_has_cost_is_settled_where_it_is_known_alone() -> None:
    def job(step: Step, attempt: int) -> JobRecord:
        return JobRecord(step, str(StepName("churn-1a2b3c4d", step, attempt)), NOW, NOW + timedelta(hours=1))

    once, again, evaluated = job(Step.CANDIDATE, 1), job(Step.CANDIDATE, 2), job(Step.EVALUATE, 1)
    batch = run(Stage.REJECTED, settings=settings(prices=dict.fromkeys(_PRICED, 1.0)), mode=Mode.BATCH)
    beside_one = replace(batch, mode=Mode.REALTIME, live=replace(LIVE, mode=Mode.BATCH))
    settled = [
        commitments.costs_of(replace(one, jobs=jobs), Ledger("churn"), Prices("eu-west-1")).get(
            commitments.entry(one, Step.CANDIDATE, 1)
        )
        for one in (batch, beside_one)
        for jobs in ((once, evaluated), (once, again, evaluated))
    ]
    assert settled == [3.0, None, None, None]  # an hour of each, and one until the transform was taken away


def a_file(here: World, month: float, files: int = FILES) -> Call:
    """The transform of a file in score/, for a model that no endpoint serves, under a budget of the month."""
    store, keys = here.runtime.executor.store, CheckKeys("churn", Kind.SCORE, 1, NOW)
    store.save_run(run(Stage.LIVE, id=LIVE.run, settings=settings(prices=dict.fromkeys(_PRICED, 1.0)), mode=Mode.BATCH))
    if not store.ledger("churn").version:
        store.save_ledger(Ledger("churn"))
    drop(here, "relay.yaml", f"{PRICES}budget: {{month: {month:g}}}\n".encode())
    for number in range(files):
        here.s3.put(f"{transform_names.asked_of_file(keys)}/{number:05d}.csv", b"rows")
    check = CheckRequest(keys, LIVE.run, "s3://b/m.tar.gz", None, "ml.m5.large", 30, result="r", capture="c")
    return Call(requests.TRANSFORM, transforming.of_file(check, DEPLOYMENT, 2))


def test_the_transform_of_a_file_is_bounded_by_what_is_left_and_settled_when_it_has_ended(here: World) -> None:
    call, live = a_file(here, 1.0), replace(LIVE, mode=Mode.BATCH)
    begin_check(here.runtime.executor, call, "churn", live, here.time)
    name = call.arguments["TransformJobName"]
    asked = here.sagemaker.requests[name]
    assert asked["ModelClientConfig"]["InvocationsTimeoutInSeconds"] < 600
    assert 0.3 < most(Call(requests.TRANSFORM, asked)) <= 1.0
    [committed] = here.runtime.executor.store.ledger("churn").commitments
    assert (committed.name, committed.settled) == (name, False)
    here.sagemaker.ended[name] = StepFailed(Step.CANDIDATE, 1, "x", JobRecord(Step.CANDIDATE, name))
    limits = budget.Limits(month=1.0)
    known = Prices("eu-west-1").with_written(dict.fromkeys(_PRICED, 1.0))
    budgets = Budgets(here.runtime.executor, here.time)
    one = run(Stage.LIVE, id=LIVE.run, mode=Mode.BATCH)
    after = budgets._brought_up(here.runtime.executor.store.ledger("churn"), one, live, known, limits)
    assert after.commitments[0].settled
    assert after.commitments[0].usd < committed.usd


def test_a_transform_of_a_file_that_would_pass_is_not_begun(here: World) -> None:
    call = a_file(here, 0.2)
    with pytest.raises(RefusedError, match="a check of the live model is not started"):
        begin_check(here.runtime.executor, call, "churn", replace(LIVE, mode=Mode.BATCH), here.time)
    assert not [one for one in here.sagemaker.calls if one.startswith("create_transform_job")]


def test_a_large_file_has_a_minute_for_each_request(here: World) -> None:
    call = a_file(here, 900.0, files=400)
    begin_check(here.runtime.executor, call, "churn", replace(LIVE, mode=Mode.BATCH), here.time)
    config = here.sagemaker.requests[call.arguments["TransformJobName"]]["ModelClientConfig"]
    assert config["InvocationsTimeoutInSeconds"] * (config["InvocationsMaxRetries"] + 1) >= commitments.A_REQUEST


def test_a_model_that_callers_have_gone_back_to_counts_from_then_on(here: World) -> None:
    store = here.runtime.executor.store
    dear = settings(endpoint={**settings()["endpoint"], "count": 4}, prices=dict.fromkeys(_PRICED, 1.0))
    store.save_run(run(Stage.LIVE, id="churn-00000000", settings=dear))
    store.save_ledger(Ledger("churn", serving=(Serving("churn-99999999", NOW - timedelta(days=9), 1.0, sure=True),)))
    back = LiveModel("churn-00000000", "sagerelay-churn", 1, LIVE.promoted, back=(NOW - timedelta(days=1)).isoformat())
    one = begun(here, Mode.REALTIME, back, 100.0)
    drop(here, "relay.yaml", f"{PRICES}budget: {{run: 100, month: 5000}}\n".encode())
    started(Budgets(here.runtime.executor, here.time), one, Step.PREPARE)
    serving = store.ledger("churn").serving
    assert [(entry.run, entry.usd_an_hour) for entry in serving] == [("churn-99999999", 1.0), ("churn-00000000", 4.0)]


def test_what_a_mail_asks_for_is_enough(here: World) -> None:
    one = begun(here, Mode.REALTIME, None, 1.0)
    with pytest.raises(BusyError) as asked:
        started(Budgets(here.runtime.executor, here.time), one, Step.PREPARE)
    found = re.search(r"\{run: ([\d.]+)\}", str(asked.value))
    assert found
    drop(here, "relay.yaml", f"{PRICES}budget: {{run: {found[1]}}}\n".encode())
    for step in (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.CANDIDATE, Step.EVALUATE):
        assert started(Budgets(here.runtime.executor, here.time), one, step)
