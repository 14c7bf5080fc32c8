"""When the alarms on a live endpoint ring, judged as CloudWatch does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.costs import month
from chalicelib.records.commands import SetAlarms
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run, Stage
from chalicelib.requests.alarms import names_of_live_endpoint, of_live_endpoint
from chalicelib.runtime import serving
from chalicelib.serving_mode import Mode
from tests.infra.cloudwatch import CloudWatch
from tests.infra.refused import of_resources
from tests.relay.builders import DEPLOYMENT, NOW, run
from tests.relay.builders import LIVE as BEFORE
from tests.relay.world import World

LIVE = run(Stage.LIVE)
FAILING, SLOW = (CloudWatch(alarm) for alarm in of_live_endpoint(LIVE, DEPLOYMENT))
BY_REQUEST = replace(LIVE, mode=Mode.SERVERLESS)
FAILS, LATE, BUSY = (CloudWatch(alarm) for alarm in of_live_endpoint(BY_REQUEST, DEPLOYMENT))
ALARMS, SECOND = {"failing": FAILING, "slow": SLOW, "late": LATE, "busy": BUSY}, 1e6


def rings(*periods: tuple[int, float] | None) -> bool:
    """Whether the alarm on latency does: requests and the p95 of their latency in seconds, by five minutes."""
    requests = [one and float(one[0]) for one in periods]
    slow = [one and one[1] * SECOND for one in periods]
    return "ALARM" in SLOW.states({"requests": requests, "slow": slow})


def test_cloudwatch_takes_them() -> None:
    made = {name: {"Type": "AWS::CloudWatch::Alarm", "Properties": one.alarm} for name, one in ALARMS.items()}
    assert of_resources(made) == []


def test_answers_that_are_slow_for_half_an_hour_ring_and_it_is_told_when_they_are_over() -> None:
    history = [(300, 0.2)] * 3 + [(300, 2.5)] * 6
    assert rings(*history)
    requests, slow = [300.0] * 15, [0.2e6] * 3 + [2.5e6] * 6 + [0.2e6] * 6
    states = list(SLOW.states({"requests": requests, "slow": slow}))
    assert states[9:11] == ["ALARM", "OK"]
    assert SLOW.alarm["OKActions"] == SLOW.alarm["AlarmActions"] == [DEPLOYMENT.topic_arn]


@pytest.mark.parametrize("requests", [1, 5, 20, 59])
def test_a_handful_of_requests_does_not_ring_however_slow(requests: int) -> None:
    assert not rings(*[(requests, 30.0)] * 48)


@pytest.mark.parametrize("before", [None, (3, 0.1), (400, 0.1)])
def test_an_evaluation_does_not_ring(before: tuple[int, float] | None) -> None:
    """A test file of 500,000 rows: 500 blocks, four at a time, of up to twelve seconds each."""
    for seconds in (1.5, 4.0, 12.0):
        a_period = round(4 * 300 / seconds)
        blocks = [min(a_period, 500 - begun) for begun in range(0, 500, a_period)]
        assert not rings(*[before] * 12, *[(count, seconds) for count in blocks], *[before] * 12)


def test_slow_starts_and_pauses_do_not_ring() -> None:
    assert not rings((300, 9.0), (300, 9.0), None, None, (300, 9.0), (300, 0.1), (300, 9.0))


def test_errors_ring_without_a_least_number_of_requests_but_not_for_a_single_one() -> None:
    assert "ALARM" not in FAILING.states([[None, 1.0, None, None, None]])
    assert "ALARM" in FAILING.states([[1.0, None, 2.0]])


def test_a_serverless_endpoint_without_room_rings_and_a_rush_does_not() -> None:
    assert FAILS.alarm == FAILING.alarm
    assert "ALARM" in BUSY.states([[0.2, 1.0, 1.0, 1.0]])
    assert "ALARM" not in BUSY.states([[1.0, 1.0, 0.8, None, None, 1.0, 1.0, None, None]])
    alone: Any = {**LIVE.settings, "endpoint": {**LIVE.settings["endpoint"], "max_concurrency": 1}}
    kept = [one["AlarmName"] for one in of_live_endpoint(replace(BY_REQUEST, settings=alone), DEPLOYMENT)]
    assert kept == names_of_live_endpoint("churn", DEPLOYMENT)[:2]


def test_a_serverless_endpoint_s_slow_answers_ring_where_cloudwatch_has_enough_of_them() -> None:
    assert LATE.alarm["EvaluateLowSampleCountPercentile"] == "ignore"
    assert "ALARM" in LATE.states([[2.5 * SECOND] * 6])
    assert "ALARM" not in LATE.states([[2.5 * SECOND] * 5 + [0.3 * SECOND]])


@pytest.mark.parametrize("served", [LIVE, BY_REQUEST])
def test_what_the_alarms_look_at_is_what_a_month_is_told_to_cost(served: Run) -> None:
    looked = [
        sum("MetricStat" in one for one in alarm["Metrics"]) if "Metrics" in alarm else 1
        for alarm in of_live_endpoint(served, DEPLOYMENT)
    ]
    assert sum(looked) == month.ALARMS


class Told:
    """CloudWatch, which notes what is made and what is deleted."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.dropped: list[str] = []

    def put(self, requests: list[dict[str, Any]]) -> None:
        self.made += [one["AlarmName"].rpartition("-")[2] for one in requests]

    def drop(self, names: list[str]) -> None:
        self.dropped += [one.rpartition("-")[2] for one in names]


@pytest.mark.parametrize(
    ("before", "now", "made", "dropped"),
    [
        (None, Mode.SERVERLESS, ["5xx", "latency", "busy"], []),
        (Mode.REALTIME, Mode.REALTIME, ["5xx", "latency"], []),
        (Mode.SERVERLESS, Mode.REALTIME, ["5xx", "latency"], ["busy"]),
        (Mode.REALTIME, Mode.SERVERLESS, ["5xx", "latency", "busy"], []),
        (Mode.SERVERLESS, Mode.BATCH, [], ["5xx", "latency", "busy"]),
        (None, Mode.BATCH, [], ["5xx", "latency", "busy"]),
        (None, Mode.REALTIME, ["5xx", "latency"], []),
    ],
)
def test_with_another_mode_come_other_alarms(
    before: Mode | None, now: Mode, made: list[str], dropped: list[str]
) -> None:
    there: Any = Told()
    live = replace(BEFORE, mode=before) if before else None
    serving.set_alarms(there, replace(LIVE, mode=now, live=live), DEPLOYMENT)
    assert (there.made, there.dropped) == (made, dropped)


@pytest.mark.parametrize(
    ("dataset", "made"),
    [
        (Dataset("churn", active=LIVE.id, live=BEFORE), 3),  # it has not been told yet
        (Dataset("churn"), 3),
        (Dataset("churn", live=replace(BEFORE, run=LIVE.id)), 3),
        (Dataset("churn", live=BEFORE), 0),
    ],
)
def test_a_run_whose_alarms_had_to_wait_leaves_them_to_the_run_that_has_gone_live_since(
    here: World, dataset: Dataset, made: int
) -> None:
    """The quota of model packages kept the first from going on; the second has no endpoint any more."""
    executor = here.runtime.executor
    was = replace(BEFORE, mode=Mode.SERVERLESS)
    executor.store.save_run(run(Stage.LIVE, id=BEFORE.run, mode=Mode.BATCH, live=was))
    executor.store.save_dataset(dataset)
    executor.execute(SetAlarms(), BY_REQUEST, NOW)
    assert len(here.cloud.alarms.alarms) == made
