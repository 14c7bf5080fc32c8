"""CloudWatch's alarms in memory."""

from __future__ import annotations

from typing import Any


class Alarms:
    """The alarms of the account, by name."""

    def __init__(self) -> None:
        self.alarms: dict[str, dict[str, Any]] = {}

    def put_metric_alarm(self, AlarmName: str, **definition: Any) -> dict[str, Any]:  # noqa: N803
        self.alarms[AlarmName] = definition
        return {}

    def delete_alarms(self, AlarmNames: list[str]) -> dict[str, Any]:  # noqa: N803
        for name in AlarmNames:
            self.alarms.pop(name, None)
        return {}
