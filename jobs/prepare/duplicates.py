"""Which rows are exact copies of others: one 64-bit hash a row, mixed column by column, never a row in Python.

The hashes hold within one table only: a word counts by its place among the column's words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.prepare.target import Target
from jobs.prepare.typed import Typed

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_FIRST_LOOK, _DISTINCT, _SINGLE = 50, 10, 0.5
Hashes = npt.NDArray[np.uint64]


def row_hashes(columns: Sequence[Typed], target: Target) -> Hashes:
    """A hash a row of the table, of every column, the target among them."""
    hashes = _bits(target.labels)
    for column in columns:
        hashes = _mixed(hashes, _values(column))
    return hashes


def _values(column: Typed) -> Hashes:
    if column.words is not None:
        return column.words.codes.astype(np.uint64)
    values = column.moments if column.numbers is None else column.numbers
    assert values is not None  # noqa: S101  a column has one of the three
    return _bits(values)


def _bits(values: npt.NDArray[np.float64] | npt.NDArray[np.datetime64]) -> Hashes:
    bits: Hashes = np.ascontiguousarray(values).view(np.uint64)
    return bits


def _mixed(hashes: Hashes, values: Hashes) -> Hashes:
    mixed = (hashes ^ values) * _PRIME
    mixed ^= mixed >> np.uint64(29)
    return mixed


def files_within(hashes: Hashes, heights: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs (one, other) of files, by position: every row of `one` is in `other` as well, as often at least.

    `heights`: rows a file, in order. Of two alike the later one is told. Where rows are equal by nature,
    as in a table of few categories, a small file is within a large one without being a copy; such pairs are left out.
    """
    ends = np.cumsum(heights)
    files = [
        np.unique(hashes[end - height : end], return_counts=True) for end, height in zip(ends, heights, strict=True)
    ]
    found = []
    for one in range(len(files) - 1, -1, -1):
        others = [place for place in range(len(files)) if place != one and heights[place] >= heights[one]]
        holder = next((other for other in others if _holds(files[other], files[one])), None)
        if holder is not None and (holder, one) not in found:
            found.append((one, holder))
    return found


def _holds(other: tuple[Hashes, npt.NDArray[np.int64]], one: tuple[Hashes, npt.NDArray[np.int64]]) -> bool:
    (there, counts), (rows, wanted) = other, one
    places = np.minimum(np.searchsorted(there, rows[:_FIRST_LOOK]), len(there) - 1)
    if not np.array_equal(there[places], rows[:_FIRST_LOOK]):
        return False
    places = np.minimum(np.searchsorted(there, rows), len(there) - 1)
    if not np.array_equal(there[places], rows) or np.any(counts[places] < wanted):
        return False
    return len(rows) >= _DISTINCT and (len(rows) == len(there) or np.mean(counts[places] == 1) >= _SINGLE)
