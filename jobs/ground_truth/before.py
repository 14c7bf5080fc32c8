"""The model before the live one, on the same labelled rows: whether callers were served better by going back to it.

It is asked from its archives about the rows that the live model answered, each with its true answer. Both were trained
before any of these rows came, so that the comparison is fair. Where it cannot be asked, a sentence says why, and the
check goes on: it is about the live model.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa

from jobs.documents.quality import Before
from jobs.documents.window import Before as Named
from jobs.evaluate.artifact import UNREADABLE
from jobs.evaluate.best import MOST_ROWS, Archives, UnfitError, beside, in_terms_of, read
from jobs.evaluate.captured_rows import asked
from jobs.evaluate.live import why_not_comparable
from jobs.evaluate.permutation import chosen
from jobs.metrics.catalogue import Catalogue, Entry
from jobs.metrics.comparison import is_certain_loss
from jobs.metrics.intervals import Metric
from jobs.metrics.predictions import Predictions
from jobs.schema import Schema


def held_against_before(
    named: Named | None,
    archives: Archives,
    cells: pa.Table,
    answered: Predictions,
    schema: Schema,
    entry: Entry,
) -> Before | None:
    """The key `before` of quality.json; None where there is no such model.

    Args:
        cells: of the rows of `answered`, in their order, as callers wrote them.
        answered: what the live model said of them, in the terms of its `schema`.
        entry: the metric that decides.
    """
    if named is None:
        return None
    told: Before = {
        "run": named["run"], "rows": 0, "value": None, "live": None, "difference": None, "better": None,
        "unavailable": None, "sentence": "",
    }  # fmt: skip
    name = f"The model before it (run {named['run']})"
    try:
        with tempfile.TemporaryDirectory() as folder:
            theirs, ours = _asked(archives, Path(folder), cells, answered, schema)
    except UnfitError as unfit:
        return {**told, "unavailable": str(unfit), "sentence": f"{name} was not asked about these rows. {unfit}"}
    except UNREADABLE as failure:
        why = f"What is left of it cannot be asked: {failure}"
        return {**told, "unavailable": why, "sentence": f"{name} was not asked about these rows. {why}"}
    now, then, difference = beside(ours, theirs, schema["classes"], entry)
    told |= {"rows": ours.rows, "value": then, "live": now, "difference": difference.as_difference()}
    if difference.value is not None:
        told["better"] = is_certain_loss(entry.name, difference, Catalogue([entry]))
    words = _words(entry, now, then, difference, better=told["better"])
    told["sentence"] = f"{name} on the same {ours.rows:,} rows: {words}"
    return told


def _asked(
    archives: Archives, folder: Path, cells: pa.Table, answered: Predictions, schema: Schema
) -> tuple[Predictions, Predictions]:
    model = read(archives, folder)
    if why := why_not_comparable(model.schema, schema, "The model before it", "the live one"):
        raise UnfitError(why)
    places = chosen(answered.rows, MOST_ROWS)
    found = asked(model, cells.take(pa.array(places)))
    if not len(found.places):
        raise UnfitError("It takes none of these rows.")
    ours = answered.take(places[found.places])
    return in_terms_of(schema, model, found.scores, ours), ours


def _words(entry: Entry, now: float | None, then: float | None, difference: Metric, *, better: bool | None) -> str:
    if better is None:
        return f"{entry.title} cannot be compared. {difference.undefined or ''}".rstrip()
    both = f"{entry.title} {entry.number(then)}, against {entry.number(now)} of the live one"
    if difference.low is None or difference.high is None:
        return f"{both}; no interval. {difference.undefined or ''}".rstrip()
    reach = f"95 % interval of the difference {entry.signed(difference.low)} to {entry.signed(difference.high)}"
    return f"{both} ({reach}): {'it is better' if better else 'not certainly better'}."
