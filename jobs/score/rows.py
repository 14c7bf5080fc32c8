"""All rows of a file asked, block by block: the memory of the numbers is a block's, however many rows there are.

A row that the model refuses although its cells were looked at before is marked, and its block is asked again without
it. So many refusals that something else must be wrong end the job.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jobs.score.marks import LAST, Mark, Mask, any_of
from jobs.score.predicting import Answers, Predictor, RowRefusedError
from jobs.score.reading import ToScore
from jobs.tables.notes import refusal

BLOCK = 16_384
MOST_REFUSED = 50


@dataclass(frozen=True)
class Block:
    """Some rows in a row, counted from the beginning of their piece; `asked` (a mask over them) are those that were
    answered, in their order."""

    rows: slice
    asked: Mask
    answers: Answers | None
    """None where no row of it was asked."""

    @property
    def height(self) -> int:
        return int(self.rows.stop) - int(self.rows.start)


@dataclass
class Refused:
    """How many rows of a file the model has refused so far."""

    rows: int = 0


class Asking:
    """The blocks of a piece of a file, once; `marks` grow by the rows that are refused on the way."""

    def __init__(self, scored: ToScore, predictor: Predictor, refused: Refused, size: int = BLOCK) -> None:
        self.marks = list(scored.marks)
        self._scored, self._predictor, self._size = scored, predictor, size
        self._unread = any_of(self.marks, scored.height, unread=True)
        self._refused = refused

    def __iter__(self) -> Iterator[Block]:
        for start in range(0, self._scored.height, self._size):
            rows = slice(start, min(start + self._size, self._scored.height))
            yield self._block(rows)

    def _block(self, rows: slice) -> Block:
        cells = {name: column[rows] for name, column in self._scored.cells.items()}
        while True:
            asked = ~self._unread[rows]
            if not asked.any():
                return Block(rows, asked, None)
            kept = cells if asked.all() else {name: column.filter(pa.array(asked)) for name, column in cells.items()}
            try:
                return Block(rows, asked, self._predictor.answers(kept))
            except RowRefusedError as refused:
                self._mark(rows.start + int(np.flatnonzero(asked)[refused.place]), refused.words)

    def _mark(self, place: int, words: str) -> None:
        self._refused.rows += 1
        if self._refused.rows > MOST_REFUSED:
            where = f"{self._scored.facts['key']}, row {self._scored.own.row(place):,}"
            raise refusal("score-rows-refused", f"{where}, and {MOST_REFUSED} rows before it: {words}.")
        rows = np.zeros(self._scored.height, np.bool_)
        rows[place] = True
        self._unread[place] = True
        self.marks.append(Mark(rows, words, unread=True, rank=LAST))
