"""A model of numbers whose errors grow with one column and depend on a word, and traffic for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.error_estimation import errors
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.performance_estimation import AnswerCounts

KINDS = ("plain", "odd", "rare")
Columns = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """Columns as a check reads them, what was answered, and what was right."""

    columns: Columns
    predictions: Predictions

    def take(self, places: Any) -> Rows:
        columns = {
            name: cells[places] if isinstance(cells, np.ndarray) else cells.take(pa.array(places))
            for name, cells in self.columns.items()
        }
        return Rows(columns, self.predictions.take(places))


def rows(count: int, seed: int, *, shift: float = 0.0, odd: float = 0.2, noise: float = 1.0) -> Rows:
    """`shift` moves the column that errors grow with (they grow by a fifth where it is 0.25), `odd` is the share of the
    words whose errors are three times as large, `noise` scales all errors: what no input shows."""
    chance = np.random.default_rng(seed)
    wide, flat = chance.normal(shift, 1.0, count), chance.normal(size=count)
    kind = chance.choice(3, count, p=[0.9 - odd, odd, 0.1])
    size = 100.0 * np.exp(0.7 * wide) * np.where(kind == 1, 3.0, 1.0) * noise
    predicted = 1_000.0 * flat + 500.0 * wide
    actual = predicted + size * chance.standard_normal(count)
    wide[chance.random(count) < 0.05] = np.nan
    words = pa.DictionaryArray.from_arrays(pa.array(kind.astype(np.int32)), pa.array(KINDS))
    return Rows({"wide": wide, "flat": flat, "kind": words}, Predictions("regression", actual, predicted))


def answers_of(held_out: Rows, **changes: Any) -> Any:
    """As much of answers.json as an estimate reads."""
    found = errors(held_out.columns, held_out.predictions, score(held_out.predictions).values)
    document = {"task": "regression", "classes": None, "positive_class": None, "errors": found, **changes}
    return json.loads(json.dumps(document, allow_nan=False))


def counted(answers: Any, traffic: Rows) -> AnswerCounts:
    counts = AnswerCounts.empty(answers)
    counts.add(traffic.predictions.predicted, None, traffic.columns)
    return counts
