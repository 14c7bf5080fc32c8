"""The columns of one file: text to numbers where it is numbers, by the conventions of this file.

A column that Arrow reads as plain numbers stays as it is, at no cost. The others become words; those that look like
numbers are read by what the file shows about its decimal mark. Conventions belong to a file, not to a dataset: a
German and an American export may lie side by side in train/.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.prepare.notes import Notes, refusal
from jobs.prepare.numbers import Evidence, Written, share_shaped, units_of, written
from jobs.prepare.records import FIELD_LIMIT, Grid
from jobs.prepare.words import MAYBE_MISSING, Words, among, matching, to_words
from jobs.refusals import listed, shown

FLOAT32_MAX = float(np.finfo(np.float32).max)
_NUMERIC_SHARE = 0.5
_GROUPED = r"^[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+$"
_CONVENTION_SHARE = 0.9
_CODES_SHARE = 0.05
_THREADS = 4

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stray:
    """The first of `count` cells that are no number."""

    file: str
    row: int
    word: str
    count: int


@dataclass(frozen=True)
class Column:
    """One column of one file. `numbers`: a float a cell, NaN where missing or no number; None: no number at all.

    Exactly one of `words` and `text` is there: words where Arrow could not read plain numbers, else the text it read.
    """

    name: str
    numbers: Floats | None
    words: Words | None
    text: pa.ChunkedArray | None
    strays: tuple[Stray, ...] = ()
    zeros: Stray | None = None
    taken: Written | None = None
    evidence: Evidence | None = None

    def as_words(self) -> Words:
        if self.words is not None:
            return self.words
        assert self.text is not None  # noqa: S101  the class's invariant, for the type checker
        return to_words(self.text)


def read_columns(grid: Grid, file: str, decimal: str | None, delimiter: str, notes: Notes) -> tuple[list[Column], str]:
    """The columns of one file, and the decimal mark found in it. Raises Refusal naming row and column."""
    with ThreadPoolExecutor(_THREADS) as pool:  # Arrow lets go of Python's lock
        columns = list(pool.map(_first_reading, grid.names, grid.columns))
    for column in columns:
        _check_lengths(column, grid, file)
    mark = decimal or _file_decimal(columns)
    finished = [_finished(column, grid, file, decimal, mark, delimiter, notes) for column in columns]
    return finished, mark or "."


def _first_reading(name: str, cells: pa.ChunkedArray) -> Column:
    try:
        numbers = pc.cast(cells, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return _first_words(name, cells)
    if int(np.count_nonzero(np.isnan(numbers))) > cells.null_count:  # the word "nan", which Arrow takes for a number
        return _first_words(name, cells)
    return Column(name, numbers, None, cells)


def _first_words(name: str, cells: pa.ChunkedArray) -> Column:
    words = to_words(cells)
    taken = written(words.words)
    if not words.present or share_shaped(taken, _sure(words)) < _NUMERIC_SHARE:
        return Column(name, None, words, None)
    return Column(name, None, words, None, taken=taken, evidence=taken.evidence(words.counts))


def _sure(words: Words) -> Words:
    return words.without(among(words.words, MAYBE_MISSING))


def _check_lengths(column: Column, grid: Grid, file: str) -> None:
    words = column.words
    if words is None or not len(words.words):
        return
    lengths = pc.binary_length(words.words).to_numpy()
    if lengths.max() >= FIELD_LIMIT:
        row = grid.row(words.first_of(lengths >= FIELD_LIMIT))
        sentence = f"{file}: row {row:,}, column {shown(column.name)}: a cell of {lengths.max():,} characters."
        raise refusal("huge-field", sentence)


def _file_decimal(columns: Sequence[Column]) -> str | None:
    """What the columns that look like numbers show together; None where they show nothing or both."""
    comma = point = 0
    for column in columns:
        if column.evidence is not None and column.taken is not None and column.words is not None:
            if share_shaped(column.taken, _sure(column.words)) >= _CONVENTION_SHARE:
                comma += bool(column.evidence.comma.any())
                point += bool(column.evidence.point.any())
        elif column.text is not None and column.text.num_chunks:
            point += bool(matching(column.text.chunk(0).slice(0, 1000), r"[.](?:[0-9]{1,2}|[0-9]{4,})$").any())
    if comma:
        return ","
    return "." if point else None


def _finished(
    column: Column, grid: Grid, file: str, decimal: str | None, mark: str | None, delimiter: str, notes: Notes
) -> Column:
    if column.text is not None:
        if mark == "," and _may_be_grouped(column.text):
            words = to_words(column.text)
            taken = written(words.words)
            column = replace(column, words=words, text=None, taken=taken, evidence=taken.evidence(words.counts))
        else:
            return _finite(_zeros(column, grid, file), grid, file, notes)
    assert column.words is not None  # noqa: S101  the class's invariant, for the type checker
    if column.taken is None or column.evidence is None:
        _tell_missing(column.words, file, column.name, notes)
        return column
    chosen = decimal or _column_decimal(column, grid, file, mark, delimiter, notes)
    return _read_words(column, chosen, grid, file, notes)


def _may_be_grouped(text: pa.ChunkedArray) -> bool:
    """Whether plain numbers may be thousands after all: 1.234 in a file with decimal commas."""
    pointed = text.filter(pc.match_substring(text, "."))
    return len(pointed) > 0 and bool(pc.all(pc.match_substring_regex(pointed, _GROUPED)).as_py())


def _column_decimal(column: Column, grid: Grid, file: str, mark: str | None, delimiter: str, notes: Notes) -> str:
    words, evidence, taken = column.words, column.evidence, column.taken
    assert words is not None and evidence is not None and taken is not None  # noqa: S101, PT018
    comma, point = bool(evidence.comma.any()), bool(evidence.point.any())
    if comma and point:
        if share_shaped(taken, _sure(words)) < _CONVENTION_SHARE:
            return "."
        rows = sorted(grid.row(words.first_of(mask)) for mask in (evidence.comma, evidence.point))
        where = f"{file}: column {shown(column.name)}"
        sentence = f"{where} has decimal commas and decimal points (rows {rows[0]:,} and {rows[1]:,})."
        raise refusal("mixed-numbers", sentence)
    if comma or point:
        return "," if comma else "."
    if mark is not None:
        return mark
    chosen = "," if delimiter == ";" and evidence.unclear.any() else "."
    if evidence.unclear.any():
        row = grid.row(words.first_of(evidence.unclear))
        word = words.words[int(words.codes[words.first_of(evidence.unclear)])].as_py()
        read = "decimals" if chosen == "," else "thousands"
        sentence = (
            f"{file}: column {shown(column.name)}, row {row:,}: {shown(word)} was read as if the comma divides {read}."
        )
        notes.warn("ambiguous-numbers", sentence, file=file, row=row, column=column.name)
    return chosen


def _read_words(column: Column, decimal: str, grid: Grid, file: str, notes: Notes) -> Column:
    words, taken, evidence = column.words, column.taken, column.evidence
    assert words is not None and evidence is not None and taken is not None  # noqa: S101, PT018
    values = taken.values(decimal)
    is_number = ~np.isnan(values)
    sure = _sure(words)
    neither = taken.is_shaped & ~is_number & np.isnan(taken.values("." if decimal == "," else ","))
    codes = words.counts[neither].sum() > _CODES_SHARE * sure.present  # like 192.168.0.1: figures, but no number
    if codes or words.counts[is_number].sum() < _NUMERIC_SHARE * sure.present:
        _tell_missing(words, file, column.name, notes)
        return replace(column, numbers=None, text=None)
    words = words.without(among(words.words, MAYBE_MISSING) & ~is_number)
    _tell_missing(words, file, column.name, notes)
    strays = ~is_number & (words.counts > 0)
    found: tuple[Stray, ...] = ()
    if strays.any():
        index = words.first_of(strays)
        word = words.words[int(words.codes[index])].as_py()
        found = (Stray(file, grid.row(index), word, int(words.counts[strays].sum())),)
    if words.counts[is_number].sum() >= _CONVENTION_SHARE * words.present:
        _tell_conventions(column, decimal, grid, file, notes)
    numbers = np.append(values, np.nan)[words.codes]
    read = replace(column, numbers=numbers, words=words, text=None, strays=found)
    return _finite(_zeros(read, grid, file), grid, file, notes)


def _tell_missing(words: Words, file: str, name: str, notes: Notes) -> None:
    if words.taken_as_missing:
        sentence = f"{file}: column {shown(name)}: {listed(words.taken_as_missing)} read as missing."
        notes.warn("missing-words", sentence, file=file, column=name)


def _tell_conventions(column: Column, decimal: str, grid: Grid, file: str, notes: Notes) -> None:
    words, taken, evidence = column.words, column.taken, column.evidence
    assert words is not None and evidence is not None and taken is not None  # noqa: S101, PT018
    where = f"{file}: column {shown(column.name)}"

    def tell(code: str, mask: npt.NDArray[np.bool_], what: str) -> None:
        if mask.any():
            index = words.first_of(mask)
            row, word = grid.row(index), words.words[int(words.codes[index])].as_py()
            sentence = f"{where} has {what}, the first in row {row:,} ({shown(word, 30)})."
            notes.warn(code, sentence, file=file, row=row, column=column.name)

    present = words.counts > 0
    grouped = taken.grouped_by_space | (
        evidence.unclear_point | matching(taken.digits, r"\..*[.,]|\.[0-9]{3}\.")
        if decimal == ","
        else evidence.has_comma
    )
    tell("decimal-commas", evidence.has_comma if decimal == "," else np.zeros_like(present), "decimal commas")
    tell("thousands-separators", grouped & present, "thousands separators")
    units = units_of(taken, words.counts)
    signs = [unit for unit in units if unit]
    if len({*signs}) > 1 or ("%" in units and "" in units):
        unlike = [unit or "no sign" for unit in units]
        raise refusal("mixed-units", f"{where} has numbers with different signs ({listed(unlike)}).")
    has_unit = pc.not_equal(taken.unit, "").to_numpy(zero_copy_only=False) & present
    tell(
        "percent-signs" if "%" in units else "currency-signs",
        has_unit,
        "percent signs" if "%" in units else "currency signs",
    )


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
    row = grid.row(int(np.argmax(beyond)))
    sentence = (
        f"{file}: column {shown(column.name)}: {int(beyond.sum()):,} infinite or too large, the first in row {row:,}."
    )
    notes.warn("infinite-values", sentence, file=file, row=row, column=column.name)
    return replace(column, numbers=np.where(beyond, np.nan, numbers))
