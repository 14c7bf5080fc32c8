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
