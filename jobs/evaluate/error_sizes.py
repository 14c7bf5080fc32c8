"""How large a regression's errors are on which held-out rows: the key "errors" of answers.json.

Learned from the very columns that a check will read of captured requests, typed as it types them. Of very many test
rows some are read: a few ten thousand say what a million say. Nothing that cannot be read here stops the evaluation.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jobs import error_estimation
from jobs.capture import Shape
from jobs.capture.shape import PRESENCE, Column
from jobs.documents.answers import ErrorModel, Errors
from jobs.evaluate.permutation import chosen
from jobs.metrics.confusion import IntArray
from jobs.metrics.predictions import Predictions
from jobs.schema import Schema
from jobs.tables.bodies import read_cells

MOST_CELLS = 4_000_000


def errors_of(
    test: Path,
    schema: Schema,
    answered: Predictions,
    first: int,
    realized: Mapping[str, float],
    known: ErrorModel | None,
) -> Errors | None:
    """Of the rows of `answered`, which stand in test.csv from place `first` on, counted from 0; None of classes, and
    where nothing can be learned.

    `realized`: their metrics. `known`: the model of the sizes that the artifact holds.
    """
    if answered.task != "regression":
        return None
    read = [column for column in Shape.of(schema).read if column.how != PRESENCE]
    places = chosen(answered.rows, max(MOST_CELLS // max(len(read), 1), 1_000))
    try:
        columns = _columns(test, read, places + first)
        return error_estimation.errors(columns, answered.take(places), realized, known)
    except (ValueError, LookupError, zlib.error) as failure:  # a cell, what XGBoost says, or a damaged document
        print(f"the size of the errors cannot be learned: {type(failure).__name__}", flush=True)
        return None


def _columns(test: Path, read: Sequence[Column], places: IntArray) -> dict[str, Any]:
    cells = read_cells(test, [column.name for column in read], places)
    by_column = zip(*cells, strict=True) if cells else [()] * len(read)
    return {column.name: column.from_texts(texts) for column, texts in zip(read, by_column, strict=True)}
