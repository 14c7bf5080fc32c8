"""How far consecutive blocks of the training rows lie from all of them: what later traffic must exceed to be news.

Rows that follow each other are alike: one week is not a sample of the year. How unlike is known from the training
period itself, where its rows' order of time is known: blocks of so many consecutive rows are compared with the rest of
the rows, with the score that a check gives. Of each block size are kept the number of blocks and, by column and aspect,
the sum of the squared scores, the sum of their squares, and the largest; of numbers also how far the blocks have moved
up and down (moves.py). These are mergeable, and small.

A new block exceeds the largest of K known ones once in K + 1 times; a gamma distribution with the known blocks' mean
and variance carries on beyond them, and where blocks are few the largest is taken for less than it might have been.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from jobs.documents.baseline import Reach
from jobs.profiles.grouping import GROUPS, MISSING, codes_of
from jobs.profiles.moves import Moves, moves, written
from jobs.profiles.profile import Reference

SMALLEST = 125
FEWEST_BLOCKS, MOST_BLOCKS = 4, 64
BYTES = 300_000
EXCEEDED = 0.15
BEYOND = 1.1
_STEPS = (2, 4, 16)
VALUES = "distribution"
ASPECTS = (VALUES, "missing", "unseen")
Table = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """Of the squared scores of `blocks` blocks: their sum, the sum of their squares, the largest."""

    blocks: int
    total: float
    squares: float
    highest: float

    @classmethod
    def of(cls, squared: Table) -> Moments:
        return cls(len(squared), float(squared.sum()), float(np.square(squared).sum()), float(squared.max(initial=0.0)))

    def __add__(self, other: Moments) -> Moments:
        highest = max(self.highest, other.highest)
        return Moments(self.blocks + other.blocks, self.total + other.total, self.squares + other.squares, highest)

    def limit(self, aspects: int) -> float:
        """The score that in `aspects` aspects together a further block rarely exceeds in any."""
        mean = self.total / self.blocks
        variance = max(0.0, self.squares / self.blocks - mean * mean) * self.blocks / max(1, self.blocks - 1)
        at_most = beyond(self.blocks) * math.sqrt(self.highest)
        if mean > 0 and variance > 0:
            shape = mean * mean / variance
            tail = float(special.gammaincinv(shape, 1 - EXCEEDED / max(1, aspects))) * mean / shape
            at_most = max(at_most, math.sqrt(tail))
        return min(1.0, at_most)


def beyond(blocks: int) -> float:
    """By what factor the furthest block is exceeded: where they are few, further ones go further."""
    return max(BEYOND, 1 + 2 / blocks)


def reaches(references: Sequence[Reference], values: Mapping[str, Any], most_bytes: int = BYTES) -> list[Reach]:
    """By block size, smallest first. `values`: by name, all rows in order of time. None where there are too few rows.

    Sizes double from 125 rows on, or grow faster where columns are many, so that all takes at most `most_bytes`.
    """
    rows = max((len(values[one.name]) for one in references), default=0)
    columns = {one.name: _Column.of(one, values[one.name]) for one in references}
    for step in _STEPS:
        sizes = [SMALLEST * step**power for power in range(40) if SMALLEST * step**power * FEWEST_BLOCKS <= rows]
        found = [_reach(size, rows, columns) for size in sizes]
        if len(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()) <= most_bytes:
            return found
    return []


def _reach(size: int, rows: int, columns: Mapping[str, _Column]) -> Reach:
    units, wide = rows // SMALLEST, size // SMALLEST
    blocks = min(MOST_BLOCKS, units // wide)
    starts = np.linspace(0, units - wide, blocks).astype(np.int64)
    return {
        "rows": size,
        "blocks": blocks,
        "columns": {name: column.scores(starts, wide) for name, column in columns.items()},
        "moves": {name: column.moved(starts, wide) for name, column in columns.items() if column.reference.is_numeric},
    }


@dataclass(frozen=True)
class _Column:
    """All rows of one column in order of time, by units of the smallest size: what blocks of any size are made from.

    `upto`: rows by group in all units before each. Of numbers `lows` and `highs` are the ends of each unit,
    `numbers` all of them; of words `rare` has the first and the last row of each row's word, where these lie close.
    """

    reference: Reference
    upto: Table
    totals: Table
    numbers: Table | None = None
    lows: Table | None = None
    highs: Table | None = None
    rare: Places | None = None

    @classmethod
    def of(cls, reference: Reference, values: Any) -> _Column:
        codes = codes_of(reference, values)
        units = len(codes) // SMALLEST
        place = np.repeat(np.arange(units) * (GROUPS + 1), SMALLEST) + codes[: units * SMALLEST]
        by_unit = np.bincount(place, minlength=units * (GROUPS + 1)).reshape(units, GROUPS + 1)
        upto = np.vstack([np.zeros(GROUPS + 1), np.cumsum(by_unit, axis=0)])
        totals = np.bincount(codes, minlength=GROUPS + 1).astype(np.float64)
        if not reference.is_numeric:
            return cls(reference, upto, totals, rare=_rare(values) if reference.is_words else None)
        numbers = np.where(codes == MISSING, np.nan, np.asarray(values, dtype=np.float64))
        starts = np.arange(max(units, 1)) * SMALLEST
        lows, highs = np.fmin.reduceat(numbers, starts), np.fmax.reduceat(numbers, starts)
        return cls(reference, upto, totals, numbers, lows, highs)

    def scores(self, starts: Places, wide: int) -> dict[str, list[float]]:
        """By aspect the moments of the blocks of `wide` units, as they are written; an aspect that no block shows is
        left out."""
        counts = self.upto[starts + wide] - self.upto[starts]
        rest = self.totals - counts
        missing, present = counts[:, MISSING:], counts[:, :MISSING]
        found = {"missing": squared_scores(_both(missing, counts), _both(rest[:, MISSING:], rest))}
        if self.reference.is_numeric or self.reference.is_words:
            found[VALUES] = squared_scores(present, rest[:, :MISSING])
            unseen = np.array([self._unseen(start, start + wide) for start in starts.tolist()], np.float64)[:, None]
            held = present.sum(axis=1, keepdims=True)
            seen = np.maximum(rest[:, :MISSING].sum(axis=1, keepdims=True), 1.0)
            found["unseen"] = squared_scores(np.hstack([unseen, held - unseen]), np.hstack([0 * seen, seen]))
        written = {}
        for aspect, squared in found.items():
            moments = Moments.of(squared)
            if moments.total > 0:
                written[aspect] = [float(f"{x:.4g}") for x in (moments.total, moments.squares, moments.highest)]
        return written

    def moved(self, starts: Places, wide: int) -> list[float]:
        """The moments of the blocks' moves, as they are written; of numbers."""
        counts = (self.upto[starts + wide] - self.upto[starts])[:, :MISSING]
        return written(moves(counts, self.totals[:MISSING] - counts))

    def _unseen(self, start: int, stop: int) -> int:
        """Rows of a block beyond the range of all others, or with a word that no other row has."""
        first, last = start * SMALLEST, stop * SMALLEST
        if self.rare is not None:
            return int(np.count_nonzero((self.rare[0] >= first) & (self.rare[1] < last)))
        if self.numbers is None or self.lows is None or self.highs is None:
            return 0
        # the last unit holds the rows that fill none
        low = np.fmin.reduce(np.append(self.lows[:start], self.lows[stop:]), initial=np.nan)
        high = np.fmax.reduce(np.append(self.highs[:start], self.highs[stop:]), initial=np.nan)
        within = np.fmin.reduce(self.lows[start:stop]), np.fmax.reduce(self.highs[start:stop])
        if not (within[0] < low or within[1] > high):
            return 0
        inside = self.numbers[first:last]
        return int(np.count_nonzero((inside < low) | (inside > high)))


