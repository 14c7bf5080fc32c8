"""A month of a live model, line by line: how much of what, at which price. Pure.

Beside the jobs of runs, which are told before and after each. A line whose price is not known has no sum, and then
neither has the whole. The free tiers of a new account are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.costs.prices import HOURS_A_MONTH, Price, Prices, Use
from chalicelib.serving_mode import Mode

DAYS = HOURS_A_MONTH / 24
LOGGED_KB = 1.0
"""What a request may leave in the endpoint's log, generously: a warning now and then."""
ALARMS = 3
"""Metrics that the alarms on a live endpoint look at (`requests/alarms.py`): CloudWatch bills an alarm by these."""


@dataclass(frozen=True, slots=True)
class Served:
    """How a model is served, and how often it is asked."""

    mode: Mode
    requests_a_day: float
    seconds: float
    """Of one request."""
    memory_gb: float
    capture_percentage: int
    instance: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Checked:
    """How a model is checked."""

    a_month: float
    minutes: float
    """Of one check."""
    instance: str
    metrics: int
    """Custom metrics that a check sends figures to."""


@dataclass(frozen=True, slots=True)
class Line:
    """So much of something at a price."""

    what: str
    amount: float
    unit: str
    price: Price | None
    is_a_job: bool = False

    @property
    def usd(self) -> float | None:
        return None if self.price is None else self.amount * self.price.usd

    @property
    def quantity(self) -> str:
        """The amount with its unit.

        >>> Line("checks", 3.0, "hours", None).quantity, Line("requests", 1234.567, "PUTs", None).quantity
        ('3 hours', '1,234.57 PUTs')
        """
        return f"{self.amount:,.2f}".removesuffix(".00") + f" {self.unit}"


def lines(served: Served, checked: Checked, known: Prices) -> list[Line]:
    """Every line of the month."""
    asked = served.requests_a_day * DAYS
    found = []
    if served.mode is Mode.SERVERLESS:
        found.append(_line("requests", asked * served.seconds * served.memory_gb, "GB-seconds", Use.SERVERLESS, known))
        captured = asked * served.capture_percentage / 100
        found.append(_line("captured requests", captured, "PUTs", Use.PUT, known))
    if served.mode is Mode.REALTIME:
        hours = served.count * HOURS_A_MONTH
        found.append(Line("the endpoint", hours, "hours", known.of(Use.HOSTING, served.instance)))
    if served.mode is not Mode.BATCH:
        found.append(_line("the endpoint's alarms", ALARMS, "alarm metrics", Use.ALARM, known))
        found.append(_line("the endpoint's log", asked * LOGGED_KB / 1024 / 1024, "GB", Use.LOG, known))
    # CloudWatch bills a metric by the hours in which it gets a figure, which is one for each check.
    share = min(1.0, checked.a_month / HOURS_A_MONTH)
    found.append(_line("figures of the checks", checked.metrics * share, "metrics", Use.METRIC, known))
    checking = checked.a_month * checked.minutes / 60
    found.append(Line("checks", checking, "hours", known.of(Use.PROCESSING, checked.instance), is_a_job=True))
    return found


def _line(what: str, amount: float, unit: str, use: Use, known: Prices) -> Line:
    return Line(what, amount, unit, known.of(use))


def total(found: Sequence[Line]) -> float | None:
    """Dollars of these lines; None where one is not known.

    >>> total([Line("a", 2, "hours", Price(0.5, "s", "2026-11")), Line("b", 4, "hours", Price(0.25, "s", "2026-11"))])
    2.0
    >>> total([Line("a", 2, "hours", None)]) is None
    True
    """
    sums = [one.usd for one in found]
    return sum(one for one in sums if one is not None) if None not in sums else None
