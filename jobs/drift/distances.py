"""How much two counts differ: one scale for every kind of column, and the figures people know beside it.

The score of everything is a Jensen-Shannon distance in bits: 0 for the same, 1 for nothing in common. Its square is
about delta^2 / 5.5 for a small shift of delta standard deviations, so that 0.05 is a shift of 0.12 standard deviations,
a class share that moves by 6 points from 50 %, or a new word in 0.5 % of the rows. What two samples of one
distribution differ by on average is taken off first; a raw distance of small samples is never near 0.

What is not defined is None; that is never a 0. Whether a difference is certain is not this module's question.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]
GROUPS = 20
_ENOUGH = 5.0
_NOISE = 0.0012  # half the square of the usual distance of 0.05


def halfway(one: Rows, other: Rows, groups: int = GROUPS) -> npt.NDArray[np.intp]:
    """The group of every bin of numbers: some `groups` of equal weight, both samples weighing the same.

    Here a bin that only the smaller sample fills stands out, which a test by the sums may have joined to another.
    """
    weight: Shares = one / one.sum() + other / other.sum()
    middle = (np.cumsum(weight) - weight / 2) / 2
    group: npt.NDArray[np.intp] = (middle * groups).astype(np.intp).clip(0, groups - 1)
    return group


def frequent(one: Rows, other: Rows) -> npt.NDArray[np.intp]:
    """The group of every word: its own if it is among the most frequent, the last one for all others.

    As many words as still leave the score's noise small: 20, and more with the square of the rows, for the noise of
    the divergence is sqrt(2 words) / (8 ln 2) over the rows.
    """
    first, second = int(one.sum()), int(other.sum())
    weight = (one / first + other / second) / 2
    weight[-1] = 0.0
    most = max(GROUPS, int((_NOISE * 8 * math.log(2) * first * second / (first + second)) ** 2 / 2))
    is_own = weight * min(first, second) >= _ENOUGH
    is_own[np.argsort(-weight, kind="stable")[most:]] = False
    return np.where(is_own, np.arange(len(one)), len(one))


def divergence(one: Shares, other: Shares) -> float:
    """Jensen-Shannon divergence in bits of two discrete distributions over the same bins (Lin 1991)."""
    middle = (one + other) / 2
    return _entropy(middle) - (_entropy(one) + _entropy(other)) / 2


def _entropy(shares: Shares) -> float:
    present = shares[shares > 0]
    return float(-(present * np.log2(present)).sum())


def jensen_shannon(one: Rows, other: Rows) -> float | None:
    """The distance of two samples, less what chance alone makes of it, and not below 0. None where one is empty.

    The expectation of the divergence under no change is (bins - 1) / (8 ln 2) * (1/n + 1/m), from its expansion as half
    a chi-squared statistic (Grosse et al. 2002).
    """
    first, second = int(one.sum()), int(other.sum())
    if not first or not second:
        return None
    bins = int(np.count_nonzero(one + other))
    chance = (bins - 1) / (8 * math.log(2)) * (1 / first + 1 / second)
    return distance(divergence(one / first, other / second), chance)


def of_shares(one: float, rows: int, other: float, other_rows: int) -> float:
    """The same for something that a row has or has not: a missing value, an unseen one. Both samples hold rows."""
    found = divergence(np.array([one, 1 - one]), np.array([other, 1 - other]))
    return distance(found, (1 / rows + 1 / other_rows) / (8 * math.log(2)))


def distance(found: float, chance: float) -> float:
    """A divergence less chance, as a distance."""
    return math.sqrt(min(1.0, max(0.0, found - chance)))


def psi(one: Rows, other: Rows) -> float | None:
    """Population stability index of the joined bins, half a row added to each so that no share is 0. None: empty.

    Known rules of thumb (0.1, 0.25) hold for large samples only: chance alone adds (bins - 1) (1/n + 1/m).
    """
    if not one.sum() or not other.sum():
        return None
    kept = (one + other) > 0
    first, second = one[kept] + 0.5, other[kept] + 0.5
    p, q = first / first.sum(), second / second.sum()
    return float(((q - p) * np.log(q / p)).sum())


def wasserstein(one: Rows, other: Rows, positions: Shares, std_dev: float | None) -> float | None:
    """How far values have moved on average, in the training data's standard deviations; rows lie at `positions`.

    None where a sample is empty or the training data has a single value. What lies outside the training range counts
    as lying at its end.
    """
    if not one.sum() or not other.sum() or not std_dev:
        return None
    apart = np.abs(np.cumsum(one) / one.sum() - np.cumsum(other) / other.sum())[:-1]
    return float((apart * np.diff(positions)).sum() / std_dev)
