"""The same results under the names of SageMaker Model Monitor's model-quality format, which the model registry draws.

Names as in the documentation page "Model quality metrics and Amazon CloudWatch monitoring". Standard deviations are
the bootstrap's; as there, they are the word "NaN" below 200 rows. `…_best_constant_classifier` is what the best
classifier that always answers the same class would reach in that metric (the page's own example shows something less;
we follow the name).
"""

from typing import Any

import numpy as np

from jobs.documents.evaluation import ModelQuality
from jobs.metrics.confusion import FloatArray
from jobs.metrics.intervals import Measured, Metric
from jobs.metrics.predictions import Predictions
from jobs.metrics.ranking import Curve

_ROWS_FOR_DEVIATION = 200
_BINARY = ("recall", "precision", "accuracy", "auc", "f0_5", "f1", "f2")
_MULTICLASS = {
    "accuracy": "accuracy",
    "weighted_recall": "recall_weighted",
    "weighted_precision": "precision_weighted",
    "weighted_f0_5": "f0_5_weighted",
    "weighted_f1": "f1_weighted",
    "weighted_f2": "f2_weighted",
}
Block = dict[str, Any]


def model_quality(predictions: Predictions, measured: Measured, classes: list[str] | None) -> ModelQuality:
    """`{"binary_classification_metrics": {…}}` or its sibling for the task."""
    matrix = measured.scores.matrix
    if predictions.task == "regression":
        block = {name: _value(measured.metrics[name], predictions.rows) for name in ("mae", "mse", "rmse", "r2")}
        return {"regression_metrics": block}
    if matrix is None or classes is None:
        raise ValueError("a classification needs its confusion matrix and its classes")
    if predictions.task == "binary":
        positive = 1 if predictions.positive is None else predictions.positive
        return {"binary_classification_metrics": _binary(measured, matrix, classes, positive)}
    return {"multiclass_classification_metrics": _multiclass(measured, matrix, classes)}


def _binary(measured: Measured, matrix: FloatArray, classes: list[str], positive: int) -> Block:
    rows, metrics = int(matrix.sum()), measured.metrics
    recall, specificity = metrics["recall"], metrics["specificity"]
    block: Block = {"confusion_matrix": _nested(matrix, classes)}
    block |= {name: _value(metrics[name], rows) for name in _BINARY}
    block |= {
        "true_positive_rate": _value(recall, rows),
        "true_negative_rate": _value(specificity, rows),
        "false_positive_rate": _value(_complement(specificity), rows),
        "false_negative_rate": _value(_complement(recall), rows),
        "au_prc": _value(metrics["average_precision"], rows),
    }
    share = float(matrix.sum(axis=1)[positive] / rows)
    constants = {"recall": 1.0, "precision": share, "accuracy": max(share, 1 - share)}
    for name, beta in (("f0_5", 0.5), ("f1", 1.0), ("f2", 2.0)):
        constants[name] = (1 + beta**2) * share / (beta**2 * share + 1)
    block |= {f"{name}_best_constant_classifier": _constant(value, rows) for name, value in constants.items()}
    return block | _curves(measured.scores.rankings[0].curve)


def _curves(curve: Curve) -> Block:
    block: Block = {}
    if not np.isnan(curve.recall).any() and not np.isnan(curve.false_positive_rate).any():
        block["receiver_operating_characteristic_curve"] = {
            "false_positive_rates": curve.false_positive_rate.tolist(),
            "true_positive_rates": curve.recall.tolist(),
        }
    if not np.isnan(curve.recall).any():
        block["precision_recall_curve"] = {"precisions": curve.precision.tolist(), "recalls": curve.recall.tolist()}
    return block


def _multiclass(measured: Measured, matrix: FloatArray, classes: list[str]) -> Block:
    rows = int(matrix.sum())
    block: Block = {"confusion_matrix": _nested(matrix, classes)}
    block |= {theirs: _value(measured.metrics[ours], rows) for theirs, ours in _MULTICLASS.items()}
    share = float(matrix.sum(axis=1).max() / rows)
    constants = {"accuracy": share, "weighted_recall": share, "weighted_precision": share * share}
    for name, beta in (("weighted_f0_5", 0.5), ("weighted_f1", 1.0), ("weighted_f2", 2.0)):
        constants[name] = share * (1 + beta**2) * share / (beta**2 * share + 1)
    return block | {f"{name}_best_constant_classifier": _constant(value, rows) for name, value in constants.items()}


def _nested(matrix: FloatArray, classes: list[str]) -> dict[str, dict[str, int]]:
    return {
        actual: {predicted: int(count) for predicted, count in zip(classes, row, strict=True)}
        for actual, row in zip(classes, matrix, strict=True)
    }


def _value(metric: Metric, rows: int) -> Block:
    deviation = metric.standard_deviation if rows >= _ROWS_FOR_DEVIATION else None
    return {"value": metric.value, "standard_deviation": "NaN" if deviation is None else deviation}


def _constant(value: float, rows: int) -> Block:
    """A constant classifier's value is, like a share of the rows, off by about the square root of p (1 - p) / n."""
    deviation = (max(value * (1 - value), 0.0) / rows) ** 0.5
    return {"value": value, "standard_deviation": deviation if rows >= _ROWS_FOR_DEVIATION else "NaN"}


def _complement(metric: Metric) -> Metric:
    value = None if metric.value is None else 1 - metric.value
    return Metric(value, None, None, metric.undefined, metric.standard_deviation)
