"""Every metric of a set of predictions, exactly, by task; and the same as a function of row weights, for resampling.

Definitions are scikit-learn's (the tests hold each against it), computed so that the work is shared: one confusion
matrix, one sort per class, one pass over the losses. NaN means undefined. Nothing here knows of files or endpoints.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.metrics import regression
from jobs.metrics.catalogue import CATALOGUE, Catalogue, Entry
from jobs.metrics.confusion import (
    ClassRates,
    FloatArray,
    class_averages,
    class_rates,
    confusion_matrix,
    mean_of_defined,
    positive_class_rates,
)
from jobs.metrics.losses import binary_losses, brier_losses, log_losses, multiclass_log_loss
from jobs.metrics.predictions import Predictions
from jobs.metrics.ranking import Ranking, WeightedAreas, ranking

Statistic = Callable[[FloatArray], FloatArray]
Together = Callable[[FloatArray], dict[str, float]]
_OF_SCORES: Final = frozenset({"auc", "average_precision", "log_loss", "brier"}) | {
    "auc_macro", "auc_weighted", "average_precision_macro"
}  # fmt: skip
"""What no confusion matrix is needed for: a leaderboard shows little else, and counts each resample for each line."""


@dataclass(frozen=True)
class Scores:
    """Exact metrics by name, and what they were made of (None or empty where the task has no such thing)."""

    values: dict[str, float]
    matrix: FloatArray | None = None
    rates: ClassRates | None = None
    rankings: tuple[Ranking, ...] = ()


def score(predictions: Predictions, catalogue: Catalogue = CATALOGUE) -> Scores:
    """All metrics of the predictions that the catalogue has for their task. At least one row is needed."""
    if not predictions.rows:
        raise ValueError("there are no rows to evaluate")
    found = {"binary": _binary, "multiclass": _multiclass, "regression": _regression}[predictions.task](predictions)
    values = found.values | _of_their_own(predictions, np.ones(predictions.rows), catalogue.of(predictions.task))
    return replace(found, values={name: values[name] for name in catalogue.names(predictions.task)})


def weighted_statistic(
    predictions: Predictions, rows: NDArray[np.int64], catalogue: Catalogue = CATALOGUE
) -> Statistic:
    """`rows` of the predictions as a function: weights (rows,) -> the metrics in the order of
    `catalogue.resampled`."""
    chosen, task = predictions.take(rows), predictions.task
    if task == "regression":
        together = _weighted_regression(chosen, has_zero=bool(np.any(predictions.actual == 0)))
    else:
        of_classes = _weighted_binary if task == "binary" else _weighted_multiclass
        together = of_classes(chosen, of_a_matrix=not _OF_SCORES.issuperset(catalogue.resampled(task)))
    order, entries = catalogue.resampled(task), [entry for entry in catalogue.of(task) if entry.interval]

    def statistic(weights: FloatArray) -> FloatArray:
        values = together(weights) | _of_their_own(chosen, weights, entries)
        return np.array([values[name] for name in order])

    return statistic


def _of_their_own(predictions: Predictions, weights: FloatArray, entries: Iterable[Entry]) -> dict[str, float]:
    """The metrics that bring a function, which share no work with others."""
    return {entry.name: entry.function(predictions, weights) for entry in entries if entry.function is not None}


def _classified(predictions: Predictions) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
    if predictions.probability is None:
        raise ValueError("a classification needs probabilities")
    return (
        predictions.actual.astype(np.int64, copy=False),
        predictions.predicted.astype(np.int64, copy=False),
        predictions.probability,
    )


def _positive(predictions: Predictions) -> int:
    return 1 if predictions.positive is None else predictions.positive


def _binary(predictions: Predictions) -> Scores:
    actual, predicted, probability = _classified(predictions)
    column = _positive(predictions)
    matrix = confusion_matrix(actual, predicted, 2)
    truth, likelihood = actual == column, probability[:, column]
    order = ranking(truth, likelihood)
    values = class_averages(matrix) | positive_class_rates(matrix, column) | binary_losses(truth, likelihood)
    values |= {"auc": order.auc, "average_precision": order.average_precision}
    return Scores(values, matrix, class_rates(matrix), (order,))


def _multiclass(predictions: Predictions) -> Scores:
    actual, predicted, probability = _classified(predictions)
    classes = probability.shape[1]
    matrix = confusion_matrix(actual, predicted, classes)
    rankings = tuple(ranking(actual == column, probability[:, column]) for column in range(classes))
    values = class_averages(matrix) | _ranking_averages(
        np.array([one.auc for one in rankings]),
        np.array([one.average_precision for one in rankings]),
        matrix.sum(axis=1),
    )
    values["log_loss"] = multiclass_log_loss(actual, probability)
    return Scores(values, matrix, class_rates(matrix), rankings)


def _ranking_averages(auc: FloatArray, average_precision: FloatArray, support: FloatArray) -> dict[str, float]:
    return {
        "auc_macro": mean_of_defined(auc),
        "auc_weighted": mean_of_defined(auc, support),
        "average_precision_macro": mean_of_defined(average_precision),
    }


def _regression(predictions: Predictions) -> Scores:
    together = _weighted_regression(predictions, has_zero=bool(np.any(predictions.actual == 0)))
    return Scores({name: float(value) for name, value in together(np.ones(predictions.rows)).items()})


def _weighted_regression(predictions: Predictions, *, has_zero: bool) -> Together:
    errors = regression.RegressionScores(
        predictions.actual.astype(float), predictions.predicted.astype(float), has_zero=has_zero
    )
    return lambda weights: dict(zip(regression.NAMES, errors(weights), strict=True))


def _weighted_binary(predictions: Predictions, *, of_a_matrix: bool) -> Together:
    actual, predicted, probability = _classified(predictions)
    column = _positive(predictions)
    truth, likelihood = actual == column, probability[:, column]
    areas = WeightedAreas(truth, likelihood)
    log_loss, brier = log_losses(np.where(truth, likelihood, 1 - likelihood)), brier_losses(truth, likelihood)

    def together(weights: FloatArray) -> dict[str, float]:
        values = dict[str, float]()
        if of_a_matrix:
            matrix = confusion_matrix(actual, predicted, 2, weights)
            values = class_averages(matrix) | positive_class_rates(matrix, column)
        values["auc"], values["average_precision"] = areas(weights)
        values["log_loss"], values["brier"] = np.array([log_loss @ weights, brier @ weights]) / weights.sum()
        return values

    return together


def _weighted_multiclass(predictions: Predictions, *, of_a_matrix: bool) -> Together:
    actual, predicted, probability = _classified(predictions)
    classes = probability.shape[1]
    areas = [WeightedAreas(actual == column, probability[:, column]) for column in range(classes)]
    log_loss = log_losses(np.take_along_axis(probability, actual[:, None], axis=1)[:, 0])

    def together(weights: FloatArray) -> dict[str, float]:
        by_class = np.array([area(weights) for area in areas])
        support = np.bincount(actual, weights, minlength=classes).astype(np.float64, copy=False)
        values = _ranking_averages(by_class[:, 0], by_class[:, 1], support)
        if of_a_matrix:
            values |= class_averages(confusion_matrix(actual, predicted, classes, weights))
        values["log_loss"] = float(log_loss @ weights / weights.sum())
        return values

    return together
