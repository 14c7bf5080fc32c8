"""Everything known about the candidate, as the document evaluation.json of docs/formats.md.

Pure: numbers in, JSON out; no verdict on whether they are good enough.
"""

from dataclasses import dataclass

import numpy as np

from jobs.documents.answers import ErrorModel
from jobs.documents.evaluation import (
    Asked,
    BestEarlier,
    Decision,
    Effects,
    Evaluation,
    EvaluationFile,
    Gain,
    Leaderboard,
    LiveResult,
    OnTraffic,
    Permutation,
    Rates,
)
from jobs.evaluate.model_quality import model_quality
from jobs.evaluate.permutation import shares
from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.confusion import FloatArray
from jobs.metrics.few_rows import FEWEST
from jobs.metrics.intervals import Measured, Measurement, published, published_differences
from jobs.metrics.mean_intervals import uncertain
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.refusals import Warned, listed, shown
from jobs.schema import Schema, classes_of

_FEW_ROWS, _FEW_OF_A_CLASS = 200, 20
_WIDE = "the intervals are wide, small differences mean nothing"
_NO_INTERVALS = (
    "too few to tell how good the model is at it. Metrics that hang on them have no interval but that number in its "
    "place, and differences mean nothing"
)


@dataclass(frozen=True)
class LiveModel:
    """The live endpoint as named by context.json, and why it could not be measured (None when it was)."""

    endpoint: str
    run: str
    unavailable: str | None = None


@dataclass(frozen=True)
class Requests:
    """How the asking went: requests answered, tries beyond the first, rows asked and seconds taken."""

    count: int
    retried: int
    rows: int
    seconds: float

    def to_json(self) -> Asked:
        return {
            "count": self.count,
            "retried": self.retried,
            "rows_per_second": round(self.rows / max(self.seconds, 1e-6), 1),
        }


@dataclass(frozen=True)
class Inside:
    """What the model's archive tells, as far as it does: docs/formats.md, evaluation.json."""

    permutation: Permutation | None = None
    leaderboard: Leaderboard | None = None
    decision: Decision | None = None
    errors: ErrorModel | None = None
    """Of a regression: for answers.json."""
    effects: Effects | None = None


@dataclass(frozen=True)
class Findings:
    """All that the document is made of."""

    run: str
    schema: Schema
    predictions: Predictions
    measurement: Measurement
    live: LiveModel | None
    importance: list[Gain]
    requests: Requests
    warnings: tuple[Warned, ...] = ()
    catalogue: Catalogue = CATALOGUE
    """The metrics that were measured."""
    inside: Inside = Inside()
    best_earlier: BestEarlier | None = None
    on_traffic: OnTraffic | None = None


def document(findings: Findings) -> EvaluationFile:
    """evaluation.json: SageMaker's block and ours beside it."""
    schema, predictions, measurement = findings.schema, findings.predictions, findings.measurement
    classes, task = schema["classes"], predictions.task
    candidate, catalogue = measurement.candidate, findings.catalogue
    matrix = candidate.scores.matrix
    warned = [*findings.warnings, *observations(predictions, candidate, classes)]
    told = [*(warning.to_json() for warning in warned), *schema.get("warnings", ())]
    ours: Evaluation = {
        "version": 1,
        "run": findings.run,
        "task": task,
        "target": schema["target"],
        "classes": classes,
        "positive_class": schema["positive_class"],
        "rows": predictions.rows,
        "catalogue": catalogue.told(task),
        "metrics": published(candidate.metrics, task, catalogue),
        "per_class": None if classes is None else per_class(candidate, classes),
        "confusion_matrix": None if matrix is None else matrix.astype(int).tolist(),
        "naive": naive(predictions, schema, catalogue),
        "only_answer": only_answer(predictions, classes),
        "live": _live(findings.live, measurement.live, task, catalogue),
        "comparison": None
        if measurement.differences is None
        else published_differences(measurement.differences, task, catalogue),
        "importance": findings.importance,
        "requests": findings.requests.to_json(),
        "warnings": sorted(told, key=lambda warning: not warning.get("first")),  # only the first few are kept
    }
    _tell_inside(ours, findings.inside)
    if findings.best_earlier is not None:
        ours["best_earlier"] = findings.best_earlier
    if findings.on_traffic is not None:
        ours["on_traffic"] = findings.on_traffic
    return {**model_quality(predictions, candidate, classes), "sagerelay": ours}


