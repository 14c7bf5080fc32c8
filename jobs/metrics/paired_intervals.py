"""Intervals of how much better one model is than another on the same rows.

Both say the same of most rows, so what counts is where they differ; two intervals beside each other would not see that.
Means of losses are compared row by row, with the skewness of these differences taken out (`mean_intervals`). What a
confusion matrix decides is drawn from the rows counted by truth and both answers: for the lower end with half a row
more of each class where only the other model is right, for the upper one where only this model is. Areas under curves
vary as they do over resamples of the rows, by as much more as their own intervals say.

Where both models give every row the same probabilities, or numbers, there is no difference, for certain. Where only
their labels are the same they may differ on other rows: two that differ on every 300th row seldom show it on 100.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import numpy as np

from jobs.metrics.confusion import FloatArray
from jobs.metrics.drawn_counts import Draws
from jobs.metrics.mean_intervals import Moments, RowLosses, class_losses
from jobs.metrics.predictions import Predictions
from jobs.metrics.shares import Ends

_DECIDED_BY_LABELS = frozenset(
    {"accuracy", "balanced_accuracy", "precision", "recall", "f1", "f0_5", "f2", "specificity", "mcc"}
    | {f"{what}_{kind}" for what in ("precision", "recall", "f1", "f0_5", "f2") for kind in ("macro", "weighted")}
)
_MOST_CELLS = 1_000_000


def paired_intervals(ours: Predictions, theirs: Predictions, names: Collection[str]) -> dict[str, Ends]:
    """95 % ends of `ours` minus `theirs` by metric: of those of `names` that labels or means of losses decide.

    Both are answers to the same rows.
    """
    if ours.task == "regression":
        return _of_numbers(ours, theirs, names)
    found = _of_losses(ours, theirs, names)
    if wanted := [name for name in names if name in _DECIDED_BY_LABELS]:
        found |= _of_labels(ours, theirs, wanted)
    return found


def _of_labels(ours: Predictions, theirs: Predictions, names: list[str]) -> dict[str, Ends]:
    if _alike(ours, theirs):
        return dict.fromkeys(names, (0.0, 0.0))
    actual, said, beside = (np.asarray(labels, np.int64) for labels in (ours.actual, ours.predicted, theirs.predicted))
    classes = 1 + int(max(labels.max() for labels in (actual, said, beside)))
    if ours.probability is not None:
        classes = max(classes, ours.probability.shape[1])
    code = (actual * classes + said) * classes + beside
    if classes**3 <= _MOST_CELLS:
        rows = np.bincount(code, minlength=classes**3)
        cells = np.flatnonzero(rows)
        rows = rows[cells]
    else:
        cells, rows = np.unique(code, return_counts=True)
    truth, ours_say, they_say = cells // classes**2, cells // classes % classes, cells % classes
    draws = Draws.of(classes, truth, rows)
    one, other = draws.counts(truth, ours_say), draws.counts(truth, they_say)
    positive = 1 if ours.positive is None else ours.positive
    found = {}
    for name in names:
        more = draws.more(name)
        worse = one.wrong(more).metric(name, positive) - other.right(more).metric(name, positive)
        better = one.right(more).metric(name, positive) - other.wrong(more).metric(name, positive)
        if not (np.isnan(worse).all() or np.isnan(better).all()):
            found[name] = (float(np.nanquantile(worse, 0.025)), float(np.nanquantile(better, 0.975)))
    return found


def _alike(ours: Predictions, theirs: Predictions) -> bool:
    """Whether both said the same of every row, as far as it is known what they said."""
    if not np.array_equal(ours.predicted, theirs.predicted):
        return False
    one, other = ours.probability, theirs.probability
    return (one is None and other is None) or (one is not None and other is not None and np.array_equal(one, other))


def _of_losses(ours: Predictions, theirs: Predictions, names: Collection[str]) -> dict[str, Ends]:
    found = {}
    for name in ("log_loss", "brier"):
        if name in names and (name == "log_loss" or ours.task == "binary"):
            one, other = class_losses(ours, name), class_losses(theirs, name)
            found[name] = _mean(Moments.of(partial(_gap, one, other), ours.rows))
    return found


def _gap(one: RowLosses, other: RowLosses, part: slice) -> FloatArray:
    return one(part) - other(part)


def _of_numbers(ours: Predictions, theirs: Predictions, names: Collection[str]) -> dict[str, Ends]:
    actual = np.asarray(ours.actual, np.float64)
    error, beside = actual - ours.predicted, actual - theirs.predicted
    around = np.square(actual - actual.mean())
    whole = float(around.mean())
    found: dict[str, Ends] = {}
    if "mae" in names:
        found["mae"] = _mean(_moments(np.abs(error) - np.abs(beside)))
    if "mape" in names and not np.any(actual == 0):
        found["mape"] = _mean(_moments((np.abs(error) - np.abs(beside)) / np.abs(actual)))
    squares = np.square(error) - np.square(beside)
    low, high = _mean(_moments(squares))
    roots = float(np.sqrt(np.square(error).mean()) + np.sqrt(np.square(beside).mean()))
    found["mse"] = (low, high)
    found["rmse"] = (low / roots, high / roots) if roots > 0 else (0.0, 0.0)
    if whole > 0:
        centred = np.square(error - error.mean()) - np.square(beside - beside.mean())
        for name, gap in (("r2", squares), ("explained_variance", centred)):
            if name in names:
                low, high = _mean(_moments((gap - gap.mean() * (around / whole - 1)) / whole))
                found[name] = (-high, -low)
    return {name: (float(low), float(high)) for name, (low, high) in found.items() if name in names}


def _moments(values: FloatArray) -> Moments:
    return Moments.of(lambda part: values[part], len(values))


def _mean(found: Moments) -> Ends:
    down, up = found.reach(few_decide=True)
    return float(found.mean + down), float(found.mean + up)
