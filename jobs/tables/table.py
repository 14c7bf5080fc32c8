"""All files of a run as one table: each read by its own conventions, then put one below the other by column name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.encoding.text import composed
from jobs.refusals import counted, listed, shown
from jobs.schema import File, Schema, Written
from jobs.settings import MOST_COLUMNS, FileSettings, Settings, split_columns
from jobs.tables.columns import read_columns
from jobs.tables.contents import Contents, Limits, read_contents
from jobs.tables.conventions import not_one_unit, told
from jobs.tables.decoding import to_utf8
from jobs.tables.dialect import find_dialect
from jobs.tables.footers import observations, subtotals, totals_row, without_footer, without_subtotals
from jobs.tables.grid import Grid, read_grid
from jobs.tables.headers import named
from jobs.tables.notes import Notes, refusal
from jobs.tables.parquet import read_parquet
from jobs.tables.parts import Column, Doubt, Stray
from jobs.tables.words import Words, joined, matching

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FileRead:
    """One file: its rows (for their numbers), its columns, and what `schema.json` says about it."""

    file: str
    grid: Grid
    columns: Mapping[str, Column]
    facts: File
    written: float = 0.0
    """When the file was uploaded, in seconds since 1970."""


@dataclass(frozen=True)
class Series:
    """One column over all files. `numbers`: a float a cell, NaN where missing or none; None: not numeric anywhere, or
    in `doubt`."""

    name: str
    numbers: Floats | None
    parts: tuple[Column, ...]
    strays: tuple[Stray, ...]
    zeros: Stray | None
    doubt: Doubt | None = None

    @property
    def unusable(self) -> str | None:
        """What the column holds instead of plain values, in the first file where it does."""
        return next((part.unusable for part in self.parts if part.unusable), None)

    @property
    def stray_count(self) -> int:
        return sum(stray.count for stray in self.strays)

    def as_words(self) -> Words:
        """The cells as words; costs time for a column of plain numbers."""
        if len(self.parts) == 1:
            return self.parts[0].as_words()
        parts = [part.as_words() for part in self.parts]
        pointed = [_ends_in_zero(words) for words in parts]
        if any(pointed) and not all(pointed):  # pandas writes 1.0 for 1 where a column has gaps
            parts = [_shortened(words) if ends else words for words, ends in zip(parts, pointed, strict=True)]
        return joined(pa.chunked_array([words.text() for words in parts]))


def _ends_in_zero(words: Words) -> bool:
    used = words.counts > 0
    return bool(used.any() and matching(words.words, r"^-?[0-9]+\.0$")[used].all())


def _shortened(words: Words) -> Words:
    return replace(words, words=pc.replace_substring_regex(words.words, r"\.0$", ""))


@dataclass(frozen=True)
class Table:
    files: tuple[FileRead, ...]
    series: Mapping[str, Series]

    @property
    def height(self) -> int:
        return sum(part.grid.height for part in self.files)

    @property
    def comma_file(self) -> bool:
        """Whether the files come from where commas divide decimals: there the day stands before the month."""
        return any(part.facts.get("decimal") == "," or part.facts.get("delimiter") == ";" for part in self.files)

    def place(self, index: int) -> tuple[str, int]:
        """The file and the row number of record `index` of the table."""
        for part in self.files:
            if index < part.grid.height:
                return part.file, part.grid.row(index)
            index -= part.grid.height
        raise IndexError(index)


def read_file(
    path: Path,
    file: str,
    settings: Settings,
    notes: Notes,
    limits: Limits | None = None,
    *,
    choose: Callable[[Grid], Grid] | None = None,
    ragged: set[int] | None = None,
) -> FileRead:
    """One file, which messages call `file`. Raises Refusal for what cannot be read rightly.

    `choose` may leave out columns, and rows, before anything is made of their cells. `ragged`: see `read_grid`.
    """
    grid, written = read_rows(path, file, settings, notes, limits, ragged)
    layout = settings.get("file") or {}
    grid = observations(grid if choose is None else choose(grid), file, notes)
    conventions = (layout.get("decimal"), written["delimiter"] or "", words_only(settings))
    columns, decimal = read_columns(grid, file, *conventions, notes)
    without_sums = _without_sums(grid, columns, file, notes)
    if without_sums is not grid:
        grid = without_sums
        columns, decimal = read_columns(grid, file, *conventions, notes)
    if written["format"] == "csv":
        written["decimal"] = decimal
    facts: File = {**written, "rows": grid.height}
    return FileRead(file, _rows_only(grid), {column.name: column for column in columns}, facts, path.stat().st_mtime)


def read_rows(
    path: Path,
    file: str,
    settings: Settings,
    notes: Notes,
    limits: Limits | None = None,
    ragged: set[int] | None = None,
) -> tuple[Grid, Written]:
    """The cells of one file as they are written, with their rows and names, and how the file was read.

    Raises Refusal for what is no table.
    """
    layout = settings.get("file") or {}
    contents = read_contents(path, file, notes, limits)
    most = int(settings.get("max_columns") or MOST_COLUMNS)
    encoding: str | None = None
    delimiter: str | None = None
    if contents.format == "parquet":
        kept = named_columns(settings)
        grid = read_parquet(contents.data, file, most, limits, notes=notes, index_kept=kept)
    else:
        grid, encoding, delimiter = _read_text(contents, layout, file, most, notes, ragged)
    if not grid.height:
        raise refusal("header-only", f"{file}: there is a header and no row below it.")
    return named(grid, file, notes), {
        "key": file,
        "format": contents.format,
        "compression": contents.compression,
        "encoding": encoding,
        "delimiter": delimiter,
        "decimal": None,
    }


def _without_sums(grid: Grid, columns: Sequence[Column], file: str, notes: Notes) -> Grid:
    """The same grid where no row holds sums of others."""
    found = subtotals(columns, grid.height)
    if found is not None:
        return without_subtotals(grid, found, file, notes)
    return without_footer(grid, totals_row(columns, grid.height), file, notes)


def composed_settings(settings: Any) -> Any:
    """The settings with the names in them as `composed` writes them, which the names of columns are too."""
    if isinstance(settings, str):
        return composed(settings)
    if isinstance(settings, Mapping):
        return {composed_settings(key): composed_settings(value) for key, value in settings.items()}
    return [composed_settings(value) for value in settings] if isinstance(settings, list) else settings


def named_columns(settings: Settings) -> set[str]:
    """Every column that the settings name."""
    single = (settings.get("target"),)
    several = (
        *split_columns(settings.get("split") or {}),
        *(settings.get("columns") or {}),
        *(settings.get("ignore") or []),
    )
    return {str(name) for name in (*single, *several) if name is not None}


def words_only(settings: Settings) -> set[str]:
    """The columns that the settings call no numbers: nothing that is wrong with their numbers matters."""
    kinds = settings.get("columns") or {}
    named = {name for name, kind in kinds.items() if kind != "numeric"} | {*(settings.get("ignore") or [])}
    return named - {settings.get("target"), *split_columns(settings.get("split") or {})}


def _read_text(
    contents: Contents, layout: FileSettings, file: str, most: int, notes: Notes, ragged: set[int] | None
) -> tuple[Grid, str, str]:
    """The rows, the encoding and the delimiter."""
    text, encoding = to_utf8(contents.data, layout.get("encoding"), file, notes)
    dialect = find_dialect(text, layout, most, file)
    return read_grid(text, dialect, file, notes, ragged), encoding, dialect.delimiter


def _rows_only(grid: Grid) -> Grid:
    """The row numbers without the cells, which are columns by now: a file is not held in memory twice."""
    empty = pa.chunked_array([pa.nulls(grid.height)])
    return Grid((), (empty,), grid.first_row, grid.rows)


def without_old_traffic(files: Sequence[FileRead], captured: Collection[str], notes: Notes) -> list[FileRead]:
    """The files without captured rows that have other columns than the user's own files: those were made by us, and
    a person who adds a column to train/ could do nothing about them.
    """
    own = next((file for file in files if file.file not in captured), None)
    kept = []
    for file in files:
        if own and file.file in captured and set(file.columns) != set(own.columns):
            rows = counted(file.facts["rows"], "row is", "rows are")
            sentence = f"{file.file}: its columns are not those of {own.file}; {rows} left out."
            notes.warn("traffic-left-out", sentence, file=file.file)
        else:
            kept.append(file)
    return kept


def merged(files: Sequence[FileRead], live: Schema | None = None) -> Table:
    """One table of all files, columns in the order of the first. Raises Refusal where columns differ.

    What a file is compared with is what was right before it: the live model (`live`, its schema) where a file has its
    columns, else the oldest file.
    """
    names, of = _expected(files, live)
    for other in files:
        gone = [name for name in names if name not in other.columns]
        new = [name for name in other.columns if name not in names]
        if gone or new:
            lacks = f" lacks {listed(gone)}" if gone else ""
            adds = f"{' and' if gone else ''} has {listed(new)} in addition" if new else ""
            raise refusal("columns-differ", f"{other.file}:{lacks}{adds}, compared with {of}.")
    return Table(tuple(files), {name: _series(name, files) for name in files[0].columns})


def _expected(files: Sequence[FileRead], live: Schema | None) -> tuple[list[str], str]:
    learned = [column["name"] for column in live["columns"]] if live else []
    if live and any(set(file.columns) == set(learned) for file in files):
        return learned, f"the live model (run {live['run']})"
    oldest = min(files, key=lambda file: file.written)
    return list(oldest.columns), f"{oldest.file}, the older file"


def _series(name: str, files: Sequence[FileRead]) -> Series:
    parts = tuple(file.columns[name] for file in files)
    zeros = next((part.zeros for part in parts if part.zeros), None)
    doubt = next((part.doubt for part in parts if part.doubt), None) or _other_units(name, files, parts)
    if doubt is not None or all(part.numbers is None for part in parts):
        return Series(name, None, parts, (), zeros, doubt)
    strays = tuple(stray for file, part in zip(files, parts, strict=True) for stray in _strays(file, part))
    numbers = [_numbers(part) for part in parts]
    return Series(name, numbers[0] if len(numbers) == 1 else np.concatenate(numbers), parts, strays, zeros)


def _other_units(name: str, files: Sequence[FileRead], parts: Sequence[Column]) -> Doubt | None:
    first = next((place for place, part in enumerate(parts) if part.units), 0)
    for file, part in zip(files, parts, strict=True):
        if not_one_unit(parts[first].units | part.units):
            has = f"{file.file}: column {shown(name)} has numbers with {told(sorted(part.units))}"
            other = "" if part is parts[first] else f"; in {files[first].file} with {told(sorted(parts[first].units))}"
            return Doubt("mixed-units", f"{has}{other}", file.file)
    return None


def _strays(file: FileRead, part: Column) -> tuple[Stray, ...]:
    """The cells of a part that are no number; all of them, where the column holds numbers in other files only."""
    if part.numbers is not None or not part.as_words().present:
        return part.strays
    words = part.as_words()
    index = int(np.argmax(words.codes >= 0))
    word = words.words[int(words.codes[index])].as_py()
    return (Stray(file.file, file.grid.row(index), word, words.present),)


def _numbers(part: Column) -> Floats:
    return part.numbers if part.numbers is not None else np.full(len(part.as_words().codes), np.nan)
