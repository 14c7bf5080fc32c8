"""CloudWatch's alarms in memory. They ring when somebody says so."""

from __future__ import annotations

from typing import Any


class Alarms:
    """The alarms of the account, by name."""

    def __init__(self) -> None:
        self.alarms: dict[str, dict[str, Any]] = {}
        self.ringing: set[str] = set()

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

    def ring(self, name: str) -> None:
        """The alarm rings, if there is one; with data missing it goes on ringing."""
        if name in self.alarms:
            self.ringing.add(name)

    def _state(self, name: str) -> dict[str, str]:
        return {"AlarmName": name, "StateValue": "ALARM" if name in self.ringing else "INSUFFICIENT_DATA"}
