"""Budgets: whatever befalls the relay, no more is spent or promised than relay.yaml allows.

Looked at whenever something is created, from outside: what has ended at the time it took, what goes on at the limit of
its request, candidates for as long as they have been there, a live endpoint in real time to the month's end, where
nothing ends it. It knows nothing of the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib import names, transform_names
from chalicelib.names import CheckName, Step, StepName
from chalicelib.records.used import month_began, month_ends
from chalicelib.settings import relay_yaml
from tests.memory_cloud.jobs import PROCESSING, TRANSFORM, TUNING, Job
from tests.relay.builders import DEPLOYMENT
from tests.simulation import deeds
from tests.simulation.functions import TIMEOUT
from tests.simulation.weather import HOUR

if TYPE_CHECKING:
    from tests.simulation.world import World

ROUNDING = 0.02
_PRICED = (
    *("training ml.m5.xlarge", "processing ml.m5.xlarge", "processing ml.m5.large", "hosting ml.m5.large"),
    *("transform ml.m5.xlarge", "transform ml.m5.large", "training ml.t3.medium", "processing ml.t3.medium"),
)
_PRICES = f"prices: {{{', '.join(f'{name}: 1' for name in _PRICED)}}}\n"
_BUDGETS = (
    "budget: {run: 40}\n",
    "budget: {run: 6, month: 900}\n",
    "budget: {month: 760}\n",
    "budget: {month: 800}\n",
    "budget: {run: 15, month: 30}\n",
    "budget: {run: 0.4}\n",
)
_SETTINGS = (
    "algorithm: auto\nendpoint: {mode: realtime}\ntuning: {strategy: Random}\n",
    "algorithm: xgboost\nendpoint: {mode: realtime}\ntuning: {enabled: false}\n",
)
_IN_BATCH = "algorithm: auto\nendpoint: {mode: batch}\ntuning: {enabled: false}\n"


_DATASETS = ("money", "money-eu")
_RAISED = "budget: {run: 5000, month: 5000}\n"


def begin(world: World) -> None:
    """Everything that people do; and datasets under budgets, which are taken away for a while and raised in the end."""
    deeds.begin(world)
    watch(world, {dataset: _use(world, dataset) for dataset in _DATASETS})


def _use(world: World, dataset: str) -> tuple[float, float]:
    """A dataset under a budget; gives from when to when it has none."""
    chance, storm = world.chance, world.weather.storm
    chosen = chance.pick(_SETTINGS, f"settings of {dataset}")
    settings = (_IN_BATCH if chance.share(f"in batch: {dataset}") < 0.4 else chosen) + _PRICES
    budget = chance.pick(_BUDGETS, f"budget of {dataset}")

    def put(when: float, name: str, text: str) -> None:
        world.scheduler.at(when, partial(world.upload, f"datasets/{dataset}/{name}", text.encode()))

    put(1.0, "relay.yaml", settings + budget)
    put(2.0, "train/jan.csv", "money")
    for number in range(4):
        moment = chance.between(600.0, storm, f"{dataset} {number}")
        put(moment, "train/jan.csv", f"money {number}")
        world.scheduler.at(moment + 5, partial(deeds.traffic, world, dataset, number))
        world.scheduler.at(moment + 9, partial(world.ask, dataset, 900 + number))
    without = chance.between(600.0, storm, f"{dataset} without")
    put(without, "relay.yaml", settings)
    again = without + chance.between(10.0, 4000.0, f"{dataset} for long")
    put(again, "relay.yaml", settings + budget)
    put(storm + 6 * HOUR, "relay.yaml", "algorithm: xgboost\ntuning: {enabled: false}\n" + _PRICES + _RAISED)
    return without, again


def watch(world: World, without: Mapping[str, tuple[float, float]]) -> None:
    """Look at every creation from now on. `without`: from when to when a dataset has no budget."""
    create: Callable[..., dict[str, Any]] = world.jobs._create

    def created(kind: str, name: str, request: dict[str, Any], longest: int = 63) -> dict[str, Any]:
        answer = create(kind, name, request, longest)
        check(world, name, without)
        return answer

    world.jobs._create = created
    for operation in ("create_endpoint", "update_endpoint"):
        setattr(world.endpoints, operation, _watched(world, operation, without))


def _watched(world: World, operation: str, without: Mapping[str, tuple[float, float]]) -> Callable[..., dict[str, Any]]:
    """The operation, with a look at the hours of the live endpoint that it makes or changes."""
    act: Callable[..., dict[str, Any]] = getattr(world.endpoints, operation)
    live = {names.live_endpoint(DEPLOYMENT.prefix, dataset): dataset for dataset in without}

    def acted(**request: Any) -> dict[str, Any]:
        answer = act(**request)
        if dataset := live.get(request["EndpointName"]):
            taken_away, _ = without[dataset]
            limits = _limits(world, dataset)
            if limits and limits[1] is not None and world.now < taken_away:
                _check_month(world, dataset, request["EndpointName"], limits[1])
        return answer

    return acted


def check(world: World, name: str, without: Mapping[str, tuple[float, float]]) -> None:
    """What a run, and its dataset in this month, may cost at most by now, against what relay.yaml says.

    What was committed while there was no budget keeps what it got, also where it is created later.
    """
    step, about = transform_names.step_of(name), CheckName.parse(name)
    dataset = world.begun.get(step.run) if step else about.dataset if about else None
    limits = _limits(world, dataset) if dataset else None
    if dataset is None or dataset not in without or limits is None:
        return
    run, month = limits
    taken_away, back = without[dataset]
    if world.now >= taken_away:
        month = None
        if step and _began(world, step.run) < world.at(back + TIMEOUT):
            return
    if step and run is not None and _has_budget(world, step.run) and _of_run(world, step.run) > run + ROUNDING:
        world.wrong("no run passes its budget", f"{name}: {_of_run(world, step.run):.2f} of {run} USD")
    if month is not None:
        _check_month(world, dataset, name, month)


def _check_month(world: World, dataset: str, name: str, month: float) -> None:
    runs = [one for one, of in world.begun.items() if of == dataset]
    if all(_has_budget(world, one) for one in runs):
        checks = sum(_most(world, job) for job in world.jobs.jobs.values() if _is_check_of(job, dataset))
        spent = checks + sum(_of_run(world, one) for one in runs) + _of_live(world, dataset)
        if spent > month + ROUNDING:
            world.wrong("no dataset passes its budget", f"{name}: {spent:.2f} of {month} USD")


def _limits(world: World, dataset: str) -> tuple[float | None, float | None] | None:
    try:
        settings = relay_yaml.read_settings(world.bucket.body(f"datasets/{dataset}/relay.yaml"))
    except relay_yaml.SettingsError:
        return None
    return settings.budget.run, settings.budget.month


def _has_budget(world: World, run: str) -> bool:
    from tests.simulation.rules import read

    record = read(world).runs.get(run)
    return record is not None and any(record.settings["budget"].values())


def _began(world: World, run: str) -> datetime:
    from tests.simulation.rules import read

    return read(world).runs[run].started


def _of_run(world: World, run: str) -> float:
    jobs = [job for name, job in world.jobs.jobs.items() if (one := transform_names.step_of(name)) and one.run == run]
    return sum(_most(world, job) for job in jobs) + _of_candidates(world, run)


def _most(world: World, job: Job) -> float:
    """One dollar an hour: what it took, or what it may take."""
    if job.kind == TUNING:
        if job.ended:
            trials = [world.jobs.jobs[one["TrainingJobName"]] for one in job.trials]
            return sum(one.ending.seconds for one in trials) / 3600
        limits = job.request["HyperParameterTuningJobConfig"]["ResourceLimits"]
        return float(limits["MaxParallelTrainingJobs"] * limits["MaxRuntimeInSeconds"] / 3600)
    most = _of_requests(world, job) if job.kind == TRANSFORM else _of_limit(job)
    return min(most, job.ending.seconds if job.ended else most) / 3600  # the cloud in memory ends no job at its limit


def _of_limit(job: Job) -> float:
    return float(job.request["StoppingCondition"]["MaxRuntimeInSeconds"])


def _of_requests(world: World, job: Job) -> float:
    """A transform is over when each of its requests was answered, or has used up its tries; its container starts in a
    quarter of an hour."""
    asked = job.request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"].split("/", 3)[3]
    listed = world.bucket.list_object_versions(Bucket=DEPLOYMENT.bucket, Prefix=asked).get("Versions", ())
    config, at_once = job.request["ModelClientConfig"], job.request["MaxConcurrentTransforms"]
    waves = -(-max(1, len({one["Key"] for one in listed})) // at_once)
    return 900.0 + float(waves * config["InvocationsTimeoutInSeconds"] * (config["InvocationsMaxRetries"] + 1))


def _is_check_of(job: Job, dataset: str) -> bool:
    name = CheckName.parse(job.name) if job.kind == PROCESSING else None
    return name is not None and name.dataset == dataset


def _of_candidates(world: World, run: str) -> float:
    """Candidates that are there now, by how long they have been there."""
    names = {str(StepName(run, Step.CANDIDATE, number)) for number in range(1, 20)}
    there = [one for name, one in world.endpoints.endpoints.items() if name in names]
    return sum((world.clock() - one.created).total_seconds() / 3600 for one in there)


def _of_live(world: World, dataset: str) -> float:
    """The live endpoint of a dataset, where it bills by the hour: from its creation to the end of this month."""
    there = world.endpoints.endpoints.get(names.live_endpoint(DEPLOYMENT.prefix, dataset))
    configs = [world.endpoints.configs.get(one or "", {}) for one in ((there.config, there.pending) if there else ())]
    variants = [one for config in configs for one in config.get("ProductionVariants", ())]
    if there is None or not any("InstanceType" in one for one in variants):
        return 0.0
    now = world.clock()
    return (month_ends(now) - max(there.created, month_began(now))).total_seconds() / 3600
