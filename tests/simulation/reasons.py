"""Why things fail in SageMaker, in its own words, and which of it passes: the texts AWS shows, not what we make of it.

Kept apart from `chalicelib.failures` on purpose: what that module takes for passing is judged by this one.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.names import StepName
from tests.memory_cloud.jobs import TUNING, Job

if TYPE_CHECKING:
    from tests.simulation.world import World

INTERNAL = "InternalServerError: We encountered an internal error.  Please try again."
CAPACITY = "CapacityError: Unable to provision requested ML compute capacity."
NO_INSTANCE = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a "
    "different ML instance type or after some time."
)
"""What endpoints say instead: without a class before it."""
NO_TRIAL = (
    "No training job succeeded after 5 attempts. For additional details, please take a look at the training job "
    "failures by listing training jobs for the hyperparameter tuning job."
)
"""What a tuning says, whatever its trials failed of; only they know."""
PASSING = frozenset({INTERNAL, CAPACITY, NO_INSTANCE})
"""Failures that say nothing of the data or the settings: the same request may succeed later."""
BY_ITSELF = "AlgorithmError: , exit code: 1"
"""What SageMaker says of a program that ended otherwise than well, whatever that has said itself."""
OF_JOBS = (
    INTERNAL,
    CAPACITY,
    BY_ITSELF,
    "ClientError: Data download failed",
    "stopped",
    "[unexpected] KeyError: 'x'",
)
OF_ENDPOINTS = (
    NO_INSTANCE,
    INTERNAL,
    "The primary container for production variant AllTraffic did not pass the ping health check.",
)


def kind(reason: str) -> str:
    """The class of a reason, as AWS puts it before or into its sentence.

    >>> kind("CapacityError: Unable to provision requested ML compute capacity.")
    'CapacityError'
    """
    found = re.match(r"\[?(\w+)\]?:? ", reason)
    return "CapacityError" if "InsufficientInstanceCapacity" in reason else found[1] if found else ""


def told_by(job: Job, world: World) -> dict[str, str]:
    """What a script of ours leaves of its failure where it lives to do so; of a tuning, its first trial does.

    By the job's name, the sentence that must reach the run.
    """
    definition = job.request.get("TrainingJobDefinition", job.request)
    ours = any(entry["ChannelName"] == "plan" for entry in definition.get("InputDataConfig", []))
    of_itself = BY_ITSELF in {job.ending.reason, job.ending.trials if job.kind == TUNING else None}
    if not ours or not of_itself or world.chance.share(f"words of {job.name}") < 0.5:
        return {}
    run, name = StepName.parse(job.name), f"{job.name}-001-00000001" if job.kind == TUNING else job.name
    assert run is not None, job.name
    sentence = f"memory ran out in {name}"
    document = {"version": 1, "code": "out-of-memory", "sentence": sentence}
    world.bucket.put(f"runs/{run.run}/failures/{name}.json", json.dumps(document).encode())
    return {job.name: sentence}


TRIES = 3
"""How often at least a step is tried that fails for reasons that pass."""
LONGEST_WAIT = timedelta(hours=24)
"""How long at least a run waits for what has to come free."""
SHORTEST_WAIT = timedelta(minutes=5)
"""How long at least it waits before it asks again for what was refused."""
