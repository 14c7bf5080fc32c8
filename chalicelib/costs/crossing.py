"""Whether a model would cost less if it were served otherwise, at the traffic that it has. Pure.

A proposal, and never more: the mode stays what it is until relay.yaml says something else. It is made once a crossing.
Traffic that wavers around the point where both cost the same would cross it every day, so the way back begins only
where the cheaper mode saves a fifth; and that an endpoint is asked too seldom for its hours is told when a whole month
of it has been seen, because every endpoint is asked seldom in its first days.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.costs.prices import HOURS_A_MONTH, Prices, Use
from chalicelib.records.traffic import WINDOW, Traffic
from chalicelib.serving_mode import Mode

SECONDS = 0.2
"""What a request is taken to take its container, where nothing was measured. AWS bills what it really takes."""
WORTH_IT = 0.8
"""A serverless endpoint is proposed where it costs less than this part of the other."""
_GB = 1024
_MONTHS = HOURS_A_MONTH / (WINDOW.days * 24)
"""A month is a little longer than the window."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Both ways to serve a model."""

    memory_mb: int
    captured: float
    """The share of requests that are captured, which a serverless endpoint pays a PUT each for."""
    instance: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Costs:
    """US dollars of a month in each of the two modes."""

    serverless: float
    realtime: float


def a_request(gb_second: float, memory_mb: int, seconds: float = SECONDS) -> float:
    """What a request of a serverless endpoint costs, in what a second of a GB is given in."""
    return gb_second * memory_mb / _GB * seconds


def each_request(traffic: Traffic, memory_mb: int, captured: float, known: Prices) -> float | None:
    """US dollars of a request of this traffic to a serverless endpoint; None where a price is not known."""
    memory, put = known.of(Use.SERVERLESS), known.of(Use.PUT)
    if memory is None or (captured and put is None):
        return None
    return a_request(memory.usd, memory_mb, traffic.each or SECONDS) + (captured * put.usd if put else 0.0)


def costs(traffic: Traffic, choice: Choice, known: Prices) -> Costs | None:
    """A month of both modes at this traffic; None where a price is not known."""
    each, hour = each_request(traffic, choice.memory_mb, choice.captured, known), known.of(Use.HOSTING, choice.instance)
    if each is None or hour is None:
        return None
    return Costs(traffic.requests * _MONTHS * each, hour.usd * choice.count * HOURS_A_MONTH)


def proposed(traffic: Traffic, found: Costs) -> Mode | None:
    """The mode that the model had better be served in; None where the one it has does, or nearly.

    What was proposed before stays so until it is worth nothing any more.
    """
    again = traffic.proposed is not None
    if traffic.mode is Mode.REALTIME and traffic.is_whole:
        return Mode.SERVERLESS if found.serverless < found.realtime * (1.0 if again else WORTH_IT) else None
    if traffic.mode is Mode.SERVERLESS:
        return Mode.REALTIME if found.serverless > found.realtime * (WORTH_IT if again else 1.0) else None
    return None
