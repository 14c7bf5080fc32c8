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
from jobs.metrics.confusion import FloatArray, class_averages
from jobs.metrics.few_rows import Rows
from jobs.metrics.intervals import Metric, estimated
from jobs.metrics.matrix_intervals import matrix_intervals
from jobs.refusals import listed

RESTATED = ("balanced_accuracy", "precision_macro", "recall_macro", "f1_macro")
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
    return Common(
        _averages(matrix * both, classes), _averages(then * both, classes), tuple(str(classes[place]) for place in odd)
    )


def _averages(matrix: FloatArray, classes: list[str]) -> dict[str, Metric]:
    value, ends = class_averages(matrix), matrix_intervals(matrix, RESTATED)
    rows = Rows.of(matrix.astype(np.int64), None)
    return {name: estimated(value[name], np.nan, ends.get(name), rows.too_few(name), classes) for name in RESTATED}
