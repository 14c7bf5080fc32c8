"""Intervals of what follows from a confusion matrix.

Shares of rows, F1 and averages of shares have theirs in closed form (`shares`). The others, F1 averaged over classes,
weighted averages and Matthews' correlation, are drawn: matrices that could be behind the counted one (its cells with
the noise of Dirichlet's distribution), for the lower end with half a row more of each class that goes wrong, for the
upper one with half a row more that goes right. It is what Clopper and Pearson do to a single share; without it, a
matrix without an error would be certain to have none.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from jobs.metrics import shares
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.metrics.drawn_counts import Draws
from jobs.metrics.shares import Ends

DRAWN = ("f1_macro", "mcc", "precision_weighted", "f1_weighted")


def matrix_intervals(matrix: FloatArray, names: Collection[str], positive: int | None = None) -> dict[str, Ends]:
    """95 % ends of those of `names` that a confusion matrix decides; what is undefined there is left out.

    Args:
        matrix: (classes, classes) counts, rows actual.
        positive: the place of the positive class of a binary task.
    """
    counts = matrix.astype(np.int64)
    hits, actual, called = np.diagonal(counts), counts.sum(axis=1), counts.sum(axis=0)
    found: dict[str, Ends] = {}
    found["accuracy"] = found["recall_weighted"] = shares.share(int(hits.sum()), int(counts.sum()))
    found["balanced_accuracy"] = found["recall_macro"] = _mean_of_shares(hits, actual)
    found["precision_macro"] = _mean_of_shares(hits, called)
    if positive is not None:
        right, there, said = int(hits[positive]), int(actual[positive]), int(called[positive])
        found |= {"recall": shares.share(right, there), "precision": shares.share(right, said)}
        found["f1"] = shares.f1(right, there + said - right)
        found["specificity"] = shares.share(int(hits.sum()) - right, int(actual.sum()) - there)
    if wanted := [name for name in DRAWN if name in names]:
        found |= _drawn(counts, wanted)
    return {name: found[name] for name in names if name in found}


def _mean_of_shares(hits: IntArray, rows: IntArray) -> Ends:
    there = rows > 0
    low, high = shares.exact(hits[there], rows[there])
    return shares.average(hits[there] / rows[there], low, high)


def _drawn(counts: IntArray, names: list[str]) -> dict[str, Ends]:
    row, column = np.nonzero(counts)
    draws = Draws.of(len(counts), row, counts[row, column])
    drawn = draws.counts(row, column)
    found = {}
    for name in names:
        more = draws.more(name)
        worse, better = drawn.wrong(more).metric(name), drawn.right(more).metric(name)
        if not (np.isnan(worse).all() or np.isnan(better).all()):
            found[name] = (float(np.nanquantile(worse, 0.025)), float(np.nanquantile(better, 0.975)))
    return found
