"""CloudWatch in memory: alarms, which ring when somebody says so, and how often endpoints were asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any


class Alarms:
    """The alarms of the account, by name."""

    def __init__(self) -> None:
        self.alarms: dict[str, dict[str, Any]] = {}
        self.ringing: set[str] = set()
        self.asked: dict[str, list[tuple[datetime, float, float]]] = {}
        """By endpoint: a day's beginning, its requests, and the seconds that their containers took."""

    def put_metric_alarm(self, AlarmName: str, **definition: Any) -> dict[str, Any]:  # noqa: N803
        self.alarms[AlarmName] = definition
        return {}

    def describe_alarms(self, AlarmNames: list[str], AlarmTypes: list[str]) -> dict[str, Any]:  # noqa: N803, ARG002
        there = [name for name in AlarmNames if name in self.alarms]
        return {"MetricAlarms": [{**self.alarms[name], **self._state(name)} for name in there]}

    def delete_alarms(self, AlarmNames: list[str]) -> dict[str, Any]:  # noqa: N803
        for name in AlarmNames:
            self.alarms.pop(name, None)
            self.ringing.discard(name)
        return {}

    def get_metric_statistics(
        self,
        Namespace: str,  # noqa: N803
        MetricName: str,  # noqa: N803
        Dimensions: Sequence[dict[str, str]],  # noqa: N803
        StartTime: datetime,  # noqa: N803
        EndTime: datetime,  # noqa: N803
        Period: int,  # noqa: N803
        Statistics: Sequence[str],  # noqa: N803
    ) -> dict[str, Any]:
        assert (Namespace, Period, list(Statistics)) == ("AWS/SageMaker", 86_400, ["Sum"])
        days = self.asked.get(Dimensions[0]["Value"], ())
        kept = [one for one in days if StartTime - timedelta(seconds=Period) < one[0] < EndTime]
        return {"Datapoints": [{"Timestamp": day[0], "Sum": _sum(MetricName, day)} for day in reversed(kept)]}

    def ring(self, name: str) -> None:
        """The alarm rings, if there is one; with data missing it goes on ringing."""
        if name in self.alarms:
            self.ringing.add(name)

    def _state(self, name: str) -> dict[str, str]:
        return {"AlarmName": name, "StateValue": "ALARM" if name in self.ringing else "INSUFFICIENT_DATA"}


def _sum(metric: str, day: tuple[datetime, float, float]) -> float:
    return {"Invocations": day[1], "ModelLatency": day[2] * 1e6}[metric]
