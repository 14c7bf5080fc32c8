"""The three ways a column can drift, each with its score and its certainty: its values, what is missing, what is new.

`distribution` looks at the present values, `missing` at the absent ones, `unseen` at words that training never saw or
numbers outside its range. They are judged apart because they are mended apart. An aspect that cannot be judged is not
among a column's aspects: it is neither drift nor its absence.

New words count in the certainty of the distribution, where they join the rare ones (which of the many rare words a
sample of training happened to hold is chance). In its score only as many as were to be expected do: the others are
judged once, by `unseen`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from jobs.drift import distances, significance
from jobs.drift.scale import Scale
from jobs.drift.significance import Test
from jobs.profiles.counts import BUCKETS, Counts
from jobs.profiles.profile import Reference

Rows = npt.NDArray[np.int64]
FEWEST = 2
_SINGLE_WORD = 0.75  # of the significance: one word that moved is what happens, and one test of many words is weaker


@dataclass(frozen=True)
class Aspect:
    """One aspect of one column: how much it differs (0 to 1), and how likely that is by chance."""

    name: str
    score: float
    p_value: float


@dataclass(frozen=True)
class Compared:
    """One column's traffic beside its reference: what all measures start from."""

    reference: Reference
    counts: Counts
    one: Rows
    other: Rows
    scale: Scale | None

    @classmethod
    def of(cls, reference: Reference, counts: Counts) -> Compared:
        """`one` and `other` are rows by bin; of words the last bin holds those without a name."""
        one, other = list(reference.counts), list(counts.bins)
        if reference.is_words:
            one, other = [*one, reference.others], [*other, counts.others]
        scale = Scale.of(reference, counts) if reference.is_numeric else None
        return cls(reference, counts, np.array(one, dtype=np.int64), np.array(other, dtype=np.int64), scale)


@dataclass(frozen=True)
class Distribution:
    """The tests and the score of the present values; all but `chi_squared` of numbers only."""

    score: float
    kolmogorov_smirnov: Test | None
    rank_sum: Test | None
    rank_spread: Test | None
    chi_squared: Test | None
    p_value: float

    @property
    def move(self) -> float | None:
        """How often a value of the traffic is larger than one of the training, less a half; of numbers only."""
        return None if self.rank_sum is None else self.rank_sum.statistic - 0.5


def may_differ(reference: Reference, counts: Counts) -> list[str]:
    """The names of the aspects that can be judged, found cheaply."""
    if reference.rows < FEWEST or counts.rows < FEWEST:
        return []
    found = ["missing"]
    if not (reference.is_numeric or reference.is_words):
        return found
    if reference.present >= FEWEST and counts.present >= FEWEST:
        found.append("distribution")
        if reference.is_numeric or reference.hashes is not None:
            found.append("unseen")
    return found


def tests(reference: Reference, counts: Counts) -> int:
    """How many tests a column adds to its check.

    Where no row of either sample lacks the value, the test of the missing has one outcome only: it cannot raise a false
    alarm, and the others need not pay for it (Tarone 1990).
    """
    judged = may_differ(reference, counts)
    if "missing" in judged and not reference.missing and not counts.missing:
        judged.remove("missing")
    return len(judged)


def aspects(compared: Compared, values: Distribution | None) -> list[Aspect]:
    """What can be judged of a column."""
    found = []
    for name in may_differ(compared.reference, compared.counts):
        if name == "missing":
            found.append(_missing(compared))
        elif name == "unseen":
            found.append(_unseen(compared))
        elif values is not None:
            found.append(Aspect(name, values.score, values.p_value))
    return found


def distribution(compared: Compared) -> Distribution | None:
    """Of the present values; None where it cannot be judged."""
    if "distribution" not in may_differ(compared.reference, compared.counts):
        return None
    return _of_numbers(compared) if compared.reference.is_numeric else _of_words(compared)


def _of_numbers(compared: Compared) -> Distribution:
    one, other = compared.one, compared.other
    furthest = significance.kolmogorov_smirnov(one, other)
    ranks, spread = significance.rank_sum(one, other), significance.rank_spread(one, other)
    group = significance.in_order(one, other)
    shape = significance.chi_squared(significance.grouped(group, one), significance.grouped(group, other))
    score = jensen_shannon(compared) or 0.0
    p_values = [test.p_value for test in (furthest, ranks, spread, shape) if test is not None]
    return Distribution(score, furthest, ranks, spread, shape, significance.at_least_one(p_values))


