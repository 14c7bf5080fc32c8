"""CloudWatch's alarms on what the relay itself puts into service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Alarms:
    """Alarms behind requests. `client` is a boto3 CloudWatch client."""

    client: Any

    def put(self, requests: list[dict[str, Any]]) -> None:
        """Make these alarms, or make them again: an alarm is known by its name."""
        for request in requests:
            self.client.put_metric_alarm(**request)
