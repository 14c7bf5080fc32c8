"""A user's file of rows to score: read as prepare reads training data, judged by the live model's schema.

Every row that the user wrote is kept, in its order. What reading leaves out of a table (totals, a header again, empty
rows) stays a row of the result, without an answer; only what is no row at all (titles, comments, blank lines) is not
in it, and that is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.evaluate.live import request_columns
from jobs.evaluate.uploaded_rows import reading_settings, text_of
from jobs.profiles.profile import Reference
from jobs.refusals import listed
from jobs.schema import File, Schema, classes_of
from jobs.score.columns import read_column
from jobs.score.marks import Mark
from jobs.settings import Settings
from jobs.tables.grid import Grid
from jobs.tables.labels import class_codes
from jobs.tables.not_applicable import has_na
from jobs.tables.notes import Notes, refusal
from jobs.tables.parts import Column
from jobs.tables.table import read_file

Floats = npt.NDArray[np.float64]
_SLIPS, _FEW = 0.1, 1
"""The share of rows of another width up to which a file is read without them, and how many always are."""


class Scored(Protocol):
    """A file to score, whose rows come in pieces."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def height(self) -> int: ...

    @property
    def facts(self) -> File: ...

    @property
    def labelled(self) -> int | None: ...

    def __iter__(self) -> Iterator[ToScore]: ...


@dataclass(frozen=True)
class ToScore:
    """All rows of a file, or of a piece of it. `cells` are what the model is asked with, by column of a request."""

    own: Grid
    cells: Mapping[str, pa.Array]
    marks: tuple[Mark, ...]
    facts: File
    actual: Floats | None
    """The target of every row where the file has it: a class's place, or the number; NaN where it is not known."""

    @property
    def height(self) -> int:
        return self.own.height

    @property
    def names(self) -> tuple[str, ...]:
        """Of the user's own columns."""
        return self.own.names

    @property
    def labelled(self) -> int | None:
        """In how many rows the target is known; None where it is no column."""
        return None if self.actual is None else int(np.count_nonzero(~np.isnan(self.actual)))

    def __iter__(self) -> Iterator[ToScore]:
        """All of it, as the one piece it is."""
        yield self


def read_to_score(
    path: Path,
    key: str,
    schema: Schema,
    settings: Settings,
    references: Mapping[str, Reference],
    notes: Notes,
) -> ToScore:
    """The file of this key. `references`: baseline.json by column. Raises Refusal for what cannot be scored at all."""
    reading = reading_settings(schema, settings)
    ragged = set[int]()
    choose = Chosen(key, schema, notes, ragged)
    read = read_file(path, key, reading, notes, choose=choose, ragged=ragged)
    own = choose.own
    print(f"Read {key}: {own.height:,} rows.", flush=True)
    places = _places(own, read.grid)
    cells, marks = dict[str, pa.Array](), list[Mark]()
    for name in request_columns(schema):
        entry = next(column for column in schema["columns"] if column["name"] == name)
        if name not in read.columns:
            cells[name] = pa.nulls(own.height, pa.string())  # nothing the model uses
        elif not entry["used"]:
            cells[name] = own.columns[own.names.index(name)].combine_chunks()
        else:
            one = read_column(read.columns[name], entry, references.get(name), key)
            cells[name] = one.cells if places is None else one.cells.take(_with_gaps(places))
            marks += one.marks if places is None else [_spread(mark, places) for mark in one.marks]
    if places is not None:
        marks = [*_apart(places, own, ragged, key, notes), *marks]
    target = read.columns.get(schema["target"])
    actual = None if target is None else actual_of(target, read.grid.height, schema)
    if actual is not None and places is not None:
        actual = np.append(actual, np.nan)[places]
    return ToScore(own, cells, tuple(marks), read.facts, actual)


