"""Metrics that follow from the order of the scores: ROC and precision-recall curves, their areas, threshold tables.

All of them come from ONE sort. A score in 0 … 1 is a float64 whose bits, read as an integer, have the same order as the
score and a zero sign bit; shifted left by one they leave room for the label. So a plain in-place sort of integers
(vectorised in numpy, several times faster than argsort and a gather) orders scores and labels together, exactly.
The sorted keys are then walked once, in blocks, highest score first: 8 bytes a row, whatever is computed.

Areas are exact over all distinct scores; only the points handed on for drawing are thinned.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jobs.metrics.confusion import BLOCK, FloatArray, blocks, ratio

POINTS = 480
BINS = 20
Keys = NDArray[np.uint64]
_ONE = np.uint64(1)


@dataclass(frozen=True)
class Curve:
    """Points from the strictest threshold to the loosest: arrays of equal length, at most 500.

    The first point is "nothing flagged": recall 0, its threshold infinite, its precision 1 by convention.
    """

    threshold: FloatArray
    recall: FloatArray
    precision: FloatArray
    false_positive_rate: FloatArray


@dataclass(frozen=True)
class Bins:
    """Rows by score in BINS bins of equal width over 0 … 1; the last one includes 1."""

    count: FloatArray
    positives: FloatArray
    score_sum: FloatArray


@dataclass(frozen=True)
class Best:
    """The threshold with the largest F1: rows scored at or above it are flagged, `hits` of them rightly."""

    f1: float
    threshold: float
    hits: int
    flagged: int


@dataclass(frozen=True)
class Ranking:
    """What the order of the scores says. Undefined areas are NaN, `best` is None (one class only, no positives)."""

    rows: int
    positives: int
    auc: float
    average_precision: float
    best: Best | None
    curve: Curve
    bins: Bins


@dataclass
class _Walk:
    """What is carried from block to block: row counts so far, and the last point on the curve."""

    seen: int = 0
    hits: int = 0
    last: tuple[float, float] = (0.0, 0.0)
    area: float = 0.0
    precision_sum: float = 0.0
    best: Best | None = None
    cell: int = 0


def ranking(positive: NDArray[np.bool_], score: FloatArray) -> Ranking:
    """Curves and areas of `score` (rows,) in 0 … 1 for the truth `positive` (rows,).

    Raises ValueError for scores that are NaN or outside 0 … 1.
    """
    keys = sorted_keys(positive, score)
    rows, positives = len(keys), int(np.count_nonzero(positive))
    walk, points = _Walk(), [np.array([[np.inf], [0.0], [0.0]])]
    points += [_advance(walk, keys, max(0, stop - BLOCK), stop, positives) for stop in range(rows, 0, -BLOCK)]
    threshold, hits, false = np.concatenate(points, axis=1)
    return Ranking(
        rows=rows,
        positives=positives,
        auc=float(ratio(walk.area, float(positives) * (rows - positives))),
        average_precision=float(ratio(walk.precision_sum, positives)),
        best=walk.best if positives else None,
        curve=Curve(
            threshold=threshold,
            recall=ratio(hits, positives),
            precision=np.where(hits + false == 0, 1.0, hits / np.maximum(hits + false, 1.0)),
            false_positive_rate=ratio(false, rows - positives),
        ),
        bins=_bins(keys),
    )


def sorted_keys(positive: NDArray[np.bool_], score: FloatArray) -> Keys:
    """Score and label of each row in one integer, ascending by score."""
    keys = np.empty(len(score), np.uint64)
    for part in blocks(len(score)):
        piece = np.asarray(score[part], np.float64) + 0.0  # turns -0.0, whose sign bit would spoil the order, into 0.0
        if not (np.all(piece >= 0.0) and np.all(piece <= 1.0)):
            raise ValueError("scores must be numbers from 0 to 1")
        np.bitwise_or(piece.view(np.uint64) << _ONE, positive[part], out=keys[part])
    keys.sort()
    return keys


def _advance(walk: _Walk, keys: Keys, start: int, stop: int, positives: int) -> FloatArray:
    """Walk keys[start:stop] from the top; returns the (threshold, hits, false alarms) columns worth drawing."""
    block = keys[start:stop][::-1]
    score = block >> _ONE
    ends = np.empty(len(block), bool)
    np.not_equal(score[:-1], score[1:], out=ends[:-1])
    ends[-1] = start == 0 or bool(keys[start - 1] >> _ONE != score[-1])
    seen_hits = walk.hits + np.cumsum(block & _ONE, dtype=np.int64)
    where = np.flatnonzero(ends)
    hits = seen_hits[where].astype(float)
    flagged = (where + (walk.seen + 1)).astype(float)
    false = flagged - hits
    walk.seen, walk.hits = walk.seen + len(block), int(seen_hits[-1])
    if not len(where):
        return np.empty((3, 0))
    _add_areas(walk, hits, false, flagged)
    threshold = score[where].view(np.float64)
    f1 = 2 * hits / (positives + flagged)
    top = int(np.argmax(f1))
    if walk.best is None or f1[top] > walk.best.f1:
        walk.best = Best(float(f1[top]), float(threshold[top]), int(hits[top]), int(flagged[top]))
    return _worth_drawing(walk, np.stack([threshold, hits, false]), positives, len(keys) - positives)


def _add_areas(walk: _Walk, hits: FloatArray, false: FloatArray, flagged: FloatArray) -> None:
    earlier_hits, earlier_false = np.append(walk.last[0], hits[:-1]), np.append(walk.last[1], false[:-1])
    walk.area += float(((false - earlier_false) * (hits + earlier_hits)).sum()) / 2
    walk.precision_sum += float(((hits - earlier_hits) * (hits / flagged)).sum())
    walk.last = (float(hits[-1]), float(false[-1]))


def _worth_drawing(walk: _Walk, points: FloatArray, positives: int, negatives: int) -> FloatArray:
    """Thin by progress along the ROC curve (recall + false positive rate): steep and flat parts both keep detail."""
    progress = (points[1] / max(positives, 1) + points[2] / max(negatives, 1)) / 2
    cell = np.floor(progress * POINTS).astype(int)
    keep = cell != np.append(walk.cell, cell[:-1])
    keep[-1] |= bool(points[1, -1] == positives and points[2, -1] == negatives)
    walk.cell = int(cell[-1])
    return points[:, keep]


def _bins(keys: Keys) -> Bins:
    edges = (np.arange(1, BINS) / BINS).view(np.uint64) << _ONE
    bounds = [0, *np.searchsorted(keys, edges).tolist(), len(keys)]
    count, positives, score_sum = np.diff(bounds).astype(float), np.zeros(BINS), np.zeros(BINS)
    for bin_, (start, stop) in enumerate(pairwise(bounds)):
        for part in blocks(stop, start=start):
            positives[bin_] += np.count_nonzero(keys[part] & _ONE)
            score_sum[bin_] += (keys[part] >> _ONE).view(np.float64).sum()
    return Bins(count, positives, score_sum)


class WeightedAreas:
    """AUC and average precision of the same rows under many weightings: sorted once, then one pass each."""

    def __init__(self, positive: NDArray[np.bool_], score: FloatArray) -> None:
        """`positive` and `score`: (rows,)."""
        self._order = np.argsort(-score, kind="stable")
        ordered = score[self._order]
        self._positive = positive[self._order].astype(float)
        self._ends = np.flatnonzero(np.append(ordered[:-1] != ordered[1:], True))

    def __call__(self, weights: FloatArray) -> tuple[float, float]:
        """(AUC, average precision) with `weights` (rows,) in the rows' own order; NaN where undefined."""
        ordered = weights[self._order]
        flagged = np.cumsum(ordered)[self._ends]
        hits = np.cumsum(ordered * self._positive)[self._ends]
        false = flagged - hits
        area = np.diff(false, prepend=0.0) @ (hits + np.append(0.0, hits[:-1])) / 2
        precision_sum = np.diff(hits, prepend=0.0) @ (hits / np.where(flagged > 0, flagged, 1.0))
        return float(ratio(area, hits[-1] * false[-1])), float(ratio(precision_sum, hits[-1]))
