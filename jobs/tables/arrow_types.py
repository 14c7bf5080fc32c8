"""What each Arrow type of a Parquet file becomes: cells of text, or nothing that a model could read.

Writers name the same words differently (string, large_string in Polars, pandas 3 and Delta, string_view, dictionaries
of each, bytes without the mark that says text in files of old Spark and Impala); all of them are words here. Dates
become ISO text, midnight timestamps plain dates, durations seconds. Lists, structures and maps have no text that a
caller of the endpoint could send, so such a column is set aside, and never the file.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from jobs.tables.notes import Notes

_SECONDS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def no_plain_cells(kind: pa.DataType) -> str | None:
    """The name of a type whose cells are no single values; None for all others."""
    stored = _stored(kind)
    return str(stored) if pa.types.is_nested(stored) else None


def is_text_or_bytes(kind: pa.DataType) -> bool:
    """Whether cells are words or bytes of any length, which may repeat without bound."""
    return _is_text(kind) or _is_bytes(kind)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type that `plain` makes of a column of this one."""
    stored = _stored(kind)
    if _is_text(stored):
        return pa.string()
    return pa.binary() if _is_bytes(stored) else stored


def plain(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """The column with its words written out, as `kind`, which is its `plain_type`."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column if column.type == kind else column.cast(kind)


def as_text(column: pa.ChunkedArray, kind: pa.DataType, where: str, notes: Notes) -> pa.ChunkedArray | None:
    """A plain column as cells of text, null where empty; None where it holds bytes that are no text. `kind` is the
    file's own type, `where` names file and column."""
    text = _written(column, kind, where, notes)
    if text is None:
        return None
    if pc.any(pc.match_substring(text, "\r\n")).as_py():  # line ends as in text files and in requests
        text = pc.replace_substring(text, "\r\n", "\n")
    if pa.types.is_integer(column.type):
        return text
    empty = pc.or_kleene(pc.equal(text, ""), pc.equal(text, "nan"))
    return pc.if_else(empty, pa.scalar(None, pa.string()), text)


def _written(column: pa.ChunkedArray, kind: pa.DataType, where: str, notes: Notes) -> pa.ChunkedArray | None:
    stored = column.type
    if isinstance(kind, pa.UuidType):
        return _hexadecimal(column)
    if isinstance(kind, pa.Bool8Type):
        return column.cast(pa.bool_()).cast(pa.string())
    if _is_bytes(stored) or pa.types.is_fixed_size_binary(stored):
        return _decoded(column)
    if pa.types.is_timestamp(stored):
        return _shortest_time(column).cast(pa.string())
    if pa.types.is_duration(stored):
        notes.warn("durations", f"{where} holds durations, which were read as seconds.")
        return pc.divide(column.cast(pa.int64()).cast(pa.float64()), _SECONDS[stored.unit]).cast(pa.string())
    try:
        text = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return _shortest_fraction(text) if pa.types.is_time(stored) else text


def _stored(kind: pa.DataType) -> pa.DataType:
    """The type below extensions and dictionaries."""
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind):
            kind = kind.value_type
        else:
            return kind


def _is_text(kind: pa.DataType) -> bool:
    kind = _stored(kind)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    kind = _stored(kind)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Bytes as the text they are; None where they are none."""
    try:
        text = column.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return None
    return None if pc.any(pc.match_substring_regex(text, r"[\x00-\x08]")).as_py() else text


def _hexadecimal(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """UUIDs as a person knows them."""
    digits = [None if cell is None else cell.hex() for cell in column.to_pylist()]
    text = pa.chunked_array([pa.array(digits, pa.string())])
    return pc.replace_substring_regex(text, "^(.{8})(.{4})(.{4})(.{4})(.{12})$", r"\1-\2-\3-\4-\5")


def _shortest_fraction(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times of day without decimals that are zero in every cell."""
    whole = pc.all(pc.match_substring_regex(text, r"\.0+$")).as_py() is not False
    return pc.replace_substring_regex(text, r"\.0+$", "") if whole else text


def _shortest_time(column: pa.ChunkedArray) -> pa.ChunkedArray:
    naive = column.cast(pa.timestamp("us"), safe=False)
    for shorter in (pa.date32(), pa.timestamp("s")):
        cut = pc.cast(naive, shorter, safe=False)
        if pc.all(pc.equal(cut.cast(pa.timestamp("us")), naive)).as_py() is not False:
            return cut
    return naive
