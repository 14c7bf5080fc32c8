"""Design effects from consecutive blocks of rows, in the order of capture time.

Independent rows differ from block to block by chance alone. How much more they do is told for the middle, the spread
and the groups of a column apart, because a slow wave moves the middle most, and for blocks of three lengths, because a
slow wave needs long ones.

These are many looks at few blocks, and chance alone makes some of them large. So dependence has to be shown: among all
looks at all columns, no more than a twentieth of the columns called dependent are so by chance (Benjamini and Hochberg
1995), which makes one table of independent rows in twenty. Where many columns depend each needs less to be called so.
And what is too weak to be shown of any column may be so of all together: then each has its own share of it, as far as
the columns differ by more than chance (empirical Bayes). Columns that say the same are not counted twice.

What is shown counts once and a half, because few blocks may hide much, less what the least surprising of such ratios
amounts to: the effect begins at 1 and is not all there until it is far beyond chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from jobs.documents.baseline import Clock
from jobs.profiles.clock import HOURS, hour_of, shares_by_hour
from jobs.profiles.effect import Effect
from jobs.profiles.grouping import GROUPS, MISSING
from jobs.profiles.row_sample import Floats, RowSample

BLOCKS = (32, 16, 8)
FEWEST_A_BLOCK = 4
WRONGLY_SHOWN, WRONGLY_OF_ALL = 0.05, 0.01
FEW_BLOCKS = 1.5
_SMALL, _LARGE = 0.02, 0.98
_CELLS, _FEWEST_ALIKE = 2_000_000, 500
Places = npt.NDArray[np.int64]
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ratio:
    """How the blocks' squared differences compare with those of independent rows: 1 if they are, else the effect. By
    chance it is distributed about as chi-squared of `free` degrees of freedom over these."""

    value: float
    free: float

    @property
    def surprise(self) -> float:
        """In standard deviations of a normal variable (Wilson and Hilferty 1931)."""
        variance = 2 / (9 * self.free)
        return float((self.value ** (1 / 3) - (1 - variance)) / math.sqrt(variance))


@dataclass(frozen=True)
class Looks:
    """All ratios of one column, of blocks of every length: of its values, and of whether they are missing. `middle`: of
    the values' ranks alone, by length."""

    values: tuple[Ratio, ...] = ()
    missing: tuple[Ratio, ...] = ()
    middle: tuple[Ratio, ...] = ()

    def __add__(self, other: Looks) -> Looks:
        return Looks(self.values + other.values, self.missing + other.missing, self.middle + other.middle)


def of_blocks(sample: RowSample, known: Clock | None = None) -> list[Effect]:
    """By column. `known`: what training rows are like at each hour, which is no dependence."""
    more = 1 / sample.share if sample.size else 1.0  # what a sample shows grows with the rows that it stands for
    looks = _looks(sample, known)
    told = _told([one for column in looks for one in (column.values, column.missing)], more)
    of_all = _of_all(looks, sample, more)
    return [
        Effect(max(values, shared), missing)
        for values, missing, shared in zip(told[::2], told[1::2], of_all, strict=True)
    ]


def of_one(values: Floats) -> float:
    """The effect of one number a row that is no column, as how far a model was off; the rows in order of time."""
    apart = values - values.mean() if len(values) else values
    variance = float(np.square(apart).sum()) / max(1, len(values))
    if variance <= 0:
        return 1.0
    tails = float((apart**4).mean()) / variance**2 - 3
    looks = []
    for blocks in BLOCKS:
        if len(values) >= FEWEST_A_BLOCK * blocks:
            block = np.arange(len(values)) * blocks // len(values)
            squares = np.square(np.bincount(block, apart)) / np.bincount(block)
            looks.append(Ratio(float(squares.sum()) / variance / (blocks - 1), _free(blocks - 1, tails, len(values))))
    return _told([looks], 1.0)[0]


def _told(looks: Sequence[Sequence[Ratio]], more: float) -> list[float]:
    """The effect of each, 1 where none is shown."""
    p_values = np.array([len(some) * special.ndtr(-max(one.surprise for one in some)) for some in looks if some])
    level = WRONGLY_SHOWN / max(1, len(p_values))
    ordered = np.sort(p_values)
    shown = int(np.flatnonzero(ordered <= level * np.arange(1, len(ordered) + 1)).max(initial=-1)) + 1
    return [_effect(some, shown * level, more) for some in looks]


