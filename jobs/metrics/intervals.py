"""Metrics with their uncertainty, and a sentence for each one that has no value.

Takes exact scores and resampled deviations, gives the `{"value", "low", "high", "undefined"}` blocks of
evaluation.json. No NaN leaves this module.
"""

from dataclasses import dataclass, replace

import numpy as np

from jobs.documents.metrics import Difference, Score
from jobs.metrics.bootstrap import deviations, interval, number_of_resamples
from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.metrics.few_rows import at_least
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import Scores, Statistic, score, weighted_statistic
from jobs.refusals import shown

_NO_INTERVAL = "Too few resamples of these rows define this metric for an interval."


@dataclass(frozen=True)
class Metric:
    """A number with its 95 % interval, or None and the sentence that says why."""

    value: float | None
    low: float | None
    high: float | None
    undefined: str | None
    standard_deviation: float | None = None

    def to_json(self) -> Score:
        return {"value": self.value, "low": self.low, "high": self.high, "undefined": self.undefined}

    def as_difference(self) -> Difference:
        return {"difference": self.value, "low": self.low, "high": self.high, "undefined": self.undefined}


@dataclass(frozen=True)
class Measured:
    """One model's exact scores and its metrics with intervals, by name."""

    scores: Scores
    metrics: dict[str, Metric]


@dataclass(frozen=True)
class Measurement:
    """The candidate, and where there is one the live model and their paired differences (candidate minus live)."""

    candidate: Measured
    live: Measured | None
    differences: dict[str, Metric] | None
    resamples: int


def measure(
    candidate: Predictions,
    live: Predictions | None,
    classes: list[str] | None,
    *,
    seed: int = 0,
    catalogue: Catalogue = CATALOGUE,
) -> Measurement:
    """All metrics of one or two models on the same rows, with intervals from the same resamples."""
    models = [candidate] if live is None else [candidate, live]
    columns = 1 if candidate.probability is None or candidate.task == "binary" else candidate.probability.shape[1]
    resamples = number_of_resamples(candidate.rows, columns * len(models))
    strata = np.zeros(candidate.rows, np.int64) if candidate.task == "regression" else candidate.actual.astype(np.int64)

    def build(rows: IntArray) -> Statistic:
        return _Stacked([weighted_statistic(model, rows, catalogue) for model in models])

    spread = deviations(build, strata, resamples=resamples, seed=seed)
    width = len(catalogue.resampled(candidate.task))
    measured = [
        _measured(model, spread[:, place * width : (place + 1) * width], classes, catalogue)
        for place, model in enumerate(models)
    ]
    if live is None:
        return Measurement(measured[0], None, None, resamples)
    differences = _differences(
        measured[0], measured[1], _columns(spread[:, :width] - spread[:, width:], candidate.task, catalogue)
    )
    return Measurement(measured[0], measured[1], differences, resamples)


class _Stacked:
    """Several statistics of the same rows as one: the same weights for each, which is what pairs the models."""

    def __init__(self, statistics: list[Statistic]) -> None:
        self._statistics = statistics

    def __call__(self, weights: FloatArray) -> FloatArray:
        return np.concatenate([statistic(weights) for statistic in self._statistics])


def _columns(spread: FloatArray, task: str, catalogue: Catalogue) -> dict[str, FloatArray]:
    return dict(zip(catalogue.resampled(task), spread.T, strict=True))


def _measured(model: Predictions, spread: FloatArray, classes: list[str] | None, catalogue: Catalogue) -> Measured:
    scores, columns = score(model, catalogue), _columns(spread, model.task, catalogue)
    counts = None if scores.matrix is None else scores.matrix.astype(np.int64)
    metrics = {}
    for entry in catalogue.of(model.task):
        name, value = entry.name, scores.values[entry.name]
        if np.isnan(value):
            why = why_undefined(name, model, classes) if entry.function is None else entry.undefined
            metrics[name] = Metric(None, None, None, why)
        elif not entry.interval:
            metrics[name] = Metric(value, None, None, None)
        else:
            found = _estimated(value, columns[name], entry.lowest, entry.highest)
            metrics[name] = found if counts is None else _widened(name, found, counts, model.positive)
    return Measured(scores, metrics)


def _differences(candidate: Measured, live: Measured, columns: dict[str, FloatArray]) -> dict[str, Metric]:
    differences = {}
    for name, ours in candidate.metrics.items():
        theirs = live.metrics[name]
        if ours.value is None or theirs.value is None:
            side = "candidate" if ours.value is None else "live model"
            differences[name] = Metric(None, None, None, f"Of the {side}: {ours.undefined or theirs.undefined}")
        elif name not in columns:
            differences[name] = Metric(ours.value - theirs.value, None, None, None)
        else:
            found = _estimated(ours.value - theirs.value, columns[name])
            differences[name] = found if found.low is not None else Metric(None, None, None, found.undefined)
    return differences


def _estimated(value: float, spread: FloatArray, lowest: float = -np.inf, highest: float = np.inf) -> Metric:
    found = interval(value, spread, lowest, highest)
    if np.isnan(found.low):
        return Metric(value, None, None, _NO_INTERVAL)
    return Metric(value, found.low, found.high, None, found.standard_deviation)


def _widened(name: str, found: Metric, counts: IntArray, positive: int | None) -> Metric:
    """The metric with an interval that is no narrower than the rows of the classes allow."""
    if found.value is None:
        return found
    span = at_least(name, found.value, counts.sum(axis=1), counts.sum(axis=0), positive)
    if span is None:
        return found
    low, high = found.low if found.low is not None else span[0], found.high if found.high is not None else span[1]
    return replace(found, low=min(low, span[0]), high=max(high, span[1]), undefined=None)


def why_undefined(name: str, model: Predictions, classes: list[str] | None) -> str:
    """The sentence beside a metric that has no value for these rows."""
    if model.task == "regression":
        if name == "mape":
            return (
                f"{np.count_nonzero(model.actual == 0):,} of {model.rows:,} actual values are 0: no percentage of that."
            )
        return f"All {model.rows:,} actual values are equal, so there is no variance to explain."
    words = classes or []
    if model.task == "binary" and name in {"precision", "recall", "f1", "average_precision", "f0_5", "f2"}:
        wanted = shown(words[1 if model.positive is None else model.positive])
        verb = "never predicted" if name == "precision" else "not the class of any test row"
        return f"The positive class {wanted} is {verb}."
    if name == "mcc" and len(np.unique(model.actual)) > 1:
        return f"The model predicts {shown(words[int(model.predicted[0])])} for every test row."
    only = shown(words[int(model.actual[0])])
    return f"All {model.rows:,} test rows are of the class {only}."


def published(metrics: dict[str, Metric], task: str, catalogue: Catalogue = CATALOGUE) -> dict[str, Score]:
    """Only what documents name, in its order."""
    return {name: metrics[name].to_json() for name in catalogue.published(task)}


def published_differences(
    metrics: dict[str, Metric], task: str, catalogue: Catalogue = CATALOGUE
) -> dict[str, Difference]:
    """The same of the differences between two models."""
    return {name: metrics[name].as_difference() for name in catalogue.published(task)}
