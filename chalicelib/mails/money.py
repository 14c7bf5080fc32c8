"""The paragraphs of a run's mails that speak of money. Prices are imported with the first of them, not at a start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import names
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import parts
from chalicelib.records.run import Run, Stage
from chalicelib.serving_mode import Mode

if TYPE_CHECKING:
    from chalicelib.costs.prices import Prices
    from chalicelib.records.traffic import Traffic


def bill(run: Run, deployment: DeploymentSettings) -> str:
    """What a promotion leaves behind that costs money until it is removed."""
    if run.stage is not Stage.LIVE:
        return ""
    if run.mode is Mode.BATCH:
        return "In mode batch nothing bills by the hour: files of score/ and checks cost the minutes of their jobs."
    from chalicelib.mails import serving

    known = _prices(deployment).with_written(run.settings["prices"])
    return serving.going_on(known, names.live_endpoint(deployment.prefix, run.dataset), run)


def at_traffic(run: Run, deployment: DeploymentSettings, traffic: Traffic | None) -> str:
    """What a month of either mode costs at the traffic that the model before has had; empty where none was counted."""
    if traffic is None or not traffic.requests or run.mode is Mode.BATCH:
        return ""
    from chalicelib.mails import cheaper

    known = _prices(deployment).with_written(run.settings["prices"])
    return cheaper.at_traffic(run, traffic, known)


def spent(run: Run, deployment: DeploymentSettings) -> str:
    """What the run has cost by now."""
    from chalicelib.costs import spent as cost
    from chalicelib.mails import bills

    return bills.of_run(cost.of_run(run, _prices(deployment)))


def spent_document(run: Run, deployment: DeploymentSettings) -> dict[str, Any]:
    """The same for programs."""
    from chalicelib.costs import spent as cost

    return cost.as_document(cost.of_run(run, _prices(deployment)))


def asking(run: Run) -> tuple[str, list[str]]:
    """The mail of a run that its budget keeps from going on: subject and paragraphs."""
    serves = f" The live model of run {run.live.run} goes on serving." if run.live else ""
    return (
        "your budget is asked for",
        [
            f'The run for "{run.dataset}" WAITS FOR YOUR BUDGET; it has not failed, and nothing of it bills.{serves}',
            f"Why: {parts.one_line((run.waiting_for or '').removeprefix('budget: '))}",
            "It goes on by itself when relay.yaml allows it, or with a new month where that one's limit is in the way.",
            parts.footer(run),
        ],
    )


def _prices(deployment: DeploymentSettings) -> Prices:
    from chalicelib.costs.prices import Prices

    return Prices(deployment.region, deployment.prices)
