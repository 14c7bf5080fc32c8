"""A column of dates: which cells are none, what of that is bearable, and what must be told or refused."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from jobs.encoding.form import form
from jobs.prepare.dates import Dates, is_out_of_range, read_dates
from jobs.prepare.notes import Notes, refusal
from jobs.prepare.table import Series, Table
from jobs.prepare.typed import Typed
from jobs.prepare.words import Words
from jobs.refusals import shown

STRAY_SHARE = 0.01
"""The share of cells that may be unreadable in a column of numbers or dates: a slip of the hand, not another kind."""
_DATE_NAME = re.compile(r"date|datum|day|fecha|data\b|jour", re.IGNORECASE)
_TRIED = 50


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


def date_column(name: str, words: Words, dates: Dates, table: Table, notes: Notes) -> Typed:
    is_date = ~np.isnat(dates.values) & (words.counts > 0)
    other = ~is_date & (words.counts > 0)
    beyond = _beyond(words, dates, other)
    if beyond.any():
        index = words.first_of(beyond)
        file, row = table.place(index)
        word = words.words[int(words.codes[index])].as_py()
        count = int(words.counts[beyond].sum())
        where = f"{file}: column {shown(name)}, row {row:,}"
        sentence = f"{where}: a cell like {form(word)} is out of range ({count:,} such cells)."
        notes.warn("dates-out-of-range", sentence, file=file, row=row, column=name)
    if (other & ~beyond).any():
        _judge_no_dates(name, words, dates, other & ~beyond, table, notes)
    if dates.ambiguous:
        index = words.first_of(is_date)
        file, row = table.place(index)
        word = words.words[int(words.codes[index])].as_py()
        order = {"%d": "day", "%y": "year"}.get(dates.format[:2], "month")
        sentence = f"{file}: column {shown(name)}, row {row:,}: a cell like {form(word)} and all others were read with the {order} first."  # noqa: E501
        notes.warn("ambiguous-dates", sentence, file=file, row=row, column=name)
    if "%y" in dates.format:
        years = dates.values[is_date].astype("datetime64[Y]")
        sentence = (
            f"Column {shown(name)} writes years with two digits; they were read as {years.min()} to {years.max()}."
        )
        notes.warn("two-digit-years", sentence, column=name)
    words = words.without(other)
    moments = np.append(dates.values, np.datetime64("NaT"))[words.codes]
    facts = {"date_format": dates.format, "has_time": dates.has_time}
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


def _judge_no_dates(
    name: str, words: Words, dates: Dates, other: npt.NDArray[np.bool_], table: Table, notes: Notes
) -> None:
    index = words.first_of(other)
    file, row = table.place(index)
    word = words.words[int(words.codes[index])].as_py()
    count = int(words.counts[other].sum())
    where = f"{file}: column {shown(name)}, row {row:,}: a cell like {form(word)}"
    if (other & dates.other_format).any():
        usual = words.words[int(np.flatnonzero(~np.isnat(dates.values) & (words.counts > 0))[0])].as_py()
        sentence = f"{where} is written unlike the other dates, such as {form(usual)} ({count:,} such cells)."
        raise refusal("mixed-dates", sentence)
    if count > max(1, STRAY_SHARE * words.present):
        raise refusal("mixed-types", f"{where} is no date, nor are {count - 1:,} other cells.")
    sentence = f"{where} is no date ({count:,} such cells)."
    notes.warn("stray-words", sentence, file=file, row=row, column=name)
