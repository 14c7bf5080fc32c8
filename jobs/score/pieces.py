"""The rows of a file as they are written, in pieces: no more of it is in memory than one of them.

For files whose pieces say all that there is to say of their layout. Any other raises NeedsAllError, and is read by
`jobs.tables.table.read_file` as ever: without gaps, comments, titles, odd quotation marks and rows of another width, a
piece of text is read by the same function as the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.refusals import Refusal
from jobs.schema import Written
from jobs.settings import MOST_COLUMNS, Settings
from jobs.tables.arrow_types import as_text, no_plain_cells
from jobs.tables.contents import Contents, Limits, compare_with_name
from jobs.tables.dialect import Dialect, check_width, find_dialect
from jobs.tables.grid import Grid, read_plain
from jobs.tables.headers import named
from jobs.tables.notes import Notes
from jobs.tables.parquet import index_of_pandas, plain_batches
from jobs.tables.spool import NeedsAllError, is_packed, spooled, whole_lines

ROWS = 65_536
LIMITS = Limits(unpacked=32 << 30, memory_share=1e9)
"""What is not held in memory may be larger than it."""
_MARK = "﻿".encode()


class Pieces(Protocol):
    """A file that can be gone through more than once."""

    @property
    def written(self) -> Written: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    def __iter__(self) -> Iterator[Grid]:
        """All rows and all columns, in pieces of `ROWS`, the last of fewer."""
        ...


def in_pieces(path: Path, file: str, settings: Settings, folder: Path, notes: Notes) -> Pieces:
    """The pieces of a file, which messages call `file`; `folder` has room for its text. Raises NeedsAllError."""
    most = int(settings.get("max_columns") or MOST_COLUMNS)
    try:
        with path.open("rb") as opened:
            is_parquet = opened.read(4) == b"PAR1"
        compare_with_name(Contents(b"", "parquet" if is_parquet else "csv", _packing(path)), file, notes)
        found = _Parquet.of(path, file, most) if is_parquet else _Text.of(path, file, settings, folder, most)
        first = next(iter(found), None)
        if first is None:
            raise NeedsAllError("there are no rows")
        names = [name.strip() for name in first.names]
        if not all(names) or len(set(names)) < len(names):
            raise NeedsAllError("names are missing, or there twice")
        return replace(found, names=named(first, file, notes).names)
    except (Refusal, pa.ArrowException, OSError) as error:
        raise NeedsAllError(str(error)) from None


def _packing(path: Path) -> str | None:
    return "gzip" if is_packed(path) else None


@dataclass(frozen=True)
class _Text:
    written: Written
    path: Path
    dialect: Dialect
    names: tuple[str, ...] = ()

    @property
    def first_row(self) -> int:
        return 2 if self.dialect.header else 1

    @classmethod
    def of(cls, path: Path, file: str, settings: Settings, folder: Path, most: int) -> _Text:
        layout = settings.get("file") or {}
        text = spooled(path, folder / "text", layout.get("encoding"), LIMITS, file)
        dialect = find_dialect(text.head, layout, most, file)
        if dialect.before or dialect.titles:
            raise NeedsAllError("there are lines above the header")
        written: Written = {
            "key": file,
            "format": "csv",
            "compression": "gzip" if text.packed else None,
            "encoding": text.encoding,
            "delimiter": dialect.delimiter,
            "decimal": None,
        }
        return cls(written, text.path, dialect)

    def __iter__(self) -> Iterator[Grid]:
        return _of_equal_length(self._read(), self.names or self.dialect.names, self.first_row)

    def _read(self) -> Iterator[list[pa.ChunkedArray]]:
        dialect = self.dialect
        for text in whole_lines(self.path):
            grid = None if _MARK in text else read_plain(text, dialect)
            if grid is None:
                raise NeedsAllError("not all of it is plain")
            yield list(grid.columns)
            dialect = replace(self.dialect, header=False)


@dataclass(frozen=True)
class _Parquet:
    written: Written
    path: Path
    file: str
    names: tuple[str, ...] = ()
    first_row: int = 1

    @classmethod
    def of(cls, path: Path, file: str, most: int) -> _Parquet:
        schema = pq.read_schema(path)
        check_width(len(schema), most, file)
        if any(not _says_itself(field.type) for field in schema) or index_of_pandas(schema.metadata):
            raise NeedsAllError("a column is read by all of its cells")
        written: Written = {
            "key": file,
            "format": "parquet",
            "compression": None,
            "encoding": None,
            "delimiter": None,
            "decimal": None,
        }
        return cls(written, path, file)

    def __iter__(self) -> Iterator[Grid]:
        return _of_equal_length(self._read(), self.names or pq.read_schema(self.path).names, self.first_row)

    def _read(self) -> Iterator[list[pa.ChunkedArray]]:
        parquet = pq.ParquetFile(self.path)
        kinds = parquet.schema_arrow.types
        with self.path.open("rb") as source:
            for batch in plain_batches(source, self.path.stat().st_size, parquet, self.file, LIMITS):
                columns = [pa.chunked_array([column]) for column in batch.columns]
                texts = [as_text(one, kind, self.file, Notes()) for one, kind in zip(columns, kinds, strict=True)]
                if any(text is None for text in texts):
                    raise NeedsAllError("a column holds no text")
                yield [text for text in texts if text is not None]


def _says_itself(kind: pa.DataType) -> bool:
    """Whether each cell of a column of Parquet becomes text by itself, whatever the others are."""
    if isinstance(kind, pa.BaseExtensionType) or no_plain_cells(kind) is not None:
        return False
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    known = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_string,
             pa.types.is_large_string, pa.types.is_date, pa.types.is_decimal)  # fmt: skip
    return any(one(kind) for one in known)


def _of_equal_length(pieces: Iterator[list[pa.ChunkedArray]], names: tuple[str, ...], row: int) -> Iterator[Grid]:
    held: list[pa.ChunkedArray] | None = None
    for piece in pieces:
        held = piece if held is None else [_joined(one, more) for one, more in zip(held, piece, strict=True)]
        while held and len(held[0]) >= ROWS:
            yield Grid(names, tuple(one.slice(0, ROWS) for one in held), row)
            held, row = [one.slice(ROWS) for one in held], row + ROWS
    if held and len(held[0]):
        yield Grid(names, tuple(held), row)


def _joined(one: pa.ChunkedArray, more: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([*(chunk for chunk in one.chunks if len(chunk)), *more.chunks], pa.string())
