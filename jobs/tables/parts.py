"""The part of a column that one file holds, as read so far: passed from step to step; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.tables.notes import Notes
from jobs.tables.numbers import Evidence, Written
from jobs.tables.words import Words, to_words

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stray:
    """The first of `count` cells that are no number."""

    file: str
    row: int
    word: str
    count: int


@dataclass(frozen=True)
class Doubt:
    """Why the numbers of a column cannot be told: a code of the table of outcomes, and where and what.

    A feature is then read as words; a target is refused.
    """

    code: str
    sentence: str
    file: str
    row: int | None = None


@dataclass(frozen=True)
class Column:
    """One column of one file. `numbers`: a float a cell, NaN where missing or no number; None: no number at all.

    Exactly one of `words` and `text` is there: words where Arrow could not read plain numbers, else the text it read.
    `units`: the currency and percent signs on its numbers, "" for bare ones. `unusable`: what it holds instead of
    plain values; its words are then all missing. `doubt`: why numbers were read as words.
    `told`: what is to be told of its numbers once the column is known to be one of numbers. `decimal`: the mark by
    which its words were read as numbers.
    """

    name: str
    numbers: Floats | None
    words: Words | None
    text: pa.ChunkedArray | None
    strays: tuple[Stray, ...] = ()
    zeros: Stray | None = None
    taken: Written | None = None
    evidence: Evidence | None = None
    units: frozenset[str] = frozenset()
    unusable: str | None = None
    doubt: Doubt | None = None
    told: Notes | None = None
    decimal: str | None = None

    def as_words(self) -> Words:
        if self.words is not None:
            return self.words
        assert self.text is not None  # noqa: S101  the class's invariant, for the type checker
        return to_words(self.text)
