"""What must be true of every history: at every write of a record, and when everything has come to rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib import codec, names
from chalicelib.monitoring import record as monitors
from chalicelib.monitoring.record import Monitor
from chalicelib.names import Step, StepName
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import LiveModel, Run, Stage
from chalicelib.serving_mode import Mode
from tests.memory_cloud.expressions import Item
from tests.relay import invariants
from tests.relay.builders import DEPLOYMENT
from tests.simulation import best_rules, job_rules, mail_rules, rollout_rules, scaling_rules, serving_rules

_ENDS = frozenset(stage for stage in Stage if stage.ended)

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(frozen=True)
class Records:
    """Everything the table holds, read."""

    runs: dict[str, Run]
    datasets: dict[str, Dataset]
    monitors: dict[str, Monitor]


def read(world: World) -> Records:
    """The records as they are now."""
    found: dict[str, dict[str, Item]] = {"run": {}, "dataset": {}, "watch": {}}
    for key, item in world.table.items.items():
        kind, _, name = key.partition("#")
        found.setdefault(kind, {})[name] = item
    return Records(
        {name: codec.from_document(Run, *_stored(item)) for name, item in found["run"].items()},
        {name: codec.from_document(Dataset, *_stored(item)) for name, item in found["dataset"].items()},
        {name: codec.from_document(Monitor, *_stored(item)) for name, item in found["watch"].items()},
    )


def monitor(world: World) -> None:
    """Look at every write from now on."""
    mails = mail_rules.Sent(world)
    world.mails = mails

    def written(key: str, before: Item | None, after: Item | None) -> None:
        kind, _, name = key.partition("#")
        if kind == "mail":
            mails.written(name, after)
        elif after is None:
            world.wrong("no record is deleted", key)
        elif kind == "run":
            _run_written(world, codec.from_document(Run, *_stored(after)), before)
        elif kind == "watch":
            _follows(world, key, before, _stored(after)[1])
            was = codec.from_document(Monitor, *_stored(before)) if before else Monitor(name)
            now = codec.from_document(Monitor, *_stored(after))
            world.changes.written(was, now)
            for problem in monitors.problems_with(now):
                world.wrong("a record keeps its invariants", f"{key}: not so: {problem}")
        elif kind == "dataset":
            _follows(world, key, before, _stored(after)[1])
            this = codec.from_document(Dataset, *_stored(after))
            best_rules.dataset_written(world, this)
            former = codec.from_document(Dataset, *_stored(before)) if before else Dataset(name)
            rollout_rules.dataset_written(world, former, this)

    world.table.on_write = written


def _run_written(world: World, run: Run, before: Item | None) -> None:
    for problem in invariants.problems_with(run):
        world.wrong("a record keeps its invariants", f"{run.id}: not so: {problem}")
    if before is None:
        number = sum(dataset == run.dataset for dataset in world.begun.values()) + 1
        world.begun[run.id] = run.dataset
        world.chance.call(run.id, f" run {number}")
    if run.stage.ended:
        world.under_way.pop(run.id, None)
    else:
        world.under_way[run.id] = run.dataset
        others = [other for other, dataset in world.under_way.items() if dataset == run.dataset and other != run.id]
        if others:
            world.wrong("a dataset has one run at a time", f"{run.id} beside {others}")
    _follows(world, run.id, before, run.version)
    world.waits.written(run)
    was = before["stage"]["S"] if before else "begun"
    if was != run.stage:
        world.tell(f"run {run.id} {run.history[-1][21:]}" if run.history else f"run {run.id} is {run.stage}")
        if was in _ENDS:
            world.wrong("an end is an end", f"{run.id}: {was} became {run.stage}")


def _follows(world: World, what: str, before: Item | None, version: int) -> None:
    was = _stored(before)[1] if before else 0
    if was + 1 != version:
        world.wrong("nobody's write is lost", f"{what}: version {version} over {was}")


def check(world: World) -> None:
    """Look at what is left when everything has come to rest."""
    records = read(world)
    for run in records.runs.values():
        if run.open:
            world.wrong("every run has ended", f"{run.id} is {run.stage}, pending {run.pending}")
    for dataset in records.datasets.values():
        if dataset.active or dataset.pending or dataset.queued:
            world.wrong("no dataset waits", f"{dataset.name}: {dataset.active}, {dataset.pending}, {dataset.queued}")
        _check_live(world, dataset)
        _check_monitor(world, dataset, records.monitors.get(dataset.name))
    for thing in lying_about(world):
        world.wrong("nothing is orphaned", thing)
    job_rules.check(world, records.runs, records.datasets, records.monitors)
    rollout_rules.check(world, records.runs, records.datasets)
    serving_rules.check(world, records.runs, records.datasets)
    scaling_rules.check(world, records.datasets)
    world.mails.check(records.runs, records.datasets)
    world.waits.check(records.runs, world.mails.told)
    world.changes.check(world.mails.told)


def check_idle(world: World) -> None:
    """Look at the datasets for which nothing is under way any more, while others may go on."""
    records = read(world)
    for dataset in records.datasets.values():
        is_open = "open" in world.table.items.get(f"look#{dataset.name}", {})
        if not (dataset.active or dataset.pending or is_open):
            job_rules.check_up_to_date(world, dataset, records.monitors.get(dataset.name))


def lying_about(world: World) -> list[str]:
    """Endpoints, configurations and models that belong to nothing, as long as no run is under way."""
    kept = [model for dataset in read(world).datasets.values() for model in (dataset.live, dataset.previous) if model]
    served = [one.live for one in read(world).datasets.values() if one.live and one.asleep is None]
    live = [model.endpoint for model in served if model.mode is not Mode.BATCH]
    there = world.endpoints
    models = {names.model(model.run, second=second) for model in kept for second in (False, True)}
    return [
        *(f"endpoint {name}" for name in there.endpoints if name not in live),
        *(f"configuration {name}" for name in there.configs if name not in {_config(model) for model in kept}),
        *(f"model {name}" for name in there.models if name not in models),
    ]


def _check_live(world: World, dataset: Dataset) -> None:
    there = world.endpoints
    for model in (dataset.live, dataset.previous):
        config = there.configs.get(_config(model)) if model else None
        is_kept = model is None or model.mode is Mode.BATCH or config is not None
        name = config["ProductionVariants"][0]["ModelName"] if config else names.model(model.run) if model else ""
        if model and not (is_kept and name in there.models):
            world.wrong("what serves, and what one can go back to, is kept", f"{dataset.name}: {model}")
    if dataset.live is None:
        return
    if dataset.live.mode is not Mode.BATCH and dataset.asleep is None:
        _check_endpoint(world, dataset.live)
    group = world.registry.groups.get(names.package_group(DEPLOYMENT.prefix, dataset.name), [])
    status = {one["ClientToken"]: one["ModelApprovalStatus"] for one in group}.get(dataset.live.run)
    if status != "Approved":
        world.wrong("the registry knows what serves", f"{dataset.live.run} is {status}")


def _check_endpoint(world: World, live: LiveModel) -> None:
    there = world.endpoints
    endpoint = there.endpoints.get(live.endpoint)
    serving = (endpoint.status, endpoint.config) if endpoint else None
    by_aws = "Updating" if endpoint and endpoint.pending is None else "SystemUpdating"  # or scaled; it serves on
    kept = {(status, _config(live)) for status in ("InService", "SystemUpdating", by_aws)}
    if serving not in kept and live.endpoint not in world.taken_away:
        world.wrong("the live endpoint serves what the record says", f"{live}: {serving}")
    for alarm in ("5xx", "latency"):
        if f"{live.endpoint}-{alarm}" not in world.alarms.alarms:
            world.wrong("a live endpoint has its alarms", f"{live.endpoint}-{alarm}")


def _check_monitor(world: World, dataset: Dataset, monitor: Monitor | None) -> None:
    if dataset.live and (monitor is None or monitor.live != dataset.live):
        world.wrong("the monitor looks at what serves", f"{dataset.live}, but {monitor and monitor.live}")
    if monitor is None:
        return
    if monitor.pending or monitor.checks:
        world.wrong("the monitor has nothing left to do", f"{monitor.dataset}: {monitor.pending}, {monitor.checks}")
    if monitor.live and monitor.wanted:
        world.wrong("a wish for a check is served", f"{monitor.dataset}: {monitor.wanted}")
    if monitor.retraining.under_way:
        world.wrong("a retraining comes to its end", f"{monitor.dataset}: {monitor.retraining}")


def _config(model: LiveModel) -> str:
    return str(StepName(model.run, Step.LIVE, model.attempt))


def _stored(item: Item) -> tuple[str, int]:
    return item["document"]["S"], int(item["version"]["N"])
