"""Histories in which people go back to the model before the live one, in every weather, while files keep coming."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

import pytest

from tests.simulation import deeds
from tests.simulation.history import Result, live
from tests.simulation.weather import HOUR
from tests.simulation.world import World

SETTINGS = b"algorithm: xgboost\ntuning: {enabled: false}\nmonitoring: {schedule: rate(1 hour)}\n"
ITSELF = b"algorithm: xgboost\ntuning: {enabled: false}\nmonitoring: {schedule: rate(3 hours), rollback: itself}\n"


def begin(world: World) -> None:
    """Three models and more, most of them good, and some wishes to go back, each as soon as there is whereto."""
    _trains(world, SETTINGS, storm=9 * HOUR, files=4, apart=6_000.0)
    for number in range(3):
        when = world.chance.between(6_000.0, 30_000.0, f"when back {number}")
        world.scheduler.at(when, partial(_go_back, world, number))


def _trains(world: World, settings: bytes, *, storm: float, files: int, apart: float) -> None:
    """Files come one after the other, so many seconds apart or somewhat more, in a storm that lasts so long."""
    world.weather = replace(world.weather, storm=storm, failing=world.weather.failing / 3)
    world.scheduler.at(0.0, partial(world.upload, "datasets/churn/relay.yaml", settings))
    for number in range(files):
        when = 10.0 + apart * number + world.chance.between(0.0, 2_000.0, f"when {number}")
        world.scheduler.at(when, partial(world.upload, f"datasets/churn/train/{number}.csv", b"%d" % number))


def _go_back(world: World, number: int) -> None:
    if world.has_previous("churn"):
        world.tell("user: goes back")
        world.roll_back("churn", number)
    elif world.now < 12 * HOUR:
        world.later(300.0, partial(_go_back, world, number))


def with_labels(world: World) -> None:
    """Three models, and labels of their traffic now and then: the relay goes back by itself where these say so."""
    _trains(world, ITSELF, storm=12 * HOUR, files=3, apart=9_000.0)
    for number in range(14):
        when = 12_000.0 + 2_200.0 * number + world.chance.between(0.0, 1_000.0, f"when labels {number}")
        world.scheduler.at(when, partial(deeds.traffic, world, "churn", number))
        world.scheduler.at(when + 60.0, partial(world.upload, f"datasets/churn/labels/{number}.csv", b"l%d" % number))


def to_earlier(world: World) -> None:
    """Five models, and wishes for any of those that have served, long after what served them was deleted."""
    _trains(world, SETTINGS, storm=12 * HOUR, files=5, apart=6_000.0)
    for number in range(4):
        when = world.chance.between(20_000.0, 42_000.0, f"when promoted {number}")
        world.scheduler.at(when, partial(world.promote, "churn", number))


def told(histories: list[Result]) -> Counter[str]:
    lines = [line for history in histories for _, line in history.protocol if "MAIL" in line]
    return Counter(kind for kind in ("rolled-back", "rollback-failed") for line in lines if f" {kind} " in line)


def test_whoever_goes_back_is_brought_back_or_told_why_not() -> None:
    histories = [live(seed, begin=begin) for seed in range(4)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert told(histories)["rolled-back"]


def test_the_relay_goes_back_by_itself_where_labels_say_so_and_never_to_and_fro() -> None:
    histories = [live(seed, begin=with_labels) for seed in (3, 4, 9)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert told(histories)["rolled-back"]


def test_an_earlier_model_is_brought_back_of_its_artifact() -> None:
    histories = [live(seed, begin=to_earlier) for seed in range(4)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert told(histories)["rolled-back"]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_of_a_thousand_with_labels_too() -> None:
    histories = [live(seed, begin=with_labels) for seed in range(1_000)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert told(histories)["rolled-back"] > 200


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_in_a_thousand_histories() -> None:
    histories = [live(seed, begin=begin) for seed in range(1_000)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    found = told(histories)
    assert found["rolled-back"] > 300
    assert found["rollback-failed"] > 50
