"""What the model's confidence was worth on the held-out rows: the "calibration" of answers.json.

The held-out rows are kept as counts (predicted class, bin of confidence, right or wrong), not as a fitted curve: all
that an estimate needs, the uncertainty of the calibration included, is drawn from them anew, and they add up to a few
kilobytes whatever the number of rows. Whether the confidence is corrected at all is decided here, by cross-fitting: the
logistic curve (platt.py) is used when it foretells rows that it was not fitted on better than the confidence as it is.

    rows, edges       test rows; the grid (grid.py)
    table             [predicted class, bin, right, wrong] where there are any
    confused          [predicted class, actual class, rows] of the wrong answers
    mass              [predicted class, class, sum of its probabilities in 2**-16]; more than two classes only
    method            "platt" or "identity"; log_loss of both on the parts left out
    realized          the metrics on these rows, as in evaluation.json
    effect            how much more being right differs between blocks of rows, in their order, than among independent
                      ones, where it does (jobs/profiles/blocks.py)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jobs.documents.answers import Calibration
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.performance_estimation.counts import confidence_bins, mass_by_class
from jobs.performance_estimation.grid import FloatArray, IntArray, grid, log_odds
from jobs.performance_estimation.platt import IDENTITY, fit, log_loss
from jobs.profiles.blocks import of_one
from jobs.schema import Schema

MOST_CLASSES = 200
_FOLDS, _SEED = 5, 0


@dataclass(frozen=True)
class HeldOut:
    """The counts of answers.json's calibration, as arrays.

    `log_odds`: (bins,) of the confidence. `right`, `wrong`: (classes, bins) by predicted class. `confused` and
    `mass`: (predicted, actual class).
    """

    log_odds: FloatArray
    right: IntArray
    wrong: IntArray
    confused: IntArray
    mass: IntArray
    method: str
    realized: Mapping[str, float | None]
    effect: float = 1.0

    @classmethod
    def read(cls, calibration: Calibration, classes: int) -> "HeldOut":
        """The parsed form of what `calibration` wrote."""
        edges = tuple(calibration["edges"])
        right, wrong = np.zeros((2, classes, len(edges) + 1), np.int64)
        for predicted, bin_, hits, misses in calibration["table"]:
            right[predicted, bin_], wrong[predicted, bin_] = hits, misses
        return cls(
            log_odds(edges),
            right,
            wrong,
            _square(calibration["confused"], classes),
            _square(calibration["mass"], classes),
            calibration["method"],
            calibration["realized"],
            calibration.get("effect", 1.0),
        )

    @property
    def matrix(self) -> IntArray:
        """Their confusion matrix, rows actual."""
        return np.asarray(self.confused.T + np.diag(self.right.sum(axis=1)))

    def within(self, used: NDArray[np.bool_]) -> "HeldOut":
        """The same without the bins (bins,) that nothing fell into: most of a grid is empty."""
        return replace(self, right=self.right[:, used], wrong=self.wrong[:, used], log_odds=self.log_odds[used])


def calibration(
    predictions: Predictions, schema: Schema, realized: Mapping[str, float] | None = None
) -> Calibration | None:
    """The "calibration" of answers.json; None for a regression, and for more than MOST_CLASSES classes.

    `realized`: the metrics of these predictions by name, where they are known already; NaN for undefined ones.
    """
    classes = len(schema.get("classes") or ())
    if predictions.probability is None or not 2 <= classes <= MOST_CLASSES:
        return None
    edges = grid(classes)
    predicted, actual = predictions.predicted.astype(np.int64), predictions.actual.astype(np.int64)
    bins = confidence_bins(predicted, predictions.probability, edges)
    hit = predicted == actual
    right, wrong = (_table(predicted[chosen], bins[chosen], classes, len(edges) + 1) for chosen in (hit, ~hit))
    confused = _table(predicted[~hit], actual[~hit], classes, classes)
    mass = mass_by_class(predicted, predictions.probability) if classes > 2 else np.zeros((classes, classes), np.int64)
    method, losses = _method(right, wrong, log_odds(edges))
    values = score(predictions).values if realized is None else realized
    effect = of_one(hit.astype(np.float64))
    found: Calibration = {
        "rows": predictions.rows,
        "edges": list(edges),
        "table": [
            [int(place), int(bin_), int(right[place, bin_]), int(wrong[place, bin_])]
            for place, bin_ in np.argwhere(right + wrong)
        ],
        "confused": _sparse(confused),
        "mass": _sparse(mass),
        "method": method,
        "log_loss": losses,
        "realized": {name: None if np.isnan(value) else float(value) for name, value in values.items()},
    }
    return found if effect <= 1 else {**found, "effect": round(effect, 3)}


def _method(right: IntArray, wrong: IntArray, log_odds: FloatArray) -> tuple[str, dict[str, float]]:
    """Which confidence foretells the rows left out best, and the mean log loss of each."""
    generator, tables = np.random.default_rng(_SEED), np.stack([right, wrong])
    losses = {"identity": 0.0, "platt": 0.0}
    left, folds = tables.ravel().copy(), []
    for fold in range(_FOLDS - 1):
        folds.append(generator.binomial(left, 1 / (_FOLDS - fold)))
        left -= folds[-1]
    for fold_ in [*folds, left]:
        part = fold_.reshape(tables.shape)
        if not part.any():
            continue
        rest = (tables - part).astype(float)
        share = part.sum() / tables.sum()
        held_right, held_wrong = part.astype(float)
        losses["identity"] += share * log_loss(IDENTITY, held_right, held_wrong, log_odds)
        losses["platt"] += share * log_loss(fit(rest[0], rest[1], log_odds), held_right, held_wrong, log_odds)
    return min(losses, key=lambda name: losses[name]), {name: round(float(loss), 6) for name, loss in losses.items()}


def _table(rows: IntArray, columns: IntArray, height: int, width: int) -> IntArray:
    return np.bincount(rows * width + columns, minlength=height * width).reshape(height, width).astype(np.int64)


def _sparse(square: IntArray) -> list[list[int]]:
    return [[int(row), int(column), int(square[row, column])] for row, column in np.argwhere(square)]


def _square(entries: list[list[int]], size: int) -> IntArray:
    square = np.zeros((size, size), np.int64)
    for row, column, value in entries:
        square[row, column] = value
    return square
