"""The best model of a dataset: its record names the one that all comparisons made it; no walk leads down from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import one_container
from chalicelib.names import RunKeys
from chalicelib.records.dataset import Dataset
from tests.relay.builders import DEPLOYMENT

if TYPE_CHECKING:
    from tests.simulation.world import World

_ALLOWED = 0.02
"""By gate.max_loss, which nobody changes in a history."""


def dataset_written(world: World, now: Dataset) -> None:
    """Look at a dataset's record that was just written."""
    if now.live is None:
        if now.best is not None:
            world.wrong("the best model is not forgotten", f"{now.name} has none, but the record says {now.best}")
        return
    live, best = world.best.get(now.name, ("", ""))
    if now.live.run != live:
        is_new = now.live.run not in world.served.setdefault(now.name, set())  # or somebody went back to it
        best = _promoted(world, now.live.run, best) if is_new else best
        world.served[now.name].add(now.live.run)
        world.best[now.name] = now.live.run, best
    if now.best is None or now.best.run != best:
        world.wrong("the best model is not forgotten", f"{now.name}: {best}, but the record says {now.best}")
    elif not now.best.artifact.startswith(
        tuple(DEPLOYMENT.uri(f"{folder}/") for folder in (RunKeys(best).training, one_container.folder(best)))
    ):
        world.wrong("the best model is its own", f"{now.name}: {now.best}")


def _promoted(world: World, run: str, best: str) -> str:
    """The best model when this run's is in service."""
    found = world.outcomes
    if best and found.truth[run] == "level" and found.worth[run] < found.worth[best] - _ALLOWED:
        world.wrong("no walk leads down", f"{run} is worth {found.worth[run]:.3f}, {best} was {found.worth[best]:.3f}")
    return best if best and found.against_best[run] == "not better" else run