def _rare(words: Any) -> Places:
    """First and last row of each row's word, of words that one block may hold alone; of a pyarrow dictionary array."""
    places = words.indices.fill_null(len(words.dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)
    row = np.arange(len(places))
    ends = np.zeros((2, len(words.dictionary) + 1), dtype=np.int64)
    ends[0, places[::-1]] = row[::-1]
    ends[1, places] = row
    close = ends[1] - ends[0] < len(places) // FEWEST_BLOCKS
    close[-1] = False  # no word at all
    return ends[:, places[close[places]]]


def _both(some: Table, counts: Table) -> Table:
    return np.hstack([some, counts.sum(axis=1, keepdims=True) - some])


def squared_scores(one: Table, other: Table) -> Table:
    """The squared score of each row of `one` against the same row of `other`; both (blocks, groups) counts.

    As `jobs.drift.distances.jensen_shannon`, less what chance makes of it among independent rows; 0 where one is empty.
    """
    first, second = one.sum(axis=1), other.sum(axis=1)
    p, q = one / np.maximum(first, 1.0)[:, None], other / np.maximum(second, 1.0)[:, None]
    found = _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2
    bins = np.count_nonzero(one + other, axis=1)
    chance = (bins - 1) / (8 * math.log(2)) * (1 / np.maximum(first, 1.0) + 1 / np.maximum(second, 1.0))
    return np.where((first > 0) & (second > 0), np.clip(found - chance, 0.0, 1.0), 0.0)


def _entropy(shares: Table) -> Table:
    return np.asarray(special.entr(shares).sum(axis=1) / math.log(2))


def limits(found: Sequence[Reach], rows: int, columns: int) -> dict[str, dict[str, float]]:
    """By column and aspect, what a window of so many rows must exceed; empty where no blocks are known.

    The blocks are of the largest size that is not larger than the window; smaller ones reach further.
    """
    if (chosen := of_size(found, rows)) is None:
        return {}
    aspects, with_moves = columns * len(ASPECTS), chosen.get("moves", {})

    def looks(name: str, aspect: str) -> int:
        """Where moves are known they are half of what is looked at in the values."""
        return 2 * aspects if aspect == VALUES and name in with_moves else aspects

    return {
        name: {
            aspect: Moments(chosen["blocks"], *moments).limit(looks(name, aspect))
            for aspect, moments in by_aspect.items()
        }
        for name, by_aspect in chosen["columns"].items()
    }


def moved(found: Sequence[Reach], rows: int, columns: int) -> dict[str, Moves]:
    """By column of numbers, how far up or down a window must have moved to be further than the blocks; as `limits`.
    Empty where it is not known, as in a baseline of an earlier version."""
    if (chosen := of_size(found, rows)) is None:
        return {}
    exceeded = EXCEEDED / max(1, columns * len(ASPECTS) * 2)
    return {
        name: Moves.limits(chosen["blocks"], by_column, beyond(chosen["blocks"]), exceeded)
        for name, by_column in chosen.get("moves", {}).items()
    }


def of_size(found: Sequence[Reach], rows: int) -> Reach | None:
    """The blocks that a window of so many rows is held against."""
    fitting = [one for one in found if one["rows"] <= rows]
    if fitting:
        return fitting[-1]
    return found[0] if found else None
