"""From which probability on an answer is "yes": chosen out of fold for what a person wants.

With calibrated probabilities it is known where accuracy, balanced accuracy and costs are best (Elkan, "The foundations
of cost-sensitive learning", 2001); only F1 has to be searched for. What the rows say moves the threshold away from
there only where that is no accident: among the thresholds that are as good as the best one, within the spread that
chance gives it, the nearest is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from jobs.documents.evaluation import Decision as Told

Shares = npt.NDArray[np.float64]
HALF = 0.5
_CANDIDATES = 199
_RAREST = 1e-4
_RESAMPLES = 100


class Costs(TypedDict):
    """What each mistake costs, in any unit."""

    false_positive: float
    false_negative: float


class Decision(TypedDict):
    """What relay.yaml asks for."""

    optimize: str
    costs: NotRequired[Costs | None]
    threshold: float | str


@dataclass(frozen=True)
class Counts:
    """Rows of each kind at some thresholds, each (thresholds,)."""

    true_positive: Shares
    false_positive: Shares
    false_negative: Shares
    true_negative: Shares


@dataclass(frozen=True)
class Chosen:
    """A threshold, and what it trades."""

    optimize: str | None
    """What it was chosen for; None where it was given."""
    threshold: float
    at: Mapping[str, float]
    at_half: Mapping[str, float]

    def to_document(self) -> Told:
        """As ensemble.json holds it."""
        return {
            "optimize": self.optimize,
            "threshold": self.threshold,
            "at": dict(self.at),
            "at_half": dict(self.at_half),
        }


def choose(probability: Shares, positive: npt.NDArray[np.bool_], decision: Decision, seed: int) -> Chosen:
    """`probability` (rows,): calibrated, out of fold, of the positive class; `positive`: whether a row is of it."""
    costs, wanted = decision.get("costs"), decision["optimize"]
    given = decision["threshold"]
    searched = isinstance(given, str)
    threshold = _searched(probability, positive, wanted, costs, seed) if searched else float(given)
    at, half = (figures(counts(probability, positive, np.array([one])), costs) for one in (threshold, HALF))
    sides = ({name: float(value[0]) for name, value in found.items()} for found in (at, half))
    return Chosen(wanted if searched else None, threshold, *sides)


def counts(
    probability: Shares, positive: npt.NDArray[np.bool_], thresholds: Shares, weights: Shares | None = None
) -> Counts:
    """How rows fall where a probability of at least the threshold is a "yes"; `weights`: how often each row counts."""
    order = np.argsort(probability, kind="stable")
    weight = np.ones(len(order)) if weights is None else weights[order]
    yes = np.append(0.0, np.cumsum(weight * positive[order]))
    no = np.append(0.0, np.cumsum(weight * ~positive[order]))
    below = np.searchsorted(probability[order], thresholds, side="left")
    return Counts(yes[-1] - yes[below], no[-1] - no[below], yes[below], no[below])


def figures(found: Counts, costs: Costs | None) -> dict[str, Shares]:
    """What a person judges a threshold by; `cost` is the mean of a row."""
    tp, fp, fn, tn = found.true_positive, found.false_positive, found.false_negative, found.true_negative
    recall, others = _share(tp, tp + fn), _share(tn, tn + fp)
    shown = {
        "accuracy": _share(tp + tn, tp + tn + fp + fn),
        "precision": _share(tp, tp + fp),
        "recall": recall,
        "f1": _share(2 * tp, 2 * tp + fp + fn),
        "balanced_accuracy": (recall + others) / 2,
    }
    if costs:
        paid = fp * costs["false_positive"] + fn * costs["false_negative"]
        shown["cost"] = _share(paid, tp + tn + fp + fn)
    return shown


def _share(part: Shares, whole: Shares) -> Shares:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)


def _searched(
    probability: Shares, positive: npt.NDArray[np.bool_], wanted: str, costs: Costs | None, seed: int
) -> float:
    if wanted != "cost" and (positive.all() or not positive.any()):
        return HALF  # nothing that could be told apart
    grid = _grid()

    def gain(thresholds: Shares, weights: Shares | None = None) -> Shares:
        found = figures(counts(probability, positive, thresholds, weights), costs)[wanted]
        return -found if wanted == "cost" else found

    expected = _expected(wanted, float(np.mean(positive)), costs, float(gain(grid).max()))
    thresholds = np.union1d(grid, expected)
    gains = gain(thresholds)
    best = int(np.argmax(gains))
    draw = np.random.default_rng(seed)
    rows = len(probability)
    lost = []
    for _ in range(_RESAMPLES):
        again = gain(thresholds, np.bincount(draw.integers(0, rows, rows), minlength=rows).astype(np.float64))
        lost.append(again[best] - again)
    spread = np.std(lost, axis=0)
    as_good = gains[best] - gains <= spread
    near = np.where(as_good, np.abs(thresholds - expected), np.inf)
    return float(thresholds[int(np.argmin(near))])


def _grid() -> Shares:
    """Evenly apart, and ever closer towards both ends, where a rare class and a dear mistake have theirs."""
    close = np.geomspace(_RAREST, 1 / _CANDIDATES, 20)
    return np.concatenate([close, np.linspace(0, 1, _CANDIDATES + 2)[1:-1], 1 - close[::-1]])


def _expected(wanted: str, share: float, costs: Costs | None, best: float) -> float:
    """Where calibrated probabilities put it."""
    match wanted:
        case "balanced_accuracy":
            return share
        case "cost" if costs:
            return costs["false_positive"] / (costs["false_positive"] + costs["false_negative"])
        case "f1":
            return best / 2  # half of the best F1 (Lipton, Elkan and Narayanaswamy, 2014)
        case _:
            return HALF
