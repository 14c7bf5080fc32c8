"""What has been billed of a dataset's jobs in a month: machine seconds, by the price that they have.

Part of two records, so that a month is added up without a look at its jobs: the dataset's has its runs, the monitor's
its checks. A job counts in the month in which it is known to have ended. Not a sum of money: prices may be learned
later, and a person may write others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple


class Billed(NamedTuple):
    """What a job, or a part of a run, is billed by."""

    price: str
    """The key of its price (`costs.prices.key`)."""
    seconds: float | None
    """Of all its machines together; None: not known."""


@dataclass(frozen=True, slots=True)
class Used:
    """The jobs of one month."""

    month: str
    """As `2026-11`."""
    jobs: int = 0
    """Runs, or checks."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """By the key of their price."""
    unknown: int = 0
    """Jobs of which not all seconds are known."""


def month_of(now: datetime) -> str:
    """
    >>> month_of(datetime(2026, 11, 30))
    '2026-11'
    """
    return f"{now:%Y-%m}"


def month_began(now: datetime) -> datetime:
    return datetime(now.year, now.month, 1, tzinfo=UTC)


def month_ends(now: datetime) -> datetime:
    """
    >>> month_ends(datetime(2026, 12, 31, 23, tzinfo=UTC))
    datetime.datetime(2027, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return month_began(month_began(now) + timedelta(days=32))


def of_month(used: Used | None, now: datetime) -> Used:
    """What has been used in this month."""
    return used if used is not None and used.month == month_of(now) else Used(month_of(now))


def with_hours(used: Used | None, billed: Billed | None, now: datetime) -> Used | None:
    """The month with the hours of an endpoint that have ended.

    >>> with_hours(None, Billed("hosting ml.m5.large", 7200), datetime(2026, 11, 30)).seconds
    {'hosting ml.m5.large': 7200}
    >>> with_hours(None, None, datetime(2026, 11, 30)) is None
    True
    """
    return with_job(used, [billed], now) if billed is not None else used


def with_job(used: Used | None, billed: Sequence[Billed], now: datetime) -> Used:
    """The month with one more run or check.

    >>> noon = datetime(2026, 11, 30, 12)
    >>> once = with_job(None, [Billed("training ml.m5.large", 60), Billed("processing ml.m5.large", 30)], noon)
    >>> twice = with_job(once, [Billed("training ml.m5.large", 60), Billed("processing ml.m5.large", None)], noon)
    >>> twice.jobs, twice.seconds["training ml.m5.large"], twice.unknown
    (2, 120, 1)
    >>> with_job(twice, [], datetime(2026, 12, 1)).jobs
    1
    """
    before = of_month(used, now)
    seconds = dict(before.seconds)
    for one in billed:
        if one.seconds is not None:
            seconds[one.price] = seconds.get(one.price, 0) + one.seconds
    is_unknown = any(one.seconds is None for one in billed)
    return Used(before.month, before.jobs + 1, seconds, before.unknown + is_unknown)
