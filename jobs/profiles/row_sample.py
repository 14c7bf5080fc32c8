"""Some whole rows of the traffic, at most 5,000 of them: what says how much the rows have to do with each other.

Which rows is decided by a hash of what they hold and of when they came, never by who counted them: the sample of two
parts is the same as that of both together, in whatever order and however they were divided. A row is kept as the group
of each of its columns, the exact cells of a few many-valued columns (rows equal there are one row that came again), and
its time. Where the rows are too many, half of them go, by one more bit of the hash.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from jobs.profiles.grouping import MISSING, Codes, codes_of
from jobs.profiles.profile import Reference

MOST = 5_000
HASHED = 2
_CHUNK = 1 << 15
_SURELY = 1
_SPREAD, _AGAIN = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RowSample:
    """`rows` rows were seen; one in 2^`level` hashes was kept.

    `codes` (columns, kept) are groups, `cells` (many-valued columns, kept) exact numbers, `seconds` the capture time
    and `clock` the time of the rows' own time column, NaN where unknown.
    """

    columns: tuple[Reference, ...]
    cell_names: tuple[str, ...]
    rows: int
    level: int
    hashes: Hashes
    seconds: Floats
    clock: Floats
    codes: Codes
    cells: Floats

    @classmethod
    def none(cls, columns: Sequence[Reference], cell_names: Sequence[str]) -> RowSample:
        """No rows yet. `cell_names`: columns of numbers whose exact cells are kept."""
        nothing = np.zeros(0, dtype=np.float64)
        return cls(
            tuple(columns),
            tuple(cell_names),
            0,
            0,
            np.zeros(0, dtype=np.uint64),
            nothing,
            nothing,
            np.zeros((len(columns), 0), dtype=np.uint8),
            np.zeros((len(cell_names), 0), dtype=np.float64),
        )

    def add(
        self,
        rows: int,
        values: Mapping[str, Any],
        seconds: Floats | None = None,
        clock: Callable[[npt.NDArray[np.int64]], Floats] | None = None,
    ) -> RowSample:
        """With more rows. `values`: by name, those of all the sample's columns; one that is not there is missing.

        `clock`: asked for the times of the rows at these places, seconds since 1970.
        """
        if not rows:
            return self
        timed = [] if seconds is None else [seconds]
        hashes = _hashes(rows, [*timed, *(values[name] for name in self._hashed(values))])
        level = _level(hashes, self.level)
        kept = np.flatnonzero(_chosen(hashes, level))
        picked = {one.name: _taken(values[one.name], kept) for one in self.columns if one.name in values}
        absent = np.full(len(kept), np.nan)
        more = RowSample(
            self.columns,
            self.cell_names,
            rows,
            level,
            hashes[kept],
            absent if seconds is None else seconds[kept],
            absent if clock is None else clock(kept),
            _rows([_codes(one, picked.get(one.name), len(kept)) for one in self.columns], len(kept), np.uint8),
            _rows([picked.get(name, absent) for name in self.cell_names], len(kept), np.float64),
        )
        return merged(self, more)

    def _hashed(self, values: Mapping[str, Any]) -> list[str]:
        """The columns that choose the rows: many-valued ones, else of numbers, else any."""
        numbers = [one.name for one in self.columns if one.is_numeric]
        wanted = dict.fromkeys([*self.cell_names, *numbers, *(one.name for one in self.columns)])
        return [name for name in wanted if name in values][:HASHED]

    @property
    def size(self) -> int:
        return len(self.hashes)

    @property
    def share(self) -> float:
        """Kept rows over seen ones."""
        return self.size / self.rows if self.rows else 1.0


def merged(one: RowSample, other: RowSample) -> RowSample:
    """Both together; the order does not matter to anything that is told of them."""
    hashes = np.concatenate([one.hashes, other.hashes])
    level = _level(hashes, max(one.level, other.level))
    kept = _chosen(hashes, level)
    return RowSample(
        one.columns,
        one.cell_names,
        one.rows + other.rows,
        level,
        hashes[kept],
        np.concatenate([one.seconds, other.seconds])[kept],
        np.concatenate([one.clock, other.clock])[kept],
        np.concatenate([one.codes, other.codes], axis=1)[:, kept],
        np.concatenate([one.cells, other.cells], axis=1)[:, kept],
    )


def _level(hashes: Hashes, level: int) -> int:
    """The lowest level from this one on that keeps few enough rows."""
    left = hashes[_chosen(hashes, level)] if level else hashes
    further = level + int(math.log2(max(1, len(left)) / MOST)) - _SURELY if len(left) > MOST else level
    if further > level and len(fewer := left[_chosen(left, further)]) > MOST:
        level, left = further, fewer  # each level on the way would have kept too many as well
    while level < 64 and len(left) > MOST:
        level += 1
        left = left[_chosen(left, level)]
    return level


def _chosen(hashes: Hashes, level: int) -> npt.NDArray[np.bool_]:
    """The rows whose hash has only zeros in its `level` upper bits."""
    if level >= 64:
        return np.zeros(len(hashes), dtype=np.bool_)
    return hashes < (np.uint64(1) << np.uint64(64 - level)) if level else np.ones(len(hashes), dtype=np.bool_)


def _hashes(rows: int, parts: Sequence[Any]) -> Hashes:
    found = np.empty(rows, dtype=np.uint64)
    first, *others = [_cells(part) for part in parts]
    for start in range(0, rows, _CHUNK):
        hashes = _bits(first[start : start + _CHUNK]) * _SPREAD
        for part in others:
            hashes ^= _bits(part[start : start + _CHUNK])
            hashes *= _SPREAD
        hashes ^= hashes >> np.uint64(32)
        hashes *= _AGAIN
        hashes ^= hashes >> np.uint64(29)
        np.multiply(hashes, _SPREAD, out=found[start : start + _CHUNK])
    return found


def _bits(cells: npt.NDArray[Any]) -> Hashes:
    """A whole number a cell, equal for equal cells."""
    return cells if cells.dtype == np.uint64 else (cells + 0.0).view(np.uint64)  # -0.0 is 0.0


def _cells(column: Any) -> npt.NDArray[Any]:
    """Numbers as they are, of words a hash of each."""
    if isinstance(column, np.ndarray) and column.dtype != object:
        return np.asarray(column, dtype=np.float64)
    if not isinstance(column, pa.Array | pa.ChunkedArray):
        column = pa.array(column, from_pandas=True)
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not (pa.types.is_dictionary(column.type) or pa.types.is_string(column.type)):
        return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    words = np.array([*encoded.dictionary.to_pylist(), ""], dtype=object)
    by_code: Hashes = pd.util.hash_array(words, categorize=False).astype(np.uint64)
    found: Hashes = by_code[encoded.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)]
    return found


def _taken(values: Any, kept: npt.NDArray[np.int64]) -> Any:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.take(pa.array(kept))
    return np.asarray(values)[kept]


def _rows(rows: Sequence[npt.NDArray[Any]], size: int, kind: Any) -> npt.NDArray[Any]:
    return np.array(rows, dtype=kind).reshape(len(rows), size)


def _codes(reference: Reference, values: Any, rows: int) -> Codes:
    return np.full(rows, MISSING, dtype=np.uint8) if values is None else codes_of(reference, values)
