"""CloudWatch's alarms on what the relay itself puts into service."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chalicelib.aws.errors import BusyError, DeniedError, NotFoundError, translated


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Alarms:
    """Alarms behind requests. `client` is a boto3 CloudWatch client."""

    client: Any

    def put(self, requests: list[dict[str, Any]]) -> None:
        """Make these alarms, or make them again: an alarm is known by its name."""
        for request in requests:
            self.client.put_metric_alarm(**request)

    def ringing(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """Those of these alarms that ring, as CloudWatch describes them; none where that cannot be told."""
        with suppress(DeniedError, BusyError), translated():
            found = self.client.describe_alarms(AlarmNames=[*names], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
            return [one for one in found if one["StateValue"] == "ALARM"]
        return []

    def drop(self, names: Sequence[str]) -> None:
        """Delete these alarms, as far as there are any."""
        with suppress(NotFoundError), translated():
            self.client.delete_alarms(AlarmNames=[*names])