def _effect(looks: Sequence[Ratio], level: float, more: float) -> float:
    if not looks or not level:
        return 1.0
    least = -float(special.ndtri(level / len(looks)))
    excess = ((one.value - 1) * (1 - (least / one.surprise) ** 2) for one in looks if one.surprise > max(least, 0.0))
    return 1 + FEW_BLOCKS * more * max(excess, default=0.0)


def _of_all(looks: Sequence[Looks], sample: RowSample, more: float) -> list[float]:
    """The effect of each column by what all of them show together, in blocks of the length that shows most."""
    lengths = max((len(one.middle) for one in looks), default=0)
    judged = [place for place, one in enumerate(looks) if lengths and len(one.middle) == lengths]
    found = np.ones(len(looks))
    if len(judged) < 2:
        return [1.0] * len(looks)
    alike = _alike(sample, judged)
    least = -float(special.ndtri(WRONGLY_OF_ALL / lengths))
    for length in range(lengths):
        values = np.array([looks[place].middle[length].value for place in judged])
        free = min(looks[place].middle[length].free for place in judged)
        mean = Ratio(float(values.mean()), free / float(alike.mean()))
        if mean.surprise <= least:
            continue
        by_chance = 2 * mean.value**2 / free
        apart = max(0.0, float(values.var(ddof=1)) - by_chance)
        own = mean.value + (values - mean.value) * (apart / (apart + by_chance))
        shown = 1 - (least / mean.surprise) ** 2
        found[judged] = np.maximum(found[judged], 1 + FEW_BLOCKS * more * shown * (own - 1))
    return [float(one) for one in found]