def _of_words(compared: Compared) -> Distribution:
    one, other = compared.one, compared.other.copy()
    other[-1] += compared.counts.unseen
    group = significance.by_size(one, other)
    by_group = significance.grouped(group, one), significance.grouped(group, other)
    shape = significance.chi_squared(*by_group)
    single = significance.one_of_many(one[:-1], compared.reference.present, other[:-1], compared.counts.present)
    p_values = [single, shape.p_value if shape is not None else 1.0]
    p_value = significance.at_least_one(p_values, [_SINGLE_WORD, 1 - _SINGLE_WORD])
    return Distribution(jensen_shannon(compared) or 0.0, None, None, None, shape, p_value)


def joined(compared: Compared) -> tuple[Rows, Rows]:
    """Both samples in the few groups that the score and PSI are computed from."""
    one, other = compared.one, compared.other
    if compared.reference.is_words and compared.reference.present:
        other = other.copy()
        expected = compared.counts.present * compared.reference.seen_once / compared.reference.present
        other[-1] += min(compared.counts.unseen, round(expected))
    if not one.sum() or not other.sum():
        return one, other
    group = distances.halfway(one, other) if compared.reference.is_numeric else distances.frequent(one, other)
    return significance.grouped(group, one), significance.grouped(group, other)


def jensen_shannon(compared: Compared) -> float | None:
    """The score of the values; None where one side holds none."""
    return distances.jensen_shannon(*joined(compared))


def _missing(compared: Compared) -> Aspect:
    reference, counts = compared.reference, compared.counts
    score = distances.of_shares(
        reference.missing / reference.rows, reference.rows, counts.missing / counts.rows, counts.rows
    )
    p_value = significance.shares(reference.missing, reference.rows, counts.missing, counts.rows)
    return Aspect("missing", score, p_value)


def _unseen(compared: Compared) -> Aspect:
    reference, counts = compared.reference, compared.counts
    seen, rows = reference.present, counts.present
    if reference.is_numeric:
        p_value = significance.outside(seen, rows, counts.unseen)
        return Aspect("unseen", _more_than(min(1.0, 2 / (seen + 1)), compared, counts.unseen), p_value)
    # Where some rows hold a new word every day, one that becomes frequent is still news: the larger of two scores
    # counts, for which two tests are paid.
    p_all = significance.new_words(seen, reference.seen_once, reference.seen_twice, rows, counts.unseen)
    new_rows = single_new_word(counts)
    p_single = significance.one_new_word(seen, rows, new_rows, _words_as_frequent(compared, new_rows))
    p_single = max(p_single, _met_in_a_bucket(counts))
    all_of_them = Aspect("unseen", _more_than(reference.seen_once / seen, compared, counts.unseen), min(1.0, 2 * p_all))
    single = Aspect("unseen", _more_than(0.0, compared, new_rows), min(1.0, 2 * p_single))
    return max(all_of_them, single, key=lambda aspect: aspect.score)


def _more_than(expected: float, compared: Compared, new_rows: int) -> float:
    seen, rows = compared.reference.present, compared.counts.present
    return distances.of_shares(expected, seen, new_rows / rows, rows) if new_rows / rows > expected else 0.0


def _words_as_frequent(compared: Compared, rows: int) -> int:
    """How many words hold at least so many rows of both samples: those with a name, the most that can be among the
    others, and the new one.
    """
    both = compared.one + compared.other
    return 1 + int(np.count_nonzero(both[:-1] >= rows)) + int(both[-1]) // max(1, rows)


def single_new_word(counts: Counts) -> int:
    """Rows of the most frequent new word, as far as can be told from the buckets: less what a bucket holds anyhow."""
    rows = [held for _, held in counts.novel]
    everywhere = float(np.median([*rows, *[0] * (BUCKETS - len(rows))]))
    return int(max(rows, default=0) - everywhere)


def _met_in_a_bucket(counts: Counts) -> float:
    """The p-value of several new words having met in the fullest bucket, which then looks like one frequent word.

    The other buckets say how full one is by chance: Poisson in units of their index of dispersion, which is above 1
    where words come several times.
    """
    *others, fullest = sorted([0, *(held for _, held in counts.novel)])
    mean = sum(others) / (BUCKETS - 1)
    if not mean:
        return 0.0
    unit = max(1.0, sum(rows * rows for rows in others) / sum(others) - mean)
    return min(1.0, BUCKETS * float(special.gammainc(fullest / unit, mean / unit)))
