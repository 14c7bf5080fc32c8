"""Histories of endpoints that go because nobody asks them, and come back: while files come, runs end, and AWS fails."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest

from chalicelib.records.sleeping import SleepAsked, WakeAsked
from chalicelib.runtime import Runtime
from tests.simulation.history import Result, live
from tests.simulation.weather import HOUR
from tests.simulation.world import World

SETTINGS = (
    "algorithm: xgboost\ntuning: {enabled: false}\nmonitoring: {schedule: rate(1 hour)}\n",
    "algorithm: xgboost\ntuning: {enabled: false}\nendpoint: {scaling: {max: 3, invocations_per_minute: 60}}\n",
    "algorithm: auto\ntuning: {enabled: false}\nmonitoring: {schedule: rate(1 hour)}\n",
)


def begin(world: World) -> None:
    """Some models; each sleeps now and then, and is woken by people, or by what they upload."""
    world.weather = replace(world.weather, storm=9 * HOUR, failing=world.weather.failing / 3)
    chance = world.chance
    settings = chance.pick(SETTINGS, "settings")
    world.scheduler.at(0.0, partial(world.upload, "datasets/churn/relay.yaml", settings.encode()))
    for number in range(3):
        when = 10.0 + 9_000.0 * number + chance.between(0.0, 4_000.0, f"when {number}")
        name = chance.pick(("jan", f"{number}"), f"file {number}")  # perhaps the same once more
        world.scheduler.at(when, partial(world.upload, f"datasets/churn/train/{name}.csv", name.encode()))
    for number in range(5):
        slept = chance.between(5_000.0, 30_000.0, f"when asleep {number}")
        world.scheduler.at(slept, partial(_sleep, world, number))
        if chance.share(f"whether {number} is woken") < 0.6:
            after = chance.between(0.0, 3_000.0, f"how long it sleeps {number}")
            world.scheduler.at(slept + after, partial(_wake, world, number))


def _sleep(world: World, number: int) -> None:
    """As the daily look asks for it, of a run with which all is done."""
    item = world.table.items.get("dataset#churn")
    serves = json.loads(item["document"]["S"])["live"] if item else None
    if serves and "open" not in world.table.items[f"run#{serves['run']}"]:
        world.tell("nobody asks the endpoint")
        wish = SleepAsked(serves["run"], "idle", world.clock())
        _invoke(world, f"idle {number}", wish)


def _wake(world: World, number: int) -> None:
    world.tell("user: wakes it")
    _invoke(world, f"wake {number}", WakeAsked(f"wake {number}"))


def _invoke(world: World, key: str, wish: SleepAsked | WakeAsked) -> None:
    def work(runtime: Runtime) -> None:
        runtime.datasets.wish("churn", wish)

    world.functions.invoke(f"request {key}", work)


def slept(histories: list[Result]) -> int:
    """How often an endpoint was made again."""
    return sum(" awake " in line for history in histories for _, line in history.protocol if "MAIL" in line)


def test_what_sleeps_is_gone_and_what_is_woken_serves() -> None:
    histories = [live(seed, begin=begin) for seed in (*range(4), 916)]  # in the last data come while it falls asleep
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert slept(histories)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_in_a_thousand_histories() -> None:
    histories = [live(seed, begin=begin) for seed in range(1_000)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert slept(histories) > 300
