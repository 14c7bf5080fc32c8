"""The mail that another mode would cost less at the traffic that a model has: both prices, and the line to write."""

from __future__ import annotations

from chalicelib.costs import crossing
from chalicelib.costs.crossing import Choice, Costs
from chalicelib.costs.prices import Prices, Use
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import console, messages, parts
from chalicelib.mails.bills import usd
from chalicelib.mails.messages import Message
from chalicelib.names import DatasetKeys, Step
from chalicelib.records.commands import Mail
from chalicelib.records.run import Run
from chalicelib.records.traffic import WINDOW, Traffic
from chalicelib.requests import serverless
from chalicelib.serving_mode import Mode

LINES = {
    Mode.REALTIME: "endpoint: {mode: realtime}",
    Mode.SERVERLESS: "endpoint: {mode: serverless, recreate: true}",
}
"""What to write for each mode that can be proposed."""
_SWITCH = {
    Mode.REALTIME: "The endpoint then changes in place, and no request is lost.",
    Mode.SERVERLESS: (
        "AWS does not do that in place: with `recreate: true` the endpoint is deleted when the new model is ready, and "
        "created anew. Callers get no answer in between, for five to ten minutes; and the first request after some "
        "idle minutes waits some seconds from then on."
    ),
}


def about(traffic: Traffic, choice: Choice, found: Costs, known: Prices, deployment: DeploymentSettings) -> Message:
    """The mail about a crossing; `traffic.proposed` is the mode that is proposed."""
    proposed = traffic.proposed or Mode.SERVERLESS
    by = {Mode.SERVERLESS: found.serverless, Mode.REALTIME: found.realtime}
    now = Mode.REALTIME if proposed is Mode.SERVERLESS else Mode.SERVERLESS
    machine = {
        "version": 1,
        "kind": str(Mail.CHEAPER),
        "dataset": traffic.dataset,
        "mode": str(now),
        "proposed": str(proposed),
        "requests": traffic.requests,
        "seconds": traffic.seconds,
        "usd_a_month": {str(mode): cost for mode, cost in by.items()},
        "line": LINES[proposed],
    }
    costs = f"{_cost(by[now], now, choice)} as it is served now, and {_cost(by[proposed], proposed, choice)}"
    write = f"write `{LINES[proposed]}` into {DatasetKeys(traffic.dataset).settings} and upload it"
    once = "this is told once, and again only after the traffic has been on the other side"
    paragraphs = [
        f'"{traffic.dataset}" would cost less in another mode. Nothing is changed by itself.',
        f"{asked(traffic)} A month of that costs {costs}. Checks and alarms cost the same in both.",
        f"To switch, {write}. It counts from the next model on: a file in train/ makes one. {_SWITCH[proposed]}",
        f"To keep it as it is, do nothing: {once}. `endpoint: {{mode: {now}}}` ends it for good.",
        f"Prices: {_sources(choice, known)}.",
        parts.link("The endpoint", console.endpoint_link(deployment, traffic.dataset)),
    ]
    subject = f"{_NAMES[proposed]} would cost {usd(by[proposed])} a month instead of {usd(by[now])}"
    return messages.compose(Mail.CHEAPER, traffic.dataset, subject, paragraphs, machine)


_NAMES = {Mode.SERVERLESS: "a serverless endpoint", Mode.REALTIME: "a real-time endpoint"}


def asked(traffic: Traffic) -> str:
    """How often it was asked, in a sentence."""
    took = f", and each request took its container {traffic.each:.2g} s" if traffic.each else ""
    return f"It was asked {traffic.requests:,.0f} times in the last {WINDOW.days} days{took}."


def at_traffic(run: Run, traffic: Traffic, known: Prices) -> str:
    """A promotion's paragraph: both modes at the traffic that was counted. Where a price is not known, it says so."""
    found = crossing.costs(traffic, choice_of(run), known)
    if found is None:
        return f"{asked(traffic)} What a month of that costs is not known here."
    modes = f"serverless about {usd(found.serverless)}, in real time about {usd(found.realtime)}"
    return f"{asked(traffic)} A month of that costs {modes}."


def choice_of(run: Run) -> Choice:
    """Both ways to serve a run's model, by its settings."""
    endpoint = run.settings["endpoint"]
    memory = serverless.config(run, Step.LIVE)["MemorySizeInMB"]
    return Choice(memory, endpoint["capture_percentage"] / 100, endpoint["instance"], endpoint["count"])


def _cost(cost: float, mode: Mode, choice: Choice) -> str:
    if mode is Mode.REALTIME:
        return f"{usd(cost)} in real time ({choice.count} x {choice.instance})"
    captured = f", {choice.captured:.0%} of the requests captured" if choice.captured else ""
    return f"{usd(cost)} serverless ({choice.memory_mb:,} MB{captured})"


def _sources(choice: Choice, known: Prices) -> str:
    found = (known.of(Use.SERVERLESS), known.of(Use.HOSTING, choice.instance), known.of(Use.PUT))
    return "; ".join(dict.fromkeys(str(one) for one in found if one))
