"""The mail about an endpoint that nobody asks, or that has had its time: what it costs a month, and how it is ended."""

from __future__ import annotations

from chalicelib.costs.month import ALARMS
from chalicelib.costs.prices import Prices, Use
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import bills, console, messages, parts
from chalicelib.mails.bills import usd
from chalicelib.mails.messages import Message
from chalicelib.names import DatasetKeys
from chalicelib.records.commands import Mail
from chalicelib.records.idleness import Found, Why
from chalicelib.records.run import LiveModel, Run
from chalicelib.serving_mode import Mode

_AFTERWARDS = (
    "Its model stays in the registry, and the next model that is promoted gets an endpoint of that name again."
)


def about(
    dataset: str, found: Found, live: LiveModel, run: Run, known: Prices, deployment: DeploymentSettings
) -> Message:
    """The mail. `run`: the one whose model serves."""
    settings, day = DatasetKeys(dataset).settings, f"{found.moment:%d %b %Y}"
    told, subject = {
        Why.IDLE: (f'Nobody has asked the endpoint of "{dataset}" since {day}.', "nobody asks its endpoint"),
        Why.EXPIRES: (f'The endpoint of "{dataset}" expires on {day}.', f"its endpoint expires on {day}"),
        Why.EXPIRED: (f'The endpoint of "{dataset}" has expired on {day}.', "its endpoint has expired"),
    }[found.why]
    cost = a_month(known, live, run)
    machine = {
        "version": 1,
        "kind": str(Mail.IDLE),
        "dataset": dataset,
        "why": str(found.why),
        "since": f"{found.moment:%Y-%m-%d}",
        "endpoint": live.endpoint,
        "mode": str(live.mode),
        "cost": cost,
    }
    setting = "idle_days" if found.why is Why.IDLE else "expires"
    paragraphs = [
        told,
        f"On AWS it costs {cost}",
        f"To end it:\n  {bills.removal(known.region, live.endpoint)}\n{_AFTERWARDS}",
        f"To keep it, do nothing: this is told once. Another `{setting}` in {settings} counts from the next day on.",
        parts.link("The endpoint", console.endpoint_link(deployment, dataset)),
    ]
    return messages.compose(Mail.IDLE, dataset, subject, paragraphs, machine)


def a_month(known: Prices, live: LiveModel, run: Run) -> str:
    """What it costs as long as nobody asks, as the end of a sentence that begins with "it costs"."""
    endpoint = run.settings["endpoint"]
    if live.mode is not Mode.SERVERLESS:
        if endpoint["scaling"]:
            return f"{bills.of_scaled(known, endpoint['instance'], endpoint['scaling'])}."
        return f"{bills.of_endpoint(known, endpoint['instance'], endpoint['count'])}."
    price = known.of(Use.ALARM)
    alarms = f"{usd(price.usd * ALARMS)} a month for its alarms ({price})" if price else "what its alarms cost"
    return f"{alarms}, and nothing while nobody asks."
