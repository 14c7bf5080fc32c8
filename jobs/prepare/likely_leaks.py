"""Columns that alone all but tell the target: not the same thing once more, but most likely known only after it.

An amount paid that is 0 for one class, a closing date that only closed cases have, a price before tax. Such a column
follows from the target by a threshold or a curve, so `leaks.py`, which looks for copies, cannot see it. It may also be
an honest, very good predictor: so it stays in use, and its owner is told.

What is measured is what the column would reach as the only one: ROC AUC (one class against the others, averaged) or
R2. Rises and falls are measured as they are; any other shape by the mean of a row's bin, word or neighbours, each
judged by other rows (and, among neighbours, other values) than its own, so that words and numbers that are there once
or twice prove nothing. Copies of a row are left out for the same reason. A few thousand rows are enough to know .98,
so the work is bounded however long the table is.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from jobs.prepare.target import Target
from jobs.prepare.typed import Typed
from jobs.refusals import shown

ENOUGH = 0.98
_PROMISING = 0.9
_AT_FIRST, _AT_MOST = (1_000, 50), (10_000, 400)
"""How many rows, and at least how many of a class: most columns are told to be harmless by the first few."""
_BINS = (16, 128)
_ROWS_PER_BIN = 8
_NEIGHBOURS = 4
_WORDS = 1_000
_FOLDS = 5
_FAR, _WITHOUT_FAR = 0.01, 0.9
_STEADY = 0.5
_ROWS_OF_ONE_CLASS = 10
_THREADS = 4

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Sample:
    """Rows to look at, their classes (as indices) or numbers, how many rows each stands for, and its fold."""

    rows: Codes
    labels: Floats
    classes: tuple[str, ...] | None
    weights: Floats
    folds: Codes


def likely_leaks(columns: Sequence[Typed], target: Target, distinct: Codes) -> list[tuple[Typed, str]]:
    """The used columns that nearly tell the target, each with a sentence; `distinct`: labelled rows, no row twice."""
    if not len(distinct):
        return []
    shuffled = np.random.default_rng(7).permutation(distinct)
    few, most = (_sample(target, shuffled, rows, of_a_class) for rows, of_a_class in (_AT_FIRST, _AT_MOST))

    def told(column: Typed) -> str | None:
        return _told(column, most, ENOUGH) if _told(column, few, _PROMISING) is not None else None

    used = [column for column in columns if column.used]
    with ThreadPoolExecutor(_THREADS) as pool:
        return [(column, why) for column, why in zip(used, pool.map(told, used), strict=True) if why is not None]


def _sample(target: Target, shuffled: Codes, most: int, of_a_class: int) -> _Sample:
    """Some rows, of each class in its turn: a rare one must not be lost among the others."""
    labels = target.labels[shuffled]
    if target.classes is None:
        rows = shuffled[:most]
        weights = np.ones(len(rows))
    else:
        counts = np.bincount(labels.astype(np.int64), minlength=len(target.classes))
        quotas = np.maximum(most * counts // counts.sum(), of_a_class)
        kept = [np.flatnonzero(labels == place)[:quota] for place, quota in enumerate(quotas.tolist())]
        rows = shuffled[np.concatenate(kept)]
        each = zip(kept, counts, strict=True)
        weights = np.concatenate([np.full(len(some), n / max(1, len(some))) for some, n in each])
    folds = np.random.default_rng(7).integers(0, _FOLDS, len(rows))
    return _Sample(rows, target.labels[rows], target.classes, weights, folds)


def _told(column: Typed, sample: _Sample, enough: float) -> str | None:
    """What the column tells, or None."""
    values, codes = _coded(column, sample.rows)
    if codes.max(initial=0) == codes.min(initial=0):
        return None
    if sample.classes is None:
        found = _r2(values, codes, sample)
        return f"alone reaches an R2 of {found:.3f}" if found >= enough else None
    reached = _auc(codes, sample, ordered=values is not None)
    if reached >= enough:
        return f"alone reaches a ROC AUC of {reached:.3f}"
    return _marks_a_class(values, codes, sample, enough) if len(sample.classes) > 2 else None


def _coded(column: Typed, rows: Codes) -> tuple[Floats | None, Codes]:
    """Its distinct values in order (None for words), and a place among them a row, from 1 on: 0 where missing."""
    if column.numbers is None and column.moments is None:
        assert column.words is not None  # noqa: S101  a column has one of the three
        codes = column.words.codes[rows].astype(np.int64)
        counts = np.bincount(codes[codes >= 0], minlength=1)
        frequent = np.zeros(len(counts) + 1, dtype=np.int64)
        frequent[np.argsort(-counts, kind="stable")[:_WORDS]] = np.arange(1, min(_WORDS, len(counts)) + 1)
        return None, np.where(codes < 0, 0, frequent[codes] + 1)
    if column.moments is not None:
        moments = column.moments[rows]
        values = np.where(np.isnat(moments), np.nan, moments.astype("datetime64[s]").astype(np.float64))
    else:
        assert column.numbers is not None  # noqa: S101  asked above
        values = column.numbers[rows]
    missing = np.isnan(values)
    codes = np.zeros(len(values), dtype=np.int64)
    ordered, places = np.unique(values[~missing], return_inverse=True)
    codes[~missing] = places + 1
    return ordered, codes


def _binned(codes: Codes, bins: int) -> Codes:
    """Fewer codes, about equally many rows each; missing, and what very many rows share, stays by itself."""
    counts = np.bincount(codes)
    heavy = np.flatnonzero(counts * bins > len(codes))
    edges = np.quantile(codes, np.arange(1, bins) / bins, method="lower")
    return np.searchsorted(np.unique(np.concatenate([edges, heavy, heavy - 1, [0]])), codes, side="left")


def _shapes(codes: Codes, *, ordered: bool) -> list[Codes]:
    if not ordered:
        return [codes]
    return [_binned(codes, bins) for bins in _BINS if bins == _BINS[0] or bins * _ROWS_PER_BIN <= len(codes)]


def _auc(codes: Codes, sample: _Sample, *, ordered: bool) -> float:
    """The ROC AUC that the column reaches alone, by its order or by its bins' shares, averaged over the classes."""
    classes, count = sample.labels.astype(np.int64), len(sample.classes or ())
    found: list[Floats] = []
    if ordered:
        table = _table(codes, classes, count, sample.weights)
        missing_last = np.concatenate([table[1:], table[:1]])
        rising = [_areas(table), _areas(missing_last)]
        found += [np.maximum(areas, 1 - areas) for areas in rising]
        found.append(_ranked_areas(table, _shares_around(table)))
    found += [_held_out_areas(bins, classes, count, sample) for bins in _shapes(codes, ordered=ordered)]
    return max(float(areas.mean()) for areas in found)


