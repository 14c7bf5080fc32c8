"""Jobs and models: nothing is started twice, nothing rejected goes live, and nothing that was uploaded is forgotten."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.aws.objects import Objects
from chalicelib.monitoring.record import Monitor
from chalicelib.names import CheckName, DatasetKeys, RunKeys, StepName
from chalicelib.records import own_code
from chalicelib.records.dataset import Dataset, is_news
from chalicelib.records.inputs import InputsSeen
from chalicelib.records.run import Run, Stage
from chalicelib.settings import relay_yaml
from chalicelib.settings.fingerprints import MONITORED, TRAINED
from tests.memory_cloud.jobs import Job
from tests.relay.builders import DEPLOYMENT
from tests.simulation import together

if TYPE_CHECKING:
    from tests.simulation.world import World


def check(world: World, runs: dict[str, Run], datasets: dict[str, Dataset], monitors: dict[str, Monitor]) -> None:
    """Look at a history that has come to rest."""
    _check_attempts(world)
    _check_promotions(world, runs)
    _check_cancelled(world, runs)
    for dataset in datasets.values():
        check_up_to_date(world, dataset, monitors.get(dataset.name))
        _check_reasons(world, [runs[run] for run, of in world.begun.items() if of == dataset.name])


def _part(job: Job) -> str:
    """Which of the jobs it is that follow each other where a batch transform answers a file."""
    told = job.request.get("AppSpecification", {}).get("ContainerArguments", ())
    parts = [one for one in ("--ask", "--answered") if one in told]
    return parts[0] if parts else job.kind


def _of_algorithm(job: Job) -> str:
    """The rows of which of several algorithms a tuning or training is given; nothing in a run over one."""
    definition = job.request.get("TrainingJobDefinition", job.request)
    given = [entry["DataSource"]["S3DataSource"]["S3Uri"] for entry in definition.get("InputDataConfig", ())]
    return next((uri.partition("/forms/")[2].partition("/")[0] for uri in given if "/forms/" in uri), "")


def _are_in_order(attempted: list[tuple[int, Job]], first: int) -> bool:
    """Whether they are counted from the first on; of a run over several algorithms, each's one after the other."""
    grouped = itertools.groupby(attempted, lambda one: _of_algorithm(one[1]))
    legs = [(of, [number for number, _ in each]) for of, each in grouped]
    begins = first if legs[0][0] == "" else legs[0][1][0]
    counted = all(numbers == list(range(numbers[0], numbers[0] + len(numbers))) for _, numbers in legs)
    return legs[0][1][0] == begins and counted and len(legs) == len({of for of, _ in legs})


def _check_attempts(world: World) -> None:
    """Another attempt is made only when the one before has ended, and not well; each of several algorithms has its own,
    numbered behind those before."""
    attempts: dict[str, list[tuple[int, Job]]] = defaultdict(list)
    shared = together.first_attempts(world)
    for job in world.jobs.jobs.values():
        name = StepName.parse(job.name) or CheckName.parse(job.name)
        if name is not None and not together.is_shared(job):
            attempts[str(name).rpartition("-")[0]].append((name.attempt, job))
    for what, made in attempts.items():
        made.sort(key=lambda one: one[0])
        own = CheckName.parse(f"{what}-1")
        before = shared.get(together.stem(own), []) if own else []
        attempted = [(1, job) for job in before] + made
        alone = own is not None and attempted[0][0] == 2  # the job that it was to share was never begun
        if not _are_in_order(attempted, 1 + alone):
            world.wrong("attempts are made one after the other", f"{what}: {[number for number, _ in attempted]}")
        for (_, job), (_, following) in itertools.pairwise(attempted):
            if _of_algorithm(job) != _of_algorithm(following) and job.ended:
                continue
            again = job.status == "Completed" and _part(job) == _part(following)
            if together.is_shared(job) and own:
                again = again and together.is_done(world, job, together.stem(own))
            if again or job.ended is None or job.ended > following.created:
                world.wrong("no job is started twice", f"{following.name}, although {job.name} is {job.status}")


