"""Histories of a dataset that goes from mode to mode: no deletion before it is told, and every gap measured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulation.history import live

if TYPE_CHECKING:
    from tests.simulation.world import World

_SETTINGS = "algorithm: auto\ntuning: {{enabled: false}}\nendpoint: {{{}}}\n"
_MODES = ("mode: realtime", "mode: serverless, recreate: true", "mode: batch")
_SWITCHES = 4


def begin(world: World) -> None:
    """New data again and again, each time in a mode of its own; the first is the one that has to give way."""
    chance, storm = world.chance, world.weather.storm
    for number in range(_SWITCHES + 1):
        when = 1.0 + (number + chance.share(f"when {number}") / 2) * storm / (_SWITCHES + 1)
        later = _MODES[1] if number == 1 else chance.pick(_MODES, f"mode {number}")
        mode = later if number else _MODES[0]
        for place, (name, text) in enumerate((("relay.yaml", _SETTINGS.format(mode)), ("train/jan.csv", f"{number}"))):
            put = partial(world.upload, f"datasets/switched/{name}", text.encode())
            world.scheduler.at(when + place, put)


def lived(seeds: Sequence[int]) -> list[Any]:
    return [live(seed, begin=begin) for seed in seeds]


def broken(seeds: Sequence[int]) -> list[tuple[int, Any]]:
    histories = lived(seeds)
    assert any("(switched: no answers for some minutes" in line for one in histories for _, line in one.protocol)
    return [(one.seed, one.problems) for one in histories if one.problems]


def test_a_sample_of_switches_breaks_no_rule() -> None:
    assert broken(range(3, 6)) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_hundreds_of_histories_of_switches_break_no_rule() -> None:
    assert broken(range(500)) == []
