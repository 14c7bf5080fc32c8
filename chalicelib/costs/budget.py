"""Whether something may be started under a budget, how long it may take, and what it commits. Pure.

A commitment is the most that a thing can cost: the limit of its time, which SageMaker itself keeps, times its machines
and their price. A step gets its share of what is left, in proportion to the limits of the steps that come after it, so
that a long tuning leaves enough for the training: then its limit is lowered. What would get less than `LEAST_SECONDS`,
or what cannot be shortened and does not fit, is not started. Real-time hours count to the end of the month, and have to
fit a whole month, because nothing ends them then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.records.ledger import Commitment, Ledger, Serving
from chalicelib.records.used import month_began, month_ends, month_of

LEAST_SECONDS = 600
"""A job that may take no longer is not worth being started; where relay.yaml allows it less, that is enough."""
OVERLAP = timedelta(hours=2)
"""For so long an update of an endpoint may have both fleets: the longest bake time, and as long to get there."""
LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Limits:
    """What relay.yaml allows, in dollars; None: no limit."""

    run: float | None = None
    month: float | None = None

    def __bool__(self) -> bool:
        return self.run is not None or self.month is not None


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that a step may cost: `usd` whatever happens, and so much for each hour of at most so many seconds."""

    usd_an_hour: float
    seconds: int
    usd: float = 0.0
    at_least: int = LEAST_SECONDS
    """With less it is not worth being started."""

    def cost(self, seconds: int) -> float:
        return self.usd + self.usd_an_hour * seconds / 3600

    @property
    def most(self) -> float:
        return self.cost(self.seconds)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The ledger with what is committed, and the limit of the job's time."""

    ledger: Ledger
    seconds: int


@dataclass(frozen=True, slots=True)
class Denied:
    """Why it may not be started, as the end of a sentence, and what would be enough."""

    why: str
    limit: str
    """Which limit it is: `run` or `month`."""
    enough: float


def of_month(ledger: Ledger, now: datetime) -> float:
    """Everything that counts in this month, real-time hours to its end among it."""
    jobs = sum(one.usd for one in ledger.commitments if one.month == month_of(now))
    return jobs + served(ledger.serving, month_began(now), month_ends(now))


def of_run(ledger: Ledger, run: str) -> float:
    """What a run has committed, whatever the month. Its live endpoint is the month's."""
    return sum(one.usd for one in ledger.commitments if one.run == run)


def served(serving: Sequence[Serving], since: datetime, until: datetime) -> float:
    """What real-time hours cost between two moments, if nothing else changes.

    As long as a promotion is not sure, the dearer of both counts; each costs an overlap on top.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 29, 12, tzinfo=UTC)
    >>> served([Serving("a", noon, 0.1)], datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    3.8
    """
    total = 0.0
    for number, one in enumerate(serving):
        sure = max((n for n in range(number + 1) if serving[n].sure), default=0)
        rate = max(other.usd_an_hour for other in serving[sure : number + 1])
        end = serving[number + 1].since if number + 1 < len(serving) else until
        begins = max(one.since, since)
        total += rate * max(timedelta(), min(end, until) - begins) / timedelta(hours=1)
        if since <= one.since < until:
            total += one.usd_an_hour * (OVERLAP / timedelta(hours=1))
    return round(total, 9)


def commit(
    ledger: Ledger, name: str, run: str, bounds: Sequence[Bound], limits: Limits, now: datetime
) -> Allowed | Denied:
    """Commit a job. `bounds`: its own, and those of what has to come after it; both get their share of what is left.

    A job that was committed before keeps what it got then.
    """
    before = next((one for one in ledger.commitments if one.name == name), None)
    if before is not None:
        return Allowed(ledger, before.seconds)
    own, limit, left = bounds[0], "run", float("inf")
    if run and limits.run is not None:
        left = limits.run - of_run(ledger, run)
    if limits.month is not None and limits.month - of_month(ledger, now) < left:
        limit, left = "month", limits.month - of_month(ledger, now)
    seconds = _share(bounds, left)
    if seconds < min(own.at_least, own.seconds):
        used = of_run(ledger, run) if limit == "run" else of_month(ledger, now)
        return _denied(limit, limits, used, used + _enough(bounds))
    made = Commitment(name, run, month_of(now), own.cost(seconds), seconds)
    return Allowed(replace(ledger, commitments=(*ledger.commitments, made)), seconds)


