"""A folder dropped at once: one run, at most one after it, no dead letter, and a listing a second."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from chalicelib.aws.looks import Looks
from chalicelib.runtime import Runtime
from chalicelib.runtime.looking import Looking
from tests.simulation.functions import Invocation
from tests.simulation.history import assemble, live
from tests.simulation.weather import HOUR
from tests.simulation.world import World

FILES = 1000
CALM = frozenset[str]()
"""No deviation at all: what is left is many functions at once."""
TRAIN = "datasets/churn/train/"


@dataclass
class Flood:
    """Files that all come within some seconds, and what the relay made of them."""

    seconds: float
    world: World | None = None
    listed: list[float] = field(default_factory=list)
    last_event: float = 0.0

    def begin(self, world: World) -> None:
        """Put the files on the clock."""
        self.world = world
        _calm(world)

        def listing(prefix: str) -> None:
            if prefix == TRAIN:
                self.listed.append(world.now)

        world.bucket.on_list = listing
        for number in range(FILES):
            when = self.seconds * number / FILES
            world.scheduler.at(when, partial(world.upload, f"{TRAIN}{number}.csv", b"%d" % number))
        self.last_event = self.seconds + 3.0  # which is how long an event is on its way at most

    @property
    def while_they_came(self) -> list[float]:
        return [when for when in self.listed if when <= self.last_event]


def _calm(world: World) -> None:
    """A long day on which calls take what they usually do and all clocks are right."""
    world.weather = replace(world.weather, storm=3 * HOUR, latency=0.05, skew=0.0)


@pytest.mark.parametrize("seconds", [0.0, 17.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_folder_dropped_at_once_is_one_run_and_one_after_it(seed: int, seconds: float) -> None:
    flood = Flood(seconds)
    result = live(seed, CALM, begin=flood.begin)

    assert result.problems == ()
    world = flood.world
    assert world is not None
    told = [line for _, line in result.protocol]
    assert not [line for line in told if "fails" in line or "dead letter" in line or "dies" in line]
    assert 1 <= result.runs <= 2
    last = list(world.begun)[-1]
    assert len(json.loads(world.bucket.body(f"runs/{last}/inputs.json") or b"")["objects"]) == FILES
    assert len(flood.while_they_came) <= flood.last_event + 2, flood.listed


def test_a_look_without_news_writes_no_record() -> None:
    def begin(world: World) -> None:
        _calm(world)
        world.scheduler.at(0, lambda: world.upload(f"{TRAIN}jan.csv", b"jan"))
        world.scheduler.at(9000, written.clear)
        world.scheduler.at(9000, lambda: world.upload(f"{TRAIN}jan.csv", b"jan"))
        world.scheduler.at(9020, lambda: after.extend(written))
        usual = world.table.on_write

        def note(key: str, *items: Any) -> None:
            written.append(key)
            usual(key, *items)

        world.table.on_write = note

    written: list[str] = []
    after: list[str] = []
    result = live(1, frozenset(), begin=begin)
    assert result.problems == ()
    assert not [key for key in after if key.startswith(("dataset#", "run#"))], after
    assert "look#churn" in after


PROMPT = 56
"""A history in which both events come within half a second."""
_MOMENTS = [number / 10 for number in range(1, 25)]


def _two_files(apart: float, **broken: Any) -> set[str]:
    """The rules that are broken when a second file comes so long after the first."""

    def begin(world: World) -> None:
        _calm(world)
        world.weather = replace(world.weather, latency=0.1)
        for when, name in ((0.0, "jan"), (apart, "feb")):
            world.scheduler.at(when, partial(world.upload, f"{TRAIN}{name}.csv", name.encode()))

    return {rule for rule, _ in live(PROMPT, CALM, begin=begin, **broken).problems}


def test_a_file_that_comes_at_any_moment_of_a_look_is_not_forgotten() -> None:
    assert {apart: found for apart in _MOMENTS if (found := _two_files(apart))} == {}


class _AnswersNobody(Looks):
    """What is asked while somebody looks is not kept."""

    def ask(self, _dataset: str, _now: datetime) -> bool:
        return True


class _Forgetful(Looking):
    @property
    def _looks(self) -> Looks:
        return _AnswersNobody(self.store)


def _forgetful(world: World, invocation: Invocation) -> Runtime:
    runtime = assemble(world, invocation)
    usual = runtime.datasets.looking
    runtime.datasets = replace(runtime.datasets, looking=_Forgetful(usual.store, usual.now, usual.pause))
    return runtime


def test_that_one_is_forgotten_would_be_seen() -> None:
    found = [_two_files(apart, assemble=_forgetful) for apart in _MOMENTS]
    assert {"no upload is forgotten"} in found
