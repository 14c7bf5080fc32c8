"""Callers get no answer while an endpoint is created anew for another mode: said before, and measured after. Pure."""

from __future__ import annotations

from chalicelib import names
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import console, parts
from chalicelib.records.run import Run, Stage
from chalicelib.serving_mode import Mode

_LASTS = "five to ten minutes, as a rule"


def begins(run: Run, deployment: DeploymentSettings) -> tuple[str, list[str]]:
    """Subject and paragraphs of the mail before the endpoint is deleted."""
    endpoint = names.live_endpoint(deployment.prefix, run.dataset)
    before = run.live.run if run.live else "-"
    return (
        "no answers for some minutes, while the endpoint is created anew",
        [
            (
                f'The endpoint {endpoint} of "{run.dataset}" is deleted now and created anew as a serverless one, '
                "under the same name. relay.yaml asks for it (`endpoint: {mode: serverless, recreate: true}`), and AWS "
                "does not make one of a real-time endpoint in place."
            ),
            f"CALLERS GET NO ANSWER until then: {_LASTS}.",
            (
                f"Should AWS refuse the new one, that of run {before} comes back with the configuration it had, which "
                "takes as long again."
            ),
            "What to do: nothing. The mail about the new model says how long it took.",
            parts.link("The endpoint", console.endpoint_link(deployment, run.dataset)),
            parts.footer(run),
        ],
    )


def ahead(run: Run) -> str:
    """What an approval brings about, where it does; else empty."""
    if run.live is None or (run.live.mode, run.mode) != (Mode.REALTIME, Mode.SERVERLESS):
        return ""
    return (
        f"Approving it deletes the endpoint {run.live.endpoint} and creates it anew as a serverless one "
        f"(`endpoint.recreate`): callers get no answer meanwhile, for {_LASTS}."
    )


def measured(run: Run) -> str:
    """How long callers got no answer; empty where they always did.

    >>> from dataclasses import replace
    >>> from datetime import UTC, datetime, timedelta
    >>> began = datetime(2026, 11, 30, 21, 58, 50, tzinfo=UTC)
    >>> from chalicelib.records.run import Stage
    >>> run = Run("r", "churn", {}, began, began, 1, Stage.LIVE, mode=Mode.SERVERLESS)
    >>> measured(replace(run, gap_began=began, gap_ended=began + timedelta(seconds=312)))
    'Callers got no answer for 312 seconds, from 21:58:50 to 22:04:02 UTC: the endpoint was deleted and created anew.'
    >>> measured(run)
    ''
    """
    if run.gap_began is None:
        return ""
    if run.gap_ended is None:
        is_back = "is created again with the configuration it had, and callers get no answer until then"
        return f"The endpoint was deleted at {run.gap_began:%H:%M:%S} UTC for one of another mode. It {is_back}."
    times = f"from {run.gap_began:%H:%M:%S} to {run.gap_ended:%H:%M:%S} UTC"
    if run.mode is Mode.SERVERLESS and run.stage is Stage.LIVE:
        how_long = f"Callers got no answer for {run.gap_seconds:,} seconds, {times}"
        return f"{how_long}: the endpoint was deleted and created anew."
    return (
        f"Callers got no answer for {run.gap_seconds:,} seconds at most, {times}: the endpoint was deleted for one of "
        "another mode, and came back with the configuration it had."
    )