@dataclass
class Chosen:
    """The columns of a file that the live model knows; the others are told, and kept for the result."""

    file: str
    schema: Schema
    notes: Notes
    ragged: set[int]
    own: Grid = field(default_factory=lambda: Grid((), ()))
    """The whole table as it is written."""

    def __call__(self, grid: Grid) -> Grid:
        self.own = grid
        columns = [column for column in self.schema["columns"] if column["name"] != self.schema["target"]]
        missing = [column["name"] for column in columns if column["used"] and column["name"] not in grid.names]
        if missing:
            has = f" It has {listed(grid.names, 12)}."
            uses = f"which the live model (run {self.schema['run']}) uses."
            sentence = f"{self.file}: there is no column {listed(missing)}, {uses}{has}"
            raise refusal("score-columns-missing", sentence)
        gone = [column["name"] for column in columns if column["name"] not in grid.names]
        if gone:
            sentence = f"{self.file} has no column {listed(gone)}, which the model was shown and does not use."
            self.notes.warn("score-columns-absent", sentence, file=self.file)
        known = {column["name"] for column in self.schema["columns"]}
        extra = [name for name in grid.names if name not in known]
        if extra:
            sentence = f"{self.file}: {listed(extra)} {'is' if len(extra) == 1 else 'are'} passed through."
            self.notes.warn("score-columns-extra", sentence, file=self.file)
        kept = [place for place, name in enumerate(grid.names) if name in known]
        grid = self._of_its_width(grid)
        return replace(
            grid,
            names=tuple(grid.names[place] for place in kept),
            columns=tuple(grid.columns[place] for place in kept),
        )

    def _of_its_width(self, grid: Grid) -> Grid:
        """The rows whose cells stand in their columns. Raises Refusal where the others are more than a slip."""
        if not self.ragged:
            return grid
        if len(self.ragged) > max(_FEW, _SLIPS * grid.height):
            rows = f"row {min(self.ragged):,} and {len(self.ragged) - 1:,} others"
            sentence = f"{self.file}: {rows} have another number of cells than the header has names."
            raise refusal("ragged-rows", sentence)
        return grid.kept(~np.isin(_row_numbers(grid), sorted(self.ragged)))


def _apart(places: npt.NDArray[np.int64], own: Grid, ragged: set[int], file: str, notes: Notes) -> Iterator[Mark]:
    """Rows that the model is not asked about because they are no rows of its table."""
    spoiled = np.isin(_row_numbers(own), sorted(ragged)) if ragged else np.zeros(own.height, np.bool_)
    if spoiled.any():
        yield Mark(spoiled, "another number of cells than the header has names", unread=True)
    apart = (places < 0) & ~spoiled
    if apart.any():
        yield Mark(apart, "no row of data: a total, the header again, or empty", unread=True)
        sentence = f"{file}: {int(apart.sum()):,} of the {own.height:,} rows are no rows of data."
        notes.warn("score-rows-apart", sentence, file=file)


def _places(own: Grid, read: Grid) -> npt.NDArray[np.int64] | None:
    """Of each of the user's rows its place among the rows of data, -1 where it is none; None where all are."""
    if own.height == read.height:
        return None
    wanted, there = _row_numbers(own), _row_numbers(read)
    at = np.searchsorted(there, wanted)
    found = at < len(there)
    found[found] = there[at[found]] == wanted[found]
    return np.where(found, at, -1)


def _row_numbers(grid: Grid) -> npt.NDArray[np.int64]:
    return grid.rows if grid.rows is not None else np.arange(grid.height, dtype=np.int64) + grid.first_row


def _with_gaps(places: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(np.maximum(places, 0), mask=places < 0)


def _spread(mark: Mark, places: npt.NDArray[np.int64]) -> Mark:
    return replace(mark, rows=np.append(mark.rows, False)[places])


def actual_of(column: Column, height: int, schema: Schema) -> Floats:
    """The answers that a file holds already, in its column of the target."""
    if schema["task"] == "regression":
        return np.full(height, np.nan) if column.numbers is None else column.numbers
    codes = class_codes(pa.chunked_array([text_of(_with_na(column, schema).as_words())]), classes_of(schema))
    return np.where(codes < 0, np.nan, codes.astype(np.float64))


def _with_na(column: Column, schema: Schema) -> Column:
    words = column.words
    if words is None or words.with_na is None or not has_na(schema["classes"]):
        return column
    return replace(column, words=words.with_na)
