"""How surely two counts differ: p-values that hold at every size, from a hundred rows to many millions.

Every test here is computed from counts by bin alone. Bins are joined by what both samples hold *together*: given the
sums, which rows are training and which are traffic is a matter of chance alone if nothing has changed, and so joining
by the sums cannot make a false alarm. Where few rows are expected the tests are exact (hypergeometric, beta-binomial):
normal approximations are wrong by factors just there, far out in the tail, where a threshold divided by sixty lies.

Whether a difference matters is not this module's question; see distances.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from jobs.documents.drift import Statistic

Rows = npt.NDArray[np.int64]
GROUPS = 20
_EXPECTED = 5.0
_EXACT_CANDIDATES = 3
_BY_SHARE = 0.8
_TAIL_TERMS = 20_000
_SKEWED = 1e-3


@dataclass(frozen=True)
class Test:
    """A test's statistic and the probability of one at least as large if nothing has changed."""

    statistic: float
    p_value: float

    def to_json(self) -> Statistic:
        return {"statistic": self.statistic, "p_value": self.p_value}


def at_least_one(p_values: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """The p-value of several tests of one question (Bonferroni); `weights` sum to 1, equal where not given.

    >>> at_least_one([0.01, 0.5])
    0.02
    >>> at_least_one([0.03, 0.5], [0.75, 0.25])
    0.04
    """
    shares_of = weights or [1 / len(p_values)] * len(p_values)
    return min(1.0, *(p_value / weight for p_value, weight in zip(p_values, shares_of, strict=True)))


def kolmogorov_smirnov(one: Rows, other: Rows) -> Test:
    """Largest difference of the two cumulative shares, over bins in order. Both samples hold rows.

    Ties within a bin can only hide a difference, never make one. Kolmogorov's limiting distribution (Massey 1951).
    """
    first, second = int(one.sum()), int(other.sum())
    largest = float(np.abs(np.cumsum(one) / first - np.cumsum(other) / second).max())
    return Test(largest, float(special.kolmogorov(math.sqrt(first * second / (first + second)) * largest)))


def rank_sum(one: Rows, other: Rows) -> Test:
    """Wilcoxon's rank-sum test with mid-ranks for ties: sees a small shift where Kolmogorov-Smirnov does not yet.

    The statistic is the probability that a row of `other` is larger than a row of `one` (ties count half): 0.5 if
    nothing has changed. Both samples hold rows. Mann and Whitney 1947.
    """
    score = _middle_ranks(one + other)
    larger = float((score * other).sum() / other.sum() - (score * one).sum() / one.sum()) / float(
        one.sum() + other.sum()
    )
    return Test(0.5 + larger, _of_scores(score, one, other))


def rank_spread(one: Rows, other: Rows) -> Test:
    """Mood's test with mid-ranks: sees a small change of the spread, which is no more than a few per cent of any bin.

    The statistic is the mean squared distance from the middle rank in `other` over that in `one`: 1 if nothing has
    changed, above for wider. Both samples hold rows. Mood 1954.
    """
    together = one + other
    score = np.square(_middle_ranks(together) - float(together.sum()) / 2)
    first = float((score * one).sum() / one.sum())
    second = float((score * other).sum() / other.sum())
    return Test(second / first if first else 1.0, _of_scores(score, one, other))


def _middle_ranks(together: Rows) -> npt.NDArray[np.float64]:
    """Rows below each bin and half of those in it."""
    ranks: npt.NDArray[np.float64] = np.cumsum(together, dtype=np.float64) - together / 2
    return ranks


def _of_scores(score: npt.NDArray[np.float64], one: Rows, other: Rows) -> float:
    """The p-value of two samples of scores by bin being dealt out at random: twice the heavier of two tails.

    Mean, variance and skewness are those of drawing without replacement, so that ties need no correction (Hajek and
    Sidak 1967). The normal tail alone is wrong by orders where nearly all rows share a value, as an amount that is
    mostly zero: two of a hundred rows are above it every few hundred times, and five standard deviations away. There
    the statistic is as skewed as a count of rare events, which Pearson's type III follows (Mielke and Berry 2007).
    """
    first, second = float(one.sum()), float(other.sum())
    total = first + second
    together = one + other
    apart = score - float((score * together).sum()) / total
    square = float((np.square(apart) * together).sum()) / (total - 1)
    if square <= 0:
        return 1.0
    apart /= math.sqrt(square)
    deviation = math.sqrt(first / (total * second))
    beyond = float((apart * other).sum()) / second / deviation
    cube = float((apart**3 * together).sum()) / ((total - 1) * max(total - 2, 1))
    skewness = cube * first * (first - second) / (total * second**2 * deviation**3)
    normal = float(special.ndtr(-abs(beyond)))
    return min(1.0, 2 * max(normal, _skewed_tail(abs(beyond), math.copysign(skewness, skewness * beyond))))


def _skewed_tail(beyond: float, skewness: float) -> float:
    """Chance of a value `beyond` standard deviations above the mean on the long side of a gamma distribution (Pearson's
    type III); 0 where there is no long side."""
    if skewness < _SKEWED:
        return 0.0
    shape = 4 / skewness**2
    return float(special.gammaincc(shape, shape + beyond * math.sqrt(shape)))


def chi_squared(one: Rows, other: Rows) -> Test | None:
    """Pearson's test of the same shares. None where there is only one bin with rows. The bins are joined already."""
    kept = (one + other) > 0
    if np.count_nonzero(kept) < 2:
        return None
    first, second = float(one.sum()), float(other.sum())
    together = (one + other)[kept].astype(np.float64)
    # the second sample's deviations are the first's with the other sign
    deviation = one[kept] - together * (first / (first + second))
    statistic = float((np.square(deviation) / together).sum() * (first + second) ** 2 / (first * second))
    return Test(statistic, float(special.chdtrc(len(together) - 1, statistic)))


def in_order(one: Rows, other: Rows) -> npt.NDArray[np.intp]:
    """The group of every bin of numbers: about 20 of equal sums, each expecting at least 5 rows of either sample."""
    together = (one + other).astype(np.float64)
    total = together.sum()
    smaller = min(int(one.sum()), int(other.sum()))
    groups = max(1, min(GROUPS, int(smaller / _EXPECTED)))
    middle = np.cumsum(together) - together / 2
    group = (middle * (groups / total)).astype(np.intp).clip(0, groups - 1)
    return _joined(group, together * (smaller / total))


def _joined(group: npt.NDArray[np.intp], expected: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Neighbours joined until each group expects enough; what is left at the end joins the last."""
    sums = np.bincount(group, expected)
    name = np.empty(len(sums), dtype=np.intp)
    current, held = 0, 0.0
    for place, more in enumerate(sums.tolist()):
        name[place] = current
        held += more
        if held >= _EXPECTED:
            current, held = current + 1, 0.0
    if held < _EXPECTED and current:
        name[name == current] = current - 1
    return name[group]


def by_size(one: Rows, other: Rows) -> npt.NDArray[np.intp]:
    """The group of every word: its own where enough rows are expected of either sample, the last one for all rare ones.

    The last entry of the samples holds rows that have no word of their own and is always among the rare ones.
    """
    together = (one + other).astype(np.float64)
    expected = together * (min(int(one.sum()), int(other.sum())) / together.sum())
    is_rare = expected < _EXPECTED
    is_rare[-1] = True
    if 0 < expected[is_rare].sum() < _EXPECTED and not is_rare.all():
        is_rare[np.argmin(np.where(is_rare, np.inf, expected))] = True
    return np.where(is_rare, len(one), np.arange(len(one)))


def grouped(group: npt.NDArray[np.intp], rows: Rows) -> Rows:
    """The rows of each group."""
    return np.bincount(group, rows).astype(np.int64)


def one_of_many(one: Rows, of_one: int, other: Rows, of_other: int) -> float:
    """The p-value that some word's share of all rows has changed, exact for rare ones too.

    Corrected for the number of words by weights: most of the significance goes to the words by their share of both
    samples together, so that a frequent word does not pay for a thousand rare ones; the rest is shared evenly.
    `of_one` and `of_other` are all rows with a value, those of words without a name too.
    """
    together = one + other
    kept = int(np.count_nonzero(together))
    if not kept:
        return 1.0
    weights = _BY_SHARE * together / (of_one + of_other) + (1 - _BY_SHARE) / kept
    expected = together * (of_other / (of_one + of_other))
    surprise = np.abs(other - expected) / np.sqrt(np.maximum(expected, 0.5))
    candidates = np.argsort(-surprise, kind="stable")[:_EXACT_CANDIDATES].tolist()
    return min(1.0, *(shares(int(one[i]), of_one, int(other[i]), of_other) / float(weights[i]) for i in candidates))


def shares(one: int, of_one: int, other: int, of_other: int) -> float:
    """The p-value that two shares are the same: twice the smaller tail of the hypergeometric distribution.

    Fisher's exact test, in the form that stays exact for rare events in one of two very unequal samples.
    """
    upper = _hypergeometric_tail(other, of_other, one + other, of_one + of_other)
    lower = _hypergeometric_tail(one, of_one, one + other, of_one + of_other)
    return min(1.0, 2 * min(upper, lower))


def _hypergeometric_tail(hits: int, drawn: int, marked: int, total: int) -> float:
    """Probability of at least `hits` marked rows among `drawn` of `total`, `marked` of which are marked."""
    last = min(drawn, marked)
    if hits <= max(0, drawn + marked - total):
        return 1.0
    if hits <= drawn * (marked / total):  # more than the smaller tail needs: the other one is the smaller
        return 1.0
    # beyond the mean each term is smaller than the one before: far enough out they add nothing
    spread = math.sqrt(drawn * (marked / total) * (1 - marked / total)) + 1
    some = np.arange(hits, min(last, hits + max(200, int(12 * spread)), hits + _TAIL_TERMS) + 1, dtype=np.float64)
    log_of = _log_choose(marked, some) + _log_choose(total - marked, drawn - some) - _log_choose(total, float(drawn))
    return float(min(1.0, np.exp(special.logsumexp(log_of))))


def _log_choose(total: int, chosen: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
    result: npt.NDArray[np.float64] = -special.betaln(total - chosen + 1, chosen + 1) - math.log(total + 1)
    return result


def outside(seen: int, rows: int, outside_rows: int) -> float:
    """The p-value of `outside_rows` of `rows` beyond the smallest and largest of `seen` training values.

    What lies outside the range of N values has a share that is Beta(2, N - 1) distributed, whatever the distribution
    of the values (David and Nagaraja, Order Statistics, 2003): rows outside are beta-binomial. Ties make it smaller.
    """
    return beta_binomial_tail(outside_rows, rows, 2.0, max(seen - 1.0, 0.5))


def new_words(seen: int, seen_once: int, seen_twice: int, rows: int, new_rows: int) -> float:
    """The p-value of `new_rows` of `rows` holding words that were not among `seen` training rows.

    The share still unseen is about seen_once / seen, with a variance of (seen_once + 2 seen_twice) / seen^2 (Good 1953;
    Esty 1982). One is added, for a training part that happened to hold no rare word: a word of share p stays unseen
    with a probability of (1 - p)^seen, which is the tail of Beta(1, seen).
    """
    mean = (seen_once + 1) / (seen + 2)
    first = (seen_once + 1) ** 2 / (seen_once + 2 * seen_twice + 1)
    if mean >= 1:
        return 1.0
    return beta_binomial_tail(new_rows, rows, first, first * (1 - mean) / mean)


def one_new_word(seen: int, rows: int, new_rows: int, words: int) -> float:
    """The p-value of some single word holding `new_rows` of `rows` and none of `seen` training rows.

    Given how many rows of both samples hold each word, chance puts all of a word's rows into the traffic with a
    hypergeometric probability; `words` are at least that frequent, any of which might have been the one (Bonferroni).
    """
    if new_rows < 1:
        return 1.0
    all_there = _log_choose(rows, float(new_rows)) - _log_choose(seen + rows, float(new_rows))
    return min(1.0, words * math.exp(float(all_there)))


def beta_binomial_tail(hits: int, rows: int, first: float, second: float) -> float:
    """Probability of at least `hits` of `rows` where the chance of one is Beta(first, second) distributed."""
    if hits <= 0:
        return 1.0
    if hits > _TAIL_TERMS:  # the binomial part is sharp by then: what remains is the chance itself
        return float(special.betaincc(first, second, max(0.0, hits / rows - 6 * math.sqrt(hits) / rows)))
    below = np.arange(hits, dtype=np.float64)
    log_of = (
        _log_choose(rows, below) + special.betaln(below + first, rows - below + second) - special.betaln(first, second)
    )
    fewer = float(np.exp(special.logsumexp(log_of)))
    if fewer < 0.99:
        return 1.0 - fewer
    some = np.arange(hits, min(rows, hits + _TAIL_TERMS) + 1, dtype=np.float64)
    log_of = (
        _log_choose(rows, some) + special.betaln(some + first, rows - some + second) - special.betaln(first, second)
    )
    return float(min(1.0, np.exp(special.logsumexp(log_of))))
