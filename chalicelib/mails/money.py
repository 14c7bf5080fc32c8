"""The paragraphs of a run's mails that speak of money. Prices are imported with the first of them, not at a start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import names
from chalicelib.deployment import DeploymentSettings
from chalicelib.records.run import Run, Stage

if TYPE_CHECKING:
    from chalicelib.costs.prices import Prices


def bill(run: Run, deployment: DeploymentSettings) -> str:
    """What a promotion leaves behind that costs money until it is removed."""
    if run.stage is not Stage.LIVE:
        return ""
    from chalicelib.mails import serving

    known = _prices(deployment).with_written(run.settings["prices"])
    return serving.going_on(known, names.live_endpoint(deployment.prefix, run.dataset), run)


def spent(run: Run, deployment: DeploymentSettings) -> str:
    """What the run has cost by now."""
    from chalicelib.costs import spent as parts
    from chalicelib.mails import bills

    return bills.of_run(parts.of_run(run, _prices(deployment)))


def spent_document(run: Run, deployment: DeploymentSettings) -> dict[str, Any]:
    """The same for programs."""
    from chalicelib.costs import spent as parts

    return parts.as_document(parts.of_run(run, _prices(deployment)))


def _prices(deployment: DeploymentSettings) -> Prices:
    from chalicelib.costs.prices import Prices

    return Prices(deployment.region, deployment.prices)
