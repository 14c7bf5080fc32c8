"""What the model promised of a labelled row, and what became of it: observations from 0 to 1 with a known mean.

Of classes an observation is whether the answer was right; the promise is how often held-out answers of the same class
and about the same confidence were. So a flaw of the model's own calibration is part of the promise, and traffic that
asks about other rows than before (covariate drift) changes which promises are made, not whether they are kept. Of
numbers there are two observations a row: the place of its residual among the held-out ones, and that of its distance
from the median (residuals.py).

Promises are made by band. How well a band is known is counted in held-out rows; the rows that come later are added to
them (evidence.py), so that the chance in a small test set is never taken for a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from jobs.documents.answers import Answers, Calibration, ResidualBand, Residuals
from jobs.performance_estimation.calibration import HeldOut
from jobs.performance_estimation.counts import confidence_bins
from jobs.performance_estimation.platt import IDENTITY, curve, fit
from jobs.relation.residuals import place

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
FEWEST_HELD_OUT = 100
MOST_OWN_CLASSES = 8
"""Predicted classes with bands of their own, the most frequent; the others share theirs."""
_MOST_BANDS, _ROWS_OF_A_BAND = 8, 50
_MOST_SHAPE = 1.0
_WIDE = 10.0


@dataclass(frozen=True)
class Observed:
    """What labelled rows showed, one entry an observation, in the order of the rows.

    `row`: which of them it is of. `value`: from 0 to 1. `band`: what is promised, `shape`: and by how much more or less
    in log-odds. `off`: of numbers the residual less the held-out mean, or the distance less its mean, in their unit.
    """

    row: Places
    value: Floats
    band: Places
    shape: Floats
    off: Floats


@dataclass(frozen=True)
class Promises:
    """Bands, one entry each. `share`: the mean promised; `rows`: held-out rows behind it; `spread`: the variance of one
    observation; `group`: the predicted class (-1: one of the rarer), of numbers 0 for residuals and 1 for distances;
    `level`: 0, 1, 2 for the least, the middle and the surest third of the held-out rows (of numbers: of predictions).
    """

    classes: tuple[str, ...] | None
    share: Floats
    rows: Floats
    spread: Floats
    group: Places
    level: Places
    table: _Classes | _Numbers

    def observe(self, actual: Floats, predicted: Floats, probability: Floats | None) -> Observed:
        """What rows with their outcomes amount to: positions in the classes with probabilities, or numbers."""
        return self.table.observe(actual, predicted, probability)


def promises(answers: Answers | None) -> Promises | str:
    """What the model of answers.json promises, or the sentence that says why it promises nothing."""
    if not answers:
        return "The evaluation of this model kept nothing that outcomes can be held against; the next model's will."
    classes = answers.get("classes")
    calibration, off = answers.get("calibration"), answers.get("residuals")
    alike = answers.get("rows", 0)
    worth = min(answers.get("distinct", alike) / alike, 1.0) if alike else 1.0
    if classes and calibration:
        return _few(calibration["rows"], worth) or _of_classes(tuple(classes), calibration, worth)
    if not classes and off:
        return _few(sum(band["rows"] for band in off["bands"]), worth) or _of_numbers(off, worth)
    return "The evaluation of this model kept nothing that outcomes can be held against; the next model's will."


def _few(rows: int, worth: float) -> str:
    """`worth`: the share of the rows that repeat no other's inputs: repetitions make nothing surer."""
    if rows * worth >= FEWEST_HELD_OUT:
        return ""
    which = f"{rows:,} rows" if worth == 1 else f"{round(rows * worth):,} different rows"
    return f"Only {which} were held out when the model was evaluated; to hold outcomes against them takes 100."


# --- classes


@dataclass(frozen=True)
class _Classes:
    edges: tuple[int, ...]
    band: Places
    """(classes, bins)"""
    shape: Floats

    def observe(self, actual: Floats, predicted: Floats, probability: Floats | None) -> Observed:
        assert probability is not None  # noqa: S101  of classes there is one
        said = predicted.astype(np.int64)
        bins = confidence_bins(said, probability, self.edges)
        right = (actual == predicted).astype(np.float64)
        return Observed(np.arange(len(said)), right, self.band[said, bins], self.shape[said, bins], np.zeros(len(said)))