def _table(codes: Codes, classes: Codes, count: int, weights: Floats) -> Floats:
    """Rows by code (ascending) and class."""
    size = int(codes.max()) + 1
    counted = np.bincount(codes * count + classes, weights, minlength=size * count).reshape(size, count)
    return np.asarray(counted, dtype=np.float64)


def _areas(table: Floats) -> Floats:
    """ROC AUC of each class against the others, where the score is the place in the table; ties count half."""
    others = table.sum(axis=1, keepdims=True) - table
    below = np.cumsum(others, axis=0) - others / 2
    area = (table * below).sum(axis=0) / np.maximum(table.sum(axis=0) * others.sum(axis=0), 1e-300)
    return np.asarray(area, dtype=np.float64)


def _held_out_areas(bins: Codes, classes: Codes, count: int, sample: _Sample) -> Floats:
    """The same, where the score of a row is the class's share among the other folds' rows of its bin."""
    size = int(bins.max()) + 1
    table = _table(sample.folds * size + bins, classes, count, sample.weights)
    table = np.concatenate([table, np.zeros((_FOLDS * size - len(table), count))]).reshape(_FOLDS, size, count)
    elsewhere = table.sum(axis=0) - table
    prior = elsewhere.sum(axis=1, keepdims=True) / np.maximum(elsewhere.sum(axis=(1, 2)), 1e-300)[:, None, None]
    share = ((elsewhere + prior) / (elsewhere.sum(axis=2, keepdims=True) + 1)).reshape(-1, count)
    return _ranked_areas(table.reshape(-1, count), share)


def _ranked_areas(table: Floats, scores: Floats) -> Floats:
    """ROC AUC of each class against the others, where each place of the table has a score for each class."""
    totals = table.sum(axis=1)
    areas = np.empty(table.shape[1])
    for place in range(len(areas)):
        _, ranks = np.unique(scores[:, place], return_inverse=True)
        own = np.bincount(ranks, table[:, place])
        others = np.bincount(ranks, totals - table[:, place])
        areas[place] = _areas(np.stack([own, others], axis=1))[0]
    return areas


def _shares_around(table: Floats) -> Floats:
    """Each class's share among the next values before and after each; what is missing (first) has its own."""
    near = _sums_around(table[1:])
    prior = table.sum(axis=0) / table.sum()
    return np.concatenate([table[:1] / max(table[0].sum(), 1e-300), (near + prior) / (near.sum(axis=1) + 1)[:, None]])


def _sums_around(values: Floats) -> Floats:
    """Of each row of `values`, the sum of the next rows before and after it, without itself."""
    places = np.arange(len(values))
    before = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    stop, start = np.minimum(places + _NEIGHBOURS + 1, len(values)), np.maximum(places - _NEIGHBOURS, 0)
    return np.asarray(before[stop] - before[start] - values, dtype=np.float64)


