"""schema.json of docs/formats.md: what a run knew of its columns, as prepare writes it and later jobs meet it.

The live model's schema lies where people can delete and change it. One that is not there, or is no schema any more,
must not keep new data from being trained: there is nothing to compare with, and that is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from jobs.refusals import Notice


class OfKind(TypedDict, total=False):
    """What is told of a column; which of it depends on its kind."""

    integer: bool
    missing_words: list[str]
    true_words: list[str]
    false_words: list[str]
    categories: list[str]
    date_format: str
    has_time: bool


class Column(OfKind):
    """A column of the data, the target among them."""

    name: str
    kind: str
    used: bool
    why_unused: str | None
    missing: float
    """A share of the rows."""
    distinct: int


class Split(TypedDict):
    """Which rows were held out."""

    how: str
    column: str | list[str] | None
    seed: int


class Written(TypedDict):
    """How a file is written; None where its format leaves it no choice."""

    key: str
    format: str
    compression: str | None
    encoding: str | None
    delimiter: str | None
    decimal: str | None


class File(Written):
    """A file as it was read."""

    rows: int


class TrainedRows(TypedDict):
    """What is known of the file of hashes of the rows that were learned from."""

    file: str
    one_in: int
    held_out: int
    held_out_found: int


class Schema(TypedDict):
    """schema.json. What comes last in prepare, and what releases added, may be missing."""

    version: int
    dataset: str
    run: str
    task: str
    target: str
    classes: list[str] | None
    positive_class: str | None
    algorithm: NotRequired[str | Mapping[str, object]]
    content_type: str
    rows: dict[str, int]
    class_counts: dict[str, int] | None
    split: Split
    columns: list[Column]
    files: list[File]
    features: NotRequired[list[str]]
    feature_columns: NotRequired[list[str]]
    trained_rows: NotRequired[TrainedRows]
    warnings: NotRequired[list[Notice]]


def classes_of(schema: Schema) -> list[str]:
    """The classes; none in a regression."""
    return schema["classes"] or []


def positive_of(schema: Schema) -> int | None:
    """The place of the positive class among them; None where there are not two."""
    named = schema["positive_class"] if schema["task"] == "binary" else None
    return None if named is None else classes_of(schema).index(named)


def read_schema(path: Path) -> Schema:
    """The schema of the model that is worked with, which is there."""
    return cast("Schema", json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Live:
    """What is known of the model in service."""

    schema: Schema | None = None
    lost: str = ""
    """That it has a schema which cannot be read; empty where it can, and where no model is in service."""


def read_live(path: Path | None) -> Live:
    """The live model's schema.json, which may be missing; `path` is None where no model is in service."""
    if path is None:
        return Live()
    if not path.exists():
        return Live(lost="The live model's schema.json is missing")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        found = None
    known = as_schema(found)
    return Live(known) if known else Live(lost="The live model's schema.json is no schema any more")


def as_schema(found: Any) -> Schema | None:
    """What was read as JSON, where it says all that is asked of an earlier model's schema."""
    return cast("Schema", found) if _is_schema(found) else None


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
