"""Numbers and names as the report writes them: rounded for people, never more digits than mean something."""

import re
from typing import Any

from jobs.metrics import catalogue

KINDS = {
    "numeric": "numbers",
    "categorical": "categories",
    "boolean": "yes / no",
    "date": "dates",
    "identifier": "identifiers",
    "constant": "constant",
    "text": "free text",
    "leak": "gives the answer away",
    "empty": "empty",
}
"""What a column is, in plain words."""
ABSENT = "–"
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that reverse the direction of writing: `"stable"` must not be read backwards."""


def typeset(figure: str) -> str:
    """A figure of the metrics' catalogue, with a real minus sign and a real dash.

    >>> typeset("-0.0300"), typeset("1.2e-05"), typeset(catalogue.ABSENT)
    ('−0.0300', '1.2e-05', '–')
    """
    if figure == catalogue.ABSENT:
        return ABSENT
    return figure.replace("-", "−", 1) if figure.startswith("-") else figure


def number(value: Any) -> str:
    """What is no metric, rounded as metrics are; whole numbers as they are; a dash for None.

    >>> number(0.98), number(1234567.8), number(54.321), number(-0.00001234), number(None), number(3)
    ('0.9800', '1,234,568', '54.32', '−1.2e-05', '–', '3')
    """
    return typeset(f"{value:,}" if isinstance(value, int) else catalogue.number(value))


def amount(value: float | None) -> str:
    """What is in the unit of the target, rounded as a metric in it is."""
    return typeset(catalogue.number(value, catalogue.AMOUNT))


def percent(share: Any) -> str:
    """`12.3 %`; a dash for None."""
    return ABSENT if share is None else f"{100 * share:.1f} %"


def duration(seconds: Any) -> str:
    """`41 s`, `5 min 12 s`, `2 h 3 min`.

    >>> duration(41), duration(312), duration(7380)
    ('41 s', '5 min 12 s', '2 h 3 min')
    """
    if seconds is None:
        return ABSENT
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def brief(value: Any, unit: str) -> str:
    """A time too short for `duration`, in two digits that mean something: `0.41 s`, `12 ms`; a dash for None.

    >>> brief(0.4123, "ms"), brief(35.2, "ms"), brief(1240.0, "s"), brief(None, "s")
    ('0.41 ms', '35 ms', '1,240 s', '–')
    """
    if value is None:
        return ABSENT
    return f"{value:.2g} {unit}" if abs(value) < 10 else f"{value:,.0f} {unit}"


def size(count: Any) -> str:
    """Bytes in a unit people read: `1.2 MB`."""
    if count is None:
        return ABSENT
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} bytes"


def cut(name: Any, limit: int = 80) -> str:
    """A user's name as long as a page can bear, without what would turn or break the text around it.

    >>> cut("x" * 100, 5)
    'xxxxx…'
    >>> cut("a\\u202eb\\x00")
    'a�b�'
    """
    text = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", str(name))
    return text if len(text) <= limit else text[:limit] + "…"
