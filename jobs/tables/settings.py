"""What the settings of relay.yaml say about the columns of a file, in the form that reading one needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def split_columns(settings: Mapping[str, Any]) -> list[str]:
    """The names under split.column: one, or for time the parts of a date (year, month, day)."""
    column = settings.get("column") or []
    return [column] if isinstance(column, str) else list(column)
