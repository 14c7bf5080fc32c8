"""Budgets through the relay: limits that are lowered, runs that wait for a person, and what is bounded and what not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.names import Kind, Step
from tests.monitoring.living import asked, drift
from tests.relay.world import World, drop

_PRICED = ("training ml.t3.medium", "processing ml.t3.medium", "processing ml.m5.large", "hosting ml.m5.large")
PRICES = f"prices: {{{', '.join(f'{name}: 1' for name in _PRICED)}}}\n"
REALTIME = "algorithm: xgboost\nendpoint: {mode: realtime}\n"


@pytest.fixture
def here() -> World:
    return World()


def begin(here: World, budget: str, text: str = REALTIME) -> str:
    drop(here, "relay.yaml", f"{text}{PRICES}{budget}".encode())
    return drop(here)


def raised(here: World, budget: str, text: str = REALTIME) -> None:
    drop(here, "relay.yaml", f"{text}{PRICES}{budget}".encode())


def go_on(here: World, run: str, *steps: Step) -> None:
    for step in steps:
        here.runtime.receive(here.end(run, step))


def longest(here: World, job: str) -> int:
    request = here.sagemaker.requests[job]
    tuning = request.get("HyperParameterTuningJobConfig")
    limits: dict[str, Any] = tuning["ResourceLimits"] if tuning else request["StoppingCondition"]
    return int(limits["MaxRuntimeInSeconds"])


def test_limits_are_lowered_to_what_is_left_and_a_run_ends_within_its_budget(here: World) -> None:
    run = begin(here, "budget: {run: 15}\n")
    assert longest(here, f"{run}-prepare-1") < 2 * 3600
    go_on(here, run, Step.PREPARE, Step.TUNE, Step.TRAIN, Step.PACK, Step.CANDIDATE)
    assert 600 < longest(here, f"{run}-tune-1") < 12 * 3600
    assert longest(here, f"{run}-evaluate-1") <= 2 * 3600
    ledger = here.runtime.executor.store.ledger("churn")
    assert sum(one.usd for one in ledger.commitments) <= 15
    assert [one.settled for one in ledger.commitments] == [True, False, True, True, False]  # the trials told no seconds


def test_what_would_pass_is_not_started_a_mail_asks_once_and_raising_it_lets_it_go_on(here: World) -> None:
    run = begin(here, "budget: {run: 0.5}\n")
    assert here.sagemaker.calls == []
    [mail] = here.mails()
    assert (mail["kind"], mail["stage"]) == ("waiting", "preparing")
    text = here.sns.mails[-1].text
    assert "WAITS FOR YOUR BUDGET" in text
    assert "preparing the data is not started, because it would pass budget.run of 0.5 USD" in text
    here.time += timedelta(days=3)
    here.runtime.sweep()
    assert (here.stage(run), here.mails()) == ("preparing", [])
    raised(here, "budget: {run: 50}\n")
    assert here.sagemaker.calls == [f"create_processing_job {run}-prepare-1"]
    assert here.active() == run  # no other run was begun for it


def test_an_unknown_price_starts_nothing_and_says_what_to_do(here: World) -> None:
    drop(here, "relay.yaml", b"algorithm: xgboost\nendpoint: {mode: realtime}\nbudget: {month: 60}\n")
    drop(here)
    text = here.sns.mails[-1].text
    assert "what `processing ml.t3.medium` costs in eu-west-1 is not known" in text
    assert "python -m ops prices" in text
    assert here.sagemaker.calls == []


def test_going_live_waits_without_the_candidate_where_a_month_of_it_would_pass(here: World) -> None:
    run = begin(here, "budget: {month: 100}\n")
    go_on(here, run, Step.PREPARE, Step.TUNE, Step.TRAIN, Step.PACK, Step.CANDIDATE, Step.EVALUATE)
    assert here.stage(run) == "promoting"
    assert f"{run}-candidate-1" in " ".join(here.sagemaker.removed)
    assert "create_endpoint sagerelay-churn" not in here.sagemaker.calls
    assert "going live in real time is not started" in here.sns.mails[-1].text
    assert "`budget: {month: 744}`" in here.sns.mails[-1].text
    raised(here, "budget: {month: 800}\n")
    assert "create_endpoint sagerelay-churn" in here.sagemaker.calls
    go_on(here, run, Step.LIVE)
    assert here.stage(run) == "live"


def test_a_check_is_bounded_by_the_month_and_refused_beyond_it(here: World) -> None:
    run = begin(here, "budget: {month: 760}\n")
    go_on(here, run, *Step)
    here.runtime.sweep()
    here.capture(f"{here.time:%Y/%m/%d/%H}/x.jsonl")
    here.runtime.receive(asked())
    [check] = here.monitor().checks
    job = str(here.monitor().keys(check).job(1))
    assert 600 <= longest(here, job) <= 120 * 60
    here.runtime.receive(here.end_check(Kind.DRIFT, drift("stable")))
    here.mails()
    raised(here, "budget: {month: 1}\n")
    here.capture(f"{here.time:%Y/%m/%d/%H}/y.jsonl")
    here.runtime.receive(asked())
    assert here.monitor().checks == ()
    [mail] = here.mails()
    assert mail["kind"] == "check-failed"
    assert "would pass budget.month of 1 USD" in here.sns.mails[-1].text


def test_who_has_no_budget_has_no_ledger(here: World) -> None:
    run = drop(here)
    go_on(here, run, *Step)
    assert here.runtime.executor.store.ledger("churn").version == 0
    assert longest(here, f"{run}-prepare-1") == 2 * 3600
