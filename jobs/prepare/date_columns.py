"""A column of dates: which cells are none, what of that is bearable, and what must be told.

Odd cells among dates are missing; where there are too many of them, the column is no column of dates, but of words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.encoding.mask import mask
from jobs.prepare.mixed import usual_marks
from jobs.prepare.typed import Typed
from jobs.refusals import counted, shown
from jobs.schema import OfKind
from jobs.tables.conventions import slips
from jobs.tables.dates import Dates, is_out_of_range, read_dates
from jobs.tables.notes import Notes
from jobs.tables.table import Series, Table
from jobs.tables.words import Words

_DATE_NAME = re.compile(r"date|datum|day|fecha|data\b|jour", re.IGNORECASE)
_TRIED = 50
_MOST = 0.8
_HALF = 0.5
_FEW_MARKS = 3


def compact_dates(series: Series, table: Table, notes: Notes) -> Typed | None:
    """20240403 under a name that speaks of dates."""
    numbers = series.numbers
    if numbers is None or series.strays or not _DATE_NAME.search(series.name):
        return None
    low, high = np.nanmin(numbers, initial=np.inf), np.nanmax(numbers, initial=-np.inf)
    if not (19000101 <= low <= high <= 21001231):
        return None
    words = series.as_words()
    dates = read_dates(words, day_first=False, compact=True)
    if dates is None or np.isnat(dates.values[words.counts > 0]).any():
        return None
    return date_column(series.name, words, dates, table, notes)


def date_column(
    name: str, words: Words, dates: Dates, table: Table, notes: Notes, *, forced: bool = False
) -> Typed | None:
    """The column as dates, or None (and that told) where too many cells are none; `forced` by the settings, never."""
    is_date = ~np.isnat(dates.values) & (words.counts > 0)
    other = ~is_date & (words.counts > 0)
    beyond = _beyond(words, dates, other)
    odd = other & ~beyond & ~dates.nothing
    if odd.any() and not _tell_odd(name, words, dates, odd, table, notes, forced=forced):
        return None
    if dates.nothing.any():
        seen = _Seen.first(name, words, dates.nothing, table)
        seen.warn("stray-words", f"is no date ({seen.such_cells} with nothing but zeros, read as missing).", notes)
    if beyond.any():
        seen = _Seen.first(name, words, beyond, table)
        seen.warn("dates-out-of-range", f"is out of range ({seen.such_cells}, read as missing).", notes)
    if dates.ambiguous:
        order = {"%d": "day", "%y": "year"}.get(dates.format[:2], "month")
        seen = _Seen.first(name, words, is_date, table)
        seen.warn("ambiguous-dates", f"and all others were read with the {order} first.", notes)
    if "%y" in dates.format:
        years = dates.values[is_date].astype("datetime64[Y]")
        sentence = (
            f"Column {shown(name)} writes years with two digits; they were read as {years.min()} to {years.max()}."
        )
        notes.warn("two-digit-years", sentence, column=name)
    facts: OfKind = {"date_format": dates.format, "has_time": dates.has_time}
    if words.counts[odd].sum() > slips(words.present):
        cells = zip(words.words.filter(pa.array(odd)).to_pylist(), words.counts[odd].tolist(), strict=True)
        facts["missing_words"] = usual_marks(dict(cells))
    words = words.without(other)
    moments = np.append(dates.values, np.datetime64("NaT"))[words.codes]
    column = Typed(
        name, "date", int(np.isnat(moments).sum()), words.distinct, moments=moments, words=words, facts=facts
    )
    if column.distinct == 1 and column.missing == 0:
        return column.unused("constant", "every cell holds the same date")
    return column


def _beyond(words: Words, dates: Dates, other: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    beyond = np.zeros(len(other), dtype=np.bool_)
    for place in np.flatnonzero(other)[:_TRIED].tolist():
        beyond[place] = is_out_of_range(words.words[place].as_py(), dates.format)
    return beyond


@dataclass(frozen=True)
class _Seen:
    """Cells of one sort in a column, and where the first stands."""

    column: str
    file: str
    row: int
    like: str
    count: int

    @classmethod
    def first(cls, column: str, words: Words, these: npt.NDArray[np.bool_], table: Table) -> _Seen:
        """Those whose word is among `these`, a mask over the words."""
        index = words.first_of(these)
        like = mask(words.words[int(words.codes[index])].as_py())
        return cls(column, *table.place(index), like, int(words.counts[these].sum()))

    @property
    def such_cells(self) -> str:
        return counted(self.count, "such cell")

    def warn(self, code: str, ending: str, notes: Notes) -> None:
        """Of "a cell like" the first, with what is told of it."""
        sentence = f"{self.file}: column {shown(self.column)}, row {self.row:,}: a cell like {self.like} {ending}"
        notes.warn(code, sentence, file=self.file, row=self.row, column=self.column)


def _tell_odd(
    name: str,
    words: Words,
    dates: Dates,
    odd: npt.NDArray[np.bool_],
    table: Table,
    notes: Notes,
    *,
    forced: bool,
) -> bool:
    """Tell of the cells that are no dates; whether the column is one of dates all the same."""
    seen = _Seen.first(name, words, odd, table)
    bearable = forced or _bearable(words, dates, odd)
    read = "read as missing" if bearable else "the column was read as words"
    if (odd & dates.other_format).any():
        usual = words.words[int(np.flatnonzero(~np.isnat(dates.values) & (words.counts > 0))[0])].as_py()
        ending = f"is written unlike the other dates, such as {mask(usual)} ({seen.such_cells}; {read})."
        seen.warn("mixed-dates", ending, notes)
    else:
        code = "stray-words" if bearable else "mixed-types"
        seen.warn(code, f"is no date ({seen.such_cells}; {read}).", notes)
    return bearable


def _bearable(words: Words, dates: Dates, odd: npt.NDArray[np.bool_]) -> bool:
    """Whether odd cells are few, or a mark for "no date" however often it is written."""
    count = int(words.counts[odd].sum())
    if count <= max(slips(words.present), (1 - _MOST) * words.present):
        return True
    marked = np.count_nonzero(odd) <= _FEW_MARKS and not (odd & dates.other_format).any()
    return bool(marked and count <= _HALF * words.present)
