"""The columns of one file: text to numbers where it is numbers, by the conventions of this file.

A column that Arrow reads as plain numbers stays as it is, at no cost. The others become words; those that look like
numbers are read by what the file shows about its decimal mark. Conventions belong to a file, not to a dataset: a
German and an American export may lie side by side in train/.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.refusals import shown
from jobs.tables.conventions import (
    CONVENTION_SHARE,
    both_marks,
    column_decimal,
    file_decimal,
    may_be_thousands,
    other_units,
    sure,
    tell_conventions,
    tell_missing,
)
from jobs.tables.grid import FIELD_LIMIT, Grid
from jobs.tables.notes import Notes, refusal
from jobs.tables.numbers import share_shaped, units_of, without_measure, written
from jobs.tables.parts import Column, Doubt, Stray
from jobs.tables.words import MAYBE_MISSING, Words, among, matching, to_words

FLOAT32_MAX = float(np.finfo(np.float32).max)
_NUMERIC_SHARE = 0.5
_CODES_SHARE = 0.05
_THREADS = 4


def read_columns(
    grid: Grid, file: str, decimal: str | None, delimiter: str, as_words: Collection[str], notes: Notes
) -> tuple[list[Column], str]:
    """The columns of one file, and the decimal mark found in it; those named in `as_words` are not tried as numbers.

    Raises Refusal naming row and column.
    """

    def read(name: str, cells: pa.ChunkedArray) -> Column:
        if name in grid.unusable:
            return Column(name, None, to_words(cells), None, unusable=grid.unusable[name])
        return Column(name, None, to_words(cells), None) if name in as_words else _first_reading(name, cells)

    with ThreadPoolExecutor(_THREADS) as pool:  # Arrow lets go of Python's lock
        columns = list(pool.map(read, grid.names, grid.columns))
    for column in columns:
        _check_lengths(column, grid, file)
    mark = decimal or file_decimal(columns)
    return [finished(column, grid, file, decimal, mark, delimiter, notes) for column in columns], mark or "."


def _first_reading(name: str, cells: pa.ChunkedArray) -> Column:
    try:
        numbers = pc.cast(cells, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return of_words(name, to_words(cells))
    if int(np.count_nonzero(np.isnan(numbers))) > cells.null_count:  # the word "nan", which Arrow takes for a number
        return of_words(name, to_words(cells))
    return Column(name, numbers, None, cells)


def of_words(name: str, words: Words) -> Column:
    """A column that Arrow could not read as numbers: its words, taken apart where they look like numbers."""
    taken = written(words.words)
    if words.present and share_shaped(taken, sure(words)) < _NUMERIC_SHARE:
        measured = without_measure(words.words, sure(words).counts)
        if measured is not None:
            bare, unit = measured
            taken = written(bare)
            has_it = pc.not_equal(bare, words.words)
            taken = replace(taken, unit=pc.if_else(has_it, pa.scalar(unit), taken.unit))
    if not words.present or share_shaped(taken, sure(words)) < _NUMERIC_SHARE:
        return Column(name, None, words, None)
    return Column(name, None, words, None, taken=taken, evidence=taken.evidence(words.counts))


def _check_lengths(column: Column, grid: Grid, file: str) -> None:
    words = column.words
    if words is None or not len(words.words):
        return
    lengths = pc.binary_length(words.words).to_numpy()
    if lengths.max() >= FIELD_LIMIT:
        row = grid.row(words.first_of(lengths >= FIELD_LIMIT))
        sentence = f"{file}: row {row:,}, column {shown(column.name)}: a cell of {lengths.max():,} characters."
        raise refusal("huge-field", sentence)


def finished(
    column: Column, grid: Grid, file: str, decimal: str | None, mark: str | None, delimiter: str, notes: Notes
) -> Column:
    """A column as it is read, once the file's decimal mark is known. `decimal`: the mark that the settings name."""
    text = column.text
    if text is not None:
        if may_be_thousands(text, mark, delimiter):
            words = to_words(text)
            taken = written(words.words)
            column = replace(column, words=words, text=None, taken=taken, evidence=taken.evidence(words.counts))
        else:
            column = replace(column, units=frozenset({""} if text.null_count < len(text) else ()))
            return _finite(_zeros(column, grid, file), grid, file, notes)
    assert column.words is not None  # noqa: S101  the class's invariant, for the type checker
    if column.taken is None or column.evidence is None:
        tell_missing(column.words, file, column.name, notes)
        return column
    doubt = None if decimal else both_marks(column, grid, file)
    if doubt is not None:
        return _doubted(column, doubt, notes)
    chosen = decimal or column_decimal(column, grid, file, mark, delimiter, notes)
    return _read_words(column, chosen, grid, file, notes)


