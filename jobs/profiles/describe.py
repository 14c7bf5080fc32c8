"""How raw columns become a reference: counted once in full detail, then written as coarsely as the room demands.

Quantiles of the training data make the bins, since bins of equal counts tell most about where rows move. A value that
many rows share (zero, an integer) keeps a bin of its own and an empty bin beside it, so that a value appearing between
two common ones is seen. What has no room is cut in the order of what it is worth: hashes of rare words first, then
bins, then names. The layout is jobs/profiles/profile.py's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from jobs.documents.baseline import DescribedColumn, OfNumbers
from jobs.profiles.counts import distinct, missing_of
from jobs.profiles.grid import CELLS, HIGHEST, LOWEST, best_centre, values_of
from jobs.profiles.grid import keys as keys_of
from jobs.profiles.profile import NUMERIC, WORDS, Column, hash_of

Keys = npt.NDArray[np.int64]
_SAMPLE = 20_000
_EXACT_INTEGER = 2.0**53
_FLOAT32_MAX = float(np.finfo(np.float32).max)
_CHUNK = 1 << 18
_FAR = 1e38  # beyond it a distance from another centre than 0 could be more than float32 holds


@dataclass(frozen=True)
class Detail:
    """How much a column may say: bins of numbers, words by name and their length in bytes, rare words as hashes."""

    bins: int
    names: int
    name_bytes: int
    hashes: int


DETAILS = (
    Detail(240, 1_000, 200, 150_000),
    Detail(240, 500, 200, 50_000),
    Detail(200, 300, 100, 20_000),
    Detail(128, 200, 100, 5_000),
    Detail(64, 100, 60, 1_000),
    Detail(40, 60, 40, 300),
    Detail(30, 30, 40, 100),
    Detail(20, 20, 30, 0),
    Detail(10, 10, 20, 0),
)
"""From fine to coarse: the first that fits is taken, for all columns alike."""


def describe(columns: Sequence[Column], budget_bytes: int = 1_900_000) -> list[DescribedColumn]:
    """The "columns" of baseline.json in the finest detail that takes at most `budget_bytes` as compact JSON, and in the
    coarsest where none does: wide data gets fewer bins a column, many categories become hashes, and where even these
    are too many, `null`.
    """
    counted = [_counted(column) for column in columns]
    found: list[DescribedColumn] = []
    for detail in DETAILS:
        found = [one.written(detail) for one in counted]
        if len(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()) <= budget_bytes:
            break
    return found


def _counted(column: Column) -> _Numbers | _Words | _Presence:
    if column.kind in NUMERIC:
        return _numbers(column)
    if column.kind in WORDS:
        return _words(column)
    rows, missing = missing_of(column.values)
    return _Presence(column, missing, rows - missing)


@dataclass(frozen=True)
class _Presence:
    column: Column
    missing: int
    present: int

    def written(self, _: Detail) -> DescribedColumn:
        return {**_head(self.column, self.missing), "present": self.present}


@dataclass(frozen=True)
class _Numbers:
    """Rows by cell of the grid: `keys` increasing, `rows` above 0."""

    column: Column
    missing: int
    centre: float
    keys: Keys
    rows: Keys
    facts: OfNumbers

    def written(self, detail: Detail) -> DescribedColumn:
        following = self.keys + 1
        if self.facts["integer"]:  # between whole numbers nothing can come
            following = np.maximum(following, keys_of(values_of(self.keys) + 1, 0.0))
        first, rows = bins(self.keys, self.rows, following, detail.bins)
        return {
            **_head(self.column, self.missing),
            "centre": self.centre,
            "edges": [_short(edge) for edge in values_of(np.array(first)).tolist()],
            "counts": rows,
            **self.facts,
        }


@dataclass(frozen=True)
class _Words:
    """Distinct words, the most frequent first and then by the alphabet, and the rows of each."""

    column: Column
    missing: int
    words: Sequence[str]
    rows: Sequence[int]

    @cached_property
    def hashes(self) -> list[str]:
        return [hash_of(word) for word in self.words]

    def written(self, detail: Detail) -> DescribedColumn:
        is_short = [len(word.encode("utf-8", "surrogatepass")) <= detail.name_bytes for word in self.words]
        named = [place for place, short in enumerate(is_short) if short][: detail.names]
        others = sorted({*range(len(self.words))} - {*named})
        hashes = sorted({self.hashes[place] for place in others}) if len(others) <= detail.hashes else None
        return {
            **_head(self.column, self.missing),
            "values": [self.words[place] for place in named],
            "counts": [self.rows[place] for place in named],
            "others": {"hashes": hashes, "count": sum(self.rows[place] for place in others)},
            "seen_once": self.rows.count(1),
            "seen_twice": self.rows.count(2),
        }


def _head(column: Column, missing: int) -> DescribedColumn:
    return {"name": column.name, "kind": column.kind, "missing": missing}


def _numbers(column: Column) -> _Numbers:
    values = np.asarray(column.values, dtype=np.float64)
    present = values[np.abs(values) <= _FLOAT32_MAX]
    missing = len(values) - len(present)
    if not len(present):
        nothing: OfNumbers = {"low": None, "high": None, "mean": None, "std_dev": None, "integer": False}
        none = np.zeros(1, dtype=np.int64)
        return _Numbers(column, missing, 0.0, none + LOWEST, none, nothing)
    low, high = float(present.min()) + 0.0, float(present.max()) + 0.0
    centre = 0.0
    if max(-low, high) < _FAR:
        centre += best_centre(present[:: -(-len(present) // _SAMPLE)])
    by_key = np.zeros(CELLS, dtype=np.int64)
    for start in range(0, len(present), _CHUNK):
        by_key += np.bincount(keys_of(present[start : start + _CHUNK], centre), minlength=CELLS)
    keys = np.flatnonzero(by_key)
    facts: OfNumbers = {
        "low": low,
        "high": high,
        "mean": float(present.mean()),
        "std_dev": float(present.std()) if high > low else 0.0,
        "integer": bool(max(-low, high) < _EXACT_INTEGER and np.all(present == np.floor(present))),
    }
    return _Numbers(column, missing, centre, keys, by_key[keys], facts)


def bins(keys: Keys, rows: Keys, following: Keys, most: int) -> tuple[list[int], list[int]]:
    """Cells joined into at most `most` bins: the first key and the rows of each.

    A bin of one cell is followed by an empty one where there is room between it and the next filled cell: from
    `following` on, a key a cell.

    >>> cells = np.array([40, 41, 50])
    >>> bins(cells, np.array([5, 5, 5]), cells + 1, 10)
    ([40, 41, 42, 50], [5, 5, 0, 5])
    """
    aimed = most // 2
    total = max(int(rows.sum()), 1)
    if len(keys) <= aimed:
        group = np.arange(len(keys))
    else:
        group = ((np.cumsum(rows) - rows / 2) * aimed / total).astype(np.int64)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    sums = np.add.reduceat(rows, starts)
    ends = np.append(starts[1:], len(keys))
    first: list[int] = []
    counts: list[int] = []
    for start, end, sum_ in zip(starts.tolist(), ends.tolist(), sums.tolist(), strict=True):
        first.append(int(keys[start]))
        counts.append(sum_)
        if end - start == 1 and end < len(keys) and following[start] < keys[end] <= HIGHEST:
            first.append(int(following[start]))
            counts.append(0)
    return first, counts


def _short(edge: float) -> float | int:
    """Whole numbers without the point: two characters an edge fewer, and as exact."""
    return int(edge) if edge.is_integer() and abs(edge) < _EXACT_INTEGER else edge


def _words(column: Column) -> _Words:
    rows: dict[str, int] = {}
    missing = 0
    for word, count in zip(*distinct(column.values), strict=True):
        if word is None:
            missing += count
        elif count:
            rows[word] = rows.get(word, 0) + count
    ordered = sorted(rows.items(), key=lambda item: (-item[1], item[0]))
    return _Words(column, missing, [word for word, _ in ordered], [count for _, count in ordered])
