"""What an endpoint's fleet has answered: the figures of which CloudWatch's metrics of an endpoint are made."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Answered:
    """One request: when it was answered, by a monotonic clock, the status, and how long the containers took."""

    at: float
    status: int
    seconds: float


class Traffic:
    """The newest requests of a fleet. Thread-safe. `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answered: deque[Answered] = deque(maxlen=_KEPT)

    def note(self, status: int, seconds: float) -> None:
        """A request was answered with this status; 0: not at all."""
        with self._lock:
            self._answered.append(Answered(self._clock(), status, seconds))

    def since(self, moment: float) -> list[Answered]:
        """What was answered from a moment on."""
        with self._lock:
            return [one for one in self._answered if one.at >= moment]


def figure(metric: str, statistic: str, answered: Sequence[Answered]) -> float | None:
    """One period's figure of a metric in AWS/SageMaker; None where there was nothing to measure.

    >>> some = [Answered(0.0, 200, 0.5), Answered(1.0, 400, 0.1)]
    >>> figure("Invocations", "Sum", some), figure("Invocation4XXErrors", "Average", some)
    (2.0, 0.5)
    >>> figure("ModelLatency", "p50", some), figure("ModelLatency", "p50", [])
    (300000.0, None)
    """
    if metric not in VALUES:
        raise ValueError(f"{metric} is not measured of an endpoint here")
    values = sorted(VALUES[metric](one) for one in answered)
    if not values:
        return None
    known = {"Sum": sum(values), "SampleCount": len(values), "Minimum": values[0], "Maximum": values[-1]}
    if statistic == "Average":
        return sum(values) / len(values)
    return float(known[statistic]) if statistic in known else _percentile(values, float(statistic.removeprefix("p")))


def _percentile(values: Sequence[float], percent: float) -> float:
    place = (len(values) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


VALUES: dict[str, Callable[[Answered], float]] = {
    "Invocations": lambda _: 1.0,
    "InvocationsPerInstance": lambda _: 1.0,
    "Invocation4XXErrors": lambda one: float(400 <= one.status < 500),
    "Invocation5XXErrors": lambda one: float(one.status >= 500 or one.status == 0),
    "ModelLatency": lambda one: one.seconds * 1e6,
}
"""What a request counts for."""