def _tell_inside(ours: Evaluation, inside: Inside) -> None:
    """What a document of a model that cannot be looked into does not have. Where no gains are known, the shares of what
    shuffling costs stand in for them: for the reports of checks, and for earlier releases."""
    if inside.permutation is not None:
        gains = {entry["column"]: entry["gain"] for entry in ours["importance"]}
        columns = inside.permutation["columns"]
        for entry in columns if gains else ():
            entry["gain"] = gains.get(entry["column"], 0.0)
        ours["permutation_importance"] = inside.permutation
        ours["importance"] = ours["importance"] or [
            {"column": column, "gain": share} for column, share in shares(inside.permutation)
        ]
    if inside.leaderboard is not None:
        ours["leaderboard"] = inside.leaderboard
    if inside.effects is not None:
        ours["effects"] = inside.effects
    if inside.decision is not None:
        ours["decision"] = inside.decision


def per_class(measured: Measured, classes: list[str]) -> dict[str, Rates]:
    """Precision, recall, F1 and support by class; null where undefined."""
    rates = measured.scores.rates
    if rates is None:
        raise ValueError("a classification has rates by class")
    return {
        name: {
            "precision": _number(rates.precision[place]),
            "recall": _number(rates.recall[place]),
            "f1": _number(rates.f1[place]),
            "support": int(rates.support[place]),
        }
        for place, name in enumerate(classes)
    }


def naive(predictions: Predictions, schema: Schema, catalogue: Catalogue = CATALOGUE) -> dict[str, float]:
    """What needs no model: the most frequent class with the classes' shares as probabilities; or the mean.

    Only metrics that such an answer defines are given.
    """
    if predictions.task == "regression":
        mean = np.full(predictions.rows, predictions.actual.mean())
        values = score(Predictions("regression", predictions.actual, mean), catalogue).values
    else:
        counts = schema.get("class_counts") or {}
        shares = np.array([counts.get(name, 0) for name in classes_of(schema)], np.float64)
        if not shares.sum():
            shares = np.bincount(predictions.actual.astype(np.int64), minlength=len(shares)).astype(np.float64)
        shares /= shares.sum()
        probability = np.broadcast_to(shares, (predictions.rows, len(shares)))
        always = np.full(predictions.rows, int(np.argmax(shares)))
        values = score(
            Predictions(predictions.task, predictions.actual, always, probability, predictions.positive), catalogue
        ).values
    return {name: values[name] for name in catalogue.published(predictions.task) if not np.isnan(values[name])}


def observations(predictions: Predictions, measured: Measured, classes: list[str] | None) -> list[Warned]:
    """What a reader of the numbers should know about them."""
    found = []
    matrix = measured.scores.matrix
    if few := _few_rows(predictions.rows, None if matrix is None else matrix.sum(axis=1), classes or []):
        found.append(Warned("small-test-set", f"The test set has only {few}."))
    found += uncertain(predictions)
    if matrix is None or classes is None:
        return found
    absent = [name for name, count in zip(classes, matrix.sum(axis=1), strict=True) if not count]
    silent = [name for name, count in zip(classes, matrix.sum(axis=0), strict=True) if not count]
    if absent:
        sentence = f"No test row is of the class {listed(absent)}: averages over classes leave it out where undefined."
        found.append(Warned("class-not-in-test", sentence))
    if silent:
        sentence = f"The model never predicts {listed(silent)}: its precision is undefined and left out of averages."
        if len(classes) == 2:
            sentence += " A lower threshold on its probability finds some: the report's threshold table has the price."
        found.append(Warned("class-never-predicted", sentence))
    return found


def _few_rows(rows: int, of_each: FloatArray | None, classes: list[str]) -> str:
    """How many rows there are where those are few, of the rarest class that has any or of all, and what that means for
    the intervals; empty where there are enough."""
    all_of_them = f"{rows:,} rows" if rows < _FEW_ROWS else ""
    there = [] if of_each is None else [place for place in np.argsort(of_each, kind="stable") if of_each[place]]
    if len(there) < 2 or of_each is None or of_each[there[0]] >= _FEW_OF_A_CLASS:
        return f"{all_of_them}: {_NO_INTERVALS if rows < FEWEST else _WIDE}" if all_of_them else ""
    fewest = int(of_each[there[0]])
    rarest = f"{fewest:,} row{'s' if fewest != 1 else ''} of the class {shown(classes[there[0]])}"
    told = f"{all_of_them}, {rarest}" if all_of_them else f"{rarest} (of {rows:,})"
    return f"{told}: {_NO_INTERVALS if fewest < FEWEST else _WIDE}"


def only_answer(predictions: Predictions, classes: list[str] | None) -> str | None:
    """What the model says of every test row; None where it says more than one thing."""
    first = predictions.predicted[0]
    if np.any(predictions.predicted != first):
        return None
    return f"{first:.6g}" if classes is None else classes[int(first)]


def _live(live: LiveModel | None, measured: Measured | None, task: str, catalogue: Catalogue) -> LiveResult | None:
    if live is None:
        return None
    metrics = None if measured is None else published(measured.metrics, task, catalogue)
    return {"endpoint": live.endpoint, "run": live.run, "metrics": metrics, "unavailable": live.unavailable}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
