"""A quality check from files and traffic to its document: the order of the steps, without AWS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.capture import Shape, Which, read
from jobs.documents.evaluation import Evaluation
from jobs.documents.quality import Before, Quality, Relation
from jobs.documents.window import Window
from jobs.evaluate.best import Archives
from jobs.ground_truth.before import held_against_before
from jobs.ground_truth.document import document, seconds_of
from jobs.ground_truth.entries import Entries
from jobs.ground_truth.joining import Join, Joined
from jobs.ground_truth.label_tables import read_table
from jobs.ground_truth.labels import Labels, settled
from jobs.ground_truth.measuring import TOO_FEW, Rule, compare
from jobs.ground_truth.problems import Problems
from jobs.ground_truth.records import is_ground_truth, read_ground_truth
from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.max_loss import AMOUNT
from jobs.metrics.mean_intervals import uncertain
from jobs.metrics.predictions import Predictions
from jobs.refusals import Refusal
from jobs.schema import Schema, positive_of
from jobs.tables.contents import read_bytes, refuse_foreign
from jobs.tables.notes import Notes, refusal


class UnreadableTrafficError(Exception):
    """There is captured traffic, and none of it could be read."""


@dataclass(frozen=True)
class Subject:
    """What is checked: window.json, the live model's schema.json, the `sagerelay` block of its evaluation.json."""

    window: Window
    schema: Schema
    evaluation: Evaluation


def read_labels(files: Iterable[tuple[str, Path | Refusal]], schema: Schema, problems: Problems) -> Labels:
    """All usable labels. Raises Refusal where there is not one, naming what is wrong with the first."""
    entries = []
    for key, path in files:
        if isinstance(path, Refusal):
            problems.file(path)
            continue
        try:
            entries.append(_read_file(path, key, schema, problems))
        except Refusal as refused:
            problems.file(refused)
    found = settled(entries, problems)
    if not len(found):
        told = problems.to_json()
        why = told[0]["sentence"] if told else "There is no label file."
        more = f" ({len(told) - 1:,} further problems)" if len(told) > 1 else ""
        raise refusal("no-usable-labels", f"no label can be used: {why}{more}")
    return found


def _read_file(path: Path, key: str, schema: Schema, problems: Problems) -> Entries:
    notes = Notes()
    data, _ = read_bytes(path, key)
    if is_ground_truth(data):
        found = read_ground_truth(data, key, schema, problems, notes)
    else:
        refuse_foreign(data, key)
        found = read_table(data, key, schema, problems, notes)
    problems.warned(notes.warnings)
    print(f"{key}: {found.read:,} labels, {len(found.values):,} usable", flush=True)
    return found


def join(labels: Labels, parts: Iterable[tuple[str, bytes]], schema: Schema, problems: Problems) -> Joined:
    """The captured rows that have a label. Raises UnreadableTrafficError where nothing captured could be read."""
    shape = Shape.raw(schema)
    joining = Join(labels, list(shape.columns), None if schema["classes"] is None else len(schema["classes"]))
    for batch in read(parts, shape, Which(keep_all=True), identified=True):
        joining.add(batch)
    joined = joining.finished(problems)
    problems.traffic(joined.tally.problems())
    if joined.tally.spoilt:
        sentences = " ".join(problem["sentence"] for problem in joined.tally.problems()[:3])
        raise UnreadableTrafficError(f"no captured record can be read: {sentences}")
    return joined


def quality(
    subject: Subject,
    labels: Labels,
    joined: Joined,
    problems: Problems,
    previous: Quality | None,
    relation: Relation | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> Quality:
    """quality.json of labels that were joined; `relation`: what is known of the rows of all checks so far."""
    schema, window = subject.schema, subject.window
    live = joined.by_live_model(seconds_of(window["live"]["promoted"]))
    rule = Rule.of(window.get("settings") or {}, schema["task"], catalogue, window.get("max_loss_meant") or AMOUNT)
    answered = _predictions(joined, live, schema)
    measured = compare(answered, schema["classes"], subject.evaluation, rule, labelled=joined.rows)
    problems.warned(uncertain(answered))
    found = document(window, schema, rule, labels, joined, measured, problems, previous)
    return found if relation is None else {**found, "relation": relation}


def beside_before(
    subject: Subject, joined: Joined, found: Quality, archives: Archives, catalogue: Catalogue = CATALOGUE
) -> Before | None:
    """The model before the live one on the rows that `found` is about; None where these are too few, or there is
    none."""
    if found["state"] == TOO_FEW:
        return None
    live = joined.by_live_model(seconds_of(subject.window["live"]["promoted"]))
    answered = _predictions(joined, live, subject.schema)
    cells = joined.cells.filter(pa.array(live))
    entry = catalogue[found["metric"]]
    return held_against_before(subject.window.get("before"), archives, cells, answered, subject.schema, entry)


def _predictions(joined: Joined, live: Any, schema: Schema) -> Predictions:
    actual, predicted = joined.actual[live], joined.predicted[live]
    if joined.probability is None:
        return Predictions("regression", actual, predicted)
    codes = (actual.astype(np.int64), predicted.astype(np.int64))
    return Predictions(schema["task"], *codes, joined.probability[live], positive_of(schema))
