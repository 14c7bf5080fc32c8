"""The month so far for the page: what `mails.so_far` adds up, in its words, and what falls to each dataset. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chalicelib import json_files
from chalicelib.mails import so_far
from chalicelib.mails.so_far import Spent


def entry(found: Sequence[Spent], datasets: Iterable[str], now: datetime) -> dict[str, Any]:
    """The month for the page. `datasets`: all there are, those that have cost nothing among them."""
    lines, of_each = so_far.in_order(found), defaultdict[str, list[Spent]](list)
    for one in lines:
        of_each[one.dataset].append(one)
    told = [_told(one.so_far, one.forecast) for one in lines]
    document = so_far.as_document(lines, now)
    return {
        "at": json_files.moment(now),
        **document,
        "lines": [{**line, **words} for line, words in zip(document["lines"], told, strict=True)],
        **_told(*so_far.total(lines)),
        "datasets": {name: _sum(of_each[name]) for name in datasets},
    }


def _sum(found: Sequence[Spent]) -> dict[str, Any]:
    """
    >>> _sum([Spent("runs", 1.0, 2.0), Spent("checks", None, None)])
    {'forecast': None, 'told': 'not known', 'forecast_told': 'not known'}
    >>> _sum([])
    {'forecast': 0, 'told': '0 USD', 'forecast_told': '0 USD'}
    """
    usd, forecast = so_far.total(found)
    return {"forecast": forecast, **_told(usd, forecast)}


def _told(usd: float | None, forecast: float | None) -> dict[str, str]:
    return {"told": so_far.told(usd), "forecast_told": so_far.told(forecast)}
