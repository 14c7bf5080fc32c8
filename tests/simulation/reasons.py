"""Why things fail in SageMaker, in its own words, and which of it passes: the texts AWS shows, not what we make of it.

Kept apart from `chalicelib.failures` on purpose: what that module takes for passing is judged by this one.
"""

from __future__ import annotations

import re
from datetime import timedelta

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
OF_JOBS = (
    INTERNAL,
    CAPACITY,
    "AlgorithmError: , exit code: 1",
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


TRIES = 3
"""How often at least a step is tried that fails for reasons that pass."""
LONGEST_WAIT = timedelta(hours=24)
"""How long at least a run waits for what has to come free."""
SHORTEST_WAIT = timedelta(minutes=5)
"""How long at least it waits before it asks again for what was refused."""
