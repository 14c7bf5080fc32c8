"""Roll-outs and rollbacks: whoever's new model is taken back is told which alarm rang, and no alarm outlives what it
watched; whoever wants the model before the live one back is told what has come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.names import StepName
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run, Stage

if TYPE_CHECKING:
    from tests.simulation.world import World


def check(world: World, runs: dict[str, Run], datasets: dict[str, Dataset]) -> None:
    """Look at a history that has come to rest."""
    for config, alarm in world.endpoints.taken_back.items():
        name = StepName.parse(config)
        assert name is not None, config
        run = runs[name.run]
        told = run.failure.reason if run.failure else None
        if run.stage is Stage.SUPERSEDED:
            continue  # it waited for the endpoint, as whoever asked had died, and newer data came first (seed 280)
        if run.stage is not Stage.FAILED or alarm not in (told or ""):
            world.wrong("a model that is taken back is told with its alarm", f"{run.id}, {alarm}: {run.stage}, {told}")
    ends = ("rolled-back", "rollback-failed")
    answered = {news.split(" ", 2)[2] for news in world.mails.told if news.startswith(ends)}
    for dataset in datasets.values():
        wishes = {request for request, of in world.rollbacks.items() if of == dataset.name}
        if dataset.going_back:
            world.wrong("a rollback comes to its end", f"{dataset.name}: {dataset.going_back}")
        if wishes and not wishes & answered:
            world.wrong("a rollback is told", f"{dataset.name}: {wishes}")
    for alarm in world.alarms.alarms:
        if "_" in alarm:
            world.wrong("an alarm on a roll-out is gone with it", alarm)