def _marks_a_class(values: Floats | None, codes: Codes, sample: _Sample, enough: float) -> str | None:
    """Of more than two classes: whether one alone has a value, has none, or has words that the others have not.

    A range of numbers does not count: one class is often by itself there, and honestly so.
    """
    names = sample.classes or ()
    classes, frequent = sample.labels.astype(np.int64), int(np.argmax(np.bincount(codes)))
    if values is None:
        areas = _held_out_areas(codes, classes, len(names), sample)
    else:
        marks = {0, frequent, *(np.flatnonzero(values == 0) + 1).tolist()}
        tables = (_table((codes == mark).astype(np.int64), classes, len(names), sample.weights) for mark in marks)
        areas = np.max([np.maximum(area, 1 - area) for area in map(_areas, tables)], axis=0)
    areas[np.bincount(classes, minlength=len(names)) < _ROWS_OF_ONE_CLASS] = 0.0
    best = int(np.argmax(areas))
    told = f"alone tells {shown(names[best])} from the other classes (ROC AUC {areas[best]:.3f})"
    return told if areas[best] >= enough else None


def _r2(values: Floats | None, codes: Codes, sample: _Sample) -> float:
    """The R2 that the column reaches alone: by a rise or fall of any shape, or by its bins' or words' means."""
    labels, shapes = sample.labels, _shapes(codes, ordered=values is not None)
    found = [_explained(labels, _held_out_means(bins, labels, sample.folds)) for bins in shapes]
    if values is not None:
        counts, sums = np.bincount(codes), np.bincount(codes, labels)
        means = sums / np.maximum(1, counts)
        there = np.flatnonzero(counts[1:]) + 1
        found.append(_explained(labels, _lines_around(values, means, counts)[codes]))
        direction = _direction(codes, labels)
        if abs(direction) >= _STEADY:
            fitted = means.copy()  # what is missing has a mean of its own
            fitted[there] = isotonic_regression(means[there], weights=counts[there], increasing=direction > 0).x
            found.append(_explained(labels, fitted[codes]))
    return max(found)


def _direction(codes: Codes, labels: Floats) -> float:
    """How steadily the labels rise (1) or fall (-1) with the value: their rank correlation, missing ones aside."""
    there = np.flatnonzero(codes)
    ranks = np.unique(labels[there], return_inverse=True)[1]
    if len(there) < 3 or not np.ptp(codes[there]) or not np.ptp(ranks):
        return 0.0
    return float(np.corrcoef(codes[there], ranks)[0, 1])


def _lines_around(values: Floats, means: Floats, counts: Codes) -> Floats:
    """A mean for each value: on the line through its neighbours' means; what is missing (first) has its own."""
    if len(values) < 3:
        return np.full(len(means), np.average(means, weights=np.maximum(counts, 1)))
    y, weights = means[1:], counts[1:].astype(np.float64)
    sums = np.zeros((5, len(values)))
    for step in [*range(-_NEIGHBOURS, 0), *range(1, _NEIGHBOURS + 1)]:
        there = np.arange(max(0, -step), min(len(values), len(values) - step))
        other = there + step
        far = values[other] - values[there]
        powers = np.stack([np.ones(len(far)), far, far**2, y[other], far * y[other]])
        sums[:, there] += weights[other] * powers
    total, x, xx, height, xy = sums
    spread = xx - x * x / total
    flat = spread <= 1e-12 * xx
    slope = np.where(flat, 0.0, (xy - x * height / total) / np.where(flat, 1.0, spread))
    fitted = np.clip((height - slope * x) / total, y.min(), y.max())
    return np.concatenate([means[:1], fitted])


def _held_out_means(bins: Codes, labels: Floats, folds: Codes) -> Floats:
    size = int(bins.max()) + 1
    cells = folds * size + bins
    counts = np.bincount(cells, minlength=_FOLDS * size).reshape(_FOLDS, size).astype(np.float64)
    sums = np.bincount(cells, labels, minlength=_FOLDS * size).reshape(_FOLDS, size)
    mean = labels.mean()
    means = (sums.sum(axis=0) - sums + 0.01 * mean) / (counts.sum(axis=0) - counts + 0.01)
    return np.asarray(means[folds, bins], dtype=np.float64)


def _explained(labels: Floats, fitted: Floats) -> float:
    """R2; less where it hangs on the few labels that lie farthest out."""
    far = np.abs(labels - np.median(labels))
    near = far <= np.quantile(far, 1 - _FAR)
    all_of_it, without = _share(labels, fitted), _share(labels[near], fitted[near])
    return all_of_it if without >= _WITHOUT_FAR else min(all_of_it, without)


def _share(labels: Floats, fitted: Floats) -> float:
    spread = float(np.square(labels - labels.mean()).sum())
    return 1 - float(np.square(labels - fitted).sum()) / spread if spread else 0.0
