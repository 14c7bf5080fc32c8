"""What CloudWatch counts of endpoints: their requests, errors and latency, by the minute, whatever fleet answered them.

moto keeps the figures and answers for them, as it does for those that a client puts; they are handed over when somebody
asks, so that a request costs no more than an addition.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.sagemaker.traffic import VALUES, Answered

_MINUTE = 60
_VARIANT = "AllTraffic"
_UNITS = {"ModelLatency": "Microseconds"}


class EndpointFigures:
    """The figures that nobody has asked for yet. Thread-safe. `clock` gives seconds of the epoch."""

    def __init__(self, account: str, region: str, clock: Callable[[], float] = time.time) -> None:
        self._account, self._region, self._clock = account, region, clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, int], dict[str, dict[str, float]]] = {}
        """By endpoint and minute: for each metric what CloudWatch calls a statistic set."""

    def note(self, endpoint: str, status: int, seconds: float) -> None:
        """A request was answered with this status; 0: not at all."""
        answered = Answered(0.0, status, seconds)
        with self._lock:
            metrics = self._kept.setdefault((endpoint, int(self._clock() // _MINUTE)), {})
            for metric, of in VALUES.items():
                value, before = of(answered), metrics.get(metric)
                metrics[metric] = {
                    "SampleCount": 1 + (before["SampleCount"] if before else 0),
                    "Sum": value + (before["Sum"] if before else 0),
                    "Minimum": min(value, before["Minimum"]) if before else value,
                    "Maximum": max(value, before["Maximum"]) if before else value,
                }

    def publish(self) -> None:
        """Hand everything to moto."""
        from moto.cloudwatch.models import cloudwatch_backends

        with self._lock:
            kept, self._kept = self._kept, {}
        data = [
            _datum(endpoint, minute, metric, values)
            for (endpoint, minute), metrics in kept.items()
            for metric, values in metrics.items()
        ]
        if data:
            cloudwatch_backends[self._account][self._region].put_metric_data("AWS/SageMaker", data)


def _datum(endpoint: str, minute: int, metric: str, values: dict[str, float]) -> dict[str, Any]:
    return {
        "MetricName": metric,
        "Dimensions": [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": _VARIANT}],
        "Timestamp": datetime.fromtimestamp(minute * _MINUTE, UTC).replace(tzinfo=None),  # as moto keeps time
        "Unit": _UNITS.get(metric, "None"),
        "StatisticValues": values,
    }
