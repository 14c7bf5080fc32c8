"""Modes: what AWS does not take ends no run, is tried again by none that need not, and nobody is told of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run, Stage
from chalicelib.serving_mode import Mode
from tests.memory_cloud.serverless import REFUSALS

if TYPE_CHECKING:
    from tests.simulation.world import World

_REFUSED = ": AWS refused a serverless endpoint: "
_IN_SERVICE = ("deploying -> evaluating: ", "promoting -> live: ")


def check(world: World, runs: dict[str, Run], datasets: dict[str, Dataset]) -> None:
    """Look at a history that has come to rest."""
    for run in runs.values():
        told = run.failure.reason if run.failure else ""
        if any(words in told for words in REFUSALS.values()):
            world.wrong("a refused mode ends no run", f"{run.id}: {told}")
        if run.stage is Stage.LIVE and run.mode is Mode.SERVERLESS and world.endpoints.serverless.how:
            world.wrong("what was refused does not go live", run.id)
        if _served_instead(run) and "account#serverless" not in world.table.items:
            world.wrong("a refused mode is remembered", run.id)
        _gap(world, run)
    for dataset in datasets.values():
        live = dataset.live
        endpoint = world.endpoints.endpoints.get(live.endpoint) if live else None
        config = world.endpoints.configs.get(endpoint.config) if endpoint else None
        if live and config:
            [variant] = config["ProductionVariants"]
            if ("ServerlessConfig" in variant) != (live.mode is Mode.SERVERLESS):
                world.wrong("a live model's record has its mode", f"{live.run}: {live.mode}")
        _alarms(world, dataset)


def _gap(world: World, run: Run) -> None:
    """Who deletes a live endpoint for another mode says so before, and when it is over."""
    told = f"gap {run.id}" in world.mails.told
    if told != (run.gap_began is not None):
        world.wrong("a gap is told before it begins", f"{run.id}: {run.gap_began}")
    if run.stage is Stage.LIVE and run.gap_began and run.gap_ended is None:
        world.wrong("a gap is measured", f"{run.id} since {run.gap_began}")
    switched = run.live is not None and (run.live.mode, run.mode) == (Mode.REALTIME, Mode.SERVERLESS)
    if run.stage is Stage.LIVE and switched and not told and run.live and run.live.endpoint not in world.taken_away:
        world.wrong("no endpoint is deleted in silence", run.id)


def _alarms(world: World, dataset: Dataset) -> None:
    """Each bills as long as it is there."""
    if dataset.live is None or dataset.active:
        return
    those = (f"{dataset.live.endpoint}-{what}" for what in ("5xx", "latency", "busy"))
    there = [name for name in those if name in world.alarms.alarms]
    if (dataset.live.mode is Mode.BATCH or dataset.asleep) and there:
        world.wrong("without an endpoint there are no alarms", f"{dataset.name}: {there}")
    if any(name.endswith("-busy") for name in there) != (dataset.live.mode is Mode.SERVERLESS and not dataset.asleep):
        world.wrong("an endpoint has the alarms of its mode", f"{dataset.name}: {there}")


def _served_instead(run: Run) -> bool:
    """Whether a real-time endpoint came into service after the refusal, as the run itself learned.

    Only then is serverless known to have been the reason. An evaluation is no sign of it: that of a run refused at its
    promotion is of the serverless candidate, and it may be superseded while its real-time endpoint waits for a quota.
    """
    steps = [line.partition(" ")[2] for line in run.history]
    refused = next((at for at, step in enumerate(steps) if _REFUSED in step), len(steps))
    return any(step.startswith(_IN_SERVICE) for step in steps[refused:])
