"""Rows whose cells stand in the wrong columns: the one doubt about cells that is a doubt about the whole table.

A single mixed column is read as best it can be (mixed.py). Where the same rows hold words in several columns of
numbers, each column other words, a cell was lost or split in two, and every other cell of these rows is wrong, too.
A mark for "not measured" that runs through a row is no such thing: it is the same word in every column.
"""

from __future__ import annotations

import numpy as np

from jobs.prepare.mixed import odd_rows
from jobs.refusals import listed
from jobs.tables.conventions import slips
from jobs.tables.notes import refusal
from jobs.tables.table import Series, Table

_COLUMNS = 3
_TOGETHER = 0.8
_WORDS_LOOKED_AT = 1_000


def check_not_shifted(table: Table) -> None:
    """Raises Refusal where rows are shifted, more of them than slips."""
    odd = [s for s in table.series.values() if s.numbers is not None and s.stray_count > slips(table.height)]
    if len(odd) < _COLUMNS or not _are_all_different(odd):
        return
    masks = [np.concatenate([odd_rows(part) for part in series.parts]) for series in odd]
    in_row = np.sum(masks, axis=0)
    together = in_row >= _COLUMNS
    if np.count_nonzero(together) < _TOGETHER * np.count_nonzero(in_row):
        return
    file, row = table.place(int(np.argmax(together)))
    names = listed([series.name for series in odd])
    sentence = f"{file}: row {row:,}: the columns {names} hold numbers elsewhere and other words in the same {np.count_nonzero(together):,} rows."  # noqa: E501
    raise refusal("shifted-rows", sentence)


def _are_all_different(columns: list[Series]) -> bool:
    """Whether no column shares its odd words with another."""
    seen = set[str]()
    for series in columns:
        words = _odd_words(series)
        if words & seen:
            return False
        seen |= words
    return True


def _odd_words(series: Series) -> set[str]:
    found = set[str]()
    for part in series.parts:
        words = part.as_words()
        codes = np.unique(words.codes[odd_rows(part)])[:_WORDS_LOOKED_AT]
        found.update(words.words.take(codes).to_pylist())
    return found
