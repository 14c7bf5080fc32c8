"""The month so far: what jobs and endpoints have cost, will have cost at its end, and what to do about each. Pure.

The one reckoning behind `python -m ops costs` and the weekly mail. Where a price or a time is not known, a line has no
sum, and then neither has the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.costs import crossing
from chalicelib.costs.crossing import Choice
from chalicelib.costs.prices import Prices, Use
from chalicelib.mails import bills, cheaper, messages, parts
from chalicelib.mails.bills import usd
from chalicelib.mails.messages import Message
from chalicelib.records.commands import Mail
from chalicelib.records.traffic import LATELY, WINDOW, Standing, Traffic
from chalicelib.records.used import Used, month_began, month_ends, month_of
from chalicelib.serving_mode import Mode

COUNTED_WITHIN = timedelta(days=2)
"""Traffic that was counted earlier is not that of today: somebody has taken the permission away, or the schedule."""
SERVERLESS_MB = 2048
"""What a serverless endpoint is taken to have where there is none yet."""
_NOT_COUNTED = "How often it is asked is not known."


@dataclass(frozen=True, slots=True)
class Spent:
    """What something has cost this month, and will have cost at its end; None: not known."""

    what: str
    so_far: float | None
    forecast: float | None
    todo: str = ""
    idle: bool = False
    """Whether it bills by the hour and nobody asks it."""
    dataset: str = ""


def jobs(what: str, used: Used, known: Prices, now: datetime) -> Spent:
    """Jobs that have ended, forecast as if the month went on like this.

    >>> from datetime import UTC
    >>> known = Prices("us-east-1").with_written({"training ml.m5.large": 3.6})
    >>> jobs("runs", Used("2026-11", 2, {"training ml.m5.large": 3000}), known, datetime(2026, 11, 16, tzinfo=UTC))
    Spent(what='2 runs', so_far=3.0, forecast=6.0, todo='', idle=False, dataset='')
    """
    named, spent = f"{used.jobs:,} {what}", _priced(used, known)
    return Spent(named, spent, None if spent is None else round(spent / _gone(now), 6))


def _priced(used: Used, known: Prices) -> float | None:
    rates = {name: known.named(name) for name in used.seconds}
    if used.unknown or None in rates.values():
        return None
    return round(sum(rate.usd * used.seconds[name] / 3600 for name, rate in rates.items() if rate), 9)


def hours(what: str, ended: Used, known: Prices) -> Spent:
    """Real-time hours that have ended: with an earlier model, in another mode, or of an endpoint taken away.

    >>> known = Prices("us-east-1").with_written({"hosting ml.m5.large": 3.6})
    >>> hours("churn", Used("2026-11", 1, {"hosting ml.m5.large": 3000}), known)
    Spent(what='earlier hours of churn', so_far=3.0, forecast=3.0, todo='', idle=False, dataset='')
    """
    spent = _priced(ended, known)
    return Spent(f"earlier hours of {what}", spent, spent)


def _gone(now: datetime) -> float:
    """The share of the month that is over; a day at least, so that a first run is no forecast of thirty."""
    return max((now - month_began(now)) / (month_ends(now) - month_began(now)), 1 / 31)


def endpoint(one: Standing, traffic: Traffic | None, known: Prices, now: datetime) -> Spent:
    """An endpoint's hours or requests, and what to do where nobody asks it or another mode would cost less.

    `traffic`: as it was counted; None where nobody has, or not of late.
    """
    if not one.instance:
        return _by_request(one, traffic, known, now)
    price, began = known.of(Use.HOSTING, one.instance), month_began(now)
    idle = _is_idle(one, traffic, now)
    what, todo = f"{one.endpoint} ({one.count} x {one.instance})", _advice(one, traffic, known, idle=idle)
    if price is None or one.created is None:
        return Spent(what, None, None, todo, idle)
    an_hour, since = price.usd * one.count, max(one.created, one.billed_since or began, began)
    gone, left = (now - since) / timedelta(hours=1), (month_ends(now) - now) / timedelta(hours=1)
    return Spent(what, an_hour * gone, an_hour * (gone + left), todo, idle)


def _by_request(one: Standing, traffic: Traffic | None, known: Prices, now: datetime) -> Spent:
    what = f"{one.endpoint} (serverless: by request)"
    if traffic is None:
        return Spent(what, None, None, _NOT_COUNTED)
    each = crossing.each_request(traffic, one.memory_mb, one.captured, known)
    if each is None:
        return Spent(what, None, None)
    this_month = traffic.month_requests if traffic.month == month_of(now) else 0.0
    so_far = this_month * each
    return Spent(what, so_far, round(so_far / _gone(now), 6), _cheaper(traffic))


def _is_idle(one: Standing, traffic: Traffic | None, now: datetime) -> bool:
    old = one.created is not None and now - one.created >= LATELY
    return old and traffic is not None and not traffic.lately


def _advice(one: Standing, traffic: Traffic | None, known: Prices, *, idle: bool) -> str:
    if traffic is None:
        return _NOT_COUNTED
    if idle:
        end = bills.removal(known.region, one.endpoint)
        return f"Nobody has asked it for {LATELY.days} days. To end it: `{end}`; a promotion makes it again."
    return _cheaper(traffic) or _seldom(one, traffic, known)


def _seldom(one: Standing, traffic: Traffic, known: Prices) -> str:
    """That requests would be cheaper than hours, also where nobody is told so because the mode is somebody's choice."""
    choice = Choice(SERVERLESS_MB, one.captured, one.instance, one.count)
    found = crossing.costs(traffic, choice, known)
    if found is None or crossing.proposed(replace(traffic, mode=Mode.REALTIME), found) is None:
        return ""
    line = cheaper.LINES[Mode.SERVERLESS]
    asked = f"At {traffic.requests:,.0f} requests in {WINDOW.days} days a serverless endpoint costs"
    return f"{asked} about {usd(found.serverless)} a month: `{line}` in relay.yaml, where its model has one container."


