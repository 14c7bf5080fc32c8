"""What a column's name says of time: a year, a month and so on down to a second, or a clock.

Names alone prove little, so whoever asks looks at the values, too. In the languages that files come in most often.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

_NAMES = (
    r"years?|yyyy|yr|jahr|año|anio|ano|annee|année|anno",
    r"quarter|qtr|quartal|trimestre",
    r"months?|mm|mnth|mon|monat|mes|mois|mese",
    r"weeks?|weekofyear|kw|woche|semana|semaine",
    r"days?|dd|dom|dayofmonth|tag|dia|día|jour|giorno",
    r"hours?|hh|hr|hrs|stunde|hora|heure|ora",
    r"minutes?|minuten?|minuto",
    r"seconds?|sec|sekunden?|segundo|seconde",
)
UNITS = [re.compile(rf"(?:.*[_\s.\-])?(?:{names})", re.IGNORECASE) for names in _NAMES]
COARSEST = 3  # a year, a quarter or a month begins; hours alone say nothing of the order of days
_CLOCK = re.compile(
    r"(?i:(?:.*[_\s.\-])?(?:time|timestamp|ts|epoch|unixtime|unix|datetime|date|datum|zeit|zeitpunkt|step|tick|period|t|day|week|at))"
    r"|.*[a-z](?:Time|Timestamp|Date|At)",
    re.ASCII,
)
_FINE = re.compile(
    r"(?:day|dd|dom|dayofmonth|dow|dayofweek|weekday|doy|dayofyear|week|weekofyear|kw|hour|hh|hr|minute|second"
    r"|tag|woche|stunde|d[ií]a|semana|hora|jour|semaine|heure|giorno|ora)",
    re.IGNORECASE,
)
"""Units smaller than a month in the singular: "days" may be a number of them."""
_YEARS = (1500, 2262)
_SINCE_1970 = (100_000_000, 10_000_000_000)

Floats = npt.NDArray[np.float64]


def is_part_of_date(name: str, beside: Iterable[str] = ()) -> bool:
    """Whether a column's name says year, quarter or month; or a smaller unit, with one of these `beside` it.

    >>> is_part_of_date("Year"), is_part_of_date("day"), is_part_of_date("day", ["month", "day"])
    (True, False, True)
    """
    if any(unit.fullmatch(name.strip()) for unit in UNITS[:COARSEST]):
        return True
    return bool(_FINE.fullmatch(name.strip())) and any(is_part_of_date(other) for other in beside)


def is_year(name: str, numbers: Floats) -> bool:
    """Whether a column of numbers is one of years: by its name, and by what years there are."""
    return bool(UNITS[0].fullmatch(name.strip())) and _within(numbers, *_YEARS)


def says_when(name: str) -> bool:
    """Whether a column's name says clock, as timestamp or created_at does.

    >>> says_when("createdAt"), says_when("runtime")
    (True, False)
    """
    return bool(_CLOCK.fullmatch(name.strip()))


def is_time_stamp(name: str, numbers: Floats) -> bool:
    """Whether a column of numbers is seconds or milliseconds since 1970, as computers count time."""
    low, high = _SINCE_1970
    return says_when(name) and (_within(numbers, low, high) or _within(numbers, 1_000 * low, 1_000 * high))


def _within(numbers: Floats, low: float, high: float) -> bool:
    present = numbers[~np.isnan(numbers)]
    return len(present) > 0 and bool(low <= present.min() and present.max() < high)
