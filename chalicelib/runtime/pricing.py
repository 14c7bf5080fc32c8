"""The prices that the bucket knows, read where a mail or a budget needs them and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.aws.errors import DeniedError, RefusedError
from chalicelib.aws.objects import Objects
from chalicelib.costs import prices
from chalicelib.costs.prices import Prices
from chalicelib.deployment import DeploymentSettings
from chalicelib.runtime.telemetry import log

MOST_BYTES = 4 * 1024 * 1024
"""AWS's list of one region has some two thousand prices, of fifty bytes each."""


def known(deployment: DeploymentSettings, objects: Objects) -> Prices:
    """The bucket's prices over those that are shipped; no more than these where it cannot be read: no mail waits."""
    try:
        document = objects.read(prices.DOCUMENT, MOST_BYTES)
    except (DeniedError, RefusedError) as problem:
        log.warning("prices cannot be read", extra={"reason": str(problem)})
        document = None
    return prices.read(document, deployment.region)


def priced(deployment: DeploymentSettings, objects: Objects) -> DeploymentSettings:
    """The deployment with the bucket's prices."""
    return replace(deployment, prices=known(deployment, objects).given)