def _doubted(column: Column, doubt: Doubt, notes: Notes) -> Column:
    """The column as words, whose numbers nobody can tell."""
    assert column.words is not None  # noqa: S101  only asked of words
    tell_missing(column.words, doubt.file, column.name, notes)
    return replace(column, numbers=None, text=None, doubt=doubt)


def _read_words(column: Column, decimal: str, grid: Grid, file: str, notes: Notes) -> Column:
    words, taken, evidence = column.words, column.taken, column.evidence
    assert words is not None and evidence is not None and taken is not None  # noqa: S101, PT018
    values = taken.values(decimal)
    is_number = ~np.isnan(values)
    certain = sure(words).present
    neither = taken.is_shaped & ~is_number & np.isnan(taken.values("." if decimal == "," else ","))
    codes = words.counts[neither].sum() > _CODES_SHARE * certain  # like 192.168.0.1: figures, but no number
    if codes or words.counts[is_number].sum() < _NUMERIC_SHARE * certain:
        tell_missing(words, file, column.name, notes)
        return replace(column, numbers=None, text=None)
    other = other_units(column, grid, file)
    if isinstance(other, Doubt):
        return _doubted(column, other, notes)
    values, is_number = np.where(other, np.nan, values), is_number & ~other
    words = words.without(among(words.words, MAYBE_MISSING) & ~is_number)
    tell_missing(words, file, column.name, notes)
    strays = ~is_number & (words.counts > 0)
    found: tuple[Stray, ...] = ()
    if strays.any():
        index = words.first_of(strays)
        word = words.words[int(words.codes[index])].as_py()
        found = (Stray(file, grid.row(index), word, int(words.counts[strays].sum())),)
    kept = words.without(other)
    is_column = words.counts[is_number].sum() >= CONVENTION_SHARE * words.present
    told = notes if is_column else Notes()  # what is half words may yet be read as words
    tell_conventions(replace(column, words=kept), decimal, grid, file, told)
    numbers = np.append(values, np.nan)[words.codes]
    units = frozenset(units_of(taken, kept.counts))
    read = replace(
        column, numbers=numbers, words=words, text=None, strays=found, units=units, told=None if is_column else told,
        decimal=decimal,
    )  # fmt: skip
    return _finite(_zeros(read, grid, file), grid, file, notes)


def _zeros(column: Column, grid: Grid, file: str) -> Column:
    """Note the first number with a leading zero: such a column is one of codes, not of amounts."""
    if column.text is not None:
        starts = pc.starts_with(column.text, "0")
        if not pc.any(starts).as_py():
            return column
        coded = pc.and_kleene(starts, pc.match_substring_regex(column.text, r"^0[0-9]+$")).fill_null(False)  # noqa: FBT003
        mask = coded.to_numpy()
        if not mask.any():
            return column
        index = int(np.argmax(mask))
        return replace(column, zeros=Stray(file, grid.row(index), column.text[index].as_py(), int(mask.sum())))
    words = column.words
    assert words is not None  # noqa: S101  the class's invariant, for the type checker
    coded = matching(words.words, r"^0[0-9]+$") & (words.counts > 0)
    if not coded.any():
        return column
    index = words.first_of(coded)
    word = words.words[int(words.codes[index])].as_py()
    return replace(column, zeros=Stray(file, grid.row(index), word, int(words.counts[coded].sum())))


def _finite(column: Column, grid: Grid, file: str, notes: Notes) -> Column:
    """Numbers that float32 cannot hold are missing: XGBoost refuses infinities."""
    numbers = column.numbers
    assert numbers is not None  # noqa: S101  only called for numbers
    largest = np.fmax(np.fmax.reduce(numbers, initial=0.0), -np.fmin.reduce(numbers, initial=0.0))
    if largest <= FLOAT32_MAX:
        return column
    beyond = np.abs(numbers) > FLOAT32_MAX
    tell_infinite(column.name, int(beyond.sum()), grid.row(int(np.argmax(beyond))), file, notes)
    return replace(column, numbers=np.where(beyond, np.nan, numbers))


def tell_infinite(name: str, count: int, row: int, file: str, notes: Notes) -> None:
    """Say that so many numbers are missing; the first stands in `row`."""
    sentence = f"{file}: column {shown(name)}: {count:,} infinite or too large, the first in row {row:,}."
    notes.warn("infinite-values", sentence, file=file, row=row, column=name)
