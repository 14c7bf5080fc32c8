"""Dates in a column's words: one format for the whole column, found by trying the usual ones.

03/04/2024 is read by the other cells of the column; where none of them decides, the caller is told. The format is kept
in `strptime`'s language, because a request to the endpoint is read with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.encoding.text import NO_DATE
from jobs.prepare.words import Words, matching

_LOOKS_LIKE_DATE = re.compile(
    r"^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    r"|\d{1,2}[- .]+[A-Za-z]{3,9}\.?[- ,]+\d{2,4}"
    r"|[A-Za-z]{3,9}\.? \d{1,2},? \d{4})([ T].*)?$"
)
_DAYS = (
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y",
    "%m/%d/%y", "%d/%m/%y", "%d-%m-%y", "%y-%m-%d", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y",
    "%B %d, %Y",
)  # fmt: skip
_TIMES = (
    "", " %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M", " %H:%M:%S.%f", "T%H:%M:%S.%f",
    "T%H:%M:%S%z", "T%H:%M:%S.%f%z", " %H:%M:%S%z", " %H:%M:%S.%f%z",
    "T%H:%M%z", " %H:%M%z", " %H:%M:%S %z", " %H:%M:%S UTC", " %H:%M:%S.%f UTC", " %I:%M %p", " %I:%M:%S %p",
)  # fmt: skip
_FORMATS = tuple(day + time for day, time in product(_DAYS, _TIMES))
_COMPACT = "%Y%m%d"
_SAMPLE = 200
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
        values = _parsed(pd.Series(words.words.to_pylist(), dtype=object), _COMPACT)
        nothing = np.zeros(len(values), dtype=np.bool_)
        return Dates(values, _COMPACT, has_time=False, ambiguous=False, other_format=nothing, nothing=nothing)
    step = max(1, len(kept) // _SAMPLE)
    sample: list[str] = words.words.take(kept[::step]).to_pylist()
    alike = [word for word in sample if _LOOKS_LIKE_DATE.match(word)]
    if len(alike) < _LOOKS_SHARE * len(sample) and not (forced and alike):
        return None
    tried = alike[:: max(1, len(alike) // 20)]
    shapes = [_shape(word) for word in tried]
    formats = [form for form in _FORMATS if _may_fit(form, shapes) and any(_parses(word, form) for word in tried)]
    if not formats:
        return None
    texts = pd.Series(words.words.to_pylist(), dtype=object)
    by_format = {form: _parsed(texts, form) for form in formats}
    read = {form: ~np.isnat(values) & (words.counts > 0) for form, values in by_format.items()}
    cells = {form: int(words.counts[mask].sum()) for form, mask in read.items()}
    most = max(cells.values())
    best = [form for form in formats if cells[form] == most]
    chosen = _least_spread(best, by_format, read) or _by_preference(best, day_first=day_first)
    any_format = np.logical_or.reduce(list(read.values()))
    values = by_format[chosen]
    times = values[read[chosen]]
    ambiguous = len(best) > 1 and bool((by_format[best[0]][read[chosen]] != by_format[best[1]][read[chosen]]).any())
    has_time = bool((times != times.astype("datetime64[D]")).any())
    nothing = matching(words.words, NO_DATE) & (words.counts > 0)
    return Dates(values, chosen, has_time, ambiguous, any_format & ~read[chosen], nothing)


def _shape(text: str) -> Counter[str]:
    return Counter(character for character in text if character in "-/.:,T ")


def _may_fit(form: str, shapes: list[Counter[str]]) -> bool:
    """Whether the marks between the figures are the same: trying a format costs a thousand times as much."""
    return _shape(form) in shapes or ("%z" in form and any("T" in shape or ":" in shape for shape in shapes))


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
    return _parses(word, form) and not 1678 <= datetime.strptime(word, form).year <= 2261  # noqa: DTZ007


def _parses(word: str, form: str) -> bool:
    try:
        datetime.strptime(word, form)  # noqa: DTZ007  only whether it can be read
    except ValueError:
        return False
    return True


def _parsed(texts: pd.Series[str], form: str) -> Times:
    zoned = "%z" in form
    moments = pd.to_datetime(texts, format=form, errors="coerce", utc=zoned)
    if zoned:
        moments = moments.dt.tz_localize(None)
    values: Times = moments.to_numpy(dtype="datetime64[ns]")
    return values
