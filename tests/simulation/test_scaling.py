"""Histories of endpoints that are scaled: turned on and off again, updated, deleted and gone back from meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest

from chalicelib.records.run import LiveModel
from chalicelib.runtime import Runtime
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.fleets import Fleets
from tests.simulation.deeds import take_live
from tests.simulation.functions import Invocation
from tests.simulation.history import Result, executor, live
from tests.simulation.weather import HOUR
from tests.simulation.world import World

_PLAIN = "algorithm: xgboost\ntuning: {enabled: false}\nendpoint: {mode: realtime"
SETTINGS = (
    _PLAIN + ", scaling: {max: 4, invocations_per_minute: 600}}\n",
    _PLAIN + ", scaling: {min: 2, max: 3, invocations_per_minute: 50}, rollout: {how: canary}}\n",
    _PLAIN + "}\n",
    "algorithm: xgboost\nendpoint: {mode: batch}\ntuning: {enabled: false}\n",
    "algorithm: auto\nendpoint: {mode: serverless, recreate: true}\ntuning: {enabled: false}\n",
)


def begin(world: World) -> None:
    """Several models, each with other settings, and now and then a wish to go back, or an endpoint deleted by hand."""
    world.weather = replace(world.weather, storm=9 * HOUR, failing=world.weather.failing / 3)
    chance = world.chance
    for number in range(5):
        when = 10.0 + 6_000.0 * number + chance.between(0.0, 2_000.0, f"when {number}")
        settings = SETTINGS[0] if number == 0 else chance.pick((*SETTINGS[:3], *SETTINGS), f"settings {number}")
        world.scheduler.at(when, partial(world.upload, "datasets/churn/relay.yaml", settings.encode()))
        world.scheduler.at(when + 5.0, partial(world.upload, f"datasets/churn/train/{number}.csv", b"%d" % number))
    for number in range(2):
        when = chance.between(6_000.0, 30_000.0, f"when back {number}")
        world.scheduler.at(when, partial(_go_back, world, number))
    if chance.share("whether it is deleted") < 0.2:
        world.scheduler.at(chance.between(6_000.0, 30_000.0, "when deleted"), partial(take_live, world, "churn"))


def _go_back(world: World, number: int) -> None:
    if world.has_previous("churn"):
        world.tell("user: goes back")
        world.roll_back("churn", number)


class NeverEnds(Fleets):
    """Leaves an endpoint to autoscaling while it is changed."""

    @contextmanager
    def paused(self, live: LiveModel | None, now: object) -> Iterator[None]:  # noqa: ARG002
        yield

    def release(self, live: LiveModel) -> None:
        """Nothing."""


class Forgetful(Fleets):
    """Does not have an endpoint scaled again that was not to be for a while."""

    def settle(self, live: LiveModel, now: object) -> None:
        """Nothing."""


def assembled(kind: type[Fleets], world: World, invocation: Invocation) -> Runtime:
    made = executor(world, invocation)

    class Broken(Executor):
        @property
        def fleets(self) -> Fleets:
            return kind(self.autoscaling, self.sagemaker, self.outbox)

    fields = {name: getattr(made, name) for name in Executor.__dataclass_fields__}
    return Runtime(Broken(**fields), invocation.clock, pause=invocation.pause)


def broken(histories: list[Result]) -> set[str]:
    return {rule for history in histories for rule, _ in history.problems}


def test_what_is_asked_for_is_scaled_and_nothing_that_changes() -> None:
    histories = [live(seed, begin=begin) for seed in range(3)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []


def test_a_runtime_that_scales_what_it_changes_is_found() -> None:
    history = live(4, assemble=partial(assembled, NeverEnds), begin=begin)
    assert "nothing scales an endpoint that is updated" in broken([history])


def test_a_runtime_that_forgets_to_scale_is_found() -> None:
    history = live(4, assemble=partial(assembled, Forgetful), begin=begin)
    assert "a live endpoint is scaled as relay.yaml asks" in broken([history])


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_in_a_thousand_histories() -> None:
    histories = [live(seed, begin=begin) for seed in range(1_000)]
    assert [(history.seed, history.problems) for history in histories if history.problems] == []
    lines = [line for history in histories for _, line in history.protocol]
    assert sum("is Updating by itself" in line for line in lines) > 300
