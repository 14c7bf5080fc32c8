"""Cells of a test file that are no date, or no yes or no, where the model was taught dates, or yes and no.

The endpoint refuses a request with such a cell, and one slip must not refuse a file of a million rows: it is missing,
and told, as a word among numbers is. Which cells these are the endpoint's own reading decides, word by word.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jobs.encoding.columns import Boolean
from jobs.encoding.moments import Date
from jobs.encoding.text import UnreadableCellError
from jobs.schema import Column
from jobs.tables.dates import parsed
from jobs.tables.words import Words


def unreadable(words: Words, entry: Column) -> npt.NDArray[np.bool_]:
    """Which words the endpoint would refuse; `entry`: the column in schema.json."""
    encoding = _encoding(entry)
    used = words.counts > 0
    if encoding is None or not used.any():
        return np.zeros(len(used), dtype=np.bool_)
    if isinstance(encoding, Date) and encoding.date_format:
        used &= np.isnat(parsed(words.words, encoding.date_format))  # quickly; the others one by one
    out = np.empty((1, len(encoding.features)), dtype=np.float32)
    for place in np.flatnonzero(used).tolist():
        try:
            encoding.fill_texts([words.words[place].as_py()], out)
            used[place] = False
        except UnreadableCellError:
            pass
    return used


def _encoding(entry: Column) -> Boolean | Date | None:
    name, kind = entry["name"], entry["kind"] if entry["used"] else None
    if kind == "boolean":
        return Boolean(name, tuple(entry.get("true_words") or ()), tuple(entry.get("false_words") or ()))
    if kind == "date":
        return Date(name, entry.get("date_format"), missing_words=tuple(entry.get("missing_words") or ()))
    return None
