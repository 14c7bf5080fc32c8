"""The evidence that outcomes are not what was promised: the wealth of bets, which chance lets grow to 1 / ALPHA only in
one life of a hundred, however often it is looked at (Ville's inequality).

Each bet (bets.py) is a likelihood ratio: outcomes shifted by its size against outcomes shifted by TOLERATED, the
nearest of what still counts as unchanged. Its expectation is at most 1 whatever the true shift within that. Three
things keep it so in real traffic:

* What is promised of a band is what its held-out rows and all later rows of it say together, as in Polya's urn: under
  an unchanged relation the next row is then exactly as likely as promised, and the chance in a small test set rings
  nothing.
* A change may begin at any block: every block, a part of the money is bet that it begins there (the parts sum to 1).
* Rows depend on each other. The exponent of a block's ratio is one over how much more than independent rows blocks
  and checks have swung so far: differences of neighbours, which a change shows once and dependence always. It is
  known before the block, and at most 1, so that (Jensen) the expectation stays at most 1.

Beside the money there is, for each bet, the run of blocks since which it has gained: where a change began, and how
large.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
from scipy.special import expit, logit

from jobs.relation.bets import SIZES, Bets
from jobs.relation.promises import Floats, Observed, Places, Promises

ALPHA = 0.01
TOLERATED = 0.15
"""In log-odds: 4 points at 50 %, 1 point at 95 %. Less is not called a change."""
BLOCK, MOST_BLOCKS = 50, 400
"""Rows of a block; more where one check would have more blocks than this."""
_SPENT = 30.0
"""Half of the starting money is spent after so many blocks."""
_NOTHING = -1e6
_REACH, _FURTHEST = 9.0, 700.0
_FEWEST_OF_BLOCK, _LEAST_VARIANCE, _PRIOR, _MOST_SWING = 20, 2.0, 10.0, 9.0
LOG, SINCE, AT_BLOCK, ROWS, VALUE, PROMISED, SPREAD, OFF = range(8)
"""What is known of a run."""


@dataclass(frozen=True)
class Swing:
    """How much neighbours differ: `count` of them, the sum of squared differences over 2, the last of each group."""

    count: float = 0.0
    total: float = 0.0
    last: tuple[float | None, ...] = ()

    def more(self, now: tuple[float | None, ...]) -> Swing:
        """With one more block or check, in standard deviations of independent rows."""
        pairs = zip(now, self.last, strict=False)
        known = [(one - two) ** 2 / 2 for one, two in pairs if one is not None and two is not None]
        added = min(float(np.mean(known)), _MOST_SWING) if known else 0.0
        last = tuple(one if one is not None else two for one, two in zip_longest(now, self.last))
        return Swing(self.count + bool(known), self.total + added, last)

    @property
    def factor(self) -> float:
        """By how much the variance is larger than that of independent rows; 1 at least."""
        return max(1.0, (_PRIOR + self.total) / (_PRIOR + self.count))


@dataclass(frozen=True)
class Evidence:
    """All that is kept. `wealth`: log, (patterns, sizes); `learned`: sum and rows by band; `runs`: (patterns, sizes,
    8).

    `changed`: the place of the bet that rang, None as long as none did; then nothing more is learned of the bands, and
    only its run grows.
    """

    wealth: Floats
    learned: Floats
    runs: Floats
    blocks: int = 0
    of_blocks: Swing = Swing()
    of_checks: Swing = Swing()
    changed: tuple[int, int] | None = None

    @classmethod
    def nothing(cls, promised: Promises, bet: Bets) -> Evidence:
        """Before the first row."""
        shape = bet.weight.shape
        return cls(np.full(shape, _NOTHING), np.zeros((len(promised.share), 2)), np.zeros((*shape, 8)))

    def log_wealth(self, bet: Bets) -> float:
        """All the money, as a logarithm: what is bet, and what is kept for later starts."""
        kept = _SPENT / (_SPENT + self.blocks)
        return float(np.logaddexp.reduce([*(self.wealth + np.log(bet.weight)).ravel(), np.log(kept)]))


def after_check(evidence: Evidence, promised: Promises, bet: Bets, seen: Observed, seconds: Floats) -> Evidence:
    """With the rows of one more check, in the order of their time. `seconds`: (rows,) since 1970."""
    rows = len(seconds)
    size = max(BLOCK, -(-rows // MOST_BLOCKS))
    residuals = []
    for begin in range(0, rows, size):
        first, last = np.searchsorted(seen.row, (begin, begin + size))
        block = Observed(*(getattr(seen, name)[first:last] for name in ("row", "value", "band", "shape", "off")))
        share, spread = _promised(evidence, promised, block)
        residuals.append((block.band, block.value - share, spread))
        evidence = _after_block(evidence, promised, bet, block, share, float(seconds[begin]))
        if last - first >= _FEWEST_OF_BLOCK:
            swung = _swung(promised, block.band, block.value - share, spread)
            evidence = replace(evidence, of_blocks=evidence.of_blocks.more(swung))
    if rows >= _FEWEST_OF_BLOCK:
        whole = [np.concatenate(parts) for parts in zip(*residuals, strict=True)]
        evidence = replace(evidence, of_checks=evidence.of_checks.more(_swung(promised, *whole)))
    return evidence


def start_weight(block: int) -> float:
    """The part of the money that is bet on a change beginning at this block, from 1."""
    return _SPENT / ((_SPENT + block - 1) * (_SPENT + block))


def tempered(evidence: Evidence) -> float:
    """By how much rows depend on each other, as far as is known."""
    return max(evidence.of_blocks.factor, evidence.of_checks.factor)


def _promised(evidence: Evidence, promised: Promises, block: Observed) -> tuple[Floats, Floats]:
    """The mean and the variance of each observation, given all before it."""
    sums, rows = promised.share * promised.rows + evidence.learned[:, 0], promised.rows + evidence.learned[:, 1]
    order = np.argsort(block.band, kind="stable")
    band, value = block.band[order], block.value[order]
    before = np.concatenate([[0.0], np.cumsum(value)])[:-1]
    begin = np.searchsorted(band, band)
    count = np.arange(len(band)) - begin
    if evidence.changed is not None:
        count, before = np.zeros_like(count), before[begin]
    share = np.empty(len(band))
    share[order] = (sums[band] + before - before[begin]) / (rows[band] + count)
    odds = np.clip(logit(share) + block.shape, -_REACH, _REACH)
    share = expit(odds)
    return share, share * (1 - share) if promised.classes is not None else promised.spread[block.band]


def _after_block(
    evidence: Evidence, promised: Promises, bet: Bets, block: Observed, share: Floats, began: float
) -> Evidence:
    gains = _gains(bet, block, logit(share)) / tempered(evidence)
    started = evidence.blocks + 1
    wealth = np.logaddexp(evidence.wealth, np.log(start_weight(started))) + gains
    runs = _runs(evidence, promised, bet, block, gains, began)
    after = replace(evidence, wealth=np.clip(wealth, _NOTHING, _FURTHEST), runs=runs, blocks=started)
    if evidence.changed is None:
        learned = evidence.learned.copy()
        np.add.at(learned, block.band, np.stack([block.value, np.ones(len(block.value))], axis=1))
        after = replace(after, learned=learned)
        if after.log_wealth(bet) >= -np.log(ALPHA):
            best = int(np.argmax(after.wealth + np.log(bet.weight)))
            after = replace(after, changed=(best // len(SIZES), best % len(SIZES)))
    return after


def _gains(bet: Bets, block: Observed, odds: Floats) -> Floats:
    """What each bet gains (patterns, sizes), as a logarithm."""
    gained = np.zeros(bet.weight.shape)
    for sign in (1.0, -1.0):
        null = expit(odds + sign * TOLERATED)
        other = expit(odds[None, :] + sign * (TOLERATED + np.array(SIZES)[:, None]))
        ratio = np.log(block.value * other / null + (1 - block.value) * (1 - other) / (1 - null))
        gained += (bet.direction[:, block.band] == sign).astype(np.float64) @ ratio.T
    return gained


def _runs(evidence: Evidence, promised: Promises, bet: Bets, block: Observed, gains: Floats, began: float) -> Floats:
    """Since when each bet has gained, and what was promised and seen since then."""
    runs = evidence.runs.copy()
    going = runs[..., LOG] > 0
    if evidence.changed is not None:
        going[evidence.changed] = True
    runs[~going] = 0.0
    runs[~going, SINCE], runs[~going, AT_BLOCK] = began, evidence.blocks + 1
    runs[..., LOG] = np.minimum(runs[..., LOG] + gains, _FURTHEST)
    share = expit(logit(promised.share)[block.band] + block.shape)
    spread = share * (1 - share) if promised.classes is not None else promised.spread[block.band]
    sides = bet.direction[:, block.band]
    toward = np.array([pattern.what == "toward" for pattern in bet.patterns])[:, None]
    flipped = toward & (sides < 0)
    bet_on = sides != 0
    seen = np.stack(
        [
            bet_on,
            bet_on * np.where(flipped, 1 - block.value, block.value),
            bet_on * np.where(flipped, 1 - share, share),
            bet_on * spread,
            bet_on * block.off,
        ],
        axis=-1,
    ).sum(axis=1)
    runs[..., ROWS:] += seen[:, None, :]
    return runs


def _swung(promised: Promises, band: Places, residual: Floats, spread: Floats) -> tuple[float | None, ...]:
    """A block's or check's mean, in standard deviations of independent rows, of each group of bands: what makes one
    class more frequent lifts one group and lowers the other. None where a group has next to no rows."""
    group, swung = promised.group[band], list[float | None]()
    for one in np.unique(promised.group):
        variance = float(spread[group == one].sum())
        enough = variance >= _LEAST_VARIANCE
        swung.append(float(residual[group == one].sum()) / variance**0.5 if enough else None)
    return tuple(swung)
