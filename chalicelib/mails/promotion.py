"""What a promotion's mail begins with: what serves from now on, and how it is asked."""

from __future__ import annotations

from chalicelib import names, predictions
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import console, gap, parts
from chalicelib.records.run import Run
from chalicelib.serving_mode import Mode


def of(run: Run, deployment: DeploymentSettings) -> list[str]:
    """The paragraphs."""
    replaced = f" It replaces the model of run {run.live.run}." if run.live else ""
    if run.mode is Mode.BATCH:
        return _without_endpoint(run, deployment, replaced)
    endpoint = names.live_endpoint(deployment.prefix, run.dataset)
    return [
        f'The new model for "{run.dataset}" is LIVE on the endpoint {endpoint}.{replaced}',
        gap.measured(run),
        parts.link("The endpoint", console.endpoint_link(deployment, run.dataset)),
    ]


def _without_endpoint(run: Run, deployment: DeploymentSettings, replaced: str) -> list[str]:
    """Of mode batch. What served its predecessor is gone by now."""
    ended, folder = "", deployment.uri(predictions.folder(run.dataset))
    if run.live and run.live.mode is not Mode.BATCH:
        ended = f" The endpoint {run.live.endpoint} was deleted: callers get no answer any more."
    return [
        f'The new model for "{run.dataset}" is LIVE in mode batch, without an endpoint.{replaced}{ended}',
        f"Put a file of rows into {folder} and it comes back with the answers.",
    ]
