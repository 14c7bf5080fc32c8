"""A file to score, gone through twice in pieces: the memory is a piece's, however many rows there are.

The first way finds what reading one cell has to know of all (`survey`, `decided`), the second reads piece by piece, and
each piece is what `jobs.score.reading` would have made of these rows. Files for which that is not sure are read by it
as ever, in memory: `in_pieces` says None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from jobs.evaluate.live import request_columns
from jobs.evaluate.uploaded_rows import reading_settings
from jobs.profiles.profile import Reference
from jobs.refusals import Refusal
from jobs.schema import File, Schema
from jobs.score.columns import read_column
from jobs.score.decided import Decided, Reading, better, decide
from jobs.score.marks import Mark
from jobs.score.pieces import Pieces
from jobs.score.pieces import in_pieces as pieces_of
from jobs.score.reading import Chosen, Floats, ToScore, actual_of
from jobs.score.survey import Again, Plan, Surveyed, look
from jobs.settings import Settings
from jobs.tables.footers import TAIL, may_end_in_footer, may_have_others
from jobs.tables.grid import Grid
from jobs.tables.notes import Notes
from jobs.tables.spool import NeedsAllError
from jobs.tables.table import words_only

_WAYS = 6
"""Each adds a column to those that are read with care: more ways are a file of another kind."""


@dataclass(frozen=True)
class Piecewise:
    """A file that is read in pieces. `labelled`: in how many rows the target is known; None where it is no column."""

    names: tuple[str, ...]
    height: int
    facts: File
    labelled: int | None
    _pieces: Pieces
    _plan: Plan
    _decided: Mapping[str, Decided]
    _schema: Schema
    _references: Mapping[str, Reference]
    _kept: Sequence[int]

    def __iter__(self) -> Iterator[ToScore]:
        """Its rows, in their order."""
        for own in self._pieces:
            yield self._read(own)

    def _read(self, own: Grid) -> ToScore:
        schema, file = self._schema, self.facts["key"]
        columns = {own.names[place]: own.columns[place] for place in self._kept}
        entries = {entry["name"]: entry for entry in schema["columns"]}
        cells, marks = dict[str, pa.Array](), list[Mark]()
        for name in request_columns(schema):
            if name not in columns:
                cells[name] = pa.nulls(own.height, pa.string())
            elif not entries[name]["used"]:
                cells[name] = columns[name].combine_chunks()
            else:
                decided = self._decided[name]
                column = decided.column(name, columns[name], self._plan)
                one = read_column(column, entries[name], self._references.get(name), file, decided.whole)
                cells[name] = one.cells
                marks += one.marks
        return ToScore(own, cells, tuple(marks), self.facts, self._actual(own))

    def _actual(self, own: Grid) -> Floats | None:
        name = self._schema["target"]
        if self.labelled is None:
            return None
        column = self._decided[name].column(name, own.columns[own.names.index(name)], self._plan)
        return actual_of(column, own.height, self._schema)

    def counted(self) -> Piecewise:
        """The same, its known targets counted."""
        known = (np.count_nonzero(~np.isnan(one)) for own in self._pieces if (one := self._actual(own)) is not None)
        return replace(self, labelled=int(sum(known)))


def in_pieces(
    path: Path,
    key: str,
    schema: Schema,
    settings: Settings,
    references: Mapping[str, Reference],
    folder: Path,
    notes: Notes,
) -> Piecewise | None:
    """The file of this key, where it can be read so: then `notes` hold all that is to be told of it. `folder`: where
    its text may lie meanwhile."""
    told = Notes()
    try:
        found = _surveyed(path, key, schema, settings, references, folder, told)
    except NeedsAllError as reason:
        print(f"{key} is read as a whole: {reason}.", flush=True)
        return None
    notes.add(told)
    print(f"Read {key}: {found.height:,} rows.", flush=True)
    return found


def _surveyed(
    path: Path,
    key: str,
    schema: Schema,
    settings: Settings,
    references: Mapping[str, Reference],
    folder: Path,
    notes: Notes,
) -> Piecewise:
    layout = reading_settings(schema, settings)
    pieces = pieces_of(path, key, layout, folder, notes)
    written, first = pieces.written, next(iter(pieces))
    try:
        chosen = Chosen(key, schema, notes, set())(first)
    except Refusal as refused:
        raise NeedsAllError(str(refused)) from None
    kept = [first.names.index(name) for name in chosen.names]
    plan = _first_plan(chosen.names, schema, layout)
    file = layout.get("file") or {}
    reading = Reading(key, file.get("decimal"), written["delimiter"] or "", first.first_row)
    for _ in range(_WAYS):
        try:
            found = _gone_through(pieces, kept, plan)
            decided, mark = decide(found, plan, chosen.names, reading, said := Notes())
            break
        except Again as again:
            plan = again.plan
    else:
        raise NeedsAllError("columns are read in too many ways")
    notes.add(said)
    _refuse_what_is_no_number(decided, found, schema)
    facts: File = {**written, "rows": found.height}
    if facts["format"] == "csv":
        facts["decimal"] = mark
    target = schema["target"] in chosen.names
    piecewise = Piecewise(
        first.names, found.height, facts, 0 if target else None, pieces, plan, decided, schema, references, kept
    )
    return piecewise.counted() if target else piecewise


def _first_plan(names: Sequence[str], schema: Schema, layout: Settings) -> Plan:
    as_words = words_only(layout)
    entries = {entry["name"]: entry for entry in schema["columns"]}
    known = {name: entries[name] if entries[name]["used"] else None for name in names if name in as_words}
    return Plan([name for name in names if name not in as_words], known)


def _gone_through(pieces: Pieces, kept: Sequence[int], plan: Plan) -> Surveyed:
    """Raises Again, and NeedsAllError where rows may be none of the table."""
    found, odd, tail = Surveyed(), set[str](), Grid((), ())
    for own in pieces:
        grid = replace(own, names=tuple(own.names[at] for at in kept), columns=tuple(own.columns[at] for at in kept))
        if may_have_others(grid):
            raise NeedsAllError("a row is empty, or the header again")
        odd |= {*look(found, dict(zip(grid.names, grid.columns, strict=True)), found.height, plan)}
        tail = _tail(tail, grid)
    if may_end_in_footer(tail):
        raise NeedsAllError("the last rows may be no rows of data")
    if (plan_after := better(plan, found, odd)) is not None:
        raise Again(plan_after)
    return found


def _tail(before: Grid, grid: Grid) -> Grid:
    """The last rows so far."""
    joined = [
        pa.chunked_array([*(old.chunks if before.columns else ()), *new.chunks], pa.string())
        for old, new in zip(before.columns or grid.columns, grid.columns, strict=True)
    ]
    return replace(grid, columns=tuple(column.slice(max(0, len(column) - TAIL)) for column in joined))


def _refuse_what_is_no_number(decided: Mapping[str, Decided], found: Surveyed, schema: Schema) -> None:
    """A column that the model takes for numbers and that holds none is refused, by whoever reads all of it."""
    for entry in schema["columns"]:
        one = decided.get(entry["name"])
        if one is None:
            continue
        is_target = entry["name"] == schema["target"]
        if is_target and schema["task"] != "regression" and one.by_shape is not None:
            raise NeedsAllError("classes are written as numbers in several ways")
        holds = one.words and entry["name"] in found.shapes and bool(found.shapes[entry["name"]].rows)
        if entry["used"] and not is_target and entry["kind"] == "numeric" and (one.doubt is not None or holds):
            raise NeedsAllError("a column holds no numbers")
