"""How often a live model is asked, and what was proposed because of it: a small record beside the dataset's, made when
its traffic is first counted.

Only data; whether another mode would cost less is decided in `costs/crossing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.records.used import month_of
from chalicelib.serving_mode import Mode

WINDOW = timedelta(days=30)
"""What counts as a month's traffic: the last so many whole days."""
LATELY = timedelta(days=7)
"""Whose endpoint nobody has asked for so long is idle."""


class Day(NamedTuple):
    """One day of an endpoint: when it began, how often it was asked, and how long its containers took in all."""

    began: datetime
    requests: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is known of a dataset's traffic."""

    dataset: str
    mode: Mode | None = None
    """How it is served; another one begins anew."""
    since: datetime | None = None
    """When it was first counted in this mode."""
    counted: datetime | None = None
    """When it was last counted."""
    requests: float = 0.0
    """In the window before that."""
    seconds: float = 0.0
    """What its containers took for them."""
    lately: float = 0.0
    """Requests of the last days of the window."""
    month: str = ""
    """The calendar month in which it was last counted, as `2026-11`."""
    month_requests: float = 0.0
    """Requests of that month until then."""
    proposed: Mode | None = None
    """The mode that was proposed, as long as that still holds."""
    crossings: int = 0
    """How often one was proposed."""
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """What only another release understands, kept for it (`codec.py`)."""
    version: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether a whole window of this mode has been seen: what is rare needs one to be told from what begins."""
        return self.since is not None and self.counted is not None and self.counted - self.since >= WINDOW

    @property
    def each(self) -> float | None:
        """Seconds of one request; None where there was none."""
        return self.seconds / self.requests if self.requests and self.seconds else None


@dataclass(frozen=True, slots=True)
class Standing:
    """An endpoint, as SageMaker describes it."""

    endpoint: str
    created: datetime | None
    instance: str = ""
    """Empty: a serverless one."""
    count: int = 0
    memory_mb: int = 0
    billed_since: datetime | None = None
    """Since when hours of it are not counted elsewhere; None: since it was created."""
    captured: float = 0.0
    """The share of a serverless one's requests that are captured, a PUT each."""


def begins(now: datetime) -> datetime:
    """From when on days are asked for: the window ends with the last whole one."""
    return _midnight(now) - WINDOW


def counted(before: Traffic, mode: Mode, days: Sequence[Day], now: datetime) -> Traffic:
    """The record after a look at an endpoint's days.

    >>> noon = datetime(2026, 11, 29, 12)
    >>> week = [Day(_midnight(noon) - timedelta(days=number), 10.0, 2.0) for number in (9, 2, 0)]
    >>> after = counted(Traffic("churn"), Mode.SERVERLESS, week, noon)
    >>> after.requests, after.lately, after.month_requests, after.each, after.is_whole
    (20.0, 20.0, 30.0, 0.2, False)
    """
    today = _midnight(now)
    whole = [one for one in days if begins(now) <= one.began < today]
    same = before.mode is mode
    return replace(
        before,
        mode=mode,
        since=before.since if same else now,
        counted=now,
        requests=sum(one.requests for one in whole),
        seconds=sum(one.seconds for one in whole),
        lately=sum(one.requests for one in days if one.began >= today - LATELY),
        month=month_of(now),
        month_requests=sum(one.requests for one in days if month_of(one.began) == month_of(now)),
        proposed=before.proposed if same else None,
    )


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
