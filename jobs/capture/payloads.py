"""The CSV inside the records: payloads strung together and parsed once, with the types known beforehand.

The endpoint reads a request with Python's csv module; where pyarrow would read the same bytes otherwise (a lone
carriage return, a quote behind a blank, an empty line), this raises `Surprise` and parses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from jobs.capture.answers import as_words
from jobs.capture.batch import Floats
from jobs.capture.shape import NUMBER, RAW, Column, Shape, finite
from jobs.encoding.text import MISSING_WORDS

_WORDS = pa.dictionary(pa.int32(), pa.string())
_NO_NUMBERS = sorted(
    {
        spelled
        for word in MISSING_WORDS
        if "nan" not in word and "inf" not in word
        for spelled in (word, word.upper(), word.title(), word.capitalize())
    }
)
_MARK, _LINE = "\ufeff".encode(), ord("\n")


class Surprise(Exception):  # noqa: N818  a reason to look closer, not an error
    """The bytes at hand cannot be parsed as plain records."""


@dataclass(frozen=True)
class Header:
    """The first line of a request that names its columns: the bytes, newline included, and the names in order."""

    line: bytes
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Payloads:
    """CSV payloads, each ending with a line break (pyarrow strings), and how many lines each holds."""

    texts: Any
    header: Header | None = None

    @classmethod
    def of(cls, texts: Any, header: Header | None = None) -> Payloads:
        """`texts`: pyarrow strings without nulls, each beginning with the header if there is one."""
        if not pc.all(pc.ends_with(texts, "\n"), min_count=0).as_py():
            texts = pc.binary_join_element_wise(pc.utf8_rtrim(texts, "\r\n"), "\n", "")
        if header is not None:
            texts = pc.utf8_slice_codeunits(texts, len(header.line.decode()))
        return cls(texts, header)

    def only(self, chosen: npt.NDArray[np.bool_]) -> Payloads:
        return Payloads(self.texts.filter(pa.array(chosen)), self.header)

    @cached_property
    def _ends(self) -> npt.NDArray[np.int32]:
        texts = self.texts
        return np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]

    @cached_property
    def _text(self) -> bytes:
        values = self.texts.buffers()[2]
        if values is None or not len(self.texts):
            return b""
        found: bytes = values[int(self._ends[0]) : int(self._ends[-1])].to_pybytes()
        return found

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """Lines of each payload."""
        size = len(self.texts)
        if self._text.count(b"\n") == size:  # each ends with one: nearly every caller sends a row at a time
            return np.ones(size, np.int64)
        lines = np.flatnonzero(np.frombuffer(self._text, np.uint8) == _LINE)
        counts: npt.NDArray[np.int64] = np.diff(np.searchsorted(lines, self._ends - self._ends[0]))
        return counts

    def joined(self) -> bytes:
        """All payloads as one CSV that pyarrow reads as the endpoint did. Raises Surprise where it would not."""
        text = self._text
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        quoted = b'"' in text and (b', "' in text or b'\n "' in text or text.startswith(b' "'))
        if quoted or b"\r" in text or (not text.isascii() and _MARK in text):
            raise Surprise
        return text


def parse_requests(payloads: Payloads, shape: Shape) -> tuple[dict[str, Any], npt.NDArray[np.bool_]]:
    """The columns of all rows (`Batch.columns`), and which rows hold NaN, infinity or too large a number."""
    names = shape.columns if payloads.header is None else payloads.header.columns
    types = {column.name: _type(column) for column in shape.read}
    table = _parsed(payloads, names, types, _NO_NUMBERS)
    strange = np.zeros(table.num_rows, np.bool_)
    columns: dict[str, Any] = {}
    for column in shape.read:
        cells = table[column.name].combine_chunks()
        columns[column.name] = _number(cells, strange) if column.how == NUMBER else _words(cells, column)
    return columns, strange


def _type(column: Column) -> Any:
    if column.how == NUMBER:
        return pa.float64()
    return pa.string() if column.how == RAW else _WORDS


def _parsed(payloads: Payloads, names: Sequence[str], types: dict[str, Any], nulls: Sequence[str]) -> Any:
    text = payloads.joined()
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(column_names=list(names), use_threads=False, block_size=len(text) + 1),
            parse_options=arrow_csv.ParseOptions(ignore_empty_lines=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types, include_columns=list(types), null_values=list(nulls), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        raise Surprise from None
    if table.num_rows != payloads.counts.sum():  # an empty line, or a line break inside of quotes
        raise Surprise
    return table


def _number(cells: Any, strange: npt.NDArray[np.bool_]) -> Floats:
    values, outside = finite(cells.to_numpy(zero_copy_only=False))
    if outside.sum() > cells.null_count:
        strange |= outside & cells.is_valid().to_numpy(zero_copy_only=False)
    return values


def _words(cells: Any, column: Column) -> Any:
    if column.how == RAW:
        return pc.if_else(pc.equal(cells, ""), None, cells)
    try:
        return column.from_dictionary(cells)
    except KeyError:
        raise Surprise from None


def parse_answers(payloads: Payloads, classes: tuple[str, ...] | None) -> tuple[Any, Floats | None]:
    """`Batch.predicted` and `Batch.probabilities`. Raises Surprise where an answer has another form."""
    names = ["label", *(f"p{place}" for place in range(len(classes or ())))]
    types = {name: pa.float64() for name in names}
    if classes is not None:
        types["label"] = _WORDS
    table = _parsed(payloads, names, types, ())
    numbers = [table[name].to_numpy() for name in names if types[name] != _WORDS]
    if not all(np.isfinite(column).all() for column in numbers):
        raise Surprise
    if classes is None:
        return numbers[0], None
    labels = table["label"].combine_chunks()
    places = pc.index_in(labels.dictionary, pa.array(classes, pa.string()))
    if places.null_count:
        raise Surprise
    return as_words(places.take(labels.indices).to_numpy(), classes), np.column_stack(numbers)
