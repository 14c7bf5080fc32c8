"""A crash before or after any call of a model's whole monitoring leaves nothing undone and nothing done twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.names import Kind
from tests.monitoring.living import asked, drift, kinds, live
from tests.relay.world import Crash, World


def monitored(here: World, crash: tuple[int, str] | None = None) -> None:
    """A model's whole monitoring: a check that finds drift, a training, and the check after it."""

    def again(call: Callable[[], None]) -> None:
        try:
            call()
        except Crash:
            here.time += timedelta(minutes=3)  # Lambda tries again
            call()

    def delivered(envelope: dict[str, Any]) -> None:
        again(lambda: here.runtime.receive(envelope))
        here.time += timedelta(minutes=5)
        again(here.runtime.sweep)

    live(here, "monitoring: {schedule: hourly}\nretraining: {policy: on_drift, cool_down_hours: 0}")
    here.mails()
    here.counted, here.crash_at = 0, crash
    here.capture("2026/11/22/12/a.jsonl")
    delivered(asked())
    delivered(here.end_check(Kind.DRIFT, drift("drifted", "age")))
    second = here.active()
    assert second
    here.relay(second, delivered)
    here.capture("2026/11/22/14/b.jsonl")
    delivered(asked())
    delivered(here.end_check(Kind.DRIFT, drift("stable")))
    here.crash_at = None
    here.time += timedelta(minutes=10)
    here.runtime.sweep()
    monitor = here.monitor()
    assert monitor.live is not None
    assert (monitor.pending, monitor.drift.state, monitor.live.run) == ((), "stable", second)


def started(here: World) -> list[str]:
    """What was asked of SageMaker, without the marks of the times at which checks began."""
    return sorted(re.sub(r"-[0-9a-f]{6}-(\d)$", r"-\1", call) for call in here.sagemaker.calls)


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_a_crash_at_any_call_is_made_good(where: str, every: int) -> None:
    calm = World()
    monitored(calm)
    total, calls, told = calm.counted, started(calm), kinds(calm)
    assert told == ["drift-found", "promoted", "drift-over"]
    for number in range(1, total + 1, every):
        here = World()
        monitored(here, (number, where))
        assert started(here) == calls, f"crash at call {number}"
        # A mail whose sender died of it comes from a later sweep, perhaps after the next one.
        assert set(kinds(here)) == set(told), f"crash at call {number}"
