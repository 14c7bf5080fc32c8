"""When an endpoint has had its time: nobody has asked it for `idle_days`, or the day of `expires` has come. Pure.

An evaluation of a candidate asks the live endpoint, too, and no metric tells its requests from callers'. So what is
trained anew all the time is never idle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from chalicelib.records.traffic import WINDOW, Day, begins
from chalicelib.settings.stored import Endpoint

WARNED = timedelta(days=7)
"""So long before it expires its owner is told."""
_DAY = timedelta(days=1)


class Why(StrEnum):
    """What there is to tell."""

    IDLE = "idle"
    EXPIRES = "expires soon"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to tell, and since when nobody has asked, or when it expires."""

    why: Why
    moment: datetime

    @property
    def key(self) -> str:
        """Tells one such time from another: each is told once."""
        return f"{self.why.replace(' ', '-')}#{self.moment:%Y-%m-%d}"


def looked_back(endpoint: Endpoint, now: datetime) -> datetime:
    """Since when an endpoint's days have to be known: whole ones, as for every month's."""
    return begins(now) - max(timedelta(), timedelta(days=(endpoint["idle_days"] or 0) + 1) - WINDOW)


def is_to_go(endpoint: Endpoint, found: Found) -> bool:
    """Whether the endpoint is taken away for it."""
    return endpoint["when_idle"] == "remove" and found.why is not Why.EXPIRES


def found(endpoint: Endpoint, serves_since: datetime, days: Sequence[Day], now: datetime) -> Found | None:
    """What there is to tell of an endpoint whose model serves since then, and which was asked on these days.

    >>> noon = datetime(2026, 11, 30, 12, tzinfo=UTC)
    >>> asked = [Day(noon - timedelta(days=9), 3.0, 0.1)]
    >>> [found({"idle_days": days, "expires": None}, noon - timedelta(days=40), asked, noon) for days in (8, 9)]
    [Found(why=<Why.IDLE: 'idle'>, moment=datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.timezone.utc)), None]
    """
    ends = datetime.fromisoformat(endpoint["expires"]).replace(tzinfo=UTC) if endpoint["expires"] else None
    if ends and now >= ends:
        return Found(Why.EXPIRED, ends)
    since = max([serves_since, *(one.began + _DAY for one in days if one.requests)])
    if endpoint["idle_days"] is not None and now - since >= timedelta(days=endpoint["idle_days"]):
        return Found(Why.IDLE, since)
    return Found(Why.EXPIRES, ends) if ends and now >= ends - WARNED else None
