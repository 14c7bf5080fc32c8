"""One history: a seed's weather over the real runtime, until the storm is over and everything has come to rest."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chalicelib.runtime import Runtime
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.telemetry import log
from tests.memory_cloud import executing
from tests.relay.builders import DEPLOYMENT
from tests.simulation import deeds, rules
from tests.simulation.chance import Chance
from tests.simulation.functions import Invocation
from tests.simulation.weather import HOUR
from tests.simulation.world import Assemble, World

SWEEPS_EVERY = 300.0
LONGEST_WAIT = 60 * HOUR
"""How long after the storm everything has to be at rest: some waits are for hours, and none for two days."""
COLLECTED_WITHIN = 5 * HOUR
"""How long orphans may lie about: twice their grace and the pause between two looks, with room to spare."""


@dataclass(frozen=True)
class Result:
    """How a history went."""

    seed: int
    problems: tuple[tuple[str, str], ...]
    """Rules that were broken, and how."""
    deviations: tuple[str, ...]
    """Everything that was not as on a calm day, in order."""
    protocol: tuple[tuple[float, str], ...]
    seen: frozenset[tuple[str, str]]
    """What befell which operation."""
    runs: int
    mails: int
    repeated: int
    """Mails that SNS had taken before, and whose sender could not know."""
    hours: float
    """Of simulated time."""
    at_once: int
    """The most functions that ran at the same time."""
    calls: int


def assemble(world: World, invocation: Invocation) -> Runtime:
    """The runtime as `chalicelib.runtime.runtime` makes it, over the clients of this world."""
    return Runtime(executor(world, invocation), invocation.clock, pause=invocation.pause)


def executor(world: World, invocation: Invocation) -> Executor:
    """The runtime's executor, over the clients of this world."""
    return executing.executor(DEPLOYMENT, lambda service: invocation.wire(service, world.cloud.clients[service]))


def live(
    seed: int,
    kept: frozenset[str] | None = None,
    assemble: Assemble = assemble,
    begin: Callable[[World], None] = deeds.begin,
) -> Result:
    """Live through the history of a seed; with `kept`, with only these deviations from a calm day.

    `begin` puts on the clock what people will do.
    """
    with _quiet():
        world = World(Chance(seed, kept), assemble)
        rules.monitor(world)
        begin(world)
        _sweep(world, 1)
        world.scheduler.run(world.weather.storm)
        world.tell("--- the storm is over")
        world.replay()
        _come_to_rest(world)
        rules.check(world)
    return Result(
        seed,
        tuple(world.problems),
        tuple(world.chance.taken),
        tuple(world.protocol),
        frozenset(world.seen),
        len(world.begun),
        len(world.topic.mails),
        world.mails.repeated,
        world.now / HOUR,
        world.functions.at_once,
        world.calls,
    )


def _sweep(world: World, number: int) -> None:
    world.later(SWEEPS_EVERY, lambda: _sweep(world, number + 1))  # first: the clock goes on while the function runs
    world.sweep(number)


def _come_to_rest(world: World) -> None:
    """Let the sweeps go on until nothing is open any more, and what lies about is collected."""
    rested = None
    world.scheduler.run(world.now + SWEEPS_EVERY / 2)  # looked at between two sweeps, and never in the middle of one
    while world.now < world.weather.storm + LONGEST_WAIT:
        world.scheduler.run(world.now + SWEEPS_EVERY)
        since = world.now - world.weather.storm
        if since - SWEEPS_EVERY <= deeds.NO_MORE_SCHEDULES < since:
            rules.check_idle(
                world
            )  # the settings that are put now are a reason to look, and would hide what was missed
        deeds.settle(world, since)
        if _is_busy(world):
            rested = None
            continue
        rested = world.now if rested is None else rested
        if not rules.lying_about(world) or world.now > rested + COLLECTED_WITHIN:
            return
    world.wrong("everything comes to rest", ", ".join(_open_records(world)) or "events and functions")


def _is_busy(world: World) -> bool:
    going_on = world.on_their_way or world.functions.running or world.functions.waiting
    return bool(going_on or world.registry.waiting() or _open_records(world))


def _open_records(world: World) -> list[str]:
    """What the table says is not finished: of monitors, which are always open, those with something to do."""
    found = [key for key, item in world.table.items.items() if "open" in item and not key.startswith("watch#")]
    for key, item in world.table.items.items():
        if key.startswith("watch#"):
            document = json.loads(item["document"]["S"])
            if document["pending"] or document["checks"]:
                found.append(key)
    return found


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the runtime's log and metrics, which are not looked at and take long to write."""
    before = log.log_level
    log.setLevel("CRITICAL")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        log.setLevel(before)
