"""CloudWatch Logs in memory: which groups end, and when."""

from __future__ import annotations

from typing import Any


class Logs:
    """The retention of log groups, in days by name."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}

    def put_retention_policy(self, logGroupName: str, retentionInDays: int) -> dict[str, Any]:  # noqa: N803
        self.kept[logGroupName] = retentionInDays
        return {}
