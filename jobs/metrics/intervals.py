"""Metrics with their uncertainty, and a sentence for each one that has no value or no interval.

Each metric has the interval that holds for it with few rows: that of a share, of a mean of skewed losses, of an area
under a curve (`matrix_intervals`, `mean_intervals`, `ranking_intervals`); where nothing is known of it, the resamples'
own. Two models on the same rows are compared within the resamples. Gives the `{"value", "low", "high",
"undefined"}` blocks of evaluation.json. No NaN leaves this module.
"""

from dataclasses import dataclass

import numpy as np

from jobs.documents.metrics import Difference, FewRows, Score
from jobs.metrics.bootstrap import deviation, deviations, interval, number_of_resamples
from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.metrics.few_rows import Few, Rows
from jobs.metrics.matrix_intervals import matrix_intervals
from jobs.metrics.mean_intervals import mean_intervals
from jobs.metrics.paired_intervals import paired_intervals
from jobs.metrics.predictions import Predictions
from jobs.metrics.ranking_intervals import ranking_intervals
from jobs.metrics.scores import Scores, Statistic, score, weighted_statistic
from jobs.metrics.shares import Ends, Z
from jobs.refusals import shown

_MOST_STRETCH = 2.0
_NO_INTERVAL = "These rows do not tell how much this metric varies."


@dataclass(frozen=True)
class Metric:
    """A number with its 95 % interval, or None and the sentence that says why. `few`: there are too few rows for an
    interval, and `undefined` says so."""

    value: float | None
    low: float | None
    high: float | None
    undefined: str | None
    standard_deviation: float | None = None
    few: FewRows | None = None

    def to_json(self) -> Score:
        found: Score = {"value": self.value, "low": self.low, "high": self.high, "undefined": self.undefined}
        return found if self.few is None else {**found, "few": self.few}

    def as_difference(self) -> Difference:
        found: Difference = {
            "difference": self.value, "low": self.low, "high": self.high, "undefined": self.undefined
        }  # fmt: skip
        return found if self.few is None else {**found, "few": self.few}


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
    resamples: int | None = None,
) -> Measurement:
    """All metrics of one or two models on the same rows, with intervals. `resamples`: as many as time allows unless
    told."""
    models = [candidate] if live is None else [candidate, live]
    columns = 1 if candidate.probability is None or candidate.task == "binary" else candidate.probability.shape[1]
    resamples = resamples or number_of_resamples(candidate.rows, columns * len(models))
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
    columns = _columns(spread[:, :width] - spread[:, width:], candidate.task, catalogue)
    paired = paired_intervals(candidate, live, list(columns))
    differences = {
        name: _difference(measured[0].metrics[name], measured[1].metrics[name], columns.get(name), paired.get(name))
        for name in measured[0].metrics
    }
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
    rows, found = _rows(model, scores), _ends(model, scores, columns, catalogue)
    metrics = {}
    for entry in catalogue.of(model.task):
        name, value = entry.name, scores.values[entry.name]
        if np.isnan(value):
            why = why_undefined(name, model, classes) if entry.function is None else entry.undefined
            metrics[name] = Metric(None, None, None, why)
        elif not entry.interval:
            metrics[name] = Metric(value, None, None, None)
        else:
            metrics[name] = estimated(value, deviation(columns[name]), found.get(name), rows.too_few(name), classes)
    return Measured(scores, metrics)


def _rows(model: Predictions, scores: Scores) -> Rows:
    if scores.matrix is None:
        return Rows(model.rows)
    positive = (1 if model.positive is None else model.positive) if model.task == "binary" else None
    return Rows.of(scores.matrix.astype(np.int64), positive)


def _ends(model: Predictions, scores: Scores, columns: dict[str, FloatArray], catalogue: Catalogue) -> dict[str, Ends]:
    """95 % ends by metric: of each in the way that holds for it; of what is not known here the resamples'."""
    names = [name for name in columns if not np.isnan(scores.values[name])]
    found = mean_intervals(model, names)
    if scores.matrix is not None:
        rows = _rows(model, scores)
        found |= matrix_intervals(scores.matrix, names, rows.positive)
        seen = {name: deviation(spread) ** 2 for name, spread in columns.items()}
        found |= ranking_intervals(scores.rankings, seen, names)
    for name in names:
        entry = catalogue[name]
        if entry.function is not None:
            reach = interval(scores.values[name], columns[name], entry.lowest, entry.highest)
            if reach.low < reach.high:
                found[name] = reach.low, reach.high
    return found


def _difference(ours: Metric, theirs: Metric, spread: FloatArray | None, ends: Ends | None) -> Metric:
    """Ours minus theirs. `spread`: of the resamples, None for a metric that is not resampled; `ends`: where known."""
    if ours.value is None or theirs.value is None:
        side = "candidate" if ours.value is None else "live model"
        return Metric(None, None, None, f"Of the {side}: {ours.undefined or theirs.undefined}")
    value, few = ours.value - theirs.value, ours.few or theirs.few
    if few is not None:
        return Metric(value, None, None, ours.undefined or theirs.undefined, few={**few, "low": None, "high": None})
    if spread is None:
        return Metric(value, None, None, None)
    if ends is not None:
        return Metric(value, min(value, ends[0]), max(value, ends[1]), None, deviation(spread))
    found = interval(value, spread * _stretch(ours, theirs))
    if np.isnan(found.low):
        return Metric(None, None, None, _NO_INTERVAL)
    return Metric(value, found.low, found.high, None, found.standard_deviation)


def _stretch(*models: Metric) -> float:
    """How much wider the models' own intervals are than their resamples alone would have them: with few rows these vary
    too little, and their difference does as well."""
    found = [
        (one.high - one.low) / (2 * Z * one.standard_deviation)
        for one in models
        if one.low is not None and one.high is not None and one.standard_deviation
    ]
    return float(np.clip(np.mean(found or 1.0), 1.0, _MOST_STRETCH))


def estimated(value: float, spread: float, ends: Ends | None, few: Few | None, classes: list[str] | None) -> Metric:
    """A value with its ends, or with what stands in their place. `spread`: its standard deviation, NaN if unknown."""
    known = None if np.isnan(spread) else spread
    if ends is not None:
        ends = min(value, ends[0]), max(value, ends[1])
    if few is not None:
        return Metric(value, None, None, few.sentence(classes), known, few.to_json(ends, classes))
    if ends is None:
        return Metric(value, None, None, _NO_INTERVAL, known)
    return Metric(value, *ends, None, known)


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
