"""Records one by one, with the endpoint's own parser: slow, and right about everything.

What the columnar way does not take comes here: requests in JSON, BASE64, quoted line breaks, damaged lines. Every
record ends in exactly one account: its rows, a reason to be left out, or a code of `codes.KINDS`. Cells are typed for
all records at once; only where one of them cannot be read is each record tried by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.capture.answers import Answers, as_words, read_answers
from jobs.capture.batch import Batch, Floats, Identified
from jobs.capture.blocks import Block
from jobs.capture.records import Side, Unusable, Which, is_text, marks, moment, own_id, parsed, side
from jobs.capture.shape import NUMBER, Shape, finite
from jobs.capture.tally import Tally, Trouble
from jobs.encoding.text import UnreadableCellError
from jobs.serving.rows import JSON_LINES, Refused, Table, read_table

Cells = Sequence[str | None]


@dataclass(frozen=True)
class _Taken:
    """A record that counts unless a cell cannot be read: `cells` a column of the shape each, `notes` codes, details."""

    number: int
    rows: int
    cells: list[Cells]
    answers: Answers | None
    own_id: str | None
    when: datetime | None
    notes: list[Unusable]


def read_lines(
    block: Block, lines: Iterable[tuple[int, bytes]], shape: Shape, which: Which, *, identified: bool = False
) -> Iterator[Batch]:
    """The batches of some of a block's lines (with their number), at most one with answers and one without."""
    account = _Account(block, shape, which)
    for number, line in lines:
        if line.strip():
            account.take(number, line)
    yield from account.batches(identified=identified)


class _Account:
    """The records read so far, and the troubles with them."""

    def __init__(self, block: Block, shape: Shape, which: Which) -> None:
        self._block, self._shape, self._which = block, shape, which
        self._taken: list[_Taken] = []
        self._records = 0
        self._left_out: Counter[str] = Counter()
        self._unreadable: Counter[str] = Counter()
        self._troubles: dict[str, Trouble] = {}

    def take(self, number: int, line: bytes) -> None:
        self._records += 1
        try:
            self._take(number, parsed(line))
        except Unusable as unusable:
            self._note(number, unusable)

    def _note(self, number: int, unusable: Unusable) -> None:
        trouble = Trouble(1, self._block.place(number, unusable.detail))
        known = self._troubles.get(unusable.code)
        self._troubles[unusable.code] = trouble if known is None else known + trouble

    def _take(self, number: int, record: dict[str, Any]) -> None:
        about = record.get("eventMetadata")
        about = about if isinstance(about, dict) else {}
        when = moment(about.get("inferenceTime"))
        left_out = self._which.left_out(marks(about.get("customAttributes")), when)
        if left_out is not None:
            self._left_out[left_out] += 1
            return
        request = side(record, "endpointInput")
        if request is None:
            raise Unusable("without-input")
        table = _table(request, self._shape)
        places = [table.columns.index(column.name) for column in self._shape.read]
        cells: list[Cells] = [[row[place] for row in table.rows] for place in places]
        if not all(is_text(cell) for column in cells for cell in column if cell is not None):
            raise Unusable("undecodable")
        notes = list(_notes(request, has_time=when is not None))
        answers = _answers(record, len(table.rows), self._shape, notes)
        own = own_id(about)
        own = own if isinstance(own, str) and is_text(own) else None
        self._taken.append(_Taken(number, len(table.rows), cells, answers, own, when, notes))

    def batches(self, *, identified: bool) -> Iterator[Batch]:
        try:
            found = list(self._typed(identified=identified))
        except UnreadableCellError:
            self._taken = [taken for taken in self._taken if self._is_readable(taken)]
            found = list(self._typed(identified=identified))
        for taken in self._taken:
            for note in taken.notes:
                self._note(taken.number, note)
        times = [taken.when for taken in self._taken if taken.when is not None]
        rows = sum(taken.rows for taken in self._taken)
        first, last = min(times, default=None), max(times, default=None)
        unreadable, left_out = dict(self._unreadable), dict(self._left_out)
        size = len(self._taken)
        yield Batch(0, tally=Tally(self._records, size, rows, left_out, self._troubles, unreadable, first, last))
        yield from found

    def _is_readable(self, taken: _Taken) -> bool:
        for column, cells in zip(self._shape.read, taken.cells, strict=True):
            try:
                column.from_texts(cells)
            except UnreadableCellError as error:
                self._unreadable[column.name] += 1
                self._note(taken.number, Unusable("unreadable-cell", f'row {error.row}, column "{column.name[:40]}"'))
                return False
        return True

    def _typed(self, *, identified: bool) -> Iterator[Batch]:
        for is_answered in (True, False):
            chosen = [taken for taken in self._taken if (taken.answers is not None) == is_answered]
            if chosen:
                columns = self._columns(chosen)
                predicted, probabilities = _joined_answers(chosen, self._shape)
                seconds = _seconds(chosen)
                who = _identified(chosen, seconds) if identified else None
                yield Batch(len(seconds), columns, predicted, probabilities, who, seconds=seconds)

    def _columns(self, chosen: Sequence[_Taken]) -> dict[str, Any]:
        """The cells of all records, typed. Raises UnreadableCellError."""
        columns, strange = {}, set[int]()
        for place, column in enumerate(self._shape.read):
            cells = list(chain.from_iterable(taken.cells[place] for taken in chosen))
            columns[column.name] = column.from_texts(cells)
            if column.how == NUMBER:
                columns[column.name], outside = finite(columns[column.name])
                strange |= {row for row in np.flatnonzero(outside).tolist() if _is_number(cells[row])}
        if strange:
            records = [taken for taken in chosen for _ in range(taken.rows)]
            for taken in (records[row] for row in sorted(strange)):
                if all(note.code != "not-finite" for note in taken.notes):
                    taken.notes.append(Unusable("not-finite"))
        return columns


