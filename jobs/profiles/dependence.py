"""How many independent rows the rows at hand amount to, column by column: design effects, estimated from the rows.

A design effect is how much more a share varies than it would among independent rows (Kish 1965): a thousand rows with
an effect of 5 tell as much as two hundred. Two things are looked at, and the larger effect counts:

* consecutive blocks, in the order of capture time (blocks.py).
* repeats, in any order: rows equal in two many-valued columns or more are taken for one row, or one customer, that came
  again. A column counts as far as its own values agree within such pairs, and is no evidence about itself. A value that
  one row in fifty holds is no evidence either: a sensor that got stuck is not a customer.

What the blocks say is an estimate from a few blocks, so it has to be shown; what repeats say is nearly exact, and
counts a fifth more.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jobs.documents.baseline import Clock
from jobs.profiles.blocks import of_blocks
from jobs.profiles.effect import Effect
from jobs.profiles.grouping import MISSING, Codes
from jobs.profiles.row_sample import Floats, RowSample

FEW_PAIRS = 1.2
MANY_VALUED = 12
EQUAL_IN = 2
_COMMON, _COMMON_ROWS = 50, 10
_TIE_SHARE, _TIE_ROWS = 1e-3, 5.0
Places = npt.NDArray[np.int64]


def effects(sample: RowSample, known: Clock | None = None) -> list[Effect]:
    """An effect a column of the sample. `known`: what training rows are like at each hour, which is no dependence."""
    return [one.larger(other) for one, other in zip(of_repeats(sample), of_blocks(sample, known), strict=True)]


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
