"""When target tracking brings instances, and when it takes some away."""

from __future__ import annotations

import pytest

from local.sagemaker.target_tracking import Since, Tracked, alarm_states, desired

POLICY = Tracked(target=60.0, least=1, most=4, scale_in=300, scale_out=120)
QUIET, BUSY = [10.0] * 15, [150.0] * 3


@pytest.mark.parametrize(
    ("figures", "instances", "since", "wanted"),
    [
        ([], 1, Since(), 1),
        ([150.0, 150.0], 1, Since(), 1),  # two minutes of three
        (BUSY, 1, Since(), 3),
        ([150.0, 20.0, 150.0], 1, Since(), 1),
        ([900.0] * 3, 2, Since(), 4),  # never more than `most`
        (BUSY, 2, Since(out=60), 2),
        (BUSY, 1, Since(out=120), 3),
        (BUSY, 1, Since(in_=1), 3),  # to come is not kept waiting by what went
        ([61.0] * 3, 2, Since(), 3),
        ([55.0] * 15, 3, Since(), 3),  # below the target, and not clearly
        (QUIET, 3, Since(), 1),
        (QUIET[:14], 3, Since(), 3),
        ([30.0] * 15, 4, Since(), 2),
        ([0.0] * 15, 4, Since(), 1),  # never fewer than `least`
        (QUIET, 3, Since(in_=299), 3),
        (QUIET, 3, Since(out=299), 3),
        (QUIET, 3, Since(out=300, in_=300), 1),
        ([], 6, Since(), 4),  # bounds hold whatever there was
    ],
)
def test_instances_follow_the_requests(figures: list[float], instances: int, since: Since, wanted: int) -> None:
    assert desired(figures, instances, POLICY, since) == wanted


def test_fewer_than_the_least_are_made_up_for() -> None:
    assert desired([], 1, Tracked(60.0, 2, 4, 300, 300), Since()) == 2


def test_the_alarms_say_what_the_figures_do() -> None:
    assert alarm_states(BUSY, POLICY) == ("ALARM", "INSUFFICIENT_DATA")
    assert alarm_states(QUIET, POLICY) == ("OK", "ALARM")
    assert alarm_states([*QUIET[1:], 58.0], POLICY) == ("OK", "OK")
