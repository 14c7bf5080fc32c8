"""Columns that number or name the rows: known by their name, or by going through the rows of every file in order.

A running number is judged file by file, for each may have its own part of it, or begin anew; and rows that were
filtered leave gaps. What decides is that it never turns back and that its usual step is one: amounts of sorted rows
repeat or leap, and the points of a measured series (10, 20, 30) are of equal, but longer steps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_DENSE = 1.5
_HEAD = 1_000
_STEPS_OF_ONE = 0.25
_MOST = 0.9
_IDENTIFIER_NAME = re.compile(
    r"(^|[_\s\-.])(id|ids|key|uuid|guid|nr|no|number|index|idx|row|rownum|code|hash|email|phone)$"
    r"|^(column 1|unnamed: \d+|level_\d|__index_level_\d__)$|(number|nummer)$",
    re.IGNORECASE,
)
_OWNER = (
    r"(customer|client|user|member|account|patient|person|employee|student|passenger|order|invoice|ticket|policy|loan"
    r"|case|claim|session|device|transaction|record|product|item)"
)
_INDEX_NAME = r"^(__index_level_\d__|unnamed: \d+(_level_\d)?|level_\d|index|rownames?|row\.names)$"
_KEY_NAME = re.compile(rf"^(id|uuid|guid)$|.[_\s\-.](id|uuid|guid)$|{_OWNER}s?id$|^__index_level_\d__$", re.IGNORECASE)
_CAMEL_NAME = re.compile(r"[a-z](ID|Id|Nr|No|Key)$")
_INDEX = re.compile(_INDEX_NAME, re.IGNORECASE)

Floats = npt.NDArray[np.float64]


def is_identifier_name(name: str) -> bool:
    """Whether the name may be one of an identifier."""
    return bool(_IDENTIFIER_NAME.search(name) or _CAMEL_NAME.search(name) or _KEY_NAME.search(name))


def is_key_name(name: str) -> bool:
    """Whether the name says identifier beyond doubt, as customer_id does."""
    return bool(_KEY_NAME.search(name))


def is_index_name(name: str) -> bool:
    """Whether the name is one that a program gives to the numbers of rows.

    >>> [is_index_name(name) for name in ("Unnamed: 0", "__index_level_0__", "price")]
    [True, True, False]
    """
    return bool(_INDEX.search(name.strip()))


def counts_rows(parts: Sequence[Floats]) -> bool:
    """Whether whole numbers, one array a file, go through the rows in order, all up or all down, mostly by one."""
    heads = np.concatenate([np.diff(part[:_HEAD]) for part in parts])
    if not (np.all(heads > 0) or np.all(heads < 0)) or any(bool(np.isnan(part).any()) for part in parts):
        return False
    steps = np.concatenate([np.diff(part) for part in parts])
    if len(steps) < _MOST * sum(map(len, parts)) or not (np.all(steps > 0) or np.all(steps < 0)):
        return False
    by_one = np.count_nonzero(np.abs(steps) == 1)
    return bool(np.abs(steps).sum() < _DENSE * len(steps) or by_one >= _STEPS_OF_ONE * len(steps))
