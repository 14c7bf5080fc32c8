"""Parquet to the same grid of strings that a text file gives, so that everything after reads one kind of input.

The detour over text costs little (Arrow writes the shortest digits that read back to the same number) and leaves one
way to type, count and check a column. Dates become ISO text, midnight timestamps plain dates.
"""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.prepare.dialect import check_width
from jobs.prepare.notes import refusal
from jobs.prepare.records import Grid
from jobs.refusals import shown

_CELLS_AT_MOST = 2_000_000_000


def read_parquet(data: bytes, file: str, most: int) -> Grid:
    """The grid of a Parquet file; its first record is row 1. Raises Refusal for broken files and nested columns."""
    try:
        parquet = pq.ParquetFile(io.BytesIO(data))
        names = tuple(parquet.schema_arrow.names)
        check_width(len(names), most, file)
        if parquet.metadata.num_rows * len(names) > _CELLS_AT_MOST:
            raise refusal("file-too-large", f"{file}: {parquet.metadata.num_rows:,} rows by {len(names):,} columns.")
        table = parquet.read()
    except (pa.ArrowInvalid, OSError) as error:
        raise refusal("broken-parquet", f"{file}: the Parquet file cannot be read ({str(error)[:200]}).") from None
    if len(names) < 2:
        raise refusal("one-column", f"{file}: the Parquet file has {len(names)} columns.")
    return Grid(names, tuple(_text(name, table[i], file) for i, name in enumerate(names)), first_row=1)


def _text(name: str, column: pa.ChunkedArray, file: str) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_timestamp(kind):
        column = _shortest_time(column)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        sentence = f"{file}: column {shown(name)} holds {kind}, not plain values."
        raise refusal("broken-parquet", sentence)
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
