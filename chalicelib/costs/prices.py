"""What a unit costs here: what a person has written into relay.yaml, else `python -m ops prices` into the bucket, else
the table that is shipped (`price_list.py`).

Everything that is in none of them is not known, which is said as such: never a guess and never 0. Prices differ by
region and change, so each has a source and a date that are told with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chalicelib import json_files

HOURS_A_MONTH = 730
DOCUMENT = "prices.json"
"""Where `python -m ops prices` puts AWS's list in the bucket (docs/formats.md)."""
BY_HAND = ("relay.yaml", "as written")


class Use(StrEnum):
    """What is paid for, and the first word of a price's key."""

    TRAINING = "training"
    PROCESSING = "processing"
    HOSTING = "hosting"
    TRANSFORM = "transform"
    SERVERLESS = "serverless"
    PUT = "put"
    METRIC = "metric"
    ALARM = "alarm"
    LOG = "log"

    @property
    def by_instance(self) -> bool:
        """Whether it is an hour of an instance, so that each type has a price of its own."""
        return self in {Use.TRAINING, Use.PROCESSING, Use.HOSTING, Use.TRANSFORM}

    @property
    def unit(self) -> str:
        """What the price is of."""
        return "hour" if self.by_instance else _UNITS[self]


_UNITS = {
    Use.SERVERLESS: "second and GB of memory",
    Use.PUT: "request",
    Use.METRIC: "month",
    Use.ALARM: "month",
    Use.LOG: "GB taken in",
}


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a unit (`Use.unit`)."""

    usd: float
    source: str
    read: str
    """The month or day it is from."""

    def __str__(self) -> str:
        return f"{self.source}, {self.read}"


def key(use: Use, instance: str = "") -> str:
    """How a price is named, in the table, in relay.yaml and in the bucket.

    >>> key(Use.TRAINING, "ml.m5.xlarge"), key(Use.METRIC)
    ('training ml.m5.xlarge', 'metric')
    """
    return f"{use} {instance}" if use.by_instance else str(use)


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one region."""

    region: str
    given: Mapping[str, Price] = field(default_factory=dict)
    """What is known better than by the shipped table, by `key`."""

    def of(self, use: Use, instance: str = "") -> Price | None:
        """A unit's price; None: not known.

        >>> Prices("eu-west-1").of(Use.HOSTING, "ml.m5.xlarge").usd
        0.257
        >>> Prices("eu-west-1").of(Use.HOSTING, "ml.m5.large") is None
        True
        """
        return self.named(key(use, instance))

    def named(self, name: str) -> Price | None:
        """The price of this key; None: not known."""
        from chalicelib.costs.price_list import SHIPPED  # which is made of this module's values

        return self.given.get(name) or SHIPPED.get((self.region, name))

    def with_written(self, written: Mapping[str, float] | None) -> Prices:
        """These prices under those that relay.yaml gives."""
        return Prices(
            self.region, {**self.given, **{name: Price(usd, *BY_HAND) for name, usd in (written or {}).items()}}
        )


def read(document: bytes | None, region: str) -> Prices:
    """The prices of a region with what `python -m ops prices` wrote; what is none of it is as good as not there.

    >>> text = b'{"region": "eu-west-1", "source": "s", "read": "2026-11-30", "usd": {"metric": 0.3, "alarm": -1}}'
    >>> read(text, "eu-west-1").given
    {'metric': Price(usd=0.3, source='s', read='2026-11-30')}
    >>> read(text, "us-east-1").given, read(None, "us-east-1").given
    ({}, {})
    """
    found = json_files.mapping(document) or {}
    listed: Any = found.get("usd")
    if found.get("region") != region or not isinstance(listed, dict):
        return Prices(region)
    said = (str(found.get("source", "AWS's price list")), str(found.get("read", "")))
    kept = {name: usd for name, usd in listed.items() if isinstance(usd, int | float) and usd > 0}
    return Prices(region, {name: Price(float(usd), *said) for name, usd in kept.items()})
