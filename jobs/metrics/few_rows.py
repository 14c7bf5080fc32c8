"""What so few rows of a class can tell at most: intervals where the bootstrap sees too little to be uncertain.

Two positive rows, resampled, are the same two rows again: their scores hardly differ, so the interval is narrow or no
interval at all, and a ROC AUC of .98 to .99 is written of what two other rows would turn around. Below FEW rows an
interval is therefore at least as wide as the score interval of the metric taken as a share of those rows: Wilson's for
recall and its kin; for ROC AUC Newcombe's with Hanley and McNeil's variance ("Confidence intervals for an effect size
measure based on the Mann-Whitney statistic, part 2", 2006, method 5). An average over classes is as sure as the average
of so many shares.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FEW = 10
_Z = 1.959964
_SHARES_OF_POSITIVES = ("average_precision", "recall", "f1")
_AVERAGES = frozenset(
    {"balanced_accuracy", "precision_macro", "recall_macro", "f1_macro", "auc_macro", "average_precision_macro"}
)
_GRID = np.linspace(0.0, 1.0, 4_001)

Counts = npt.NDArray[np.int64]


def at_least(
    name: str, value: float, actual: Counts, predicted: Counts, positive: int | None
) -> tuple[float, float] | None:
    """The interval that a metric must span; None where there are rows enough, or it is no share of rows of a class.

    Args:
        actual: test rows by class.
        predicted: answers by class.
        positive: the place of the positive class of a binary task.
    """
    there = actual[actual > 0]
    if len(there) < 2 or not 0 <= value <= 1:
        return None
    if name in _AVERAGES:
        return wilson(value, len(there) ** 2 / float((1 / there).sum())) if there.min() < FEW else None
    if positive is None:
        return None
    positives, negatives = int(actual[positive]), int(actual.sum() - actual[positive])
    if name == "auc" and min(positives, negatives) < FEW:
        return newcombe(value, positives, negatives)
    if name in _SHARES_OF_POSITIVES and positives < FEW:
        return wilson(value, positives)
    return wilson(value, int(predicted[positive])) if name == "precision" and predicted[positive] < FEW else None


def wilson(share: float, rows: float) -> tuple[float, float]:
    """The 95 % score interval of a share of so many rows.

    >>> [round(end, 3) for end in wilson(1.0, 2)], [round(end, 3) for end in wilson(0.5, 100)]
    ([0.342, 1.0], [0.404, 0.596])
    """
    weight = _Z**2 / rows
    centre = (share + weight / 2) / (1 + weight)
    reach = np.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return float(max(0.0, centre - reach)), float(min(1.0, centre + reach))


def newcombe(area: float, positives: int, negatives: int) -> tuple[float, float]:
    """The 95 % score interval of a ROC AUC.

    >>> [round(end, 2) for end in newcombe(0.5, 2, 298)], [round(end, 2) for end in newcombe(1.0, 2, 298)]
    ([0.2, 0.8], [0.61, 1.0])
    """
    others = (positives + negatives) / 2 - 1
    spread = 1 + others * (1 - _GRID) / (2 - _GRID) + others * _GRID / (1 + _GRID)
    variance = _GRID * (1 - _GRID) * spread / (positives * negatives)
    inside = _GRID[np.abs(_GRID - area) <= _Z * np.sqrt(variance) + 1e-12]
    return float(min(area, inside.min(initial=area))), float(max(area, inside.max(initial=area)))
