"""The result: the user's own columns as they were written, and the answers behind them.

CSV has the delimiter of the user's file, decimal commas in our numbers where that file has them, UTF-8 (marked, where
the file was marked or no UTF-8), and quotation marks where a cell needs them; gzip where the name says so. Parquet
keeps the types of the user's columns: the file is read again, a batch at a time, and not made of what was read as text.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.tables.contents import read_bytes
from jobs.tables.grid import Grid
from jobs.tables.spool import is_packed


class Writer(Protocol):
    """Where blocks go, one after the other."""

    def write(self, piece: Grid, rows: slice, added: Sequence[pa.Array]) -> None:
        """Some of the user's rows in a piece of the file, and the columns that are added to them."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True)
class Layout:
    """How the user's file is written; `numbers`: which of the added columns hold numbers; `mark`: whether the result
    begins with a byte-order mark."""

    delimiter: str
    decimal: str
    numbers: Collection[str]
    mark: bool = False


class AsCsv:
    """A file of text."""

    def __init__(self, path: Path, own: Sequence[str], added: Sequence[str], layout: Layout) -> None:
        """`own`: the names of the user's columns."""
        self._delimiter = layout.delimiter
        self._commas = [layout.decimal == "," and name in layout.numbers for name in added]
        self._file: BinaryIO = _opened(path)
        header = [_quoted(pa.array([name]), self._delimiter) for name in (*own, *added)]
        self._file.write((codecs.BOM_UTF8 if layout.mark else b"") + _lines(header, self._delimiter))

    def write(self, piece: Grid, rows: slice, added: Sequence[pa.Array]) -> None:
        own = [column.slice(rows.start, rows.stop - rows.start).combine_chunks() for column in piece.columns]
        ours = [
            pc.replace_substring(one, ".", ",") if comma else one
            for one, comma in zip(added, self._commas, strict=True)
        ]
        self._file.write(_lines([_quoted(one, self._delimiter) for one in (*own, *ours)], self._delimiter))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def is_marked(source: Path, encoding: str | None) -> bool:
    """Whether a result should have a byte-order mark: spreadsheets take UTF-8 without one for another encoding, and
    whoever wrote the file with a mark, or in another encoding, may have such a one.

    `encoding`: as it was found, which says nothing of a mark.
    """
    with gzip.open(source) if is_packed(source) else source.open("rb") as file:
        return encoding != "utf-8" or file.read(3) == codecs.BOM_UTF8


def _opened(path: Path) -> Any:
    """Packed where the name says so."""
    return gzip.open(path, "wb", 6) if path.name.lower().endswith((".gz", ".gzip")) else path.open("wb")


def _quoted(cells: pa.Array, delimiter: str) -> pa.Array:
    """Cells as a line holds them: quotation marks around those that need them."""
    special = f'["\\r\\n{re.escape(delimiter)}]|^ | $'
    needed = pc.match_substring_regex(cells, special)
    if not pc.any(needed, min_count=0).as_py():
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(needed, pc.binary_join_element_wise('"', doubled, '"', ""), cells)


def _lines(columns: Sequence[pa.Array], delimiter: str) -> bytes:
    joined = pc.binary_join_element_wise(*columns, delimiter, null_handling="replace", null_replacement="")
    text: str = "\n".join(joined.to_pylist())
    return f"{text}\n".encode("utf-8", "surrogatepass") if text or len(joined) else b""


class AsParquet:
    """A file of the user's own types."""

    def __init__(self, path: Path, source: Path, added: Sequence[str]) -> None:
        unpacked = io.BytesIO(read_bytes(source, source.name)[0]) if is_packed(source) else source
        self._file = pq.ParquetFile(unpacked)
        self._path, self._added = path, added
        self._rows: Iterator[pa.RecordBatch] = self._file.iter_batches()
        self._rest: pa.Table | None = None
        self._writer: pq.ParquetWriter | None = None

    def write(self, piece: Grid, rows: slice, added: Sequence[pa.Array]) -> None:  # noqa: ARG002  from the file itself
        own = self._next(rows.stop - rows.start)
        arrays = [*own.columns, *added]
        fields = [*own.schema, *(pa.field(name, one.type) for name, one in zip(self._added, added, strict=True))]
        schema = pa.schema(fields)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, schema)
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=schema))

    def _next(self, count: int) -> pa.Table:
        parts, there = ([self._rest], len(self._rest)) if self._rest is not None else ([], 0)
        while there < count:
            batch = pa.Table.from_batches([next(self._rows)])
            parts.append(batch)
            there += len(batch)
        table = pa.concat_tables(parts)
        self._rest = table.slice(count)
        return table.slice(0, count)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
        self._file.close()
