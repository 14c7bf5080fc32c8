"""How often a live model is asked, and what was proposed because of it: a small record beside the dataset's, made when
its traffic is first counted.

Only data; whether another mode would cost less is decided in `costs/crossing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.serving_mode import Mode

WINDOW = timedelta(days=30)
"""What counts as a month's traffic: one that ends now, so that its beginning is not told from little."""
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


def counted(before: Traffic, mode: Mode, days: Sequence[Day], now: datetime) -> Traffic:
    """The record after a look at an endpoint's days.

    >>> noon = datetime(2026, 11, 29, 12)
    >>> week = [Day(noon - timedelta(days=number), 10.0, 2.0) for number in (9, 2)]
    >>> after = counted(Traffic("churn"), Mode.SERVERLESS, week, noon)
    >>> after.requests, after.lately, after.each, after.is_whole
    (20.0, 10.0, 0.2, False)
    """
    same = before.mode is mode
    return replace(
        before,
        mode=mode,
        since=before.since if same else now,
        counted=now,
        requests=sum(one.requests for one in days if one.began >= now - WINDOW),
        seconds=sum(one.seconds for one in days if one.began >= now - WINDOW),
        lately=sum(one.requests for one in days if one.began >= now - LATELY),
        proposed=before.proposed if same else None,
    )
