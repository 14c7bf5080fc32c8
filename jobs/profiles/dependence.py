"""How many independent rows the rows at hand amount to, column by column: design effects, estimated from the rows.

A design effect is how much more a share varies than it would among independent rows (Kish 1965): a thousand rows with
an effect of 5 tell as much as two hundred. Two things are looked at, and the larger effect counts:

* consecutive blocks, in the order of capture time: independent rows differ from block to block by chance alone. How
  much more they do is told for the middle, the spread and the groups of a column apart, because a slow wave moves the
  middle most, and for blocks of three lengths, because a slow wave needs long ones.
* repeats, in any order: rows equal in two many-valued columns or more are taken for one row, or one customer, that came
  again. A column counts as far as its own values agree within such pairs, and is no evidence about itself. A value that
  one row in fifty holds is no evidence either: a sensor that got stuck is not a customer.

What the blocks say is an estimate from a few blocks, so it counts only where chance rarely makes it, and then once and
a half; what repeats say is nearly exact, and counts a fifth more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from jobs.documents.baseline import Clock
from jobs.profiles.clock import HOURS, hour_of, shares_by_hour
from jobs.profiles.grouping import GROUPS, MISSING, Codes
from jobs.profiles.row_sample import Floats, RowSample

BLOCKS = (32, 16, 8)
FEWEST_A_BLOCK = 4
BY_CHANCE = 0.02
FEW_BLOCKS = 1.5
FEW_PAIRS = 1.2
MANY_VALUED = 12
EQUAL_IN = 2
_COMMON, _COMMON_ROWS = 50, 10
_SMALL, _LARGE = 0.02, 0.98
_TIE_SHARE, _TIE_ROWS = 1e-3, 5.0
Places = npt.NDArray[np.int64]
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """By how much a column's rows are to be divided: for its values, and for whether they are missing. At least 1."""

    values: float = 1.0
    missing: float = 1.0

    def larger(self, other: Effect) -> Effect:
        return Effect(max(self.values, other.values), max(self.missing, other.missing))

    def smaller(self, other: Effect) -> Effect:
        return Effect(min(self.values, other.values), min(self.missing, other.missing))


def effects(sample: RowSample, known: Clock | None = None) -> list[Effect]:
    """An effect a column of the sample. `known`: what training rows are like at each hour, which is no dependence."""
    return [one.larger(other) for one, other in zip(of_repeats(sample), of_blocks(sample, known), strict=True)]


def of_blocks(sample: RowSample, known: Clock | None = None) -> list[Effect]:
    """By blocks of consecutive rows, as far as their times are known and differ."""
    timed = ~np.isnan(sample.seconds)
    seconds, clock, codes = sample.seconds[timed], sample.clock[timed], sample.codes[:, timed]
    hours = None if known is None or np.isnan(clock).any() else hour_of(clock)
    more = 1 / sample.share if sample.size else 1.0
    found = [Effect() for _ in codes]
    for wanted in BLOCKS:
        if len(seconds) < FEWEST_A_BLOCK * wanted:
            continue
        block = _block_of(seconds, wanted)
        blocks = int(block.max()) + 1
        if blocks < wanted / 2:
            continue
        for place, (one, column) in enumerate(zip(sample.columns, codes, strict=True)):
            counts = np.bincount(block * (GROUPS + 1) + column, minlength=blocks * (GROUPS + 1)).reshape(blocks, -1)
            table = counts.astype(np.float64)
            even = table.sum(axis=0) * (table.sum(axis=1, keepdims=True) / table.sum())
            excess = _excess(table, even, more, ordered=one.is_numeric)
            by_hour = None if known is None or hours is None else shares_by_hour(known, one.name)
            if by_hour is not None and hours is not None:
                of_hours = np.bincount(block * HOURS + hours, minlength=blocks * HOURS).reshape(blocks, HOURS)
                of_clock = _excess(table, _as_many(of_hours @ by_hour, table), more, ordered=one.is_numeric)
                excess = excess.smaller(of_clock)
            found[place] = found[place].larger(excess)
    return found


def _as_many(expected: Table, table: Table) -> Table:
    """What is expected of each block, brought to the window's own sums by group: what changed in all blocks alike is
    no dependence either."""
    by_group, by_chance = expected.sum(axis=0), table.sum(axis=1, keepdims=True) / table.sum()
    known = by_group > 0  # a group that training never had at these hours has no hours
    ratio = np.divide(table.sum(axis=0), by_group, out=np.zeros_like(by_group), where=known)
    scaled = np.where(known, expected * ratio, table.sum(axis=0) * by_chance)
    return np.asarray(scaled * (table.sum(axis=1) / np.maximum(scaled.sum(axis=1), 1e-9))[:, None])


def _block_of(seconds: Floats, blocks: int) -> Places:
    """The block of every row, of about equally many rows each. Rows of one second have no order: they stay together."""
    _, moment, rows = np.unique(seconds, return_inverse=True, return_counts=True)
    middle = np.cumsum(rows) - rows / 2
    by_moment = (middle * (blocks / len(seconds))).astype(np.int64)
    return np.unique(by_moment, return_inverse=True)[1][moment]


