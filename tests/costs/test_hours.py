"""Real-time hours that have ended: added up where they end, told once, and no longer committed under a budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import codec
from chalicelib.costs import budget
from chalicelib.costs.budget import Allowed, Denied, Limits
from chalicelib.records.dataset import Dataset, RunEnded, decide
from chalicelib.records.going_back import RollbackAsked, RollbackEnded
from chalicelib.records.ledger import Ledger, Serving
from chalicelib.records.run import LiveModel, Run, Stage
from chalicelib.records.sleeping import Asleep, SleepAsked, Slept
from chalicelib.records.used import Billed, Used
from chalicelib.runtime import hours
from chalicelib.serving_mode import Mode
from tests.relay.builders import run
from tests.relay.world import World, drop

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OLD = LiveModel("churn-00000000", "sagerelay-churn", 1, "2026-10-20T00:00:00Z")
NEW = LiveModel("churn-11111111", "sagerelay-churn", 1, "2026-11-20T00:00:00Z")
SERVERLESS = replace(OLD, mode=Mode.SERVERLESS)
HOURS = Billed("hosting ml.m5.large", 36_000)


class Runs:
    """A store of runs."""

    def run(self, name: str) -> Run | None:
        return run(Stage.LIVE, id=name)


def hours_of(record: Dataset, until: datetime = NOW) -> float | None:
    found = hours.served(Runs(), record, until)  # type: ignore[arg-type]
    return None if found is None or found.seconds is None else found.seconds / 3600


def test_what_has_served_counts_in_its_month_from_its_promotion_or_its_waking() -> None:
    record = Dataset("churn", live=NEW)
    assert hours_of(record) == 48
    assert hours_of(replace(record, live=OLD)) == 21 * 24
    assert hours_of(replace(record, woken=NOW - timedelta(hours=5))) == 5
    assert hours_of(replace(record, live=replace(NEW, mode=Mode.SERVERLESS))) is None
    assert hours_of(replace(record, asleep=Asleep(NOW, "idle"))) == 48  # its endpoint is there still
    assert hours_of(replace(record, asleep=Asleep(NOW, "idle", gone=NOW))) is None


@pytest.mark.parametrize(
    ("record", "since"),
    [
        (Dataset("churn", live=NEW, previous=SERVERLESS), "2026-11-20T00:00:00+00:00"),
        (Dataset("churn", live=NEW, previous=OLD), None),  # of a release that counted nothing: since it was created
        (Dataset("churn", live=NEW, previous=OLD, served=Used("2026-11")), "2026-11-20T00:00:00+00:00"),
        (Dataset("churn", live=NEW, woken=NOW), NOW.isoformat()),
        (Dataset("churn", live=SERVERLESS, previous=NEW), None),
    ],
)
def test_an_endpoint_is_counted_from_where_nothing_else_counts_it(record: Dataset, since: str | None) -> None:
    found = hours.began(record)
    assert (found and found.isoformat()) == since


def test_every_end_of_its_hours_is_added_up_once() -> None:
    record = Dataset("churn", active="churn-22222222", live=NEW, previous=OLD)
    ended = RunEnded("churn-22222222", Stage.LIVE, replace(NEW, run="churn-22222222"), None, ended=NOW, served=HOURS)
    after = decide(record, ended).dataset
    assert after.served == Used("2026-11", 1, {HOURS.price: 36_000})
    assert decide(after, ended).ignored
    lost = replace(ended, stage=Stage.REJECTED, live=None, served=None)
    assert decide(record, lost).dataset.served is None
    back = decide(replace(record, active=None), RollbackAsked("r", NEW.run, "")).dataset
    assert decide(back, RollbackEnded(at="2026-11-22T00:00:00Z", served=HOURS)).dataset.served == after.served
    assert decide(back, RollbackEnded("no capacity", at="2026-11-22T00:00:00Z")).dataset.served is None
    sleeps = decide(replace(record, active=None), SleepAsked(NEW.run, "idle", NOW)).dataset
    asleep = decide(sleeps, Slept(at=NOW, served=HOURS)).dataset
    assert (asleep.served, asleep.asleep) == (after.served, Asleep(NOW, "idle", gone=NOW))
    assert all(codec.is_stable(one) for one in (after, asleep))


def test_a_switch_of_mode_leaves_the_hours_until_then_and_no_more() -> None:
    here = World()
    text = "algorithm: xgboost\ntuning: {enabled: false}\nmonitoring: {enabled: false}\nendpoint: {mode: %s}\n"
    drop(here, "relay.yaml", (text % "realtime").encode())
    here.relay(drop(here), here.runtime.receive)
    here.time += timedelta(hours=30)
    drop(here, "relay.yaml", (text % "batch").encode())
    here.relay(drop(here, body=b"a,b\n3,4\n"), here.runtime.receive)
    record = here.runtime.executor.store.dataset("churn")
    assert record.live is not None
    assert record.live.mode is Mode.BATCH
    assert record.served is not None
    assert record.served.seconds["hosting ml.m5.large"] / 3600 == pytest.approx(30, abs=1)


# --- under a budget

LIMITS = Limits(month=900)
SERVES = Ledger("churn", serving=(Serving(NEW.run, NOW - timedelta(days=10), 1.0, sure=True),))


def test_an_endpoint_that_is_gone_is_committed_until_then_alone() -> None:
    slept = budget.slept(SERVES, NEW.run, NOW)
    assert budget.of_month(slept, NOW) == 10 * 24 + 2
    assert budget.of_month(SERVES, NOW) == 19 * 24 + 2
    assert budget.slept(slept, NEW.run, NOW) == slept
    assert budget.slept(SERVES, OLD.run, NOW) == SERVES
    assert budget.forgotten(slept, "", datetime(2026, 12, 5, tzinfo=UTC)).serving[-1].usd_an_hour == 0


def test_waking_it_commits_its_hours_again_where_they_fit() -> None:
    later = NOW + timedelta(days=3)
    slept, again = budget.slept(SERVES, NEW.run, NOW), Serving(NEW.run, later, 1.0)
    woken = budget.wake(slept, again, LIMITS)
    assert isinstance(woken, Allowed)
    assert budget.of_month(woken.ledger, later) == 10 * 24 + 2 + 6 * 24 + 2
    assert budget.wake(woken.ledger, again, LIMITS) == Allowed(woken.ledger, 0)  # it is being made
    denied = budget.wake(slept, again, Limits(month=300))
    assert isinstance(denied, Denied)
    assert denied.enough == 744


def test_what_somebody_else_has_had_meanwhile_keeps_it_asleep_and_a_mail_says_so() -> None:
    here = World()
    prices = "prices: {hosting ml.m5.large: 1, processing ml.t3.medium: 1, training ml.t3.medium: 1}\n"
    text = "algorithm: xgboost\ntuning: {enabled: false}\nendpoint: {mode: realtime}\n" + prices
    drop(here, "relay.yaml", (text + "budget: {month: 5000}\n").encode())
    here.relay(drop(here), here.runtime.receive)
    store = here.runtime.executor.store
    live = store.dataset("churn").live
    assert live is not None
    here.runtime.datasets.wish("churn", SleepAsked(live.run, "idle", here.time))
    for _ in range(2):
        here.runtime.sweep()
    record = store.dataset("churn")
    assert record.asleep is not None
    assert record.asleep.gone is not None
    assert record.served is not None
    drop(here, "relay.yaml", (text + "budget: {month: 30}\n").encode())
    created = here.sagemaker.calls.count(f"create_endpoint {live.endpoint}")
    here.runtime.receive(here.uploaded("train/again.csv"))
    here.runtime.sweep()
    assert here.sagemaker.calls.count(f"create_endpoint {live.endpoint}") == created
    assert any("waking its endpoint is not started" in mail.text for mail in here.sns.mails)
