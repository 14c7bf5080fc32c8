"""Dates by a pattern in `strptime`'s language, and by some things that it does not know: for training and requests.

`%q` is a quarter (1 to 4, its first day), `%V` without `%u` an ISO week (its Monday); an offset may lack its minutes,
as PostgreSQL writes it (`+00`), or be named or explained as in mails (`EST`, `-0700 (PDT)`); a time with a fraction may
lack it, and digits of a second after the sixth are dropped.
A cell and its pattern are rewritten into what `strptime` reads by rules in the language that RE2 and Python share, so
that a column is rewritten by the same rules at once.
"""

import re
from datetime import datetime
from functools import lru_cache

_OFFSET = (r"(:[0-9]{2}(?:\.[0-9]+)? ?[+-][0-9]{2})$", r"\1:00")
_COMMENT = (r" \([A-Za-z .-]{1,40}\)$", "")
_HOURS = {"EDT": 4, "EST": 5, "CDT": 5, "CST": 6, "MDT": 6, "MST": 7, "PDT": 7, "PST": 8}
_ZONES = tuple((f" {zone}$", f" -{hours:02}00") for zone, hours in _HOURS.items())
"""The zones that RFC 2822 knows by name, and the comment that mails write behind an offset."""
_NANOSECONDS = (r"(:[0-9]{2}\.[0-9]{6})[0-9]{1,3}", r"\1")
_NO_FRACTION = (r"(:[0-9]{2}:[0-9]{2})($|[^0-9.:])", r"\1.0\2")
_NOON = (r"([AaPp])\. ?[Mm]\.?$", r"\1M")
_QUARTERS = tuple((f"[Qq]{quarter}", f"Q#{3 * quarter - 2:02d}") for quarter in range(1, 5))
_QUARTERS_FIRST = tuple((f"^{quarter}[Qq]", f"{3 * quarter - 2:02d}#Q") for quarter in range(1, 5))
_MONDAY = (r"^(.*)$", r"\1 1")
_DAY = ("%d", "%G")
_DATE = ("%Y", "%y", "%G", "%m", "%b", "%B", *_DAY)

Rules = tuple[tuple[str, str], ...]


def names_day(pattern: str | None) -> bool:
    """Whether a date by this pattern is a day, and not only a month, a quarter or a time of day.

    >>> names_day("%d.%m.%Y"), names_day("%Y-%m"), names_day("%YQ%q")
    (True, False, False)
    """
    return not pattern or "%" not in pattern or any(code in pattern for code in _DAY)


def is_clock(pattern: str | None) -> bool:
    """Whether the pattern is a time of day without a date.

    >>> is_clock("%H:%M"), is_clock("%Y-%m-%d %H:%M"), is_clock(None)
    (True, False, False)
    """
    pattern = pattern or ""
    return ("%H" in pattern or "%I" in pattern) and not any(code in pattern for code in _DATE)


@lru_cache(maxsize=64)
def plain(pattern: str) -> tuple[Rules, str]:
    """The rules that rewrite a cell, and the pattern by which `strptime` then reads it.

    >>> plain("%Y-%m-%d")
    ((), '%Y-%m-%d')
    """
    rules: list[tuple[str, str]] = []
    if "%z" in pattern:
        rules.append(_OFFSET)
        if pattern.endswith("%d %b %Y %H:%M:%S %z"):
            rules += [_COMMENT, *_ZONES]
    if "%f" in pattern:
        rules += [_NANOSECONDS, _NO_FRACTION]
    if "%p" in pattern:
        rules.append(_NOON)
    if "%q" in pattern:
        first = pattern.startswith("%q")
        rules += _QUARTERS_FIRST if first else _QUARTERS
        pattern = pattern.replace("%qQ", "%m#Q") if first else pattern.replace("Q%q", "Q#%m")
    if "%V" in pattern and "%u" not in pattern:
        rules.append(_MONDAY)
        pattern += " %u"
    return tuple(rules), pattern


def strptime(text: str, pattern: str) -> datetime:
    """A cell by a pattern. Raises ValueError.

    >>> strptime("2024-Q2", "%Y-Q%q"), strptime("2024-W05", "%G-W%V")
    (datetime.datetime(2024, 4, 1, 0, 0), datetime.datetime(2024, 1, 29, 0, 0))
    """
    rules, pattern = plain(pattern)
    for find, put in rules:
        text = re.sub(find, put, text)
    return datetime.strptime(text, pattern)  # noqa: DTZ007  naive, as dates are here, unless the cell says more
