"""Histories of a training script that comes, changes and goes, where it may run and where it may not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from tests.relay.builders import DEPLOYMENT
from tests.simulation.history import Result, live
from tests.simulation.weather import HOUR
from tests.simulation.world import World

OWN = b"algorithm: {script: train.py}\ntuning: {enabled: false}\n"
SETTINGS = (OWN, OWN, b"algorithm: xgboost\ntuning: {enabled: false}\n")
ALLOWED, OTHER = "churn", "prices"


def begin(world: World) -> None:
    """Code, settings and data of two datasets in any order; what is there first is not enough for a run."""
    world.weather = replace(world.weather, storm=6 * HOUR, failing=world.weather.failing / 3)
    chance = world.chance
    for dataset in (ALLOWED, OTHER):
        put = partial(_put, world, dataset)
        world.scheduler.at(chance.between(0.0, 200.0, f"first code {dataset}"), partial(put, "code/train.py", b"one"))
        world.scheduler.at(chance.between(0.0, 100.0, f"first settings {dataset}"), partial(put, "relay.yaml", OWN))
        world.scheduler.at(chance.between(100.0, 200.0, f"first data {dataset}"), partial(put, "train/jan.csv", b"jan"))
        for number in range(4):
            when = chance.between(1_000.0, 20_000.0, f"when {dataset} {number}")
            kind = chance.share(f"what {dataset} {number}")
            body = f"{number}".encode()
            if kind < 0.5:
                world.scheduler.at(
                    when, partial(put, chance.pick(("code/train.py", "code/more.py"), f"{number}"), body)
                )
            elif kind < 0.8:
                world.scheduler.at(when, partial(put, "relay.yaml", chance.pick(SETTINGS, f"settings {number}")))
            else:
                world.scheduler.at(when, partial(put, "train/feb.csv", body))
    world.scheduler.at(world.weather.storm - 30.0, partial(_whose, world))


def _put(world: World, dataset: str, name: str, body: bytes) -> None:
    world.tell(f"user: {dataset} {name}")
    world.upload(f"datasets/{dataset}/{name}", body)


def _whose(world: World) -> None:
    """Own code has trained under its dataset's own role, and nowhere else; nothing else has trained under one."""
    for job in world.jobs.jobs.values():
        image = job.request.get("AlgorithmSpecification", {}).get("TrainingImage", "")
        expected = f"{DEPLOYMENT.role_arn.rpartition('/')[0]}/sagerelay-own-{ALLOWED}"
        role = job.request.get("RoleArn")  # a transform has its model's
        if ("scikit-learn" in image) != (role == expected):
            world.wrong("own code runs under its dataset's own role", f"{job.name}: {role}")
        if "scikit-learn" in image:
            world.tell(f"own code trained: {job.name}")


def lived(seeds: range) -> list[Result]:
    histories = [live(seed, begin=begin) for seed in seeds]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    return histories


def test_a_script_is_trained_where_it_is_allowed_and_told_where_it_is_not() -> None:
    lines = [line for history in lived(range(3)) for _, line in history.protocol]
    assert any(f"own code trained: {ALLOWED}-" in line for line in lines)
    assert not any(f"own code trained: {OTHER}-" in line for line in lines)
    assert any("MAIL" in line and OTHER in line and "failed" in line.lower() for line in lines)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_in_hundreds_of_histories() -> None:
    assert lived(range(500))
