"""A model whose endpoint is gone because nobody asked it: what the record says, what wakes it, and what has to wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.monitoring.facts import NothingToCheck
from chalicelib.names import Kind
from chalicelib.records.commands import GoBack, LookAgain, Sleep, TellRollback, Wake
from chalicelib.records.dataset import Dataset, RunEnded, decide
from chalicelib.records.envelopes import from_envelope
from chalicelib.records.events import Ignored
from chalicelib.records.going_back import RollbackAsked
from chalicelib.records.run import Stage
from chalicelib.records.sleeping import Asleep, SleepAsked, Slept, WakeAsked, Woken
from chalicelib.records.training_again import TrainingSeen
from chalicelib.runtime.counting import Counting
from chalicelib.serving_mode import Mode
from tests.monitoring.builders import Timeline
from tests.records.test_going_back import NEW, OLD, SERVED
from tests.relay.builders import NOW, inputs_seen
from tests.relay.world import World, drop

ASKED = SleepAsked(NEW.run, "idle", NOW)
GOING = decide(SERVED, ASKED).dataset
SLEEPS = decide(GOING, Slept()).dataset
WAKING = decide(SLEEPS, WakeAsked("w")).dataset


def test_it_sleeps_and_is_woken() -> None:
    assert (GOING.asleep, GOING.pending) == (Asleep(NOW, "idle"), (Sleep(),))
    assert (SLEEPS.asleep, SLEEPS.pending) == (Asleep(NOW, "idle"), ())
    assert WAKING.pending == (Wake(),)
    awake = decide(WAKING, Woken(NOW)).dataset
    assert (awake.asleep, awake.woken, awake.pending) == (None, NOW, ())
    failed = decide(WAKING, Woken(NOW, "no capacity")).dataset
    assert failed == replace(SLEEPS, asleep=replace(SLEEPS.asleep or Asleep(NOW, ""), gone=NOW))
    assert all(codec.is_stable(one) for one in (GOING, SLEEPS, WAKING, awake))


@pytest.mark.parametrize(
    "record",
    [
        replace(SERVED, live=None),
        replace(SERVED, live=OLD),
        replace(SERVED, live=replace(NEW, mode=Mode.BATCH)),
        replace(SERVED, active="churn-00000003"),
        replace(SERVED, pending=(GoBack(),)),
        SLEEPS,
    ],
)
def test_what_does_not_serve_or_is_busy_is_left_alone(record: Dataset) -> None:
    assert decide(record, ASKED).ignored


def test_another_model_that_serves_by_then_stays() -> None:
    assert decide(GOING, Slept(kept=True)).dataset == SERVED


def ended(record: Dataset, stage: Stage) -> Dataset:
    live = replace(NEW, run="churn-00000003") if stage is Stage.LIVE else None
    return decide(replace(record, active="churn-00000003"), RunEnded("churn-00000003", stage, live, None)).dataset


def test_a_run_comes_first_and_wakes_it_if_its_model_goes_live() -> None:
    under_way = replace(SLEEPS, active="churn-00000003")
    wished = decide(under_way, WakeAsked("w")).dataset
    assert wished.pending == ()
    assert Wake() in ended(wished, Stage.REJECTED).pending
    assert Wake() not in ended(SLEEPS, Stage.REJECTED).pending
    for before in (wished, SLEEPS, GOING, WAKING):
        after = ended(before, Stage.LIVE)
        assert after.asleep is None
        assert not {Sleep(), Wake()} & set(after.pending)


def test_what_came_while_it_was_woken_is_looked_at_afterwards() -> None:
    assert decide(replace(WAKING, queued=True), Woken(NOW)).dataset.pending == (LookAgain(),)


def test_no_run_begins_beside_an_endpoint_that_is_about_to_go() -> None:
    """It would be compared with a model that answers no more by then."""
    seen = inputs_seen()
    waits = decide(GOING, seen).dataset
    assert (waits.active, waits.queued, waits.pending) == (None, True, (Sleep(),))
    assert decide(waits, Slept()).dataset.pending == (LookAgain(),)
    assert decide(waits, Slept(kept=True)).dataset.pending == (LookAgain(),)
    assert decide(GOING, TrainingSeen(seen, "t", "")).ignored

    woken = decide(waits, WakeAsked("w")).dataset  # whoever uploads needs it, too
    assert woken.pending == (Sleep(), Wake())
    gone = decide(woken, Slept()).dataset
    assert gone.pending == (Wake(),)
    assert decide(gone, Woken(NOW)).dataset.pending == (LookAgain(),)
    assert decide(SLEEPS, seen).dataset.active  # and is compared with by its archive


def test_nobody_wakes_twice_or_what_does_not_sleep() -> None:
    assert decide(WAKING, WakeAsked("again")).ignored
    assert decide(SERVED, WakeAsked("w")).ignored


def test_who_wants_to_go_back_meanwhile_is_told_to_wake_it_first() -> None:
    [told] = decide(SLEEPS, RollbackAsked("e", NEW.run, "")).dataset.pending
    assert isinstance(told, TellRollback)
    assert "wake it first" in (told.problem or "")


# --- over the runtime


@pytest.fixture
def here() -> World:
    world = World()
    settings = b"endpoint: {mode: realtime, idle_days: 10, when_idle: remove}\nmonitoring: {schedule: rate(1 hour)}\n"
    drop(world, "relay.yaml", settings)
    world.relay(drop(world), world.runtime.receive)
    world.mails()
    return world


def goes_by(here: World, days: int) -> list[dict[str, Any]]:
    """So many days, with a look on each; and the mails."""
    for _ in range(days):
        here.time += timedelta(days=1)
        Counting(here.runtime.executor, here.runtime.now, here.runtime.datasets.wish).count("churn")
        here.runtime.sweep()
    return list(here.mails())


def test_nobody_asks_it_so_it_goes_without_a_word_of_the_monitor_and_comes_back(here: World) -> None:
    mails = goes_by(here, 30)
    told = [mail["kind"] for mail in mails if mail["kind"] != "costs"]
    assert told == ["no-traffic", "idle"]  # the first of a model that serves
    assert not here.sagemaker.endpoints
    assert [name for name in here.cloud.alarms.alarms if name.startswith("sagerelay-churn-")] == []
    text = next(mail.text for mail in here.sns.mails if mail.machine["kind"] == "idle")
    assert "python -m ops wake churn" in text


def test_the_event_or_an_upload_wakes_it_and_the_day_after_it_is_awake_still(here: World) -> None:
    goes_by(here, 15)
    wish = {"id": "w1", "detail-type": "Wake Requested", "detail": {"dataset": "churn", "deployment": "sagerelay"}}
    here.runtime.receive(wish)
    here.runtime.sweep()
    [mail] = [mail for mail in here.mails() if mail["kind"] == "awake"]
    assert mail["request"] == "w1"
    assert here.sagemaker.endpoints["sagerelay-churn"].endswith("-live-1")
    assert "sagerelay-churn-5xx" in here.cloud.alarms.alarms
    assert goes_by(here, 9) == []
    assert [mail["kind"] for mail in goes_by(here, 2) if mail["kind"] != "costs"] == ["idle"]

    here.runtime.receive(here.uploaded())  # the same file once more: no run, and yet it is wanted
    here.runtime.sweep()
    assert [mail["kind"] for mail in here.mails() if mail["kind"] != "costs"] == ["awake"]


def test_an_endpoint_that_cannot_be_made_again_is_told_and_stays_asleep(here: World) -> None:
    goes_by(here, 12)
    here.sagemaker.failed.add("sagerelay-churn")
    here.runtime.receive({"id": "w1", "detail-type": "Wake Requested", "detail": {"dataset": "churn"}})
    here.runtime.sweep()
    assert [mail["kind"] for mail in here.mails() if mail["kind"] != "costs"][-1] == "not-awake"
    record = here.runtime.executor.store.dataset("churn")
    assert record.asleep
    assert record.asleep.wish is None
    assert record.pending == ()
    assert not here.sagemaker.endpoints


@pytest.mark.parametrize(
    "detail",
    [
        {"dataset": "churn", "deployment": "other"},
        {"dataset": "churn", "deployment": ["sagerelay"]},
        {"dataset": "No such"},
        {},
    ],
)
def test_a_wish_for_somebody_else_is_ignored(detail: dict[str, Any]) -> None:
    envelope = {"id": "w", "detail-type": "Wake Requested", "detail": detail}
    assert isinstance(from_envelope(envelope, bucket="b", prefix="sagerelay"), Ignored)


def test_a_check_of_what_sleeps_is_no_trouble_of_traffic() -> None:
    timeline = Timeline()
    for number in range(1, 9):
        check = timeline.begin()
        timeline.learn(NothingToCheck(Kind.DRIFT, check.ordinal, sleeps=True), timedelta(days=number))
    assert timeline.mails() == []
