"""What the first way through a file in pieces says about the second: how the cells of each column are read.

The rules are those of `jobs.tables`, asked about what was added up; and what they tell is told in their words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.score.columns import Whole
from jobs.score.survey import Again, Plain, Plan, Shapes, Surveyed, numbers_of, shapes, words_of
from jobs.tables.columns import FLOAT32_MAX, finished, of_words, tell_infinite
from jobs.tables.conventions import file_decimal, tell_missing
from jobs.tables.grid import Grid
from jobs.tables.notes import Notes
from jobs.tables.numbers import written
from jobs.tables.parts import Column, Doubt
from jobs.tables.spool import NeedsAllError
from jobs.tables.words import Words

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ByShape:
    """How the words of a column are read as numbers: by the decimal mark, where their shape is one of a number."""

    decimal: str
    shapes: pa.Array
    is_number: Mask
    is_missing: Mask

    def read(self, words: Words) -> tuple[npt.NDArray[np.float64], Words]:
        """A number a row, and the words that are there."""
        places = pc.index_in(shapes(words.words), value_set=self.shapes).fill_null(len(self.shapes))
        at = places.to_numpy(zero_copy_only=False)
        values = written(words.words).values(self.decimal)
        values = np.where(np.append(self.is_number, False)[at], values, np.nan)
        return np.append(values, np.nan)[words.codes], words.without(np.append(self.is_missing, False)[at])


@dataclass(frozen=True)
class Decided:
    """Of one column: read by shape, or as Arrow reads it where `words` is not set."""

    by_shape: ByShape | None = None
    words: bool = False
    whole: Whole = field(default_factory=Whole)
    doubt: Doubt | None = None

    def column(self, name: str, cells: pa.ChunkedArray, plan: Plan) -> Column:
        """A piece of the column, as reading all of it would have made it."""
        if self.words:
            return Column(name, None, words_of(cells, name, plan), None, doubt=self.doubt)
        if self.by_shape is None:
            numbers = numbers_of(cells)
            assert numbers is not None  # noqa: S101  the first way through had them
            return Column(name, _held(numbers), None, cells)
        found, words = self.by_shape.read(words_of(cells, name, plan))
        return Column(name, _held(found), words, None)


def _held(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    beyond = np.abs(numbers) > FLOAT32_MAX
    return np.where(beyond, np.nan, numbers) if beyond.any() else numbers


@dataclass(frozen=True)
class Reading:
    """How a file's words become numbers: the decimal mark that is named, the delimiter ("" for Parquet), where rows
    begin."""

    file: str
    decimal: str | None
    delimiter: str
    first_row: int


def better(plan: Plan, found: Surveyed, odd: Collection[str]) -> Plan | None:
    """The plan by which the file has to be gone through again; None where this one was right."""
    signed = {name for name, words in found.words.items() if words.plus and words.minus} - plan.signed
    if not odd and not signed:
        return None
    return replace(plan, odd=plan.odd | {*odd}, signed=plan.signed | signed)


def decide(found: Surveyed, plan: Plan, order: Sequence[str], reading: Reading, notes: Notes) -> tuple[
    Mapping[str, Decided], str
]:  # fmt: skip
    """How each column is read, and the decimal mark of the file. Raises Again, and NeedsAllError."""
    tried = {name: _tried(name, found) for name in order if name in plan.tried}
    mark = reading.decimal or file_decimal([tried[name] for name in order if name in tried])
    thousands = [name for name, one in found.plain.items() if one.may_be_thousands(mark, reading.delimiter)]
    if thousands:
        raise Again(replace(plan, odd=plan.odd | {*thousands}))
    decided = {}
    for name in order:
        if name in found.plain:
            decided[name] = _plain(name, found.plain[name], reading, notes)
        elif name in found.shapes:
            decided[name] = _shaped(tried[name], found.shapes[name], reading, mark, notes)
        else:
            words = found.words[name]
            tell_missing(_told(words.missing), reading.file, name, notes)
            if words.odd and words.odd == words.present:
                raise NeedsAllError("a column holds nothing of its kind")
            decided[name] = Decided(words=True, whole=Whole(pointed=words.pointed))
    shaped = [found.shapes[name].by_mark[by.decimal] for name in found.shapes if (by := decided[name].by_shape)]
    kept = [*(one.numbers for one in found.plain.values()), *shaped]
    if sum(numbers.may_be_total for numbers in kept) > 1:
        raise NeedsAllError("the last row may be a total")
    return decided, mark or "."


def _tried(name: str, found: Surveyed) -> Column:
    if name in found.shapes:
        return of_words(name, found.shapes[name].words)
    return Column(name, None, None, found.plain[name].first)


def _told(missing: Mapping[str, None]) -> Words:
    """As many words as `tell_missing` asks for."""
    return Words(np.zeros(0, np.int32), pa.array([], pa.string()), np.zeros(0, np.int64), tuple(missing))


def _plain(name: str, found: Plain, reading: Reading, notes: Notes) -> Decided:
    numbers = found.numbers
    if numbers.beyond:
        tell_infinite(name, numbers.beyond, reading.first_row + numbers.first_beyond, reading.file, notes)
    return Decided(whole=Whole(numbers=numbers.whole))


def _shaped(tried: Column, found: Shapes, reading: Reading, mark: str | None, notes: Notes) -> Decided:
    words = found.words
    if tried.taken is not None and tried.words is not None and not tried.taken.unit.equals(written(words.words).unit):
        raise NeedsAllError("a unit stands behind the numbers")
    empty = pa.chunked_array([pa.nulls(len(words.words))])
    grid = Grid((), (empty,), rows=found.first_rows + reading.first_row)
    column = finished(tried, grid, reading.file, reading.decimal, mark, reading.delimiter, notes)
    if column.numbers is None:
        return Decided(words=True, doubt=column.doubt, whole=Whole())
    assert column.decimal is not None and column.words is not None  # noqa: S101, PT018  read from words
    numbers = found.by_mark[column.decimal]
    raw = written(words.words).values(column.decimal)
    if numbers.beyond or (np.isnan(column.numbers) & ~np.isnan(raw)).any():
        raise NeedsAllError("numbers are too large, or have other units than the rest")
    shape = ByShape(column.decimal, words.words, ~np.isnan(column.numbers), column.words.codes < 0)
    return Decided(by_shape=shape, whole=Whole(numbers=numbers.whole))
