"""Parquet to the same grid of strings that a text file gives, so that everything after reads one kind of input.

The detour over text costs little (Arrow writes the shortest digits that read back to the same number) and leaves one
way to type, count and check a column. What each Arrow type becomes is the matter of `arrow_types`.

What a few bytes of Parquet can hold has no bound: a dictionary names a word of a megabyte once and every row means it.
So words come as indices and their dictionary, batch by batch, and are counted before they are written out. Columns that
are no plain cells are not read at all: one of them must not cost the file.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.refusals import listed, shown
from jobs.tables.arrow_types import as_text, is_text_or_bytes, no_plain_cells, plain, plain_type
from jobs.tables.contents import Limits
from jobs.tables.dialect import check_width
from jobs.tables.grid import Grid
from jobs.tables.notes import Notes, refusal

_CELLS_AT_MOST = 2_000_000_000
_CELLS_A_BATCH = 1 << 22
_ROWS_A_BATCH = 1 << 16
_BYTES_A_PIECE = 1 << 28
_LONG = 100
"""Bytes a cell on average from which a file can be a bomb."""
_ROWS_OF_DELTAS = 64
"""Where words are written as what they add to the one before, a batch of few rows is all that bounds it."""


def read_parquet(
    data: bytes,
    file: str,
    most: int,
    limits: Limits | None = None,
    *,
    notes: Notes | None = None,
    index_kept: Collection[str] | None = None,
) -> Grid:
    """The grid of a Parquet file; its first record is row 1. Raises Refusal for broken files.

    The index that pandas wrote beside the columns is left out, but for the names in `index_kept`; None keeps all of it.
    """
    notes = notes or Notes()
    try:
        parquet = pq.ParquetFile(io.BytesIO(data))
        schema = parquet.schema_arrow
        check_width(len(schema), most, file)
        if parquet.metadata.num_rows * len(schema) > _CELLS_AT_MOST:
            raise refusal("file-too-large", f"{file}: {parquet.metadata.num_rows:,} rows by {len(schema):,} columns.")
        index = set() if index_kept is None else index_of_pandas(schema.metadata) - set(index_kept)
        table = _read(data, parquet, file, limits or Limits())
    except (pa.ArrowException, OSError) as error:
        raise refusal("broken-parquet", f"{file}: the Parquet file cannot be read ({_line(error)}).") from None
    _tell_index([name for name in schema.names if name in index], file, notes)
    return _grid(schema, table, index, parquet.metadata.num_rows, file, notes)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def _grid(schema: pa.Schema, table: pa.Table, index: Collection[str], rows: int, file: str, notes: Notes) -> Grid:
    names: list[str] = []
    columns: list[pa.ChunkedArray] = []
    unusable: dict[str, str] = {}
    read = iter(table.columns)
    for field in schema:
        why = no_plain_cells(field.type)
        text = None if why else as_text(next(read), field.type, f"{file}: column {shown(field.name)}", notes)
        if field.name in index:
            continue
        if text is None:
            unusable[field.name] = why or str(field.type)
            text = pa.chunked_array([pa.nulls(rows, pa.string())])
        names.append(field.name)
        columns.append(text)
    for name, kind in unusable.items():
        sentence = f"{file}: column {shown(name)} holds {kind[:100]}, no plain values, and is not used."
        notes.warn("unusable-column", sentence, file=file, column=name)
    if len(names) - len(unusable) < 2:
        many = f" of plain values ({listed([name for name in names if name not in unusable])})" if unusable else ""
        raise refusal("one-column", f"{file}: the Parquet file has {len(names) - len(unusable)} columns{many}.")
    return Grid(tuple(names), tuple(columns), first_row=1, unusable=unusable)


def index_of_pandas(metadata: dict[bytes, bytes] | None) -> set[str]:
    """The columns that pandas wrote as the index of its table."""
    try:
        written = json.loads((metadata or {})[b"pandas"])["index_columns"]
        return {name for name in written if isinstance(name, str)}  # a range is written as an object and is no column
    except (KeyError, TypeError, ValueError):
        return set()


def _tell_index(names: Sequence[str], file: str, notes: Notes) -> None:
    if names:
        what = f"{listed(names)} {'is' if len(names) == 1 else 'are'} pandas' index, no data, and"
        sentence = f"{file}: {what} {'was' if len(names) == 1 else 'were'} left out."
        notes.warn("pandas-index", sentence, file=file, column=names[0])


def _read(data: bytes, parquet: pq.ParquetFile, file: str, limits: Limits) -> pa.Table:
    """All rows of the columns of plain cells, words written out; no more of them than the limits allow."""
    kinds = _plain_kinds(parquet.schema_arrow)
    if not kinds:
        return pa.table({})
    schema = pa.schema([pa.field(str(place), kind) for place, kind in enumerate(kinds)])
    return pa.Table.from_batches(list(plain_batches(io.BytesIO(data), len(data), parquet, file, limits)), schema)


def _plain_kinds(schema: pa.Schema) -> list[pa.DataType]:
    return [plain_type(field.type) for field in schema if no_plain_cells(field.type) is None]


def plain_batches(
    source: BinaryIO, packed: int, parquet: pq.ParquetFile, file: str, limits: Limits
) -> Iterator[pa.RecordBatch]:
    """The rows of the columns of plain cells, of which there are some, batch by batch. `packed`: the bytes of `source`.

    Raises Refusal for more of them than the limits allow.
    """
    fields = [field for field in parquet.schema_arrow if no_plain_cells(field.type) is None]
    wanted = None if len(fields) == len(parquet.schema_arrow) else [field.name for field in fields]
    for group in range(parquet.metadata.num_row_groups):
        # Where a damaged footer is looked at below, Arrow ends the whole process; reading a row raises what is wrong.
        next(parquet.iter_batches(1, row_groups=[group], columns=wanted), None)
    deltas = _has_deltas(parquet.metadata)  # Arrow cannot give these as indices
    words = [] if deltas else [field.name for field in fields if is_text_or_bytes(field.type)]
    with_words = pq.ParquetFile(source, read_dictionary=words)
    rows = max(1, min(_ROWS_A_BATCH, _CELLS_A_BATCH // len(fields)))
    size = cells = 0
    kinds = _plain_kinds(parquet.schema_arrow)
    schema = pa.schema([pa.field(str(place), kind) for place, kind in enumerate(kinds)])
    for batch in with_words.iter_batches(min(rows, _ROWS_OF_DELTAS) if deltas else rows, columns=wanted):
        columns = [column for column in batch.columns if no_plain_cells(column.type) is None]
        of_batch = sum(_plain_size(column) for column in columns)
        size, cells = size + of_batch, cells + len(batch) * len(fields)
        _refuse_too_much(size, cells, packed, file, limits)
        step = max(1, len(batch) // (1 + of_batch // _BYTES_A_PIECE))  # Arrow's strings end at 2 GB
        for start in range(0, len(batch), step):
            pieces = [plain(column.slice(start, step), kind) for column, kind in zip(columns, kinds, strict=True)]
            yield pa.record_batch(pieces, schema=schema)


def _has_deltas(metadata: pq.FileMetaData) -> bool:
    chunks = (
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    return any("DELTA_BYTE_ARRAY" in chunk.encodings for chunk in chunks)


def _plain_size(column: pa.Array) -> int:
    """The bytes a column takes when its words are written out."""
    if not pa.types.is_dictionary(column.type) or not is_text_or_bytes(column.type.value_type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).cast(pa.int64())
    return 4 * len(column) + int(pc.sum(lengths.take(column.indices)).as_py() or 0)


def _refuse_too_much(size: int, cells: int, packed: int, file: str, limits: Limits) -> None:
    # Low cardinality alone is no bomb: a year of rows may repeat three words. Long cells from next to nothing are.
    if size > max(limits.ratio_from, limits.ratio * packed) and size > _LONG * cells:
        raise refusal("decompression-bomb", f"{file}: {packed:,} bytes of Parquet hold more than {size:,} of cells.")
    if size > limits.text:
        sentence = f"{file}: more than {limits.text / 1e9:,.1f} GB of cells, which is what this job can read."
        raise refusal("file-too-large", sentence)
