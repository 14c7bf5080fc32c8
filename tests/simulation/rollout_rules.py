"""Roll-outs: whoever's new model is taken back is told which alarm rang, and no alarm outlives what it watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.names import StepName
from chalicelib.records.run import Run, Stage

if TYPE_CHECKING:
    from tests.simulation.world import World


def check(world: World, runs: dict[str, Run]) -> None:
    """Look at a history that has come to rest."""
    for config, alarm in world.endpoints.taken_back.items():
        name = StepName.parse(config)
        assert name is not None, config
        run = runs[name.run]
        told = run.failure.reason if run.failure else None
        if run.stage is not Stage.FAILED or alarm not in (told or ""):
            world.wrong("a model that is taken back is told with its alarm", f"{run.id}, {alarm}: {run.stage}, {told}")
    for alarm in world.alarms.alarms:
        if "_" in alarm:
            world.wrong("an alarm on a roll-out is gone with it", alarm)
