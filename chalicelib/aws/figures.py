"""How often endpoints are asked, and how long their containers take for it, as CloudWatch counts it for SageMaker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.aws.errors import DeniedError, translated
from chalicelib.records.traffic import Day
from chalicelib.requests.endpoints import VARIANT

_DAY = 86_400
"""Seconds of a period: its figures are kept for more than a year."""
_MICRO = 1e-6


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Figures:
    """The figures of endpoints. `client` is a boto3 CloudWatch client."""

    client: Any

    def by_day(self, endpoint: str, since: datetime, until: datetime) -> list[Day] | None:
        """The days on which it was asked, in their order; None where this may not be looked at."""
        try:
            with translated():
                asked = self._sums(endpoint, "Invocations", since, until)
                took = self._sums(endpoint, "ModelLatency", since, until)
        except DeniedError:
            return None
        return [Day(day, asked[day], took.get(day, 0.0) * _MICRO) for day in sorted(asked)]

    def _sums(self, endpoint: str, metric: str, since: datetime, until: datetime) -> dict[datetime, float]:
        found = self.client.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}],
            StartTime=since,
            EndTime=until,
            Period=_DAY,
            Statistics=["Sum"],
        )
        return {one["Timestamp"]: float(one["Sum"]) for one in found["Datapoints"]}
