"""What the report draws, as plain JSON of bounded size: curves, calibration, threshold table, residuals.

These are too many numbers for a mail and of no use to the gate, so they are no part of evaluation.json.
"""

from typing import Any

import numpy as np

from jobs.metrics.confusion import FloatArray
from jobs.metrics.predictions import Predictions
from jobs.metrics.ranking import BINS, Bins, Ranking, ranking
from jobs.metrics.scores import Scores

MOST_CLASSES = 8
MOST_POINTS = 1_200
_HISTOGRAM_BINS = 40
Plain = dict[str, Any]


def curves(predictions: Predictions, scores: Scores, classes: list[str] | None, live: Scores | None = None) -> Plain:
    """Of classes: classes, live, calibration, thresholds, suggested, more_classes. Of numbers: points, residuals."""
    if predictions.task == "regression":
        return _regression(predictions)
    names, support = classes or [], [one.positives for one in scores.rankings]
    if predictions.task == "binary":
        positive = 1 if predictions.positive is None else predictions.positive
        only = scores.rankings[0]
        return {
            "classes": [_class_curves(names[positive], only)],
            "live": None if live is None else _class_curves(names[positive], live.rankings[0]),
            "calibration": _calibration(only.bins),
            "thresholds": _thresholds(only),
            "suggested": _suggested(only),
            "more_classes": 0,
        }
    largest = sorted(range(len(names)), key=lambda place: -support[place])[:MOST_CLASSES]
    return {
        "classes": [_class_curves(names[place], scores.rankings[place]) for place in largest],
        "live": None,
        "calibration": _calibration(_confidence(predictions)),
        "thresholds": [],
        "suggested": None,
        "more_classes": len(names) - len(largest),
    }


def _class_curves(name: str, found: Ranking) -> Plain:
    return {
        "name": name,
        "support": found.positives,
        "auc": _number(found.auc),
        "average_precision": _number(found.average_precision),
        "false_positive_rate": _numbers(found.curve.false_positive_rate),
        "recall": _numbers(found.curve.recall),
        "precision": _numbers(found.curve.precision),
    }


def _confidence(predictions: Predictions) -> Bins:
    """Of many classes, calibration asks: of the answers given with 80 % certainty, were 80 % right?"""
    if predictions.probability is None:
        raise ValueError("a classification needs probabilities")
    return ranking(predictions.actual == predictions.predicted, predictions.probability.max(axis=1)).bins


def _calibration(bins: Bins) -> list[Plain]:
    """Ten bins of predicted probability: its mean, the share that came true, and how many rows."""
    rows = [np.add.reduceat(part, np.arange(0, BINS, 2)) for part in (bins.count, bins.positives, bins.score_sum)]
    return [
        {"predicted": float(total / count), "observed": float(hits / count), "rows": int(count)}
        for count, hits, total in zip(*rows, strict=True)
        if count
    ]


def _thresholds(found: Ranking) -> list[Plain]:
    """The table a person chooses a threshold from: 0.05, 0.10, … 0.95; a row is flagged at or above it."""
    flagged = np.cumsum(found.bins.count[::-1])[::-1]
    hits = np.cumsum(found.bins.positives[::-1])[::-1]
    return [_threshold_row(place / BINS, float(flagged[place]), float(hits[place]), found) for place in range(1, BINS)]


def _threshold_row(threshold: float, flagged: float, hits: float, found: Ranking) -> Plain:
    return {
        "threshold": threshold,
        "precision": hits / flagged if flagged else None,
        "recall": hits / found.positives if found.positives else None,
        "f1": 2 * hits / (flagged + found.positives) if flagged + found.positives else None,
        "flagged": flagged / found.rows,
    }


def _suggested(found: Ranking) -> Plain | None:
    """The threshold with the best F1 on these rows; None without positives."""
    best = found.best
    return None if best is None else _threshold_row(best.threshold, best.flagged, best.hits, found)


def _regression(predictions: Predictions) -> Plain:
    actual, predicted = predictions.actual.astype(float), predictions.predicted.astype(float)
    residual = actual - predicted
    rows = predictions.rows
    chosen = np.arange(rows)
    if rows > MOST_POINTS:
        chosen = np.sort(np.random.default_rng(0).choice(rows, MOST_POINTS, replace=False))
    counts, edges = np.histogram(residual, bins=min(_HISTOGRAM_BINS, max(5, int(rows**0.5))))
    return {
        "points": {"actual": _numbers(actual[chosen]), "predicted": _numbers(predicted[chosen]), "of": rows},
        "residuals": {
            "counts": counts.tolist(),
            "edges": _numbers(edges),
            "mean": float(residual.mean()),
            "quantiles": dict(zip(("5", "50", "95"), np.quantile(residual, (0.05, 0.5, 0.95)).tolist(), strict=True)),
        },
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _numbers(values: FloatArray) -> list[float] | None:
    return None if np.isnan(values).any() else [float(f"{value:.6g}") for value in values]
