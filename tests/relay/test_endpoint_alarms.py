"""When the alarms on a live endpoint ring, judged as CloudWatch does."""

from __future__ import annotations

import pytest

from chalicelib.requests.alarms import of_live_endpoint
from tests.infra.cloudwatch import CloudWatch
from tests.infra.refused import of_resources
from tests.relay.builders import DEPLOYMENT

FAILING, SLOW = (CloudWatch(alarm) for alarm in of_live_endpoint("churn", DEPLOYMENT))
ALARMS, SECOND = {"failing": FAILING, "slow": SLOW}, 1e6


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
