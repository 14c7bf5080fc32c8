"""Histories of a pipeline without an endpoint: its files are answered by three jobs each, whatever happens between."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulation.history import live

if TYPE_CHECKING:
    from tests.simulation.world import World

_SETTINGS = "algorithm: linear-learner\ntuning: {enabled: false}\nendpoint: {mode: batch}\n"


def begin(world: World) -> None:
    """Two models, the second while files come: some of them again, some with other rows."""
    chance, storm = world.chance, world.weather.storm

    def put(when: float, name: str, text: str) -> None:
        world.scheduler.at(when, partial(world.upload, f"datasets/files/{name}", text.encode()))

    put(1.0, "relay.yaml", _SETTINGS)
    put(2.0, "train/jan.csv", "first")
    put((0.3 + chance.share("the second model") / 2) * storm, "train/jan.csv", "second")
    for number in range(5):
        put(chance.share(f"file {number}") * storm, f"score/{number % 2}.csv", f"rows {number % 3}")


def broken(seeds: Sequence[int]) -> list[tuple[int, Any]]:
    histories = [live(seed, begin=begin) for seed in seeds]
    told = [line for one in histories for _, line in one.protocol]
    assert any(line.startswith("SageMaker: files-score-") and line.endswith("-3 is Completed") for line in told)
    return [(one.seed, one.problems) for one in histories if one.problems]


def test_a_sample_of_files_breaks_no_rule() -> None:
    assert broken(range(3)) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_hundreds_of_histories_of_files_break_no_rule() -> None:
    assert broken(range(500)) == []
