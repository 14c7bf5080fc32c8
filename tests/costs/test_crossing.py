"""Whether another mode would cost less: arithmetic on plain values, and that it is told once a crossing."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.aws.figures import Figures
from chalicelib.costs.crossing import Choice, Costs, costs, proposed
from chalicelib.costs.prices import Prices
from chalicelib.records.traffic import WINDOW, Day, Traffic, counted
from chalicelib.runtime.counting import Counting
from chalicelib.serving_mode import Mode
from tests.relay.builders import NOW
from tests.relay.world import Crash, World, drop

KNOWN = Prices("us-east-1")
CHOICE = Choice(2048, 1.0, "ml.m5.large")
MONTH = Traffic("churn", Mode.SERVERLESS, NOW - WINDOW, NOW, requests=1_000_000, seconds=200_000)
PRICES = b"prices: {serverless: 0.00002, put: 0.000005, hosting ml.m5.large: 0.115}\n"


def test_both_modes_are_priced_at_the_traffic_that_there_is() -> None:
    found = costs(MONTH, CHOICE, KNOWN)
    assert found is not None
    assert found.realtime == pytest.approx(0.115 * 730)
    assert found.serverless == pytest.approx(730 / 720 * 1_000_000 * (0.2 * 2 * 0.00002 + 0.000005))
    slower = costs(replace(MONTH, seconds=400_000), CHOICE, KNOWN)
    assert slower is not None
    assert slower.serverless > found.serverless
    assert costs(MONTH, CHOICE, Prices("eu-west-3")) is None
    uncaptured = Prices("eu-west-3").with_written({"serverless": 0.00002, "hosting ml.m5.large": 0.1})
    assert costs(MONTH, CHOICE, uncaptured) is None
    assert costs(MONTH, replace(CHOICE, captured=0.0), uncaptured) is not None


@pytest.mark.parametrize(
    ("serving", "before", "share", "whole", "expected"),
    [
        (Mode.SERVERLESS, None, 1.01, 0, Mode.REALTIME),  # what it has cost already is no guess
        (Mode.SERVERLESS, None, 0.99, 1, None),
        (Mode.SERVERLESS, Mode.REALTIME, 0.9, 1, Mode.REALTIME),
        (Mode.SERVERLESS, Mode.REALTIME, 0.79, 1, None),
        (Mode.REALTIME, None, 0.79, 1, Mode.SERVERLESS),
        (Mode.REALTIME, None, 0.0, 0, None),
        (Mode.REALTIME, None, 0.9, 1, None),
        (Mode.REALTIME, Mode.SERVERLESS, 0.9, 1, Mode.SERVERLESS),
        (Mode.REALTIME, Mode.SERVERLESS, 1.0, 1, None),
    ],
)
def test_what_wavers_around_the_crossing_is_proposed_once(
    serving: Mode, before: Mode | None, share: float, whole: int, expected: Mode | None
) -> None:
    traffic = Traffic("churn", serving, NOW - WINDOW if whole else NOW, NOW, proposed=before)
    assert proposed(traffic, Costs(serverless=100 * share, realtime=100.0)) is expected


def test_a_switch_forgets_what_was_proposed_and_begins_a_new_month() -> None:
    after = counted(
        replace(MONTH, proposed=Mode.REALTIME), Mode.REALTIME, [Day(NOW - timedelta(days=1), 5.0, 1.0)], NOW
    )
    assert (after.proposed, after.is_whole, after.requests, after.lately) == (None, False, 5.0, 5.0)
    assert counted(MONTH, Mode.SERVERLESS, [], NOW + timedelta(days=1)).is_whole


# --- over the runtime


@pytest.fixture
def here() -> World:
    return World()


def days(here: World, requests: float, count: int = 1) -> None:
    """Days of traffic go by, and it is counted."""
    here.cloud.alarms.asked.setdefault("sagerelay-churn", []).append((here.time, requests, requests * 0.2))
    here.time += timedelta(days=count)
    for _ in range(2):
        Counting(here.runtime.executor, here.runtime.now, here.runtime.datasets.wish).count("churn")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (PRICES, ["endpoint: {mode: realtime}"] * 2),
        (PRICES + b"algorithm: xgboost\n", ["endpoint: {mode: realtime}"] * 2),
        (PRICES + b"endpoint: {mode: serverless}\n", []),  # somebody's own choice
        (b"", []),  # no prices are known in this region
    ],
)
def test_the_mail_proposes_what_costs_less_once_a_crossing_and_changes_nothing(
    here: World, settings: bytes, told: list[str]
) -> None:
    drop(here, "relay.yaml", settings)
    here.relay(drop(here), here.runtime.receive)
    here.mails()
    before = list(here.sagemaker.calls)
    for requests, count in ((1_000, 1), (9_000_000, 1), (9_000_000, 1), (0, 1), (1_000, 31), (0, 1), (9_000_000, 1)):
        days(here, requests, count)
    mails = here.mails()
    assert [mail["line"] for mail in mails if mail["kind"] == "cheaper"] == told
    assert here.sagemaker.calls == before
    if told:
        text = here.sns.mails[-1].text
        assert f"write `{told[0]}` into datasets/churn/relay.yaml" in text
        assert "84 USD in real time (1 x ml.m5.large)" in text


def test_an_endpoint_by_the_hour_that_is_asked_seldom_is_told_after_a_whole_month(here: World) -> None:
    drop(here, "relay.yaml", PRICES + b"endpoint: {mode: realtime}\n")
    here.relay(drop(here), here.runtime.receive)
    days(here, 100)
    days(here, 3_000, 30)
    drop(here, "relay.yaml", PRICES)  # nobody's choice any more
    here.mails()
    days(here, 100)
    [mail] = here.mails()
    assert (mail["kind"], mail["line"]) == ("cheaper", "endpoint: {mode: serverless, recreate: true}")
    assert mail["usd_a_month"]["serverless"] < 0.1
    assert "Callers get no answer in between" in here.sns.mails[-1].text


def test_the_mail_of_a_promotion_says_what_either_mode_costs_at_the_traffic_seen(here: World) -> None:
    drop(here, "relay.yaml", PRICES)
    here.relay(drop(here), here.runtime.receive)
    assert "It was asked" not in here.sns.mails[-1].text  # nobody has counted yet
    days(here, 30_000)
    here.relay(drop(here, "train/feb.csv"), here.runtime.receive)
    [mail] = [one for one in here.sns.mails if "It was asked 30,000 times in the last 30 days" in one.text]
    assert mail.machine["kind"] == "promoted"
    assert "A month of that costs serverless about 0.4 USD, in real time about 84 USD." in mail.text


def test_who_may_not_look_knows_nothing() -> None:
    class Denying:
        def get_metric_statistics(self, **_: Any) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetMetricStatistics")

    assert Figures(Denying()).by_day("sagerelay-churn", NOW - WINDOW, NOW) is None


def test_a_record_that_cannot_be_read_is_told_and_not_tried_again_at_once(here: World) -> None:
    here.relay(drop(here), here.runtime.receive)
    here.cloud.alarms.asked["sagerelay-churn"] = [(here.time, 10.0, 2.0)]
    here.time += timedelta(days=1)
    here.runtime.sweep()
    traffic = here.runtime.executor.store.traffic("churn")
    assert (traffic.requests, traffic.each, traffic.mode) == (10.0, 0.2, Mode.SERVERLESS)
    here.dynamodb.items["traffic#churn"]["document"] = {"S": "{"}
    here.time += timedelta(days=1)
    with pytest.raises(ExceptionGroup):
        here.runtime.sweep()
    here.runtime.sweep()  # it is not tried again before another day
    assert [mail["record"] for mail in here.mails() if "record" in mail] == ["traffic#churn"]


@pytest.mark.slow
def test_a_crash_at_any_call_of_the_look_tells_it_once() -> None:
    def crossed() -> World:
        here = World()
        drop(here, "relay.yaml", PRICES)
        here.relay(drop(here), here.runtime.receive)
        here.mails()
        here.cloud.alarms.asked["sagerelay-churn"] = [(here.time, 50_000_000, 9e6)]
        here.time += timedelta(days=1)
        here.counted = 0
        return here

    calm = crossed()
    calm.runtime.sweep()
    assert calm.counted > 10
    told = []
    for number in range(1, calm.counted + 1):
        here = crossed()
        here.crash_at = (number, "after")
        with contextlib.suppress(Crash):
            here.runtime.sweep()
        here.crash_at = None
        for _ in range(3):
            here.time += timedelta(minutes=11)
            here.runtime.sweep()
        told.append([mail["kind"] for mail in here.mails()].count("cheaper"))
        assert here.runtime.executor.store.traffic("churn").crossings == 1
    # Who dies between SNS's answer and writing it down cannot know that it was sent.
    assert sorted(told)[:-1] == [1] * (len(told) - 1)
    assert max(told) == 2