def _check_promotions(world: World, runs: dict[str, Run]) -> None:
    """Only what passed its gate, and was approved where a person has to, ever serves callers."""
    for endpoint, config in world.endpoints.made:
        name = StepName.parse(config)
        if name is None or endpoint == config:
            continue
        truth, run = world.outcomes.truth.get(name.run), runs[name.run]
        asked = truth == "unclear" or run.settings["gate"]["approval"] == "manual"
        if truth not in {"good", "level", "unclear"} or (asked and name.run not in world.approved):
            world.wrong("no rejected model goes live", f"{config}, which is {truth}, approved: {not asked}")


def _check_cancelled(world: World, runs: dict[str, Run]) -> None:
    """Whatever a cancelled run had started has ended before its mail, which tells what it has cost."""
    for job in world.jobs.jobs.values():
        name = StepName.parse(job.name)
        run = runs.get(name.run) if name else None
        if run and run.stage is Stage.CANCELLED and job.name not in {known.name for known in run.jobs}:
            world.wrong("what a cancelled run has had billed is known", f"{job.name}, which is {job.status}")


def check_up_to_date(world: World, dataset: Dataset, monitor: Monitor | None) -> None:
    """The last run was made of what lies there now, under the settings of now, which the monitor has, too."""
    try:
        read = relay_yaml.read_settings(world.bucket.body(DatasetKeys(dataset.name).settings))
    except relay_yaml.SettingsError:
        return
    there = Objects(world.bucket, DEPLOYMENT.bucket)
    objects = there.training_data(dataset.name)
    settings = read.as_stored()
    if objects and own_code.script(settings):
        objects = (*there.code(dataset.name), *objects)
    if monitor is None or monitor.settings != {part: value for part, value in settings.items() if part in MONITORED}:
        world.wrong("the monitor has the settings of now", f"{dataset.name}: {monitor and monitor.settings}")
    written = read.model_dump(mode="json", exclude_unset=True)
    seen = InputsSeen(objects, settings, deployment=DEPLOYMENT.id, written=written)
    last = dataset.last
    if world.withdrawn.get(dataset.name, -1.0) >= world.uploaded.get(dataset.name, 0.0):
        return  # nothing tells of a file that is deleted; what is uploaded next is looked at without it
    # After a failure, what counts is whether its run was made of this, and not whether somebody may try again.
    if objects and (last is None or is_news(replace(last, stage=None), seen)):
        world.wrong("no upload is forgotten", f"{dataset.name}: the last run is {last and last.run}")


def _check_reasons(world: World, runs: list[Run]) -> None:
    """A run that makes the model of the one before is begun only by the monitor, or where that one made none."""
    made_of = [_made_of(world, run) for run in runs]
    for before, run, one, other in zip(runs, runs[1:], made_of, made_of[1:], strict=False):
        now, then = ((one.settings["gate"], one.settings["endpoint"]) for one in (run, before))
        judged_otherwise = before.stage is Stage.REJECTED and now != then
        again = before.stage in {Stage.FAILED, Stage.SUPERSEDED, Stage.CANCELLED} or judged_otherwise
        if one == other and run.because is None and run.asked is None and not again:
            world.wrong("no run is begun twice", f"{run.id} is made of what {before.id} was made of")


def _made_of(world: World, run: Run) -> Any:
    try:
        document = json.loads(world.bucket.body(RunKeys(run.id).inputs) or b"")
        objects = [(entry["key"], entry["etag"]) for entry in document["objects"] if entry["origin"] != "traffic"]
        settings = {name: value for name, value in document["settings"].items() if name in TRAINED}
    except (ValueError, LookupError, TypeError, RecursionError):
        return run.id  # somebody has changed it
    return objects, settings
