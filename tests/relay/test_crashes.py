"""A Lambda that dies between any two calls: what is pending is done by a retry or the sweep, and nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.aws.looks import HOLD
from chalicelib.names import Step
from tests.relay.world import STARTED, Crash, World, drop


def test_a_mail_is_not_lost_in_a_crash_at_its_sending() -> None:
    number, crashed = 0, True
    while crashed:
        number, crashed = number + 1, False
        here = World()
        last = here.end(drop(here), Step.PREPARE, failure="[no-target] jan.csv: there is no column y")
        here.crash_at = (here.counted + number, "before")
        try:
            here.runtime.receive(last)
        except Crash:
            crashed = True
        here.crash_at = None
        here.time += timedelta(minutes=1)
        here.runtime.receive(last)  # Lambda tries again
        for _ in range(2):
            here.time += timedelta(minutes=5)
            here.runtime.sweep()
        assert [mail["kind"] for mail in here.mails()] in (["failed"], ["failed"] * 2), f"crash at call {number}"


@pytest.mark.parametrize("where", ["before", "after"])
def test_data_that_came_during_a_run_is_not_forgotten_in_a_crash_at_its_end(where: str) -> None:
    number, crashed = 0, True
    while crashed:
        number, crashed = number + 1, False
        here = World()
        first = drop(here)
        drop(here, "train/feb.csv")
        last = here.end(first, Step.PREPARE, failure="[no-target] jan.csv: there is no column y")
        here.crash_at = (here.counted + number, where)
        try:
            here.runtime.receive(last)
        except Crash:
            crashed = True
        here.crash_at = None
        for _ in range(3):
            here.time += timedelta(minutes=5)
            here.runtime.sweep()
        assert here.active() not in {None, first}, f"crash at call {number}"


def test_an_upload_while_a_run_is_begun_leaves_its_pinned_inputs_alone(here: World) -> None:
    here.put("train/jan.csv")
    here.crash_at = (here.counted + 9, "before")
    with pytest.raises(Crash):
        here.runtime.receive(here.uploaded())
    here.time += 2 * HOLD
    first = here.active()
    assert here.runtime.executor.store.dataset("churn").pending  # the run is not begun yet
    pinned = here.runtime.executor.objects.read(f"runs/{first}/inputs.json")

    drop(here, "train/feb.csv")

    assert here.runtime.executor.objects.read(f"runs/{first}/inputs.json") == pinned


def calls_of_a_relay() -> int:
    here = World()
    run = drop(here)
    here.relay(run, here.runtime.receive)
    return here.counted


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_crash_at_any_call_is_made_good_by_a_retry_or_the_sweep(where: str) -> None:
    total = calls_of_a_relay()
    assert total > 60
    for number in range(1, total + 1):
        here = World()
        here.crash_at = (number, where)
        assert_the_relay_ends(here, number)


def assert_the_relay_ends(here: World, number: int) -> None:
    def delivered(envelope: dict[str, Any]) -> None:
        try:
            here.runtime.receive(envelope)
        except Crash:
            here.time += timedelta(minutes=1)  # Lambda tries again
            here.runtime.receive(envelope)
            here.time += timedelta(minutes=4)
            here.runtime.sweep()

    here.put("train/jan.csv")
    delivered(here.uploaded())
    run = here.active()
    assert run, f"crash at call {number}: no run"
    here.relay(run, delivered)
    here.time += timedelta(minutes=20)
    here.runtime.sweep()

    assert here.stage(run) == "live", f"crash at call {number}"
    assert here.sagemaker.endpoints == {"sagerelay-churn": f"{run}-live-1"}, f"crash at call {number}"
    assert here.sagemaker.packages == {run: "Approved"}, f"crash at call {number}"
    assert sorted(here.sagemaker.calls) == sorted(call.format(run=run) for call in STARTED), f"crash at call {number}"
    assert here.active() is None, f"crash at call {number}"
    # At least once: only a crash right after SNS took the mail may send it twice.
    assert 1 <= len(here.mails()) <= 2, f"crash at call {number}"