def _is_number(text: str | None) -> bool:
    """Whether a cell is written as a number, NaN and infinity among them; a word for "nothing" is not."""
    try:
        float(text or "")
    except ValueError:
        return False
    return True


def _notes(request: Side, *, has_time: bool) -> Iterator[Unusable]:
    if not has_time:
        yield Unusable("without-time")
    if request.was_base64:
        yield Unusable("base64")
    if request.text.startswith("\ufeff"):
        yield Unusable("byte-order-mark")


def _table(request: Side, shape: Shape) -> Table:
    if request.media not in ("text/csv", "application/json", *JSON_LINES):
        raise Unusable("unknown-format")
    if not request.text.strip("\ufeff \r\n"):
        raise Unusable("no-rows")
    try:
        return read_table(request.text, request.media, list(shape.columns), shape.target)
    except Refused as refused:
        raise _why(request, shape, str(refused)) from None
    except RecursionError:  # thousands of brackets
        raise Unusable("another-schema") from None


def _why(request: Side, shape: Shape, sentence: str) -> Unusable:
    if "holds no rows" in sentence:
        return Unusable("no-rows")
    if request.media == "text/csv" and "cells; " in sentence:
        found, wanted = int(sentence.partition(" has ")[2].split()[0]), len(shape.columns)
        code = "fewer-columns" if found < wanted else "more-columns"
        return Unusable(code, f"{found:,} of {wanted:,}")
    return Unusable("another-schema")


def _answers(record: dict[str, Any], rows: int, shape: Shape, notes: list[Unusable]) -> Answers | None:
    """A record's answers; None with a further note where they cannot be used."""
    try:
        answer = side(record, "endpointOutput")
        answers = None if answer is None else read_answers(answer, shape.classes)
    except Unusable as unusable:
        code = "unreadable-answer" if unusable.code == "undecodable" else unusable.code
        notes.append(Unusable(code, unusable.detail))
        return None
    if answers is None:
        notes.append(Unusable("without-answer"))
    elif len(answers[0]) != rows:
        notes.append(Unusable("rows-differ", f"{rows} rows, {len(answers[0])} answers"))
        return None
    return answers


def _joined_answers(chosen: Sequence[_Taken], shape: Shape) -> tuple[Any, Any]:
    given = [taken.answers for taken in chosen if taken.answers is not None]
    if not given:
        return None, None
    predicted = np.concatenate([answers[0] for answers in given])
    if shape.classes is None:
        return predicted, None
    probabilities = np.concatenate([answers[1] for answers in given if answers[1] is not None])
    return as_words(predicted, shape.classes), probabilities


def row_ids(own: str | None, rows: int) -> list[str | None]:
    """The ids of a request's rows: its own where it holds one row, otherwise with `/1`, `/2`, … behind it."""
    if own is None:
        return [None] * rows
    return [own] if rows == 1 else [f"{own}/{number}" for number in range(1, rows + 1)]


def _seconds(chosen: Sequence[_Taken]) -> Floats:
    times = [np.nan if taken.when is None else taken.when.timestamp() for taken in chosen for _ in range(taken.rows)]
    return np.array(times, dtype=np.float64)


def _identified(chosen: Sequence[_Taken], seconds: Floats) -> Identified:
    ids = [name for taken in chosen for name in row_ids(taken.own_id, taken.rows)]
    return Identified(pa.array(ids, pa.string()), seconds)
