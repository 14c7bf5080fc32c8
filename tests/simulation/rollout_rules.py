"""Roll-outs and rollbacks: whoever's new model is taken back is told which alarm rang, and no alarm outlives what it
watched; whoever wants the model before the live one back is told what has come of it; and what the relay goes back from
by itself has lost to it by labels, once, and never to and fro."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chalicelib.names import StepName
from chalicelib.records.dataset import Dataset
from chalicelib.records.going_back import GoingBack
from chalicelib.records.run import Run, Stage

if TYPE_CHECKING:
    from tests.simulation.world import World


def dataset_written(world: World, was: Dataset, now: Dataset) -> None:
    """Look at a dataset's record that was just written."""
    plan = now.going_back
    if plan is not None and was.going_back is None and plan.request not in world.rollbacks:
        _by_itself(world, now.name, plan)
    if was.live is None or now.live is None or was.live.run == now.live.run:
        return
    is_back = was.going_back is not None and was.going_back.to.run == now.live.run
    world.came_back[now.name] = now.live.run if is_back else ""


def _by_itself(world: World, dataset: str, plan: GoingBack) -> None:
    """Nobody asked for this rollback but a check of labels, whose name it has."""
    results = [key for key in world.bucket.under(f"monitoring/{dataset}/") if key.endswith("/quality.json")]
    ordinal = plan.request.rpartition("-")[2]
    texts = [world.bucket.body(key) for key in results if f"-quality-{ordinal}/" in key]
    found = json.loads(texts[0] or b"{}") if texts else {}
    before = found.get("before") or {}
    if found.get("state") != "fell" or before.get("better") is not True or before.get("run") != plan.to.run:
        world.wrong("the relay goes back where labels say so", f"{dataset}: {plan.request}, {found}")
    if world.came_back.get(dataset) == plan.leave.run:
        world.wrong("what came back is not left by itself", f"{dataset}: {plan}")
    if plan.leave.run in world.left:
        world.wrong("the relay goes back once from a model", f"{dataset}: {plan}")
    world.left.add(plan.leave.run)


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