def _excess(table: Table, expected: Table, more: float, *, ordered: bool) -> Effect:
    """The effect that the blocks of one column show; both (blocks, groups and missing). What a sample shows too much of
    grows with the rows it stands for, `more` for each.
    """
    free = len(table) - 1
    missing = [(_of_share(table[:, MISSING], expected[:, MISSING], table.sum(axis=1)), free)]
    held = table[:, :MISSING].sum(axis=0) > 0
    held &= expected[:, :MISSING].sum(axis=0) > 0
    if np.count_nonzero(held) < 2:
        return Effect(1.0, _believed(missing, more))
    values, wanted = table[:, :MISSING][:, held], expected[:, :MISSING][:, held]
    present = values.sum(axis=1)
    wanted = wanted * (present / np.maximum(wanted.sum(axis=1), 1e-9))[:, None]
    shares = values.sum(axis=0) / values.sum()
    degrees = free * (len(shares) - 1)
    chi = float((np.square(values - wanted) / np.maximum(wanted, 1e-2)).sum()) / degrees
    seen = [(chi, degrees)]
    if ordered:
        middle = np.cumsum(shares) - shares / 2 - 0.5
        seen += [(_of_score(values, wanted, score), free) for score in (middle, np.square(middle))]
    else:
        columns = np.flatnonzero((shares > _SMALL) & (shares < _LARGE))
        seen += [(_of_share(values[:, at], wanted[:, at], present), free) for at in columns]
    return Effect(_believed(seen, more), _believed(missing, more))


def _of_score(table: Table, expected: Table, score: Floats) -> float:
    rows = np.maximum(expected.sum(axis=1), 1e-9)
    mean = expected @ score
    variance = np.maximum(expected @ np.square(score) - np.square(mean) / rows, 1e-9)
    if expected.sum(axis=0).max() >= expected.sum():
        return 1.0
    return float((np.square(table @ score - mean) / variance).sum()) / (len(table) - 1)


def _of_share(hits: Floats, expected: Floats, rows: Floats) -> float:
    if not 0 < hits.sum() < rows.sum():
        return 1.0
    variance = np.maximum(expected * (1 - expected / np.maximum(rows, 1.0)), 1e-2)
    return float((np.square(hits - expected) / variance).sum()) / (len(hits) - 1)


def _believed(seen: Sequence[tuple[float, int]], more: float) -> float:
    """The largest of the ratios that chance alone rarely makes, with what few blocks may have hidden; 1 without any."""
    surely = [ratio for ratio, free in seen if ratio > 1 and special.chdtrc(free, ratio * free) < BY_CHANCE]
    return FEW_BLOCKS * (1 + (max(surely) - 1) * more) if surely else 1.0


def of_repeats(sample: RowSample) -> list[Effect]:
    """By rows that came again."""
    found = [Effect() for _ in sample.columns]
    by_cell = [_equal_pairs(cells) for cells in sample.cells]
    if not any(len(pairs) for pairs in by_cell):
        return found
    pairs, evidence = np.unique(np.concatenate(by_cell), return_counts=True)
    first, second = pairs // sample.size, pairs % sample.size
    # rows of one hash were kept or left together, any others each by itself
    together = sample.hashes[first] == sample.hashes[second]
    weight = np.where(together, 1.0, 1.0 / sample.share) * 2 / sample.size
    wanted = EQUAL_IN if len(sample.cells) > EQUAL_IN else 1
    for place, (one, codes) in enumerate(zip(sample.columns, sample.codes, strict=True)):
        enough = evidence >= wanted
        if one.name in sample.cell_names:
            own = by_cell[sample.cell_names.index(one.name)]
            enough = evidence - np.isin(pairs, own) >= wanted
        if enough.any():
            found[place] = _of_pairs(codes, first[enough], second[enough], weight[enough])
    return found


def _of_pairs(codes: Codes, first: Places, second: Places, weight: Floats) -> Effect:
    one, other = codes[first], codes[second]
    present = (one != MISSING) & (other != MISSING)
    values = codes[codes != MISSING]
    about_values = _agreement(values, one[present], other[present], weight[present])
    is_missing = (codes == MISSING).astype(np.uint8)
    about_missing = _agreement(is_missing, is_missing[first], is_missing[second], weight)
    return Effect(about_values, about_missing)


def _agreement(codes: Codes, one: Codes, other: Codes, weight: Floats) -> float:
    """1 and, for every further row of the same, as much as such rows agree beyond chance (Cohen's kappa)."""
    if not len(codes) or not len(one):
        return 1.0
    by_chance = float(np.square(np.bincount(codes) / len(codes)).sum())
    if by_chance >= 1:
        return 1.0
    agree = float((weight * (one == other)).sum())
    return 1 + FEW_PAIRS * max(0.0, (agree - by_chance * float(weight.sum())) / (1 - by_chance))


def _equal_pairs(cells: Floats) -> Places:
    """The pairs of rows with the same cell, as smaller place * rows + larger place. Common cells make no pairs."""
    rows = len(cells)
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    run = np.cumsum(np.append(True, ordered[1:] != ordered[:-1])) - 1 if rows else np.zeros(0, dtype=np.int64)
    size = np.bincount(run, minlength=1)
    telling = (size > 1) & (size <= max(_COMMON_ROWS, rows // _COMMON))
    kept = telling[run] & ~np.isnan(ordered)
    order, run = order[kept], run[kept]
    found, apart = [np.zeros(0, dtype=np.int64)], 1
    while len(order) > apart and (same := run[apart:] == run[:-apart]).any():
        one, other = order[apart:][same], order[:-apart][same]
        found.append(np.minimum(one, other) * rows + np.maximum(one, other))
        apart += 1
    return np.concatenate(found)


def share_of_ties(cells: Floats) -> float:
    """The chance that two rows hold the same cell; 1 where there are no two with a value."""
    present = cells[~np.isnan(cells)]
    if len(present) < 2:
        return 1.0
    rows = np.unique(present, return_counts=True)[1].astype(np.float64)
    return float((rows * (rows - 1)).sum() / (len(present) * (len(present) - 1.0)))


def is_many_valued(cells: Floats) -> bool:
    """Whether two rows hold the same cell so rarely that it says something; a few repeats do not take that away."""
    return share_of_ties(cells) <= _TIE_SHARE + _TIE_ROWS / max(1, len(cells))
