"""Cells as people write them, read one by one: numbers, yes/no words, dates, and the many ways to write nothing.

This is the serving side: a request carries text. It must not guess: a cell that cannot be read raises
`UnreadableCellError` with its place, because a number silently taken as missing would give a confident wrong answer.
What a spreadsheet writes for "no value" is missing everywhere; so are infinities and numbers beyond float32, which
XGBoost refuses.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.encoding.date_forms import strptime
from jobs.encoding.mask import mask

MISSING_WORDS = frozenset(
    {
        *("", "na", "n/a", "n.a.", "#n/a", "#na", "#n/a n/a", "<na>", "nan", "nat", "null", "none", "nil"),
        *("-", "--", "?", ".", "missing", "unknown", "inf", "-inf", "+inf", "infinity", "-infinity"),
        *("#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!"),  # a spreadsheet's own mistakes
        *("#nv", "#n/d", "#wert!", "#bezug!", "#zahl!", "#valeur!", "#nom?", "#nombre!", "#¡valor!", "#¡num!"),
        *("\\n", "[null]", "(null)", "<null>", "{null}"),  # MySQL, Hive, COPY of PostgreSQL; DBeaver; SQL Developer
        *("-nan", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind"),  # no number, as C writes it
        *("(blank)", "(none)", "(empty)"),  # pivot tables
    }
)
"""Compared without case and outer blanks. A word that the training part knows as a category stays a category."""

NO_DATE = r"^0{1,4}[-/.]0{1,2}[-/.]0{1,4}(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?$"
"""What databases write for "no date", as 0000-00-00; missing in a column of dates."""

_PLAIN_TRUTHS = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}
_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)  # noqa: DTZ001 - naive, as dates are here
_NO_DATE = re.compile(NO_DATE)
_STRANGE_YEAR = re.compile(
    r"(?<![0-9])(?:0{1,4}[-/.]0|0[0-9]{3}|1[0-5][0-9]{2}|16[0-7][0-9]|22[6-9][0-9]|2[3-9][0-9]{2}|[3-9][0-9]{3})"
)
YEARS = range(1678, 2262)
"""The years that training can hold, as nanoseconds; a date beyond them is missing there, and so it is here."""
_NAT = int(np.iinfo(np.int64).min)
_WORTH_ARROW = 64  # cells; below, handing them over takes longer than reading them

Value = TypeVar("Value")


class UnreadableCellError(ValueError):
    """A cell that cannot be read: `row` counts the rows of the request from 1."""

    def __init__(self, row: int, column: str, text: str, wanted: str) -> None:
        super().__init__(f'row {row}: column "{column}" should hold {wanted}, but holds a cell like {mask(text)}')
        self.row = row
        self.column = column


_BRACKETS = re.compile(r"\(\s*([0-9.][0-9.eE+]*)\s*\)")
_TRAILING = re.compile(r"([0-9.][0-9.]*)\s*-")


def composed(text: str) -> str:
    """Text in Unicode's composed form (NFC): a Mac writes é as two characters, and they are the same word.

    >>> composed("cafe\u0301") == "caf\u00e9"
    True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def number(text: str) -> float:
    """A number as a caller may write it; ValueError where it is none. Minus may be U+2212, stand behind, or be an
    accountant's brackets, as training reads it; what only a whole column can tell (1,234) is refused.

    >>> [number(text) for text in ("1.5", "\u22122", "(3)", "4-")]
    [1.5, -2.0, -3.0, -4.0]
    """
    try:
        return float(text)
    except ValueError:
        plain = text.strip().replace("\u2212", "-")
        other = _BRACKETS.fullmatch(plain) or _TRAILING.fullmatch(plain)
        return -float(other[1]) if other else float(plain)


def is_missing(text: str | None) -> bool:
    """Whether a cell says that there is no value.

    >>> [is_missing(text) for text in (None, "", " N/A ", "0")]
    [True, True, True, False]
    """
    return text is None or text.strip().casefold() in MISSING_WORDS


