"""Why things fail in SageMaker, in its own words, and which of it passes: the texts AWS shows, not what we make of it.

Kept apart from `chalicelib.failures` on purpose: what that module takes for passing is judged by this one.
"""

from __future__ import annotations

from datetime import timedelta

INTERNAL = "InternalServerError: We encountered an internal error.  Please try again."
CAPACITY = "CapacityError: Unable to provision requested ML compute capacity."
PASSING = frozenset({INTERNAL, CAPACITY})
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
    CAPACITY,
    INTERNAL,
    "The primary container for production variant AllTraffic did not pass the ping health check.",
)
TRIES = 3
"""How often at least a step is tried that fails for reasons that pass."""
PATIENCE = timedelta(hours=24)
"""How long at least a run waits for what has to come free."""
SHORTEST_WAIT = timedelta(minutes=5)
"""How long at least it waits before it asks again for what was refused."""