def _of_classes(classes: tuple[str, ...], calibration: Calibration, worth: float) -> Promises:
    held = HeldOut.read(calibration, len(classes))
    rows_of = (held.right + held.wrong).sum(axis=1)
    parameters = (
        fit(held.right.astype(float), held.wrong.astype(float), held.log_odds)
        if held.method == "platt"
        else np.broadcast_to(IDENTITY, (len(classes), 2))
    )
    odds = logit(np.clip(curve(parameters[:, None, :], held.log_odds)[:, 0, :], 1e-6, 1 - 1e-6))
    own = [int(one) for one in np.argsort(-rows_of, kind="stable")[:MOST_OWN_CLASSES]]
    groups = [(one, [one]) for one in sorted(own)]
    rest = sorted(set(range(len(classes))) - set(own))
    groups += [(-1, rest)] if rest else []
    band, shape = np.zeros(held.right.shape, np.int64), np.zeros(held.right.shape)
    shares: list[float] = []
    rows: list[float] = []
    group: list[int] = []
    for name, members in groups:
        for bins in _cut((held.right + held.wrong)[members].sum(axis=0)):
            cells = np.ix_(np.array(members), bins)
            right, wrong = worth * float(held.right[cells].sum()), worth * float(held.wrong[cells].sum())
            weight = (held.right + held.wrong)[cells] + 1e-9
            middle = logit(np.sum(weight / (1 + np.exp(-odds[cells]))) / weight.sum())
            band[cells] = len(shares)
            shape[cells] = np.clip(odds[cells] - middle, -_MOST_SHAPE, _MOST_SHAPE)
            expected = 1 / (1 + np.exp(-middle))
            rows.append(right + wrong + 1)
            shares.append((right + 0.5 if right + wrong else expected) / (right + wrong + 1))
            group.append(name)
    share, count = np.array(shares), np.array(rows)
    if (empty := count == 1).any():  # nothing of it was held out: one row's weight of what the curve says
        share[empty] = np.clip(share[empty], 0.02, 0.98)
    table = _Classes(tuple(calibration["edges"]), band, shape)
    return Promises(classes, share, count, share * (1 - share), np.array(group), _levels(share, count), table)


def _cut(rows: Places) -> list[Places]:
    """Neighbouring bins (bins,) of confidence in bands of about as many held-out rows."""
    fewest = max(_ROWS_OF_A_BAND, rows.sum() / _MOST_BANDS)
    bands = np.minimum(rows.sum() // fewest, _MOST_BANDS).astype(int) or 1
    before = np.cumsum(rows) - rows / 2
    number = np.minimum((before * bands / max(rows.sum(), 1)).astype(np.int64), bands - 1)
    return [np.flatnonzero(number == one) for one in np.unique(number)]


def _levels(share: Floats, rows: Floats) -> Places:
    order = np.argsort(share, kind="stable")
    before = np.cumsum(rows[order]) - rows[order] / 2
    level = np.zeros(len(share), np.int64)
    level[order] = np.minimum((before * 3 / rows.sum()).astype(np.int64), 2)
    return level


# --- numbers


@dataclass(frozen=True)
class _Numbers:
    edges: tuple[float, ...]
    bands: tuple[ResidualBand, ...]

    def observe(self, actual: Floats, predicted: Floats, _probability: Floats | None) -> Observed:
        rows, many = len(actual), len(self.bands)
        off, at = actual - predicted, np.searchsorted(np.asarray(self.edges), predicted, side="right")
        value, beyond = np.zeros((rows, 2)), np.zeros((rows, 2))
        for number, known in enumerate(self.bands):
            of_it = at == number
            for column, values, quantiles in (
                (0, off[of_it], known["signed"]),
                (1, np.abs(off[of_it] - known["signed"][len(known["signed"]) // 2]), known["absolute"]),
            ):
                value[of_it, column] = place(values, quantiles)
                beyond[of_it, column] = _beyond(values, quantiles)
        band = np.stack([at, at + many], axis=1)
        row = np.repeat(np.arange(rows), 2)
        return Observed(row, value.ravel(), band.ravel(), np.zeros(2 * rows), beyond.ravel())


def _beyond(values: Floats, quantiles: Sequence[float]) -> Floats:
    """Values less the held-out mean, neither carried away by a single one."""
    known = np.asarray(quantiles)
    low, middle, high = (known[round(share * (len(known) - 1))] for share in (0.16, 0.5, 0.84))
    reach = _WIDE * max(high - low, 1e-12 * max(1.0, abs(middle)))
    limits = (middle - reach, middle + reach)
    return np.asarray(np.clip(values, *limits) - np.clip(known, *limits).mean())


def _of_numbers(off: Residuals, worth: float) -> Promises:
    bands, many = tuple(off["bands"]), len(off["bands"])
    rows = np.array([worth * band["rows"] + 1.0 for band in bands] * 2)
    level = _levels(np.arange(many, dtype=np.float64), rows[:many])
    return Promises(
        None,
        np.full(2 * many, 0.5),
        rows,
        np.full(2 * many, 1 / 12),
        np.repeat([0, 1], many),
        np.concatenate([level, level]),
        _Numbers(tuple(off["edges"]), bands),
    )