def numbers(column: str, texts: Sequence[str | None], gaps: frozenset[str] = frozenset()) -> npt.NDArray[np.float64]:
    """One float a cell, NaN where missing; infinities stay, for the caller to mask at once. `gaps`: further words that
    are missing in this column, in lower case.

    >>> numbers("age", ["1.5", None, "n/a"])
    array([1.5, nan, nan])
    """
    if len(texts) >= _WORTH_ARROW:
        try:
            return _by_arrow(texts)
        except pa.ArrowInvalid:
            pass  # the loop below reads more kinds of numbers, or names the cell
    try:  # nearly every request: all cells are numbers or empty
        return np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        wanted = "a number (with a point as decimal mark)"
        return np.array(_each(column, texts, number, wanted, np.nan, gaps))


def _by_arrow(texts: Sequence[str | None]) -> npt.NDArray[np.float64]:
    """Ten times faster than float() on long columns, with the same rounding."""
    cells = pc.if_else(pc.equal(strings := pa.array(texts, pa.string()), ""), None, strings)
    values: npt.NDArray[np.float64] = cells.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def truths(column: str, texts: Sequence[str | None], words: dict[str, float]) -> list[float]:
    """1.0, 0.0 or NaN a cell; `words` are the column's own, in lower case, and win over true/false and 1/0."""

    def read(text: str) -> float:
        word = composed(text.strip()).casefold()
        return words[word] if word in words else _PLAIN_TRUTHS[word]

    return _each(column, texts, read, "one of " + ", ".join(f'"{word}"' for word in words), float("nan"))


def dates(
    column: str, texts: Sequence[str | None], pattern: str | None, gaps: frozenset[str] = frozenset()
) -> npt.NDArray[np.datetime64]:
    """One moment a cell, in microseconds (UTC where the text names an offset), NaT where missing; `gaps` are, too.

    >>> dates("day", ["1970-01-02", ""], None)
    array(['1970-01-02T00:00:00.000000',                        'NaT'],
          dtype='datetime64[us]')
    """

    def read(text: str) -> int:
        text = text.strip()
        if text.startswith("0") and _NO_DATE.match(text):
            return _NAT
        moment = parse_date(text, pattern)
        return (moment - _EPOCH) // _MICROSECOND if moment.year in YEARS else _NAT

    # As integers: numpy takes a thousand of them in the time of ten datetimes.
    moments = _each(column, texts, read, f"a date like {pattern or 'YYYY-MM-DD'}", _NAT, gaps)
    return np.array(moments, dtype=np.int64).view("datetime64[us]")


def is_no_moment(text: str, pattern: str) -> bool:
    """Whether a cell in a column of dates is one that means nothing: 0000-00-00, or beyond the years that are held.

    Asked of every date of the traffic, so that only those of a strange year are read.

    >>> [is_no_moment(text, "%Y-%m-%d") for text in ("0000-00-00", "9999-12-31", "2024-03-05")]
    [True, True, False]
    """
    if not _STRANGE_YEAR.search(text):
        return False
    try:
        return bool(np.isnat(dates("", [text], pattern)[0]))
    except UnreadableCellError:
        return False


@lru_cache(maxsize=4096)  # dates of one request repeat, and strptime is slow
def parse_date(text: str, pattern: str | None) -> datetime:
    """A date by its pattern, or else as ISO 8601.

    >>> parse_date("24.12.2026", "%d.%m.%Y")
    datetime.datetime(2026, 12, 24, 0, 0)
    """
    try:
        named = pattern is not None and "%" in pattern
        moment = strptime(text, pattern or "") if named else datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


@lru_cache(maxsize=1024)
def lowered(words: tuple[str, ...]) -> frozenset[str]:
    """Words as cells are compared with them: without case and outer blanks."""
    return frozenset(word.strip().casefold() for word in words)


def _each(
    column: str,
    texts: Sequence[str | None],
    read: Callable[[str], Value],
    wanted: str,
    missing: Value,
    gaps: frozenset[str] = frozenset(),
) -> list[Value]:
    """Every cell read; a word that occurs often is read once."""
    values: dict[str | None, Value] = {None: missing, "": missing}
    for text in dict.fromkeys(texts):
        if not text:
            continue
        try:
            values[text] = read(text)
        except (ValueError, KeyError):
            if not is_missing(text) and text.strip().casefold() not in gaps:
                raise UnreadableCellError(texts.index(text) + 1, column, text, wanted) from None
            values[text] = missing
    return [values[text] for text in texts]
