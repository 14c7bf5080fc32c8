"""Dates in a column's words: one format for the whole column, found by trying the usual ones.

03/04/2024 is read by the other cells of the column; where none of them decides, the caller is told. The format is kept
in `strptime`'s language (and a little more, see `jobs.encoding.date_forms`), because a request to the endpoint is read
with it.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from jobs.encoding.date_forms import plain, strptime
from jobs.encoding.text import NO_DATE, YEARS
from jobs.tables.words import Words, matching

_MONTH_NAME = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_YEAR = r"(?:1[6-9]|2[0-2])\d\d"
_LOOKS_LIKE_DATE = re.compile(
    r"^(?:[a-z]{3,9},? )?(?:"
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    r"|\d{1,2}[- ./]+[a-z]{3,9}\.?[- ,/]+\d{2,4}"
    r"|[a-z]{3,9}\.? +\d{1,2},? \d{4})(?:[ T:].*)?"
    rf"|{_YEAR}[-/M]\d{{1,2}}|\d{{1,2}}[-/]{_YEAR}"
    rf"|{_MONTH_NAME}[-, /.]{{1,2}}(?:\d{{2}}|{_YEAR})|{_YEAR}[- /]{_MONTH_NAME}"
    rf"|[a-z]{{3}} {_MONTH_NAME} +\d{{1,2}} \d{{1,2}}:\d\d:\d\d .*"
    r"|\d{8}T\d{6}.*"
    rf"|{_YEAR}[- /.]?Q[1-4]|Q[1-4][- /'.]?(?:{_YEAR}|\d\d)|[1-4]Q[- /']?(?:{_YEAR}|\d\d)"
    rf"|{_YEAR}[- /.]?W\d{{1,2}}(?:-?[1-7])?|W\d{{1,2}}[- /.]{_YEAR}"
    r"|\d{1,2}(?::\d\d){1,2}(?:\.\d{1,6})?(?: ?[ap]\.? ?m\.?)?|\d{1,2} ?[ap]\.?m\.?"
    r")$",
    re.IGNORECASE,
)
_DAYS = (
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y",
    "%m/%d/%y", "%d/%m/%y", "%d-%m-%y", "%y-%m-%d", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y",
    "%B %d, %Y", "%a, %d %b %Y", "%A, %B %d, %Y", "%A, %d %B %Y",
)  # fmt: skip
_TIMES = (
    "", " %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M", " %H:%M:%S.%f", "T%H:%M:%S.%f",
    "T%H:%M:%S%z", "T%H:%M:%S.%f%z", " %H:%M:%S%z", " %H:%M:%S.%f%z",
    "T%H:%M%z", " %H:%M%z", " %H:%M:%S %z", " %H:%M:%S.%f %z", " %H:%M:%S UTC", " %H:%M:%S.%f UTC", " %H:%M:%S GMT",
    " %I:%M %p", " %I:%M:%S %p",
)  # fmt: skip
_STAMPS = (
    "%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %z %Y", "%a %b %d %H:%M:%S UTC %Y", "%d/%b/%Y:%H:%M:%S %z",
    "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%S%z",
)  # fmt: skip
_MONTHS = (
    "%Y-%m", "%m/%Y", "%Y/%m", "%m-%Y", "%b-%y", "%b-%Y", "%b %Y", "%B %Y", "%B-%Y", "%B-%y", "%b/%Y", "%b, %Y",
    "%B, %Y", "%b. %Y", "%b %y", "%b/%y", "%YM%m", "%Y %b", "%Y-%b", "%Y %B", "%Y-%B", "%Y/%b",
)  # fmt: skip
_QUARTERS = (
    *("%YQ%q", "%Y-Q%q", "%Y Q%q", "%Y/Q%q", "%Y.Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y", "Q%q.%Y", "Q%q%Y"),
    *("Q%q %y", "Q%q-%y", "Q%q'%y", "Q%q/%y", "%qQ%Y", "%qQ %Y", "%qQ-%Y", "%qQ%y", "%qQ %y", "%qQ'%y"),
)
_WEEKS = (
    "%G-W%V", "%G-W%V-%u", "%GW%V", "%GW%V%u", "%G W%V", "%G/W%V", "%G.W%V", "W%V %G", "W%V-%G", "W%V/%G", "W%V.%G",
)  # fmt: skip
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p", "%H:%M:%S.%f", "%I %p", "%I%p")
_FORMATS = (
    *(day + time for day, time in product(_DAYS, _TIMES)), *_STAMPS, *_MONTHS, *_QUARTERS, *_WEEKS, *_CLOCKS,
)  # fmt: skip
_COMPACT = "%Y%m%d"
_OFFSET = r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})(?: [0-9]{4})?$"
_SAMPLE, _TRIED, _SEED = 200, 20, 7
_LOOKS_SHARE = 0.5

Times = npt.NDArray[np.datetime64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Dates:
    """`values`: a datetime64[ns] a word (UTC where an offset is written), NaT for what is none. `other_format`: words
    that are dates in another format only; `nothing`: words like 0000-00-00."""

    values: Times
    format: str
    has_time: bool
    ambiguous: bool
    other_format: npt.NDArray[np.bool_]
    nothing: npt.NDArray[np.bool_]


def read_dates(words: Words, *, day_first: bool, forced: bool = False, compact: bool = False) -> Dates | None:
    """The words as dates, or None where they do not look like any. `day_first` decides only where nothing else does;
    `compact` are dates like 20240403."""
    kept = np.flatnonzero(words.counts > 0)
    if not len(kept):
        return None
    if compact:
        values = parsed(words.words, _COMPACT)
        nothing = np.zeros(len(values), dtype=np.bool_)
        return Dates(values, _COMPACT, has_time=False, ambiguous=False, other_format=nothing, nothing=nothing)
    step = max(1, len(kept) // _SAMPLE)
    sample: list[str] = words.words.take(kept[::step]).to_pylist()
    alike = [word for word in sample if _LOOKS_LIKE_DATE.match(word)]
    if len(alike) < _LOOKS_SHARE * len(sample) and not (forced and alike):
        return None
    tried = random.Random(_SEED).sample(alike, min(_TRIED, len(alike)))
    shapes = [_shape(word) for word in tried]
    formats = [form for form in _FORMATS if _may_fit(form, shapes) and any(_parses(word, form) for word in tried)]
    if not formats:
        return None
    by_format = {form: parsed(words.words, form) for form in formats}
    read = {form: ~np.isnat(values) & (words.counts > 0) for form, values in by_format.items()}
    cells = {form: int(words.counts[mask].sum()) for form, mask in read.items()}
    most = max(cells.values())
    if not most:
        return None
    best = [form for form in formats if cells[form] == most]
    chosen = _least_spread(best, by_format, read) or _by_preference(best, day_first=day_first)
    any_format = np.logical_or.reduce(list(read.values()))
    values = by_format[chosen]
    times = values[read[chosen]]
    ambiguous = any(
        bool((by_format[best[0]][read[chosen]] != by_format[form][read[chosen]]).any()) for form in best[1:]
    )
    has_time = bool((times != times.astype("datetime64[D]")).any())
    nothing = matching(words.words, NO_DATE) & (words.counts > 0)
    return Dates(values, chosen, has_time, ambiguous, any_format & ~read[chosen], nothing)


def _shape(text: str) -> Counter[str]:
    return Counter(character for character in text if character in "-/.:, ")


def _may_fit(form: str, shapes: list[Counter[str]]) -> bool:
    """Whether the marks between the figures are the same: trying a format costs a thousand times as much."""
    if "%z" in form:
        return any(":" in shape or not shape for shape in shapes)
    return _shape(form) in shapes or ("%p" in form and any("." in shape for shape in shapes))


def _by_preference(formats: list[str], *, day_first: bool) -> str:
    wanted = ("%d", "%Y") if day_first else ("%m", "%b", "%B", "%Y")
    return next((form for form in formats if form.startswith(wanted)), formats[0])


def _least_spread(formats: list[str], values: Mapping[str, Times], read: Mapping[str, Mask]) -> str | None:
    """24-03-05 begins with the year or ends with it: days change more than years, so that the shorter span is right."""
    if not any(form.startswith("%y") for form in formats):
        return None
    return min(formats, key=lambda form: int(np.ptp(values[form][read[form]].astype(np.int64))))


def is_out_of_range(word: str, form: str) -> bool:
    """Whether a word is a date of this format that datetime64[ns] cannot hold."""
    return _parses(word, form) and strptime(word, form).year not in YEARS


def _parses(word: str, form: str) -> bool:
    try:
        strptime(word, form)
    except ValueError:
        return False
    return True


def parsed(words: pa.Array, form: str) -> Times:
    """The words as moments, by a format; NaT for what is none."""
    if "%V" in form:  # pandas 2 takes week 53 of any year; there are few different weeks
        weeks = [strptime(word, form) if _parses(word, form) else None for word in words.to_pylist()]
        held = [week if week is not None and week.year in YEARS else None for week in weeks]
        return np.array(held, dtype="datetime64[ns]")
    rules, plainly = plain(form)
    for find, put in rules:
        words = pc.replace_substring_regex(words, find, put)
    zoned = "%z" in form
    if zoned:  # pandas takes +000, too
        words = pc.if_else(pc.match_substring_regex(words, _OFFSET), words, None)
    texts = pd.Series(words.to_pylist(), dtype=object)
    moments = pd.to_datetime(texts, format=plainly, errors="coerce", utc=zoned)
    if zoned:
        moments = moments.dt.tz_localize(None)
    values: Times = moments.to_numpy(dtype="datetime64[ns]")
    return values
