"""Jobs that several datasets' checks share: what they leave, and what must be true of them."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from chalicelib.names import CheckName
from tests.relay.builders import DEPLOYMENT
from tests.simulation import checked

if TYPE_CHECKING:
    from tests.memory_cloud.jobs import Job
    from tests.simulation.world import World

_FAILURES = (
    (2, "[baseline] The live model has no baseline.json: it was made by an earlier version. Train anew."),
    (1, "[unexpected] the check's process ended with -9, perhaps for want of memory."),
)


def is_shared(job: Job) -> bool:
    return "--checks" in job.request.get("AppSpecification", {}).get("ContainerArguments", ())


def checks_of(world: World, job: Job) -> list[dict[str, Any]]:
    """What a job was given to look at."""
    uri = next(one["S3Input"]["S3Uri"] for one in job.request["ProcessingInputs"] if one["InputName"] == "checks")
    checks: list[dict[str, Any]] = json.loads(world.bucket.body(uri.removeprefix(DEPLOYMENT.uri(""))) or b"")["checks"]
    return checks


def leave(world: World, job: Job, lost: dict[str, float]) -> None:
    """Each check's result where it would lie alone, and how each ended."""
    outcomes = []
    for one in checks_of(world, job):
        name = f"{job.name} {one['check']}"
        code, message = 0, ""
        if world.stormy and world.chance.happens(f"one check fails: {name}", world.weather.failing):
            code, message = world.chance.pick(_FAILURES, f"why {name}")
        elif not (world.stormy and world.chance.happens(f"no result: {name}", world.weather.failing / 4)):
            share = world.chance.share(f"finding of {name}")
            unhappy = world.stormy and world.chance.happens(f"bad news: {name}", 0.5)
            state = ("drifted" if share < 0.8 else "not-enough-traffic") if unhappy else "stable"
            found = checked.drift(state, "certain" if share < 0.4 else "none", lost)
            world.bucket.put(f"{one['root']}/drift.json", json.dumps(found).encode())
        outcomes.append({"check": one["check"], "code": code, "message": message, "seconds": 1.0})
    document = {"version": 1, "checks": outcomes}
    world.bucket.put(f"monitoring/_shared/{job.name}/outcomes.json", json.dumps(document).encode())


def first_attempts(world: World) -> dict[str, list[Job]]:
    """By check, as its own jobs are called: the shared jobs that it was in, at its first attempt."""
    found: dict[str, list[Job]] = defaultdict(list)
    for job in world.jobs.jobs.values():
        if is_shared(job):
            datasets = [one["dataset"] for one in checks_of(world, job)]
            if len(set(datasets)) != len(datasets):
                world.wrong("several datasets share a job", f"{job.name}: {datasets}")
            for one in checks_of(world, job):
                found[one["check"]].append(job)
    return found


def is_done(world: World, job: Job, check: str) -> bool:
    """Whether a job that ended well has done this check."""
    outcomes = json.loads(world.bucket.body(f"monitoring/_shared/{job.name}/outcomes.json") or b"")["checks"]
    return all(one["code"] == 0 for one in outcomes if one["check"] == check)


def stem(name: CheckName) -> str:
    """The check that a job is about, as checks.json calls it."""
    return f"{name.dataset}-{name.kind}-{name.ordinal}"
