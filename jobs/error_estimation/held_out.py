"""The "errors" of answers.json: the model of an error's size, and what it was worth on held-out rows, as counts.

A model that learned with the trained model, of errors out of fold, comes with its artifact; all five of its parts then
answer for every held-out row, which counts `copies` times. Where there is none, it is learned here, of the held-out
rows themselves, and each row is foretold by the one part that has not seen it. Either way the traffic's rows, for
which all five answer, are counted as the held-out ones were.

    rows, learned     held-out rows; "out-of-fold" or "held-out"
    model             jobs/error_estimation/model.py
    table             [bin of the expected size, bin of the error, rows x copies] where there are any (grid.py)
    levels            [part, bin of the expected size, rows], of each part over all held-out rows
    spread            of the answers and of the actual values
    realized          the metrics on these rows, as in evaluation.json
    effect            how much more errors differ between blocks of rows, in their order, than among independent ones,
                      where they do (jobs/profiles/blocks.py)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from jobs.documents.answers import ErrorModel, Errors, Spread
from jobs.error_estimation.counts import counted
from jobs.error_estimation.features import Features, Floats
from jobs.error_estimation.grid import BINS, IntArray, bins
from jobs.error_estimation.model import FOLDS, Sizes, learn
from jobs.metrics.predictions import Predictions
from jobs.profiles.blocks import of_one

FEWEST_HELD_OUT = 100
OUT_OF_FOLD, HELD_OUT = "out-of-fold", "held-out"


def errors(
    columns: Mapping[str, Any],
    predictions: Predictions,
    realized: Mapping[str, float],
    known: ErrorModel | None = None,
) -> Errors | None:
    """The document; None where the rows are too few to know anything, or never in error.

    `columns`: those of the held-out rows, as captured ones are read. `known`: the model that the artifact holds.
    """
    predicted = predictions.predicted.astype(np.float64)
    missed = np.abs(predictions.actual - predicted)
    if predictions.rows < FEWEST_HELD_OUT or not missed.any():
        return None
    sizes, places, errors_, levels, copies = (
        _learned(columns, predicted, missed) if known is None else _known(Sizes.read(known), columns, predicted, missed)
    )
    both = np.bincount(places * BINS + errors_, minlength=BINS * BINS).reshape(BINS, BINS)
    effect = of_one(missed)
    found: Errors = {
        "rows": predictions.rows,
        "learned": HELD_OUT if known is None else OUT_OF_FOLD,
        "model": sizes.to_document() if known is None else known,
        "copies": copies,
        "table": _sparse(both),
        "levels": _sparse(levels),
        "spread": _spread(predicted, predictions.actual.astype(np.float64)),
        "realized": {name: None if np.isnan(value) else float(value) for name, value in realized.items()},
    }
    return found if effect <= 1 else {**found, "effect": round(effect, 3)}


def _spread(predicted: Floats, actual: Floats) -> Spread:
    away = predicted - predicted.mean()
    variance = float(predicted.var())
    scaled = away / (variance**0.5 or 1.0)
    return {
        "centre": float(predicted.mean()),
        "predicted": variance,
        "kurtosis": float(np.mean(scaled**4)),
        "actual": float(actual.var()),
    }


_Counted = tuple[Sizes, IntArray, IntArray, IntArray, int]


def _learned(columns: Mapping[str, Any], predicted: Floats, missed: Floats) -> _Counted:
    features = Features.of(columns)
    found = learn(features, features.matrix(columns, predicted), missed)
    matrix = features.matrix(columns, predicted)[found.rows]
    logs = found.sizes.log_sizes(matrix)
    own = logs[np.arange(len(matrix)), found.folds]
    return found.sizes, bins(own), _bins_of(missed[found.rows], found.sizes.unit), counted(logs), 1


def _known(sizes: Sizes, columns: Mapping[str, Any], predicted: Floats, missed: Floats) -> _Counted:
    logs = sizes.log_sizes(sizes.features.matrix(columns, predicted))
    of_rows = np.repeat(_bins_of(missed, sizes.unit), FOLDS)
    return sizes, bins(logs).ravel(), of_rows, counted(logs), FOLDS


def _bins_of(missed: Floats, unit: float) -> IntArray:
    with np.errstate(divide="ignore"):
        return bins(np.log(missed / unit))


def _sparse(table: IntArray) -> list[list[int]]:
    return [[int(row), int(column), int(table[row, column])] for row, column in np.argwhere(table)]
