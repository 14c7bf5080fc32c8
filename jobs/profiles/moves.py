"""How far consecutive blocks of the training rows lie above or below all others, as a whole and with a direction.

A score tells how unlike two samples are, not in what. A week of narrow values is as unlike the year as a sensor that is
off, and its score hides the sensor. So of numbers it is known besides how far blocks have *moved*: how often a value of
the block is larger than one of the other rows, less a half; from -0.5 (all are smaller) to 0.5. A window that has moved
further than the blocks ever did, in its direction, is news whatever its shape.

Kept are the sum of the blocks' moves, the sum of their squares, the lowest and the highest: mergeable, and small. As
of scores, a limit lies beyond the furthest block and beyond what a distribution fitted to all of them allows: a beta
distribution, because a move is a share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moves:
    """What a window's move must be below, or above, to be further than the blocks'."""

    down: float
    up: float

    @classmethod
    def limits(cls, blocks: int, moments: Sequence[float], beyond: float, exceeded: float) -> Moves:
        """`beyond`: by what factor the furthest block must be exceeded; `exceeded`: how often a further block may
        exceed either limit."""
        total, squares, lowest, highest = moments
        mean = total / blocks
        variance = max(0.0, squares / blocks - mean * mean) * blocks / max(1, blocks - 1)
        down, up = min(0.0, beyond * lowest), max(0.0, beyond * highest)
        share = 0.5 + mean
        both = share * (1 - share) / variance - 1 if variance > 0 else 0.0
        if both > 0:
            tails = special.betaincinv(share * both, (1 - share) * both, [exceeded / 2, 1 - exceeded / 2]) - 0.5
            down, up = min(down, float(tails[0])), max(up, float(tails[1]))
        return cls(max(-0.5, down), min(0.5, up))

    def exceeded_by(self, move: float) -> float | None:
        """The limit that a move exceeds; None if it lies within both."""
        return self.up if move > self.up else self.down if move < self.down else None


def moves(one: Table, other: Table) -> Table:
    """Of each row of `one` against that of `other`, 0 where one is empty; both (blocks, groups in order) counts.

    >>> moves(np.array([[0.0, 2.0], [1.0, 1.0]]), np.array([[4.0, 0.0], [3.0, 3.0]])).tolist()
    [0.5, 0.0]
    """
    below = np.cumsum(other, axis=1) - other / 2
    pairs = one.sum(axis=1) * other.sum(axis=1)
    return np.where(pairs > 0, (one * below).sum(axis=1) / np.maximum(pairs, 1.0) - 0.5, 0.0)


def written(found: Table) -> list[float]:
    """Their moments, as they are written."""
    told = found.sum(), np.square(found).sum(), found.min(initial=0.0), found.max(initial=0.0)
    return [float(f"{one:.4g}") for one in told]


def least_score(move: float) -> float:
    """The least score that so large a move can have: that of the least share of rows that must have changed sides.

    Of two distributions that differ in a share t of their rows, values are at most so much larger that the move is
    t - t^2 / 2; and their Jensen-Shannon divergence is at least 1 less the entropy of (1 - t) / 2 (Lin 1991).

    >>> [round(least_score(move), 3) for move in (0.0, 0.3, -0.3, 0.5)]
    [0.0, 0.316, 0.316, 1.0]
    """
    apart = 1 - math.sqrt(max(0.0, 1 - 2 * abs(move)))
    share = (1 - apart) / 2
    entropy = (special.entr(share) + special.entr(1 - share)) / math.log(2)
    return math.sqrt(max(0.0, 1 - float(entropy)))
