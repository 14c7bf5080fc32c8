"""How the last sweep went, which is what the next one begins with. No decision is made of it; one item of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Sweep:
    """The last sweep that came to its end."""

    at: datetime
    open: int
    """How many records it had to look after."""
    collected: datetime | None
    """When a sweep last looked for orphans."""
    reached: tuple[str, str] | None = None
    """Kind and name of the last record there was time for; None when there was time for all."""
    counted: datetime | None = None
    """When a sweep last counted the traffic of all live models."""
    week: str | None = None
    """The week whose mail about costs was sent, or was not worth sending."""


def of_item(item: Mapping[str, Any]) -> Sweep | None:
    """The sweep that an item tells of; None where somebody has changed it by hand: the next one writes it anew."""
    reached = item.get("reached")
    try:
        return Sweep(
            datetime.fromisoformat(item["at"]["S"]),
            int(item["records"]["N"]),
            _time(item, "tidied"),
            record(reached["S"]) if reached else None,
            _time(item, "counted"),
            item["week"]["S"] if "week" in item else None,
        )
    except (LookupError, TypeError, ValueError):
        return None


def to_item(sweep: Sweep) -> dict[str, Any]:
    """The attributes that `of_item` reads. What is not known is left out."""
    item: dict[str, Any] = {"at": {"S": sweep.at.isoformat()}, "records": {"N": str(sweep.open)}}
    for name, time in (("tidied", sweep.collected), ("counted", sweep.counted)):
        if time:
            item[name] = {"S": time.isoformat()}
    if sweep.week:
        item["week"] = {"S": sweep.week}
    if sweep.reached:
        item["reached"] = {"S": "#".join(sweep.reached)}
    return item


def record(key: str) -> tuple[str, str]:
    """Kind and name of what an item of the table holds.

    >>> record("run#churn-1a2b3c4d")
    ('run', 'churn-1a2b3c4d')
    """
    kind, _, name = key.partition("#")
    return kind, name


def _time(item: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(item[name]["S"]) if name in item else None
