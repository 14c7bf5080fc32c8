"""The new schema against the live model's: what the callers of the endpoint will notice, and what no caller expects.

Another target or task is another question; it does not belong under the same endpoint and is refused. Everything else
is told: the endpoint takes the columns it knows by their order or name, so a column gone or new changes every request.

The schema lies where people can delete and change it. One that is not there, or is no schema any more, must not keep
new data from being trained: there is nothing to compare with, and that is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.prepare.notes import Notes, refusal
from jobs.prepare.typed import Typed
from jobs.refusals import listed, shown

_NEAR_UNIQUE = 0.5


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


def compare(new: Mapping[str, Any], live: Mapping[str, Any], notes: Notes) -> None:
    """Warn of every difference that callers notice. Raises Refusal where target or task changed."""
    for what in ("target", "task"):
        if new[what] != live[what]:
            first, *more = [file["key"] for file in new["files"]]
            where = f"{first} and {len(more):,} more" if more else first
            sentence = f"the {what} is {shown(new[what])}; the live model (run {live['run']}) has {shown(live[what])}."
            raise refusal("schema-changed", f"{where}: {sentence}")
    mine = {column["name"]: column for column in new["columns"] if column["kind"] != "target"}
    theirs = {column["name"]: column for column in live["columns"] if column["kind"] != "target"}
    gone = [name for name in theirs if name not in mine]
    added = [name for name in mine if name not in theirs]
    if gone:
        sentence = f"{listed(gone)} gone since run {live['run']}: requests that still send it by position are misread."
        notes.warn("live-columns-gone", sentence)
    if added:
        sentence = (
            f"{listed(added)} new since run {live['run']}: requests without it are answered as if it were missing."
        )
        notes.warn("live-columns-new", sentence)
    for name in mine:
        if name in theirs and mine[name]["kind"] != theirs[name]["kind"]:
            sentence = f"Column {shown(name)} is {mine[name]['kind']} now and was {theirs[name]['kind']}: cells that were accepted may not be."  # noqa: E501
            notes.warn("live-kind-changed", sentence, column=name)
    _compare_classes(new, live, notes)


def as_before(column: Typed, live: Mapping[str, Any] | None) -> Typed:
    """The column, still an identifier where it was one for the live model and its numbers are nearly all different:
    files with gaps and captured traffic do not count the rows any more, and a number of rows is no measurement."""
    if live is None or column.kind != "numeric" or column.numbers is None or not column.facts.get("integer"):
        return column
    before = next((entry for entry in live["columns"] if entry["name"] == column.name), None)
    present = len(column.numbers) - column.missing
    if before is None or before["kind"] != "identifier" or column.distinct < _NEAR_UNIQUE * present:
        return column
    return column.unused("identifier", "it names the rows for the live model, and nearly every row has another one")


def _compare_classes(new: Mapping[str, Any], live: Mapping[str, Any], notes: Notes) -> None:
    mine, theirs = new.get("classes") or [], live.get("classes") or []
    added = [name for name in mine if name not in theirs]
    gone = [name for name in theirs if name not in mine]
    if added or gone:
        news = f" {listed(added)} new." if added else ""
        lost = f" {listed(gone)} gone." if gone else ""
        sentence = (
            f"The classes differ from the live model's:{news}{lost} Callers will get other answers than they know."
        )
        notes.warn("live-classes-changed", sentence)
