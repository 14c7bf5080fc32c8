"""Histories in which people end runs under way, and want others, at any moment and in every weather."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

import pytest

from tests.simulation import deeds
from tests.simulation.history import Result, live
from tests.simulation.weather import HOUR
from tests.simulation.world import World

SETTINGS = (
    b"algorithm: xgboost\ntuning: {enabled: false}\n",
    b"algorithm: auto\n",
    b"algorithm: xgboost\ntuning: {enabled: false}\ngate: {approval: manual}\n",
    b"algorithm: auto\nendpoint: {mode: batch}\ntuning: {enabled: false}\n",
)


def begin(world: World) -> None:
    """Runs of every kind, one after the other, and some wishes to end whichever is under way."""
    world.weather = replace(world.weather, storm=6 * HOUR, failing=world.weather.failing / 3)
    world.scheduler.at(0.0, partial(world.upload, "datasets/churn/relay.yaml", world.chance.pick(SETTINGS, "settings")))
    for number in range(4):
        when = 10.0 + 4_000.0 * number + world.chance.between(0.0, 2_000.0, f"when {number}")
        world.scheduler.at(when, partial(world.upload, f"datasets/churn/train/{number}.csv", b"%d" % number))
    for number in range(6):
        when = world.chance.between(20.0, 16_000.0, f"when cancelled {number}")
        world.scheduler.at(when, partial(world.cancel, "churn", number))
    for number in range(2):
        when = world.chance.between(2_000.0, 18_000.0, f"when wanted {number}")
        world.scheduler.at(when, partial(world.retrain, "churn", number))
    world.scheduler.at(15_000.0, partial(deeds.settle, world, 0.0))


def told(histories: list[Result]) -> Counter[str]:
    lines = [line for history in histories for _, line in history.protocol if "MAIL" in line]
    return Counter(kind for kind in ("cancelled", "promoted") for line in lines if f" {kind} " in line)


def test_a_run_that_is_cancelled_ends_with_a_mail_and_leaves_nothing() -> None:
    histories = [live(seed, begin=begin) for seed in range(6)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert told(histories)["cancelled"] > 2


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_in_a_thousand_histories() -> None:
    histories = [live(seed, begin=begin) for seed in range(1_000)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert told(histories)["cancelled"] > 500
