"""What the model answered to one request, in any of the endpoint's three formats.

The counterpart of `jobs/serving/answers.py`, which writes them. An answer of another form (another model's classes,
another endpoint's words) is refused as a whole: half an answer would be a wrong figure in a distribution.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.capture.batch import Floats
from jobs.capture.records import Side, Unusable
from jobs.serving.rows import JSON_LINES

Answers = tuple[Any, Floats | None]
"""For classes positions (rows,) int32 and probabilities (rows, classes); for regression numbers (rows,) and None."""


def read_answers(side: Side, classes: tuple[str, ...] | None) -> Answers:
    """The answers of one record. Raises Unusable with the code "unreadable-answer"."""
    try:
        rows = list(_objects(side)) if side.media == "application/json" or side.media in JSON_LINES else _lines(side)
        return _regression(rows) if classes is None else _classification(rows, classes)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError, csv.Error):
        raise Unusable("unreadable-answer") from None


def as_words(positions: Any, classes: tuple[str, ...]) -> Any:
    """Positions of classes as a pyarrow dictionary array whose dictionary is the classes."""
    return pa.DictionaryArray.from_arrays(pa.array(positions, pa.int32()), pa.array(classes, pa.string()))


def _lines(side: Side) -> list[Any]:
    return [line for line in csv.reader(io.StringIO(side.text, newline="")) if line]


def _objects(side: Side) -> Iterable[Any]:
    if side.media in JSON_LINES:
        return [json.loads(line) for line in side.text.split("\n") if line.strip()]
    found = json.loads(side.text)
    rows: list[Any] = found["predictions"] if isinstance(found, dict) and "predictions" in found else [found]
    return rows


def _regression(rows: list[Any]) -> Answers:
    given = [row["prediction"] if isinstance(row, dict) else row[0] for row in rows if _is_single(row)]
    values = np.array([float(value) for value in given], np.float64)
    if len(values) != len(rows) or not np.isfinite(values).all():
        raise ValueError
    return values, None


def _is_single(row: Any) -> bool:
    return isinstance(row, dict) or len(row) == 1


def _classification(rows: list[Any], classes: tuple[str, ...]) -> Answers:
    places = {name: place for place, name in enumerate(classes)}
    positions, chances = [], []
    for row in rows:
        label, given = _classified(row, classes)
        positions.append(places[label])
        chances.append([float(value) for value in given])
    probabilities = np.array(chances, np.float64).reshape(len(rows), -1)
    if rows and (probabilities.shape[1] != len(classes) or not np.isfinite(probabilities).all()):
        raise ValueError
    return np.array(positions, np.int32), probabilities


def _classified(row: Any, classes: tuple[str, ...]) -> tuple[str, list[Any]]:
    if isinstance(row, dict):
        return row["label"], [row["probabilities"][name] for name in classes]
    return row[0], row[1:]
