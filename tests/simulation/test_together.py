"""Histories of several datasets with the same schedule, whose checks share jobs: each is told, and none waits for
another."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from tests.simulation import deeds
from tests.simulation.history import Result, live
from tests.simulation.weather import HOUR
from tests.simulation.world import World

SETTINGS = 'algorithm: xgboost\ntuning: {enabled: false}\nmonitoring: {schedule: "cron(0/30 * * * ? *)"}\n'
SAMPLE = (4, 10, 16)
DATASETS = ("churn", "churn-eu", "fraud")


def begin(world: World) -> None:
    """Three datasets with traffic all the time; files and a person's own wishes come in between."""
    chance = world.chance
    world.weather = replace(world.weather, storm=9 * HOUR, failing=world.weather.failing / 2)
    for dataset in DATASETS:
        when = chance.between(0.0, 600.0, f"first {dataset}")
        world.scheduler.at(when, partial(world.upload, f"datasets/{dataset}/relay.yaml", SETTINGS.encode()))
        world.scheduler.at(when + 5.0, partial(world.upload, f"datasets/{dataset}/train/jan.csv", b"jan"))
        for number in range(12):
            at = 6_000.0 + 2_000.0 * number + chance.between(0.0, 1_500.0, f"traffic {dataset} {number}")
            world.scheduler.at(at, partial(deeds.traffic, world, dataset, number))
    for number in range(3):
        dataset = chance.pick(DATASETS, f"whose {number}")
        at = chance.between(9_000.0, 30_000.0, f"when {number}")
        world.scheduler.at(at, partial(world.ask, dataset, number))
        world.scheduler.at(at + 900.0, partial(world.upload, f"datasets/{dataset}/train/{number}.csv", b"%d" % number))


def shared(histories: list[Result]) -> int:
    """How many checks failed beside others of their job, which does not happen to one that is alone."""
    return sum("one check fails" in taken for one in histories for taken in one.deviations)


def test_whose_checks_share_a_job_are_told_each() -> None:
    histories = [live(seed, begin=begin) for seed in SAMPLE]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert shared(histories)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_in_a_thousand_histories() -> None:
    histories = [live(seed, begin=begin) for seed in range(1_000)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    assert shared(histories) > 20
