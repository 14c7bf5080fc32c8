"""The new schema against the live model's: what the callers of the endpoint will notice, and what no caller expects.

Another target or task is another question; it does not belong under the same endpoint and is refused. Everything else
is told: the endpoint takes the columns it knows by their order or name, so a column gone or new changes every request.
"""

from __future__ import annotations

from jobs.prepare.typed import Typed
from jobs.refusals import listed, shown
from jobs.schema import Schema
from jobs.tables.notes import Notes, refusal

_NEAR_UNIQUE = 0.5


def compare(new: Schema, live: Schema, notes: Notes) -> None:
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


def as_before(column: Typed, live: Schema | None) -> Typed:
    """The column, still an identifier where it was one for the live model and its numbers are nearly all different:
    files with gaps and captured traffic do not count the rows any more, and a number of rows is no measurement."""
    if live is None or column.kind != "numeric" or column.numbers is None or not column.facts.get("integer"):
        return column
    before = next((entry for entry in live["columns"] if entry["name"] == column.name), None)
    present = len(column.numbers) - column.missing
    if before is None or before["kind"] != "identifier" or column.distinct < _NEAR_UNIQUE * present:
        return column
    return column.unused("identifier", "it names the rows for the live model, and nearly every row has another one")


def _compare_classes(new: Schema, live: Schema, notes: Notes) -> None:
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
