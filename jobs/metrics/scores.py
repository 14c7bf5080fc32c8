"""Every metric of a set of predictions, exactly, by task; and the same as a function of row weights, for resampling.

Definitions are scikit-learn's (the tests hold each against it), computed so that the work is shared: one confusion
matrix, one sort per class, one pass over the losses. NaN means undefined. Nothing here knows of files or endpoints.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.metrics import regression
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
from jobs.metrics.ranking import Ranking, WeightedAreas, ranking

Statistic = Callable[[FloatArray], FloatArray]

_AVERAGES = ("precision_macro", "recall_macro", "f1_macro", "precision_weighted", "recall_weighted", "f1_weighted")
PUBLISHED: dict[str, tuple[str, ...]] = {
    "binary": (
        *("accuracy", "balanced_accuracy", "precision", "recall", "f1"),
        *("auc", "average_precision", "log_loss", "brier", "mcc"),
        *_AVERAGES,
    ),
    "multiclass": (
        *("accuracy", "balanced_accuracy"),
        *_AVERAGES,
        *("auc_macro", "auc_weighted", "average_precision_macro", "log_loss", "mcc"),
    ),
    "regression": ("mae", "rmse", "r2", "median_absolute_error", "mape", "explained_variance"),
}
# Named by SageMaker's model-quality format only; resampled too, because that format wants standard deviations.
_UNPUBLISHED: dict[str, tuple[str, ...]] = {
    "binary": ("f0_5", "f2", "specificity"),
    "multiclass": ("f0_5_weighted", "f2_weighted"),
    "regression": ("mse",),
}
SMALLER_IS_BETTER = frozenset({"log_loss", "brier", "mae", "rmse", "median_absolute_error", "mape", "mse"})


@dataclass(frozen=True)
class Predictions:
    """What one endpoint said about the test rows.

    Classification: `actual` and `predicted` (rows,) hold positions in the classes, `probability` is (rows, classes),
    `positive` the position of the positive class of a binary task. Regression: numbers, no probability.
    """

    task: str
    actual: NDArray[np.int64] | FloatArray
    predicted: NDArray[np.int64] | FloatArray
    probability: FloatArray | None = None
    positive: int | None = None

    def take(self, rows: NDArray[np.int64]) -> "Predictions":
        """The same, for some of the rows."""
        probability = None if self.probability is None else self.probability[rows]
        return Predictions(self.task, self.actual[rows], self.predicted[rows], probability, self.positive)

    @property
    def rows(self) -> int:
        return len(self.actual)


@dataclass(frozen=True)
class Scores:
    """Exact metrics by name, and what they were made of (None or empty where the task has no such thing)."""

    values: dict[str, float]
    matrix: FloatArray | None = None
    rates: ClassRates | None = None
    rankings: tuple[Ranking, ...] = ()


def names(task: str) -> tuple[str, ...]:
    """All metrics of a task, the published ones first: the order of every weighted statistic."""
    return PUBLISHED[task] + _UNPUBLISHED[task]


def score(predictions: Predictions) -> Scores:
    """All metrics of the predictions. At least one row is needed."""
    if not predictions.rows:
        raise ValueError("there are no rows to evaluate")
    return {"binary": _binary, "multiclass": _multiclass, "regression": _regression}[predictions.task](predictions)


def weighted_statistic(predictions: Predictions, rows: NDArray[np.int64]) -> Statistic:
    """`rows` of the predictions as a function: weights (rows,) -> the metrics in the order of `names`."""
    chosen = predictions.take(rows)
    if predictions.task == "regression":
        return regression.RegressionScores(
            chosen.actual.astype(float), chosen.predicted.astype(float), has_zero=bool(np.any(predictions.actual == 0))
        )
    return _weighted_binary(chosen) if predictions.task == "binary" else _weighted_multiclass(chosen)


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
    return Scores({name: values[name] for name in names("binary")}, matrix, class_rates(matrix), (order,))


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
    return Scores({name: values[name] for name in names("multiclass")}, matrix, class_rates(matrix), rankings)


def _ranking_averages(auc: FloatArray, average_precision: FloatArray, support: FloatArray) -> dict[str, float]:
    return {
        "auc_macro": mean_of_defined(auc),
        "auc_weighted": mean_of_defined(auc, support),
        "average_precision_macro": mean_of_defined(average_precision),
    }


def _regression(predictions: Predictions) -> Scores:
    statistic = weighted_statistic(predictions, np.arange(predictions.rows))
    return Scores(dict(zip(names("regression"), statistic(np.ones(predictions.rows)).tolist(), strict=True)))


def _weighted_binary(predictions: Predictions) -> Statistic:
    actual, predicted, probability = _classified(predictions)
    column = _positive(predictions)
    truth, likelihood = actual == column, probability[:, column]
    areas = WeightedAreas(truth, likelihood)
    log_loss, brier = log_losses(np.where(truth, likelihood, 1 - likelihood)), brier_losses(truth, likelihood)
    order = names("binary")

    def statistic(weights: FloatArray) -> FloatArray:
        matrix = confusion_matrix(actual, predicted, 2, weights)
        values = class_averages(matrix) | positive_class_rates(matrix, column)
        values["auc"], values["average_precision"] = areas(weights)
        values["log_loss"], values["brier"] = np.array([log_loss @ weights, brier @ weights]) / weights.sum()
        return np.array([values[name] for name in order])

    return statistic


def _weighted_multiclass(predictions: Predictions) -> Statistic:
    actual, predicted, probability = _classified(predictions)
    classes = probability.shape[1]
    areas = [WeightedAreas(actual == column, probability[:, column]) for column in range(classes)]
    log_loss = log_losses(np.take_along_axis(probability, actual[:, None], axis=1)[:, 0])
    order = names("multiclass")

    def statistic(weights: FloatArray) -> FloatArray:
        matrix = confusion_matrix(actual, predicted, classes, weights)
        by_class = np.array([area(weights) for area in areas])
        values = class_averages(matrix) | _ranking_averages(by_class[:, 0], by_class[:, 1], matrix.sum(axis=1))
        values["log_loss"] = float(log_loss @ weights / weights.sum())
        return np.array([values[name] for name in order])

    return statistic
