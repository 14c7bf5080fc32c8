"""Parquet to the same grid of strings that a text file gives, so that everything after reads one kind of input.

The detour over text costs little (Arrow writes the shortest digits that read back to the same number) and leaves one
way to type, count and check a column. Dates become ISO text, midnight timestamps plain dates.

What a few bytes of Parquet can hold has no bound: a dictionary names a word of a megabyte once and every row means it.
So words come as indices and their dictionary, batch by batch, and are counted before they are written out.
"""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.prepare.contents import Limits
from jobs.prepare.dialect import check_width
from jobs.prepare.notes import refusal
from jobs.prepare.records import Grid
from jobs.refusals import shown

_CELLS_AT_MOST = 2_000_000_000
_CELLS_A_BATCH = 1 << 22
_ROWS_A_BATCH = 1 << 16
_BYTES_A_PIECE = 1 << 28
_LONG = 100
"""Bytes a cell on average from which a file can be a bomb."""
_ROWS_OF_DELTAS = 64
"""Where words are written as what they add to the one before, a batch of few rows is all that bounds it."""


def read_parquet(data: bytes, file: str, most: int, limits: Limits | None = None) -> Grid:
    """The grid of a Parquet file; its first record is row 1. Raises Refusal for broken files and nested columns."""
    try:
        parquet = pq.ParquetFile(io.BytesIO(data))
        schema = parquet.schema_arrow
        names = tuple(schema.names)
        check_width(len(names), most, file)
        if parquet.metadata.num_rows * len(names) > _CELLS_AT_MOST:
            raise refusal("file-too-large", f"{file}: {parquet.metadata.num_rows:,} rows by {len(names):,} columns.")
        for field in schema:
            _refuse_nested(field.name, field.type, file)
        table = _read(data, parquet, file, limits or Limits())
    except (pa.ArrowInvalid, OSError) as error:
        raise refusal("broken-parquet", f"{file}: the Parquet file cannot be read ({str(error)[:200]}).") from None
    if len(names) < 2:
        raise refusal("one-column", f"{file}: the Parquet file has {len(names)} columns.")
    return Grid(names, tuple(_text(name, table[i], file) for i, name in enumerate(names)), first_row=1)


def _read(data: bytes, parquet: pq.ParquetFile, file: str, limits: Limits) -> pa.Table:
    """All rows with plain words; no more of them are written out than the limits allow."""
    schema = parquet.schema_arrow
    deltas = _has_deltas(parquet.metadata)  # Arrow cannot give these as indices
    words = [] if deltas else [field.name for field in schema if _is_text(field.type)]
    with_words = pq.ParquetFile(io.BytesIO(data), read_dictionary=words)
    rows = max(1, min(_ROWS_A_BATCH, _CELLS_A_BATCH // max(1, len(schema))))
    batches: list[pa.RecordBatch] = []
    size = cells = 0
    for batch in with_words.iter_batches(min(rows, _ROWS_OF_DELTAS) if deltas else rows):
        of_batch = sum(_plain_size(column) for column in batch.columns)
        size, cells = size + of_batch, cells + len(batch) * len(schema)
        _refuse_too_much(size, cells, len(data), file, limits)
        step = max(1, len(batch) // (1 + of_batch // _BYTES_A_PIECE))  # Arrow's strings end at 2 GB
        batches += [_plain_batch(batch.slice(start, step)) for start in range(0, len(batch), step)]
    plain = pa.schema([(field.name, _plain_type(field.type)) for field in schema])
    return pa.Table.from_batches(batches, plain)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _has_deltas(metadata: pq.FileMetaData) -> bool:
    chunks = (
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    return any("DELTA_BYTE_ARRAY" in chunk.encodings for chunk in chunks)


def _plain_size(column: pa.Array) -> int:
    """The bytes a column takes when its words are written out."""
    if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
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


def _plain_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.record_batch([_plain(column) for column in batch.columns], names=batch.schema.names)


def _plain(column: pa.Array) -> pa.Array:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _refuse_nested(name: str, kind: pa.DataType, file: str) -> None:
    kind = _plain_type(kind)
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    if pa.types.is_nested(kind) or binary:
        raise refusal("broken-parquet", f"{file}: column {shown(name)} holds {kind}, not plain values.")


def _text(name: str, column: pa.ChunkedArray, file: str) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = _shortest_time(column)
    try:
        text = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise refusal("broken-parquet", f"{file}: column {shown(name)} holds {kind}, not plain values.") from None
    if pc.any(pc.match_substring(text, "\r\n")).as_py():  # line ends as in text files and in requests
        text = pc.replace_substring(text, "\r\n", "\n")
    empty = pc.or_kleene(pc.equal(text, ""), pc.equal(text, "nan")) if not pa.types.is_integer(kind) else None
    return text if empty is None else pc.if_else(empty, pa.scalar(None, pa.string()), text)


def _shortest_time(column: pa.ChunkedArray) -> pa.ChunkedArray:
    naive = column.cast(pa.timestamp("us"), safe=False)
    for shorter in (pa.date32(), pa.timestamp("s")):
        cut = pc.cast(naive, shorter, safe=False)
        if pc.all(pc.equal(cut.cast(pa.timestamp("us")), naive)).as_py() is not False:
            return cut
    return naive
