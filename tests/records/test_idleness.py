"""Endpoints that nobody asks, or whose day has come: when that is told, once, and what the mail says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.costs.prices import Prices
from chalicelib.mails import idle
from chalicelib.records.idleness import Why, found, looked_back
from chalicelib.records.run import LiveModel, Stage
from chalicelib.records.traffic import Day, begins
from chalicelib.runtime.counting import Counting
from chalicelib.serving_mode import Mode
from tests.relay.builders import LIVE, NOW, run, settings
from tests.relay.world import World, drop

DAY = timedelta(days=1)


def endpoint(**said: Any) -> Any:
    return {"idle_days": None, "expires": None, **said}


@pytest.mark.parametrize(
    ("said", "serves", "asked", "why"),
    [
        ({}, 400, [], None),
        ({"idle_days": 30}, 30, [], Why.IDLE),
        ({"idle_days": 30}, 29, [], None),  # it has not been there for so long
        ({"idle_days": 30}, 90, [31], Why.IDLE),
        ({"idle_days": 30}, 90, [31, 30], None),  # asked at the end of that day, perhaps
        ({"idle_days": 30}, 90, [60, 2], None),
        ({"idle_days": 1}, 90, [2], Why.IDLE),
        ({"expires": "2026-11-30"}, 90, [1], None),
        ({"expires": "2026-11-29"}, 90, [1], Why.EXPIRES),
        ({"expires": "2026-11-23"}, 90, [1], Why.EXPIRES),
        ({"expires": "2026-11-22"}, 90, [1], Why.EXPIRED),
        ({"expires": "2026-11-22", "idle_days": 1}, 90, [], Why.EXPIRED),
        ({"expires": "2026-11-25", "idle_days": 1}, 90, [], Why.IDLE),
    ],
)
def test_what_there_is_to_tell(said: dict[str, Any], serves: int, asked: list[int], why: Why | None) -> None:
    days = [Day(NOW - number * DAY, 5.0, 0.1) for number in asked] + [Day(NOW - DAY, 0.0, 0.0)]
    told = found(endpoint(**said), NOW - serves * DAY, days, NOW)
    assert (told and told.why) == why


def test_it_is_looked_back_as_far_as_is_asked() -> None:
    assert looked_back(endpoint(), NOW) == looked_back(endpoint(idle_days=3), NOW) == begins(NOW)
    assert looked_back(endpoint(idle_days=90), NOW) == begins(NOW) - 61 * DAY


@pytest.mark.parametrize(
    ("mode", "said", "cost"),
    [
        (Mode.REALTIME, {"count": 2}, "about 168 USD a month (2 x ml.m5.large"),
        (Mode.REALTIME, {"scaling": {"max": 3, "invocations_per_minute": 60}}, "up to about 252 USD with more than 60"),
        (Mode.SERVERLESS, {}, "for its alarms"),
    ],
)
def test_the_mail_names_what_it_costs(mode: Mode, said: dict[str, Any], cost: str) -> None:
    live = LiveModel(LIVE.run, LIVE.endpoint, 1, LIVE.promoted, mode)
    served = run(Stage.LIVE, settings=settings(algorithm="auto", endpoint=said))
    assert cost in idle.a_month(Prices("us-east-1"), live, served)


# --- over the runtime


@pytest.fixture
def here() -> World:
    world = World()
    drop(world, "relay.yaml", b"endpoint: {idle_days: 10, expires: 2027-01-31}\n")
    world.relay(drop(world), world.runtime.receive)
    world.mails()
    return world


def goes_by(here: World, days: int) -> list[tuple[str, str]]:
    """So many days, with a look on each; and what was told."""
    for _ in range(days):
        here.time += DAY
        Counting(here.runtime.executor, here.runtime.now, here.runtime.datasets.wish).count("churn")
    return [(mail["why"], mail["since"]) for mail in here.mails() if mail["kind"] == "idle"]


def asked(here: World) -> datetime:
    here.cloud.alarms.asked.setdefault("sagerelay-churn", []).append((here.time, 5.0, 1.0))
    return here.time


def test_each_time_without_requests_is_told_once(here: World) -> None:
    assert goes_by(here, 9) == []
    [(why, _)] = goes_by(here, 15)
    assert why == "idle"
    moment = asked(here)
    assert goes_by(here, 10) == []
    assert goes_by(here, 5) == [("idle", f"{moment + DAY:%Y-%m-%d}")]
    assert "delete-endpoint --region eu-west-1 --endpoint-name sagerelay-churn" in here.sns.mails[-1].text


def test_a_day_that_comes_is_told_a_week_before_and_on_it(here: World) -> None:
    told = []
    while here.time < datetime(2027, 2, 10, tzinfo=here.time.tzinfo):
        asked(here)
        told += goes_by(here, 1)
    assert told == [("expires soon", "2027-01-31"), ("expired", "2027-01-31")]
