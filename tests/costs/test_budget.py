"""What may be committed, as plain values: shares of what is left, months, real-time hours, and what has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import codec
from chalicelib.algorithms import BUILT_IN
from chalicelib.costs import budget
from chalicelib.costs.budget import Allowed, Bound, Denied, Limits
from chalicelib.costs.commitments import entry, of_step, serving, waiting
from chalicelib.costs.prices import Prices
from chalicelib.names import Step
from chalicelib.records.events import JobRecord
from chalicelib.records.ledger import Commitment, Ledger, Serving
from chalicelib.records.run import Stage
from chalicelib.serving_mode import Mode
from tests.relay.builders import run, settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EMPTY = Ledger("churn")
HOUR, DAY = 3600, 24 * 3600


def committed(*amounts: float, run: str = "r", month: str = "2026-11") -> Ledger:
    made = (Commitment(f"{run}-{n}", run, month, usd, HOUR) for n, usd in enumerate(amounts))
    return replace(EMPTY, commitments=tuple(made))


def test_what_fits_has_all_its_time_and_is_committed_at_its_most() -> None:
    allowed = budget.commit(EMPTY, "j", "r", [Bound(0.5, 2 * HOUR), Bound(1.0, HOUR)], Limits(run=2.0), NOW)
    assert allowed == Allowed(replace(EMPTY, commitments=(Commitment("j", "r", "2026-11", 1.0, 2 * HOUR),)), 2 * HOUR)
    assert codec.is_stable(allowed.ledger)


def test_a_step_leaves_those_after_it_their_share() -> None:
    bounds = [Bound(1.0, 9 * HOUR), Bound(1.0, HOUR, usd=0.5)]
    allowed = budget.commit(EMPTY, "tune", "r", bounds, Limits(run=5.5), NOW)
    assert isinstance(allowed, Allowed)
    assert allowed.seconds == 4.5 * HOUR  # half of both
    after = budget.commit(allowed.ledger, "train", "r", bounds[1:], Limits(run=5.5), NOW)
    assert isinstance(after, Allowed)
    assert after.seconds == pytest.approx(0.5 * HOUR)
    assert budget.of_run(after.ledger, "r") == pytest.approx(5.5)


def test_the_same_job_is_committed_once_and_keeps_its_time() -> None:
    first = budget.commit(EMPTY, "j", "r", [Bound(1.0, 9 * HOUR)], Limits(run=3.0), NOW)
    assert isinstance(first, Allowed)
    assert budget.commit(first.ledger, "j", "r", [Bound(1.0, 9 * HOUR)], Limits(run=1.0), NOW) == first


def test_what_would_pass_a_limit_is_denied_with_what_would_be_enough() -> None:
    denied = budget.commit(committed(4.9), "j", "r", [Bound(3.0, HOUR)], Limits(run=5.0), NOW)
    assert denied == Denied("it would pass budget.run of 5 USD, of which 4.90 USD are committed", "run", 5.4)
    assert isinstance(budget.commit(committed(4.9), "j", "r", [Bound(3.0, HOUR)], Limits(run=5.4), NOW), Allowed)
    other = budget.commit(committed(4.9), "j", "other", [Bound(3.0, HOUR)], Limits(run=5.0, month=5.0), NOW)
    assert isinstance(other, Denied)
    assert other.limit == "month"


def test_a_month_ends_and_what_relay_yaml_allows_less_than_the_least_is_enough() -> None:
    december = datetime(2026, 12, 1, tzinfo=UTC)
    assert isinstance(budget.commit(committed(9.0), "j", "q", [Bound(1.0, HOUR)], Limits(month=9.0), december), Allowed)
    assert isinstance(budget.commit(EMPTY, "j", "q", [Bound(1.0, 60)], Limits(run=0.02), NOW), Allowed)


def test_real_time_hours_count_to_the_month_s_end_and_have_to_fit_a_whole_one() -> None:
    live = Serving("r", NOW, 0.1)
    allowed = budget.serve(EMPTY, live, Limits(month=75.0))
    assert isinstance(allowed, Allowed)
    assert budget.of_month(allowed.ledger, NOW) == pytest.approx(0.1 * (8.5 * 24 + 2))
    assert budget.of_month(allowed.ledger, datetime(2026, 12, 5, tzinfo=UTC)) == pytest.approx(0.1 * 31 * 24)
    denied = budget.serve(EMPTY, live, Limits(month=70.0))  # though this month's rest would fit
    assert isinstance(denied, Denied)
    assert denied.enough == 74.4
    assert isinstance(budget.serve(EMPTY, replace(live, usd_an_hour=0.0), Limits(month=0.01)), Allowed)


def test_as_long_as_nobody_knows_which_one_serves_the_dearer_counts() -> None:
    before = replace(EMPTY, serving=(Serving("a", NOW - timedelta(days=60), 0.2, sure=True), Serving("b", NOW, 0.1)))
    month = budget.of_month(before, NOW)
    assert month == pytest.approx(0.2 * 720 + 0.2)
    live = budget.decided(before, "b", live=True)
    assert budget.of_month(live, NOW) == pytest.approx(0.2 * 21.5 * 24 + 0.1 * 8.5 * 24 + 0.2)
    assert budget.decided(before, "b", live=False).serving == before.serving[:1]


def test_what_has_ended_counts_at_what_it_cost_and_never_more() -> None:
    after = budget.settle(committed(2.0, 1.0, 4.0), {"r-0": 0.5, "r-1": 7.0})
    assert [(one.usd, one.settled) for one in after.commitments] == [(0.5, True), (1.0, True), (4.0, False)]
    assert budget.forgotten(committed(1.0, month="2026-10"), "r", NOW).commitments
    assert not budget.forgotten(committed(1.0, month="2026-10"), "other", NOW).commitments


KNOWN = Prices("us-east-1")


def test_the_steps_of_a_run_with_their_machines_and_limits() -> None:
    bounds = of_step(run(Stage.PREPARING), Step.PREPARE, KNOWN, BUILT_IN)
    prepare, tune, train, pack, trial = bounds
    assert (prepare.usd_an_hour, prepare.seconds) == (0.23, 2 * HOUR)
    assert (tune.usd_an_hour, tune.seconds) == (0.46, 12 * HOUR)  # two trials at once
    assert train.most == pytest.approx(0.46)
    assert (pack.usd_an_hour, pack.seconds) == (0.115, 2 * HOUR)
    assert trial.usd_an_hour == 0.23  # endpoint and evaluation side by side
    assert trial.usd == pytest.approx(3 * 0.115)
    untuned = run(Stage.PREPARING, settings=settings(tuning={"enabled": False}))
    assert of_step(untuned, Step.PREPARE, KNOWN, BUILT_IN) == [prepare, train, pack, trial]
    serverless = run(Stage.DEPLOYING, mode=Mode.SERVERLESS)
    assert of_step(serverless, Step.CANDIDATE, KNOWN, BUILT_IN) == [Bound(0.115, 2 * HOUR)]
    assert entry(serverless, Step.CANDIDATE, 3) == entry(serverless, Step.EVALUATE, 1)
    assert serving(serverless, NOW, KNOWN).usd_an_hour == 0
    four = run(Stage.LIVE, settings=settings(endpoint={"count": 4}))
    assert serving(four, NOW, KNOWN).usd_an_hour == pytest.approx(0.46)


def test_an_evaluation_that_waits_pays_for_its_candidate() -> None:
    made = (JobRecord(Step.CANDIDATE, "c", NOW, NOW),)
    one = run(Stage.EVALUATING, jobs=made)
    hours = (1.9, 2.1, 4.1, 24)
    assert [len(waiting(one, KNOWN, NOW + timedelta(hours=n))) for n in hours] == [0, 1, 2, 11]
