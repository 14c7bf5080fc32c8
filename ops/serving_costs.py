"""What serving costs a month, by mode and traffic: `python -m ops.serving_costs` writes the table of docs/serving.md.

From the shipped prices of one region, each with its source (chalicelib/costs/price_list.py); a test fails as soon as
the page says something else. Requests hold one row, take `SECONDS` of a container and come evenly over the day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from chalicelib.costs.month import ALARMS
from chalicelib.costs.prices import HOURS_A_MONTH, Prices, Use
from chalicelib.mails.bills import usd
from chalicelib.serving_mode import Mode

PAGE = Path(__file__).parents[1] / "docs" / "serving.md"
REGION = "us-east-1"
REQUESTS = (100, 1_000, 10_000, 1_000_000)
_BLOCK = re.compile(r"(?<=<!-- prices -->\n).*?(?=<!-- /prices -->)", re.DOTALL)
DAYS = 30
SECONDS = 0.2
MEMORY_GB = 2
INSTANCE = "ml.m5.large"
A_SECOND = 10
"""Requests that one instance is taken to answer, on its two cores."""
BATCH_MINUTES = 5
"""What the one job of a day takes that answers all of them as a file, its start included."""


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a month's costs, in US dollars; None: a price is not known."""

    what: str
    usd: float | None


def month(mode: Mode, requests_a_day: int, known: Prices, captured: float = 1.0) -> list[Line]:
    """A month of a mode, part by part. `captured`: the share of requests that the serving code writes down."""
    requests = requests_a_day * DAYS
    alarms = Line("alarms", _times(known, Use.ALARM, ALARMS))
    match mode:
        case Mode.SERVERLESS:
            seconds = Line("requests", _times(known, Use.SERVERLESS, requests * SECONDS * MEMORY_GB))
            return [seconds, Line("capture", _times(known, Use.PUT, requests * captured)), alarms]
        case Mode.REALTIME:
            instances = -(-requests_a_day // (A_SECOND * 24 * 60 * 60))
            price = known.of(Use.HOSTING, INSTANCE)
            return [Line("instances", price.usd * HOURS_A_MONTH * instances if price else None), alarms]
        case Mode.BATCH:
            price = known.of(Use.PROCESSING, INSTANCE)
            return [Line("jobs", price.usd * DAYS * BATCH_MINUTES / 60 if price else None)]


def total(lines: list[Line]) -> float | None:
    """Their sum; None where one is not known.

    >>> total(month(Mode.SERVERLESS, 1000, Prices("us-east-1")))
    0.69
    >>> total(month(Mode.SERVERLESS, 1000, Prices("eu-west-3"))) is None
    True
    """
    return None if any(one.usd is None for one in lines) else round(sum(one.usd or 0.0 for one in lines), 6)


def _times(known: Prices, use: Use, count: float) -> float | None:
    price = known.of(use)
    return price.usd * count if price else None


def block() -> str:
    """The table, as Markdown."""
    head = ["Requests a day", *Mode]
    rows = [[f"{requests:,}", *(_cell(requests, mode) for mode in Mode)] for requests in REQUESTS]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---:", *["---"] * len(Mode)], *rows))


def _cell(requests: int, mode: Mode) -> str:
    lines = month(mode, requests, Prices(REGION))
    whole = total(lines)
    return f"{'not known' if whole is None else usd(whole)} ({', '.join(map(_part, lines))})"


def _part(line: Line) -> str:
    return f"{line.what} {'not known' if line.usd is None else usd(line.usd).removesuffix(' USD')}"


def in_page(text: str) -> str | None:
    """The table that a page holds, or None."""
    found = _BLOCK.search(text)
    return found.group() if found else None


if __name__ == "__main__":
    PAGE.write_text(_BLOCK.sub(lambda _: block(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
