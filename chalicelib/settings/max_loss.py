"""How a `max_loss` is meant for a metric with a unit: as a share of what it is held against, or in the unit itself.

0.02 of an accuracy is a loss that people can picture; 0.02 of an error of 20,000 is nothing. So for metrics with a
unit the number is a share, of `gate` and of `monitoring` alike. Releases up to 0.2.0 took it for an amount. What a
person wrote for one of them keeps that meaning until it is written anew; a default that nobody wrote was meant for no
unit, and is a share at once. Metrics without a unit have one meaning, then and now.

What tells an old number from a new one: the record that holds it says how it was meant, each run's of its gate, each
monitor's of its own; one of an earlier release says nothing. While relay.yaml holds the number, and the metric it is
for, that such a record has, it is the old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from chalicelib.contract.metrics import AMOUNT, METRICS, Metric, Task
from chalicelib.settings.defaults import DEFAULTS

MOST_SHARE = 1.0
"""A share above it allows an error twice as large, and was surely meant otherwise."""


class Meant(StrEnum):
    """What the number says. Stored: the words stay."""

    SHARE = "share"
    AMOUNT = "amount"


class Limit(NamedTuple):
    """A `max_loss`, and how it is meant."""

    number: float
    meant: Meant


class Former(Protocol):
    """What is asked of the run before."""

    @property
    def settings(self) -> Any: ...
    @property
    def max_loss(self) -> Meant: ...


_TOGETHER = ("max_loss", "metric")
"""A number is written for a metric: under another one it is read anew."""


def is_written(written: Mapping[str, Any], section: str = "gate") -> bool:
    """Whether a person gives it in this section of relay.yaml."""
    return "max_loss" in (written.get(section) or {})


def meant(written: Mapping[str, Any], gate: Mapping[str, Any], former: Former | None) -> Meant:
    """How a new run takes the gate's.

    Args:
        written: what a person wrote in relay.yaml.
        gate: its section with every default.
        former: the dataset's run before.
    """
    if former is None:
        return Meant.SHARE
    return carried_on(gate, former.settings["gate"], former.max_loss, written=is_written(written))


def carried_on(now: Mapping[str, Any], then: Mapping[str, Any] | None, said: Meant | None, *, written: bool) -> Meant:
    """How the number of a section is meant that was read just now.

    Args:
        now: the section with every default.
        then: the same as the record has it; None where it has none.
        said: how the record says that its own number is meant; None where it does not say.
        written: whether a person gives the number.
    """
    is_old = said is None or said is Meant.AMOUNT
    if then is None or not is_old or not written:
        return Meant.SHARE
    return Meant.AMOUNT if all(then[name] == now[name] for name in _TOGETHER) else Meant.SHARE


def unread(monitoring: Mapping[str, Any]) -> Meant:
    """How a monitor's number is meant as long as nobody has looked whether a person wrote it: any but the default was
    written by one."""
    return Meant.SHARE if monitoring["max_loss"] == DEFAULTS["monitoring"]["max_loss"] else Meant.AMOUNT


def has_unit(metric: Metric) -> bool:
    """Whether the metric is in the unit of what is predicted, so that max_loss is a share."""
    return metric.format == AMOUNT


def unit_of(monitoring: Mapping[str, Any]) -> Metric | None:
    """The deciding metric of a monitor, if it has a unit; "auto" has none for any task."""
    known = METRICS[Task.REGRESSION]
    name = monitoring["metric"]
    return known[name] if name in known.names and has_unit(known[name]) else None


def allowed(number: float, how: Meant, metric: str, then: float) -> float:
    """What a number allows of a metric that was worth `then`, in the metric's own unit.

    >>> allowed(0.02, Meant.SHARE, "rmse", 500.0), allowed(0.02, Meant.AMOUNT, "rmse", 500.0)
    (10.0, 0.02)
    >>> allowed(0.02, Meant.SHARE, "f1", 0.8)
    0.02
    """
    is_share = how is Meant.SHARE and unit_of({"metric": metric}) is not None
    return number * abs(then) if is_share else number


def beyond_all(section: str, number: float, whose: str) -> str | None:
    """What is wrong with a share that allows anything; None where it does not.

    >>> beyond_all("gate", 500, "the live model's RMSE")
    "gate.max_loss is a share of the live model's RMSE: 500 would allow 50000 %, and at most 100 % can be given. \
Write 0.02 for 2 %."
    """
    if number <= MOST_SHARE:
        return None
    return (
        f"{section}.max_loss is a share of {whose}: {number:g} would allow {percent(number)}, and at most "
        f"{percent(MOST_SHARE)} can be given. Write 0.02 for 2 %."
    )


def percent(share: float) -> str:
    """
    >>> percent(0.02), percent(0.125)
    ('2 %', '12.5 %')
    """
    return f"{100 * share:g} %"
