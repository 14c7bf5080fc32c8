"""Records one by one, with the endpoint's own parser: slow, and right about everything.

What the columnar way does not take comes here: requests in JSON, BASE64, quoted line breaks, damaged lines. Every
record ends in exactly one account: its rows, a reason to be left out, or a code of `codes.KINDS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.capture.answers import Answers, as_words, read_answers
from jobs.capture.batch import Batch, Identified
from jobs.capture.blocks import Block
from jobs.capture.records import Side, Unusable, Which, marks, moment, parsed, side
from jobs.capture.shape import NUMBER, Shape, finite
from jobs.capture.tally import Tally
from jobs.encoding.text import UnreadableCellError
from jobs.serving.rows import JSON_LINES, Refused, Table, read_table

Lines = Iterable[tuple[int, bytes]]
"""Lines with their number in the block."""


@dataclass
class _Rows:
    """Rows gathered from records, all answered or none."""

    columns: dict[str, list[Any]]
    answers: list[Answers] = field(default_factory=list)
    ids: list[str | None] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    rows: int = 0


def read_lines(block: Block, lines: Lines, shape: Shape, which: Which, *, identified: bool = False) -> Iterator[Batch]:
    """The batches of some of a block's lines, at most one with answers and one without."""
    account = _Account(block, shape, which)
    for number, line in lines:
        if line.strip():
            account.take(number, line)
    yield from account.batches(identified=identified)


class _Account:
    """The rows and the tally of the records read so far."""

    def __init__(self, block: Block, shape: Shape, which: Which) -> None:
        self._block, self._shape, self._which = block, shape, which
        self._answered, self._unanswered = self._empty(), self._empty()
        self._tally = Tally()

    def _empty(self) -> _Rows:
        return _Rows({column.name: [] for column in self._shape.read})

    def take(self, number: int, line: bytes) -> None:
        self._tally += Tally(records=1)
        try:
            self._take(number, parsed(line))
        except Unusable as unusable:
            self._trouble(number, unusable.code, unusable.detail)

    def _trouble(self, number: int, code: str, detail: str = "") -> None:
        self._tally += Tally.of_trouble(code, self._block.place(number, detail))

    def _take(self, number: int, record: dict[str, Any]) -> None:
        about = record.get("eventMetadata")
        about = about if isinstance(about, dict) else {}
        when = moment(about.get("inferenceTime"))
        left_out = self._which.left_out(marks(about.get("customAttributes")), when)
        if left_out is not None:
            self._tally += Tally(left_out={left_out: 1})
            return
        request = side(record, "endpointInput")
        if request is None:
            raise Unusable("without-input")
        table = _table(request, self._shape)
        columns = self._typed(number, table)
        answers = self._answers(number, record, len(table.rows))
        rows = self._unanswered if answers is None else self._answered
        for name, values in columns.items():
            rows.columns[name].append(values)
        rows.answers.extend([] if answers is None else [answers])
        rows.ids.extend(row_ids(about.get("inferenceId") or about.get("eventId"), len(table.rows)))
        rows.seconds.extend([np.nan if when is None else when.timestamp()] * len(table.rows))
        rows.rows += len(table.rows)
        self._tally += Tally(counted=1, rows=len(table.rows), first=when, last=when)
        self._notes(number, request, has_time=when is not None)

    def _notes(self, number: int, request: Side, *, has_time: bool) -> None:
        if not has_time:
            self._trouble(number, "without-time")
        if request.was_base64:
            self._trouble(number, "base64")
        if request.text.startswith("\ufeff"):
            self._trouble(number, "byte-order-mark")

    def _typed(self, number: int, table: Table) -> dict[str, Any]:
        cells = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True))
        columns, strange = {}, False
        for column in self._shape.read:
            try:
                values = column.from_texts(cells[column.name])
            except UnreadableCellError as error:
                self._tally += Tally(unreadable={column.name: 1})
                raise Unusable("unreadable-cell", f'row {error.row}, column "{column.name[:40]}"') from None
            if column.how == NUMBER:
                values, outside = finite(values)
                strange |= any(_is_number(cells[column.name][row]) for row in np.flatnonzero(outside))
            columns[column.name] = values
        if strange:
            self._trouble(number, "not-finite")
        return columns

    def _answers(self, number: int, record: dict[str, Any], rows: int) -> Answers | None:
        try:
            answer = side(record, "endpointOutput")
            if answer is None:
                raise Unusable("without-answer")  # noqa: TRY301  one way to say so
            answers = read_answers(answer, self._shape.classes)
            if len(answers[0]) != rows:
                raise Unusable("rows-differ", f"{rows} rows, {len(answers[0])} answers")  # noqa: TRY301
        except Unusable as unusable:
            code = "unreadable-answer" if unusable.code == "undecodable" else unusable.code
            self._trouble(number, code, unusable.detail)
            return None
        return answers

    def batches(self, *, identified: bool) -> Iterator[Batch]:
        tally = self._tally
        for rows in (self._answered, self._unanswered):
            if rows.rows:
                yield _batch(rows, self._shape, tally, identified=identified)
                tally = Tally()
        if tally != Tally():
            yield Batch(0, tally=tally)


def row_ids(own: Any, rows: int) -> list[str | None]:
    """The ids of a request's rows: its own where it holds one row, otherwise with `/1`, `/2`, … behind it."""
    if not isinstance(own, str):
        return [None] * rows
    return [own] if rows == 1 else [f"{own}/{number}" for number in range(1, rows + 1)]


def _is_number(text: str | None) -> bool:
    """Whether a cell is written as a number, NaN and infinity among them; a word for "nothing" is not."""
    try:
        float(text or "")
    except ValueError:
        return False
    return True


def _table(request: Side, shape: Shape) -> Table:
    if request.media not in ("text/csv", "application/json", *JSON_LINES):
        raise Unusable("unknown-format")
    if not request.text.strip("\ufeff \r\n"):
        raise Unusable("no-rows")
    try:
        return read_table(request.text, request.media, list(shape.columns), shape.target)
    except Refused as refused:
        raise _why(request, shape, str(refused)) from None


def _why(request: Side, shape: Shape, sentence: str) -> Unusable:
    if "holds no rows" in sentence:
        return Unusable("no-rows")
    if request.media == "text/csv" and "cells; " in sentence:
        found, wanted = int(sentence.partition(" has ")[2].split()[0]), len(shape.columns)
        code = "fewer-columns" if found < wanted else "more-columns"
        return Unusable(code, f"{found:,} of {wanted:,}")
    return Unusable("another-schema")


def _batch(rows: _Rows, shape: Shape, tally: Tally, *, identified: bool) -> Batch:
    predicted: Any = None
    probabilities = None
    if rows.answers:
        predicted = np.concatenate([answer[0] for answer in rows.answers])
        if shape.classes is not None:
            predicted = as_words(predicted, shape.classes)
            probabilities = np.concatenate([answer[1] for answer in rows.answers if answer[1] is not None])
    who = Identified(pa.array(rows.ids, pa.string()), np.array(rows.seconds)) if identified else None
    columns = {name: _joined(parts) for name, parts in rows.columns.items()}
    return Batch(rows.rows, columns, predicted, probabilities, who, tally)


def _joined(parts: list[Any]) -> Any:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    if isinstance(parts[0], pa.DictionaryArray):
        return pa.concat_arrays([part.cast(pa.string()) for part in parts]).dictionary_encode()
    return pa.concat_arrays(parts)
