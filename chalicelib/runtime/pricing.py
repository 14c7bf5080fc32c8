"""The prices that the bucket knows, read where a mail or a budget needs them and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.aws.errors import DeniedError, RefusedError
from chalicelib.aws.objects import Objects
from chalicelib.costs import prices
from chalicelib.deployment import DeploymentSettings
from chalicelib.runtime.telemetry import log

MOST_BYTES = 4 * 1024 * 1024
"""AWS's list of one region has some two thousand prices, of fifty bytes each."""


def priced(deployment: DeploymentSettings, objects: Objects) -> DeploymentSettings:
    """The deployment with the bucket's prices; with none where they cannot be read, for no mail waits for them."""
    try:
        document = objects.read(prices.DOCUMENT, MOST_BYTES)
    except (DeniedError, RefusedError) as problem:
        log.warning("prices cannot be read", extra={"reason": str(problem)})
        document = None
    return replace(deployment, prices=prices.read(document, deployment.region).given)