def _share(bounds: Sequence[Bound], left: float) -> int:
    """How long the first may take, so that all of them together cost no more than is left."""
    if sum(one.most for one in bounds) <= left:
        return bounds[0].seconds
    by_time = sum(one.most - one.usd for one in bounds)
    for_time = left - sum(one.usd for one in bounds)
    return int(bounds[0].seconds * max(0.0, for_time) / by_time) if by_time else -1


def _enough(bounds: Sequence[Bound]) -> float:
    """What has to be left so that each gets a share that it is worth being started with."""
    share = max(min(one.at_least, one.seconds) / one.seconds if one.seconds else 1.0 for one in bounds)
    return sum(one.usd + share * (one.most - one.usd) for one in bounds)


def serve(ledger: Ledger, serving: Serving, limits: Limits) -> Allowed | Denied:
    """Commit an endpoint's hours, to the month's end; a whole month of it has to fit, too."""
    kept = tuple(one for one in ledger.serving if one.run != serving.run)
    known = next((one for one in ledger.serving if one.run == serving.run), None)
    if known is not None and known.usd_an_hour == serving.usd_an_hour:
        return Allowed(ledger, 0)
    return _with_hours(ledger, replace(ledger, serving=(*kept, serving)), serving, limits)


def _with_hours(ledger: Ledger, after: Ledger, serving: Serving, limits: Limits) -> Allowed | Denied:
    if limits.month is None or serving.usd_an_hour == 0:
        return Allowed(after, 0)
    whole = serving.usd_an_hour * (LONGEST_MONTH / timedelta(hours=1))
    enough = max(whole, of_month(after, serving.since))
    if enough > limits.month:
        return _denied("month", limits, of_month(ledger, serving.since), enough)
    return Allowed(after, 0)


def slept(ledger: Ledger, run: str, gone: datetime) -> Ledger:
    """The ledger of a model whose endpoint is gone, because nobody asked it: its hours end then."""
    last = ledger.serving[-1] if ledger.serving else None
    if last is None or last.run != run or not last.sure or last.usd_an_hour == 0 or gone <= last.since:
        return ledger
    return replace(ledger, serving=(*ledger.serving, Serving(run, gone, 0.0, sure=True)))


def wake(ledger: Ledger, serving: Serving, limits: Limits) -> Allowed | Denied:
    """Commit the hours of an endpoint that is made again, as `serve` does a new model's."""
    last = ledger.serving[-1] if ledger.serving else None
    if last is not None and last.run == serving.run and last.usd_an_hour > 0:
        return Allowed(ledger, 0)
    after = replace(ledger, serving=(*ledger.serving, replace(serving, sure=True)))
    return _with_hours(ledger, after, serving, limits)


def _denied(limit: str, limits: Limits, used: float, enough: float) -> Denied:
    amount = limits.run if limit == "run" else limits.month
    why = f"it would pass budget.{limit} of {amount:g} USD, of which {used:.2f} USD are committed"
    return Denied(why, limit, math.ceil(round(enough * 100, 6)) / 100)


def settle(ledger: Ledger, spent: dict[str, float]) -> Ledger:
    """The ledger with what has ended at what it has cost, by name; nothing costs more than was committed."""
    after = tuple(
        replace(one, usd=min(one.usd, spent[one.name]), settled=True) if not one.settled and one.name in spent else one
        for one in ledger.commitments
    )
    return replace(ledger, commitments=after)


def decided(ledger: Ledger, run: str, *, live: bool) -> Ledger:
    """The ledger, when it is known whether a run's model went live."""
    if live:
        return replace(ledger, serving=tuple(replace(one, sure=one.sure or one.run == run) for one in ledger.serving))
    return replace(ledger, serving=tuple(one for one in ledger.serving if one.run != run or one.sure))


def forgotten(ledger: Ledger, run: str, now: datetime) -> Ledger:
    """Without what no sum needs any more: other runs of other months, and models that served before this month."""
    month = month_of(now)
    kept = tuple(one for one in ledger.commitments if one.month == month or one.run == run)
    sure = [number for number, one in enumerate(ledger.serving) if one.sure and one.since < month_began(now)]
    return replace(ledger, commitments=kept, serving=ledger.serving[sure[-1] if sure else 0 :])
