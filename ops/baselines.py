"""What a model's baseline.json knows of how its training rows hang together, as far as a drill must know it. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Clock:
    """By which column the training rows are known by the hour of the day and the weekday.

    `pattern`: how its cells are written, None for ISO 8601; `hours`, `weekdays`: training rows of each, Monday first.
    """

    column: str
    pattern: str | None
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]

    def moment(self, cell: str) -> datetime | None:
        """UTC; None where the cell is empty or says no time.

        >>> Clock("came", "%d.%m.%Y %H:%M", (), ()).moment("24.12.2026 18:30").hour
        18
        """
        text = cell.strip()
        try:
            if self.pattern is not None and "%" in self.pattern:
                moment = datetime.strptime(text, self.pattern)  # noqa: DTZ007  naive is UTC, as for the check
            else:
                moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def reached(baseline: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """What the smallest blocks of the training rows reach: by column and aspect the highest score.

    >>> blocks = {"rows": 125, "blocks": 8, "columns": {"age": {"distribution": [0.3, 0.02, 0.09]}}}
    >>> reached({"dependence": {"reach": [blocks]}}), reached({})
    ({'age': {'distribution': 0.3}}, {})
    """
    smallest = ((baseline.get("dependence") or {}).get("reach") or [{}])[0]
    return {
        name: {aspect: math.sqrt(moments[2]) for aspect, moments in by_aspect.items()}
        for name, by_aspect in (smallest.get("columns") or {}).items()
    }


def many_valued(baseline: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The columns by which rows that came again are recognised; None in a baseline that does not look for them.

    >>> many_valued({"dependence": {"many_valued": ["income"]}}), many_valued({})
    (('income',), None)
    """
    known = baseline.get("dependence")
    return None if known is None else tuple(known["many_valued"])


def clock(schema: Mapping[str, Any], baseline: Mapping[str, Any]) -> Clock | None:
    """None where the training rows are not known by hour and weekday."""
    known = (baseline.get("dependence") or {}).get("clock")
    if not known:
        return None
    pattern = next((one.get("date_format") for one in schema["columns"] if one["name"] == known["column"]), None)
    return Clock(known["column"], pattern, tuple(known["hours"]), tuple(known["weekdays"]))
