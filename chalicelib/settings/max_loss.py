"""How `gate.max_loss` is meant for a metric with a unit: as a share of the other model's value, or in the unit itself.

0.02 of an accuracy is a loss that people can picture; 0.02 of an error of 20,000 is nothing. So for metrics with a
unit the number is a share. Releases up to 0.2.0 took it for an amount. What a person wrote for one of them keeps that
meaning until it is written anew; a default that nobody wrote was meant for no unit, and is a share at once. Metrics
without a unit have one meaning, then and now.

What tells an old number from a new one: each run's record says how its own was meant, and one of an earlier release
says nothing. While relay.yaml holds the number, and the metric it is for, that such a run had, it is the old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol


class Meant(StrEnum):
    """What the number says. Stored: the words stay."""

    SHARE = "share"
    AMOUNT = "amount"


class Former(Protocol):
    """What is asked of the run before."""

    @property
    def settings(self) -> Any: ...
    @property
    def max_loss(self) -> Meant: ...


_TOGETHER = ("max_loss", "metric")
"""A number is written for a metric: under another one it is read anew."""


def is_written(written: Mapping[str, Any]) -> bool:
    """Whether a person gives it in relay.yaml."""
    return "max_loss" in (written.get("gate") or {})


def meant(written: Mapping[str, Any], gate: Mapping[str, Any], former: Former | None) -> Meant:
    """How a new run takes it.

    Args:
        written: what a person wrote in relay.yaml.
        gate: its section with every default.
        former: the dataset's run before.
    """
    if former is None or former.max_loss is not Meant.AMOUNT or not is_written(written):
        return Meant.SHARE
    then = former.settings["gate"]
    return Meant.AMOUNT if all(then[name] == gate[name] for name in _TOGETHER) else Meant.SHARE
