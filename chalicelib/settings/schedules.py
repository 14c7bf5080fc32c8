"""When a schedule in EventBridge's language fires: `rate(...)` and `cron(...)`, as pure functions of time (UTC).

The checks and retrainings of a dataset follow a schedule of its own in `relay.yaml`. No rule of EventBridge is made for
it: a rule fires for every dataset alike every few minutes, and what is due is told from the times here. So a dataset
needs no permission to create rules, leaves none behind, counts against no quota, and a firing that was missed is made
good. It must not wait or read a clock. The laptop's event bus reads its schedules with it, too.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
WORDS = {"hourly": "rate(1 hour)", "daily": "rate(1 day)", "weekly": "rate(7 days)"}
"""What people may write instead of an expression."""

_EVERY_MONTH = range(2001, 2029)
"""Years in which a month of every kind comes: each date on each weekday, with leap years."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so many seconds, the first time one period after the start."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Cron:
    """The minutes at which every field admits the time (UTC)."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 1 is Sunday
    years: frozenset[int]

    def admits(self, minute: datetime) -> bool:
        return minute.minute in self.minutes and minute.hour in self.hours and self.admits_day(minute)

    def admits_day(self, day: date) -> bool:
        return (
            day.day in self.days
            and day.month in self.months
            and day.isoweekday() % 7 + 1 in self.weekdays
            and day.year in self.years
        )


Schedule = Rate | Cron


def parse(expression: str) -> Schedule:
    """Reads an expression. Raises ValueError for what EventBridge refuses, and for L, W and # in a cron expression.

    >>> parse("rate(5 minutes)")
    Rate(seconds=300)
    >>> parse("rate(1 hours)")
    Traceback (most recent call last):
    ValueError: rate(1 hours): write rate(1 hour)
    >>> parse("cron(0 3 ? * MON-FRI *)").admits(datetime(2026, 11, 23, 3, 0))
    True
    """
    if match := re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression):
        count, unit, plural = int(match[1]), match[2], match[3]
        if count == 0 or (count == 1) == bool(plural):
            raise ValueError(f"{expression}: write rate({count or 1} {unit}{'s' * (count > 1)})")
        return Rate(count * _UNITS[unit])
    if match := re.fullmatch(r"cron\(([^()]*)\)", expression):
        fields = match[1].split()
        if len(fields) != 6:
            raise ValueError(f"{expression}: six fields are needed (minutes hours day-of-month month day-of-week year)")
        minutes, hours, days, months, weekdays, years = fields
        if (days == "?") == (weekdays == "?"):
            raise ValueError(f"{expression}: exactly one of day-of-month and day-of-week must be ?")
        return Cron(
            minutes=_field(expression, minutes, 0, 59),
            hours=_field(expression, hours, 0, 23),
            days=_field(expression, days, 1, 31),
            months=_field(expression, months, 1, 12, _MONTHS),
            weekdays=_field(expression, weekdays, 1, 7, _DAYS),
            years=_field(expression, years, 1970, 2199),
        )
    raise ValueError(f"{expression}: neither rate(...) nor cron(...)")


def _field(expression: str, text: str, lowest: int, highest: int, names: list[str] | None = None) -> frozenset[int]:
    for number, name in enumerate(names or [], start=1):
        text = text.upper().replace(name, str(number))
    admitted: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(\*|\?|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        if not match:
            raise ValueError(f"{expression}: {part!r} is not understood")
        first = int(match[2]) if match[2] else lowest
        # "5/10" means from 5 on in steps of 10; a plain "5" means 5 alone
        last = int(match[3]) if match[3] else (first if match[2] and not match[4] else highest)
        if not lowest <= first <= last <= highest:
            raise ValueError(f"{expression}: {part!r} is not within {lowest}-{highest}")
        admitted.update(range(first, last + 1, int(match[4] or 1)))
    return frozenset(admitted)


def firings(schedule: Schedule, *, start: datetime, after: datetime, until: datetime) -> Iterator[datetime]:
    """The times in (after, until] at which a schedule in force since `start` fires, in order."""
    if isinstance(schedule, Rate):
        period = timedelta(seconds=schedule.seconds)
        moment = start + period * ((after - start) // period + 1)
        while moment <= until:
            yield moment
            moment += period
        return
    minute = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while minute <= until:
        if not schedule.admits_day(minute):
            minute = minute.replace(hour=0, minute=0) + timedelta(days=1)
            continue
        if schedule.admits(minute):
            yield minute
        minute += timedelta(minutes=1)


def last_firing(expression: str, since: datetime, now: datetime, *, on_the_hour: bool = False) -> datetime | None:
    """The newest time in (since, now] at which a schedule that was last served at `since` fires; None if it does not.

    `on_the_hour`: a rate of whole hours fires on the hour, so that what began at different minutes meets.

    >>> last_firing("daily", datetime(2026, 11, 20, 9, 30), datetime(2026, 11, 22, 10, 0))
    datetime.datetime(2026, 11, 22, 9, 30)
    >>> last_firing("cron(0 3 ? * MON *)", datetime(2026, 11, 20), datetime(2026, 11, 22)) is None
    True
    >>> last_firing("hourly", datetime(2026, 11, 20, 9, 30), datetime(2026, 11, 20, 10, 5), on_the_hour=True)
    datetime.datetime(2026, 11, 20, 10, 0)
    """
    schedule = parse(WORDS.get(expression, expression))
    meets = on_the_hour and isinstance(schedule, Rate) and schedule.seconds % _UNITS["hour"] == 0
    start = since.replace(minute=0, second=0, microsecond=0) if meets else since
    latest = None
    for latest in firings(schedule, start=start, after=since, until=now):  # noqa: B007 (the last one is wanted)
        pass
    return latest


def most_in_a_month(expression: str) -> int:
    """How often a schedule fires at most in a month of the calendar, whatever years it is for.

    >>> [most_in_a_month(one) for one in ("rate(6 hours)", "cron(0/30 8-17 * * ? *)", "cron(0 3 29 FEB ? 2028)")]
    [124, 620, 1]
    """
    schedule = parse(WORDS.get(expression, expression))
    if isinstance(schedule, Rate):
        return -(-31 * 86_400 // schedule.seconds)
    always = replace(schedule, years=frozenset(_EVERY_MONTH))
    first = date(_EVERY_MONTH[0], 1, 1)
    days = (first + timedelta(days=number) for number in range((date(_EVERY_MONTH[-1] + 1, 1, 1) - first).days))
    admitted = Counter((day.year, day.month) for day in days if always.admits_day(day))
    return max(admitted.values(), default=0) * len(schedule.hours) * len(schedule.minutes)
