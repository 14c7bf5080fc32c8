"""The best earlier model on the candidate's test rows, from its archives and without an endpoint.

It has served once; now only what its training left is there. An ensemble's archive is all of it; a model of the
pipeline is that and its encoder's. Where either is gone, cannot be read or does not fit these rows any more, a
sentence says so, and the evaluation goes on: it is about the candidate.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from jobs.algorithms import BUILT_IN, Registry
from jobs.documents.context import BestEarlier as Named
from jobs.documents.evaluation import BestEarlier
from jobs.evaluate.artifact import UNREADABLE, HeldOut, is_served_as_it_is, one_container, pipeline
from jobs.evaluate.live import request_columns, why_not_comparable
from jobs.evaluate.permutation import Cells, chosen
from jobs.metrics.catalogue import Catalogue, Entry
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.metrics.intervals import Metric, measure
from jobs.metrics.predictions import Predictions
from jobs.schema import Schema, as_schema, classes_of
from jobs.tables.bodies import rows_of_cells

MOST_ROWS = 100_000
"""More rows than these would make the comparison no sharper than a gate can use; a sample of them is asked."""
AT_ONCE = 20_000
ROUNDING = 1e-6
"""Of a metric's value. A model asked both ways differs from itself by that much at most: answers have nine digits."""


@dataclass(frozen=True)
class Archives:
    """Where its archives lie, or would."""

    model: Path | None
    encoder: Path | None


class UnfitError(Exception):
    """The model cannot be asked about these rows; the message is a sentence."""


@dataclass(frozen=True)
class Model:
    """A model in this process."""

    schema: Schema
    scores: Callable[[list[str], Cells], FloatArray]
    """Names of cells and rows of them to probabilities (rows, classes), or numbers (rows, 1)."""
    labels: Callable[[FloatArray], IntArray]
    interval: Callable[[FloatArray], FloatArray | None] = lambda found: None  # noqa: ARG005
    """Scores to what each predicted number lies between, (rows, 2); None where the model does not tell."""


def held_against_best(
    named: Named | None, archives: Archives, held_out: HeldOut, offered: Registry = BUILT_IN
) -> BestEarlier | None:
    """The key `best_earlier` of evaluation.json; None where there is no such model, or it is the live one."""
    if named is None:
        return None
    told: BestEarlier = {
        "run": named["run"],
        "metric": held_out.metric,
        "rows": None,
        "value": None,
        "difference": None,
        "unavailable": None,
    }
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder:
            theirs, ours = asked(read(archives, Path(folder), offered), held_out)
    except UnfitError as unfit:
        return {**told, "unavailable": str(unfit)}
    except UNREADABLE as failure:
        return {**told, "unavailable": f"What is left of it cannot be asked about these rows: {failure}"}
    entry = held_out.catalogue[held_out.metric]
    _, value, difference = beside(ours, theirs, held_out.schema["classes"], entry)
    print(f"asked the best earlier model, {ours.rows:,} rows, {time.monotonic() - started:.1f} s", flush=True)
    told["difference"] = without_rounding(difference, value).as_difference()
    return {**told, "rows": ours.rows, "value": value}


def beside(
    ours: Predictions, theirs: Predictions, classes: list[str] | None, entry: Entry
) -> tuple[float | None, float | None, Metric]:
    """One metric of both on the same rows, and the difference, ours minus theirs."""
    found = measure(ours, theirs, classes, catalogue=Catalogue([entry]))
    assert found.live is not None and found.differences is not None  # noqa: S101, PT018  for the type checker
    our_value, their_value = (side.metrics[entry.name].value for side in (found.candidate, found.live))
    return our_value, their_value, found.differences[entry.name]


def without_rounding(difference: Metric, value: float | None) -> Metric:
    """Nothing where it is no more than what the text of an endpoint's answers makes of the numbers in this process.

    >>> [without_rounding(Metric(gap, gap / 2, 2 * gap, None), 20_000.0).value for gap in (2e-5, 0.1)]
    [0.0, 0.1]
    """
    ends = [abs(end) for end in (difference.value, difference.low, difference.high) if end is not None]
    is_rounding = value is not None and ends and max(ends) <= ROUNDING * abs(value)
    low, high = (None if end is None else 0.0 for end in (difference.low, difference.high))
    return replace(difference, value=0.0, low=low, high=high) if is_rounding else difference


def read(archives: Archives, folder: Path, offered: Registry = BUILT_IN) -> Model:
    """The model of these archives, for which `folder` has to stay. Raises UnfitError and what UNREADABLE names."""
    archive, encoder = archives.model, archives.encoder
    if archive is None or not archive.exists():
        raise UnfitError("Its model.tar.gz is gone.")
    if is_served_as_it_is(archive):
        one = one_container(archive, folder)
        return Model(
            one.schema, lambda names, rows: one.scores(one.encode(names, rows)), one.labels, one.interval_around
        )
    if encoder is None or not encoder.exists():
        raise UnfitError("Its encoder's archive is gone, without which its model takes no rows.")
    schema = _schema_of(encoder)
    made = pipeline(archive, encoder, schema, offered)
    return Model(schema, lambda names, rows: made.scores(made.encode(names, rows)), lambda found: found.argmax(axis=1))


def _schema_of(encoder: Path) -> Schema:
    with tarfile.open(encoder) as tar:
        member = tar.extractfile("schema.json")
        found = as_schema(json.loads(member.read())) if member else None
    if found is None:
        raise UnfitError("Its encoder's archive holds no schema that can be read.")
    return found


def asked(model: Model, held_out: HeldOut) -> tuple[Predictions, Predictions]:
    """What it says, and what the candidate's endpoint said, of the same rows in the terms of the candidate. Raises
    UnfitError."""
    if why := why_not_comparable(model.schema, held_out.schema, "The best earlier model"):
        raise UnfitError(why)
    answered = held_out.answered
    places, names = chosen(answered.rows, MOST_ROWS), request_columns(model.schema)
    rows = rows_of_cells(held_out.test, names, places)
    blocks = iter(lambda: list(islice(rows, AT_ONCE)), [])
    scores = np.concatenate([model.scores(names, block) for block in blocks])
    ours = answered.take(places)
    return in_terms_of(held_out.schema, model, scores, ours), ours


def in_terms_of(schema: Schema, model: Model, scores: FloatArray, ours: Predictions) -> Predictions:
    """What a model says of the rows of `ours`, which are in the terms of `schema`: the same classes, perhaps in another
    order. Raises UnfitError."""
    if not np.isfinite(scores).all():
        raise UnfitError("It answers some of these rows with no finite number.")
    if ours.task == "regression":
        return Predictions("regression", ours.actual, scores[:, 0])
    classes, theirs = classes_of(schema), classes_of(model.schema)
    order = np.array([theirs.index(name) for name in classes])
    labels = np.argsort(order)[model.labels(scores)]
    return Predictions(ours.task, ours.actual, labels, np.clip(scores[:, order], 0.0, 1.0), ours.positive)