def _alike(sample: RowSample, columns: Sequence[int]) -> Table:
    """The squared correlations of the columns' groups: how far their ratios go together by chance."""
    some = min(sample.size, max(_FEWEST_ALIKE, _CELLS // len(columns)))
    chosen = sample.hashes <= np.partition(sample.hashes, some - 1)[some - 1]
    groups = sample.codes[columns][:, chosen].astype(np.float64)
    sums, rows = groups.sum(axis=1), float(groups.shape[1])
    together = rows * (groups @ groups.T) - np.outer(sums, sums)  # whole numbers: the same in any order
    own = np.maximum(np.diag(together), 1.0)
    return np.asarray(np.square(together) / np.outer(own, own))


def _looks(sample: RowSample, known: Clock | None) -> list[Looks]:
    """As far as the rows' times are known and differ."""
    timed = ~np.isnan(sample.seconds)
    seconds, clock, codes = sample.seconds[timed], sample.clock[timed], sample.codes[:, timed]
    hours = None if known is None or np.isnan(clock).any() else hour_of(clock)
    found = [Looks() for _ in codes]
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
            seen = _look(table, even, ordered=one.is_numeric)
            by_hour = None if known is None or hours is None else shares_by_hour(known, one.name)
            if by_hour is not None and hours is not None:
                of_hours = np.bincount(block * HOURS + hours, minlength=blocks * HOURS).reshape(blocks, HOURS)
                for expected in _of_the_hours(of_hours @ by_hour, table):
                    seen = _less_surprising(seen, _look(table, expected, ordered=one.is_numeric))
            found[place] += seen
    return found


def _less_surprising(one: Looks, other: Looks) -> Looks:
    """What the hours explain is no dependence."""
    values = min(one, other, key=lambda looks: max((look.surprise for look in looks.values), default=0.0))
    missing = min(one, other, key=lambda looks: max((look.surprise for look in looks.missing), default=0.0))
    return Looks(values.values, missing.missing, values.middle)


def _of_the_hours(expected: Table, table: Table) -> tuple[Table, Table]:
    """What is expected of each block, brought to the window's own sums by group, because what changed in all blocks
    alike is no dependence either: each group by a factor, or some of all rows put into other groups."""
    by_group, by_chance = expected.sum(axis=0), table.sum(axis=1, keepdims=True) / table.sum()
    now = table.sum(axis=0)
    known = by_group > 0  # a group that training never had at these hours has no hours
    ratio = np.divide(now, by_group, out=np.ones_like(by_group), where=known)
    by_factor = np.where(known, expected * np.where(known, ratio, 0.0), now * by_chance)
    fewer = known & (ratio < 1)
    kept = float(now[fewer].sum() / by_group[fewer].sum()) if fewer.any() else 1.0
    put = kept * expected + np.maximum(now - kept * by_group, 0.0) * by_chance
    rows = table.sum(axis=1)
    first, second = (one * (rows / np.maximum(one.sum(axis=1), 1e-9))[:, None] for one in (by_factor, put))
    return first, second


def _block_of(seconds: Floats, blocks: int) -> Places:
    """The block of every row, of about equally many rows each. Rows of one second have no order: they stay together."""
    _, moment, rows = np.unique(seconds, return_inverse=True, return_counts=True)
    middle = np.cumsum(rows) - rows / 2
    by_moment = (middle * (blocks / len(seconds))).astype(np.int64)
    return np.unique(by_moment, return_inverse=True)[1][moment]


def _look(table: Table, expected: Table, *, ordered: bool) -> Looks:
    """The ratios of one column, in blocks of one length; both (blocks, groups and missing)."""
    missing = _of_share(table[:, MISSING], expected[:, MISSING], table.sum(axis=1))
    held = table[:, :MISSING].sum(axis=0) > 0
    held &= expected[:, :MISSING].sum(axis=0) > 0
    if np.count_nonzero(held) < 2:
        return Looks((), missing)
    values, wanted = table[:, :MISSING][:, held], expected[:, :MISSING][:, held]
    present = values.sum(axis=1)
    wanted = wanted * (present / np.maximum(wanted.sum(axis=1), 1e-9))[:, None]
    shares = values.sum(axis=0) / values.sum()
    wide = len(shares) - 1
    degrees = (len(table) - 1) * wide
    chi = float((np.square(values - wanted) / np.maximum(wanted, 1e-2)).sum()) / degrees
    seen: tuple[Ratio, ...] = (
        Ratio(chi, _free(degrees, float((1 / shares).sum()) / wide**2 - 3 / wide, float(present.sum()))),
    )
    ranks = np.cumsum(shares) - shares / 2 - 0.5
    middle = _of_score(values, wanted, ranks)
    if ordered:
        return Looks((*seen, *middle, *_of_score(values, wanted, np.square(ranks))), missing, middle)
    for at in np.flatnonzero((shares > _SMALL) & (shares < _LARGE)):
        seen += _of_share(values[:, at], wanted[:, at], present)
    return Looks(seen, missing, middle)


def _of_score(table: Table, expected: Table, score: Floats) -> tuple[Ratio, ...]:
    rows = np.maximum(expected.sum(axis=1), 1e-9)
    mean = expected @ score
    variance = np.maximum(expected @ np.square(score) - np.square(mean) / rows, 1e-9)
    if expected.sum(axis=0).max() >= expected.sum():
        return ()
    shares = table.sum(axis=0) / table.sum()
    apart = score - shares @ score
    tails = float(shares @ apart**4 / max(float(shares @ apart**2), 1e-12) ** 2) - 3
    value = float((np.square(table @ score - mean) / variance).sum()) / (len(table) - 1)
    return (Ratio(value, _free(len(table) - 1, tails, float(table.sum()))),)


def _of_share(hits: Floats, expected: Floats, rows: Floats) -> tuple[Ratio, ...]:
    if not 0 < hits.sum() < rows.sum():
        return ()
    variance = np.maximum(expected * (1 - expected / np.maximum(rows, 1.0)), 1e-2)
    share = float(hits.sum() / rows.sum())
    tails = 1 / (share * (1 - share)) - 3
    value = float((np.square(hits - expected) / variance).sum()) / (len(hits) - 1)
    return (Ratio(value, _free(len(hits) - 1, tails, float(rows.sum()))),)


def _free(degrees: int, tails: float, rows: float) -> float:
    """The degrees of freedom of a chi-squared variable that varies as much as the ratio: fewer where few rows decide,
    as of a value that hardly any row has. `tails`: the excess kurtosis of a row's score, 0 of a normal one."""
    return 2 / (2 / degrees + max(0.0, tails) / rows)
