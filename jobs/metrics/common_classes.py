"""Averages over classes, of two sets of rows that do not hold the same classes.

A macro average counts every class alike, however rare. Labels that happen to hold no row of a class that the model
gets wrong look far better than the evaluation at promotion (0.55 there, 0.96 here), and would hide a real loss; a class
that only the new rows hold looks like a loss that is none. So both sides are restated from their confusion matrices,
over the rows of the classes that both hold. What takes more than a confusion matrix cannot be restated, and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jobs.documents.evaluation import Evaluation
from jobs.metrics.bootstrap import interval
from jobs.metrics.confusion import FloatArray, class_averages
from jobs.metrics.intervals import Metric
from jobs.refusals import listed

RESTATED = ("balanced_accuracy", "precision_macro", "recall_macro", "f1_macro")
_RESAMPLES = 1000
_NOT_RESTATED = ("auc_macro", "average_precision_macro")


@dataclass(frozen=True)
class Common:
    """`now` and `then`: the RESTATED metrics over the classes that both sides hold. `without`: the other classes."""

    now: Mapping[str, Metric]
    then: Mapping[str, Metric]
    without: tuple[str, ...]

    def undefined(self, name: str) -> str | None:
        """Why a metric cannot be compared at all; None where nothing stands against it."""
        if name not in _NOT_RESTATED:
            return None
        which = f"The class {listed(self.without)} has" if len(self.without) == 1 else f"{listed(self.without)} have"
        return f"{which} rows on one of the two sides only, and this average counts every class alike."


def common(matrix: FloatArray | None, evaluation: Evaluation) -> Common | None:
    """Both sides restated, or None where they hold the same classes (or it is not known, or there are only two).

    Args:
        matrix: (classes, classes) counts of these rows, rows actual.
        evaluation: the `sagerelay` block of evaluation.json at promotion.
    """
    before, classes = evaluation.get("confusion_matrix"), evaluation.get("classes")
    if matrix is None or not before or not classes or evaluation["task"] != "multiclass":
        return None
    then = np.asarray(before, float)
    here, there = matrix.sum(axis=1) > 0, then.sum(axis=1) > 0
    if then.shape != matrix.shape or bool((here == there).all()) or not (here & there).any():
        return None
    both, odd = (here & there)[:, None], np.flatnonzero(here != there)
    return Common(_averages(matrix * both), _averages(then * both), tuple(str(classes[place]) for place in odd))


def _averages(matrix: FloatArray) -> dict[str, Metric]:
    """With 95 % intervals: rows drawn with replacement are cells drawn by their shares."""
    value, rows = class_averages(matrix), round(float(matrix.sum()))
    draws = np.random.default_rng(0).multinomial(rows, matrix.ravel() / matrix.sum(), _RESAMPLES)
    drawn = [class_averages(draw.reshape(matrix.shape).astype(float)) for draw in draws]
    found = {}
    for name in RESTATED:
        reach = interval(value[name], np.array([one[name] for one in drawn]) - value[name], 0.0, 1.0)
        found[name] = Metric(value[name], reach.low, reach.high, None)
    return found
