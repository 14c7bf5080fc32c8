"""schema.json of docs/formats.md, read: what a run knew of its columns, as the jobs that follow meet it.

The live model's schema lies where people can delete and change it. One that is not there, or is no schema any more,
must not keep new data from being trained: there is nothing to compare with, and that is told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Live:
    """What is known of the model in service."""

    schema: dict[str, Any] | None = None
    lost: str = ""
    """That it has a schema which cannot be read; empty where it can, and where no model is in service."""


def read_live(path: Path | None) -> Live:
    """The live model's schema.json, which may be missing; `path` is None where no model is in service."""
    if path is None:
        return Live()
    if not path.exists():
        return Live(lost="The live model's schema.json is missing")
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        schema = None
    return Live(schema) if _is_schema(schema) else Live(lost="The live model's schema.json is no schema any more")


def _is_schema(found: Any) -> bool:
    """Whether it says all that is asked of a live model's schema, here and by the evaluation."""
    if not isinstance(found, dict) or not isinstance(found.get("columns"), list):
        return False
    classes = found.get("classes")
    if classes is None:
        known = found.get("task") == "regression"
    else:
        known = isinstance(classes, list) and all(isinstance(name, str) for name in classes)
    named = all(isinstance(found.get(name), str) for name in ("run", "task", "target"))
    return known and named and all(_is_column(column) for column in found["columns"])


def _is_column(found: Any) -> bool:
    return isinstance(found, dict) and all(isinstance(found.get(name), str) for name in ("name", "kind"))