def _cheaper(traffic: Traffic) -> str:
    if traffic.proposed not in cheaper.LINES:
        return ""
    return f"It would cost less in mode {traffic.proposed}: `{cheaper.LINES[traffic.proposed]}` in relay.yaml."


def total(found: Sequence[Spent]) -> tuple[float | None, float | None]:
    """So far and forecast of all; None where one line is not known."""
    both = [[one.so_far for one in found], [one.forecast for one in found]]
    so_far, forecast = (None if None in sums else sum(one or 0.0 for one in sums) for sums in both)
    return so_far, forecast


def as_document(found: Sequence[Spent], now: datetime) -> dict[str, Any]:
    """For programs; null is not known."""
    so_far, forecast = total(found)
    lines = [
        {
            "what": one.what,
            "dataset": one.dataset,
            "usd": one.so_far,
            "forecast": one.forecast,
            "todo": one.todo,
            "idle": one.idle,
        }
        for one in found
    ]
    return {"version": 1, "month": month_of(now), "usd": so_far, "forecast": forecast, "lines": lines}


def in_order(found: Sequence[Spent]) -> list[Spent]:
    """The dearest first; what is not known before all."""
    return sorted(found, key=lambda one: -(one.forecast if one.forecast is not None else float("inf")))


def is_worth_a_mail(found: Sequence[Spent], above: float) -> bool:
    """Whether a month comes to more than so many dollars, or something bills that nobody asks.

    What is not known has no part in the sum: a mail a week that says so would not make it known.

    >>> [is_worth_a_mail([Spent("a", 1.0, usd), Spent("b", None, None)], 10) for usd in (11.0, 9.0)]
    [True, False]
    >>> is_worth_a_mail([Spent("a", None, None, idle=True)], 10)
    True
    """
    return sum(one.forecast or 0.0 for one in found) > above or any(one.idle for one in found)


def about(found: Sequence[Spent], above: float, now: datetime) -> Message:
    """The weekly mail."""
    so_far, forecast = total(found)
    idle = [one for one in found if one.idle]
    rows = [[one.what, told(one.so_far), told(one.forecast)] for one in in_order(found)]
    lines = [["", "so far", "by its end"], *rows, ["all of it", told(so_far), told(forecast)]]
    todo = "\n".join(f"* {one.what}: {one.todo}" for one in in_order(found) if one.todo)
    when = f"a month comes to more than {above:g} USD or an endpoint bills that nobody asks"
    paragraphs = [
        f"What SageRelay has cost in {now:%B %Y}, and will have by its end if it goes on like this, in US dollars:",
        parts.table(lines),
        f"What to do:\n\n{todo}" if todo else "",
        "Not in it: storage, logs, metrics and alarms, which `python -m ops plan-run` tells.",
        f"This comes once a week where {when} (`make deploy COSTS_ABOVE=...`). `python -m ops costs` shows it now.",
    ]
    some = f"{len(idle)} endpoint{'s' * (len(idle) != 1)} that nobody asks" if idle else ""
    sums = f"{told(so_far)} so far in {now:%B}, {told(forecast)} by its end" if so_far is not None else ""
    subject = "costs: " + "; ".join(filter(None, (sums, some))) if sums or some else f"costs in {now:%B}"
    machine = {"kind": str(Mail.COSTS), "above": above, **as_document(found, now)}
    return messages.compose(Mail.COSTS, "", subject, paragraphs, machine)


def told(amount: float | None) -> str:
    return "not known" if amount is None else usd(amount)
