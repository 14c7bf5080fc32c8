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
from chalicelib.records.idleness import Found, Why, is_to_go
from chalicelib.records.run import LiveModel, Run
from chalicelib.serving_mode import Mode
from chalicelib.settings.stored import Endpoint

_AFTERWARDS = (
    "Its model stays in the registry, and the next model that is promoted gets an endpoint of that name again."
)


def about(
    dataset: str,
    found: Found,
    served: tuple[LiveModel, Run],
    endpoint: Endpoint,
    known: Prices,
    deployment: DeploymentSettings,
) -> Message:
    """The mail. `served`: the model and its run; `endpoint`: what relay.yaml says of it now."""
    live, run = served
    settings, day = DatasetKeys(dataset).settings, f"{found.moment:%d %b %Y}"
    told, subject = {
        Why.IDLE: (f'Nobody has asked the endpoint of "{dataset}" since {day}.', "nobody asks its endpoint"),
        Why.EXPIRES: (f'The endpoint of "{dataset}" expires on {day}.', f"its endpoint expires on {day}"),
        Why.EXPIRED: (f'The endpoint of "{dataset}" expired on {day}.', "its endpoint has expired"),
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
    going = is_to_go(endpoint, found)
    paragraphs = [
        told,
        f"On AWS it costs {cost}",
        *(_gone(dataset) if going else _to_end(found, settings, bills.removal(known.region, live.endpoint))),
        parts.link("The endpoint", console.endpoint_link(deployment, dataset)),
    ]
    return messages.compose(Mail.IDLE, dataset, subject, paragraphs, machine)


_FILES = "Files of score/ are answered without it where the algorithm is `auto`."


def _gone(dataset: str) -> list[str]:
    kept = "Its model stays in the registry, and how it was served is known."
    return [
        f"It is deleted now, with its alarms, as `when_idle: remove` asks. {kept}",
        f"To have it back, under the same name: `python -m ops wake {dataset}`, or upload a file to train/. {_FILES}",
    ]


def _to_end(found: Found, settings: str, removal: str) -> list[str]:
    setting = "idle_days" if found.why is Why.IDLE else "expires"
    line = f"`endpoint: {{{setting}: ..., when_idle: remove}}`"
    return [
        f"To have it deleted by itself then, and made again when it is needed, write {line} into {settings}.",
        f"To end it now:\n  {removal}\n{_AFTERWARDS}",
        f"To keep it, do nothing: this is told once. Another `{setting}` counts from the next day on.",
    ]


def woken(dataset: str, live: LiveModel, wish: str, problem: str | None, deployment: DeploymentSettings) -> Message:
    """The mail that an endpoint is there again, or why it is not."""
    kind = Mail.NOT_AWAKE if problem else Mail.AWAKE
    machine = {"version": 1, "kind": str(kind), "dataset": dataset, "endpoint": live.endpoint, "problem": problem}
    machine["request"] = wish
    if problem:
        why = parts.cut(parts.one_line(problem), messages.PROBLEM_LIMIT)
        told = [
            f'The endpoint of "{dataset}" could not be made again: {why}',
            f"Its model is kept. Try again with `python -m ops wake {dataset}`.",
        ]
        return messages.compose(kind, dataset, "its endpoint could not be made again", told, machine)
    told = [
        f'The endpoint of "{dataset}" serves again, with the model of {live.run}, under the name it had.',
        parts.link("The endpoint", console.endpoint_link(deployment, dataset)),
    ]
    return messages.compose(kind, dataset, "its endpoint serves again", told, machine)


def a_month(known: Prices, live: LiveModel, run: Run) -> str:
    """What it costs as long as nobody asks, as the end of a sentence that begins with "it costs"."""
    if live.mode is not Mode.SERVERLESS:
        return f"{bills.of_hours(known, run.settings['endpoint'])}."
    price = known.of(Use.ALARM)
    alarms = f"{usd(price.usd * ALARMS)} a month for its alarms ({price})" if price else "what its alarms cost"
    return f"{alarms}, and nothing while nobody asks."
