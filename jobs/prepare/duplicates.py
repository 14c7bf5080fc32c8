"""How many rows are exact copies of others: one 64-bit hash a row, mixed column by column, never a row in Python."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.prepare.target import Target
from jobs.prepare.typed import Typed

_PRIME = np.uint64(0x9E3779B97F4A7C15)
Hashes = npt.NDArray[np.uint64]


def duplicate_rows(columns: Sequence[Typed], target: Target) -> int:
    """Labelled rows that repeat an earlier one in every column, the target among them."""
    labelled = target.labelled
    hashes = _bits(target.labels[labelled])
    for column in columns:
        hashes = _mixed(hashes, _values(column)[labelled])
    return len(hashes) - len(np.unique(hashes))


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
