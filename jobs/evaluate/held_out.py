"""What the model answered to rows it never saw, as answers.json: what a check compares the traffic's answers with.

The held-out rows and not the training rows, because of those a model is surer than of anything it will meet later: its
answers to them would look like drift on the first day.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from jobs.documents.answers import Answers, Errors
from jobs.metrics.predictions import Predictions
from jobs.performance_estimation import calibration
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column
from jobs.relation.alike import inputs
from jobs.relation.residuals import residuals
from jobs.schema import Schema

PREDICTION = "prediction"
ENOUGH_CAPTURED = 100
_MOST_BYTES = 1 << 29
_MOST_PROBABILITIES = 50  # with hundreds of classes their probabilities are hundreds of tests that say the same


def answers_document(
    run: str, schema: Schema, predictions: Predictions, metrics: Mapping[str, float], errors: Errors | None = None
) -> Answers:
    """answers.json of docs/formats.md; `metrics` are those of the predictions, NaN where undefined; `errors`: how large
    those of a regression are on which rows."""
    document: Answers = {
        "version": 1,
        "run": run,
        "task": predictions.task,
        "classes": schema["classes"],
        "positive_class": schema["positive_class"],
        "rows": predictions.rows,
        "columns": describe(answer_columns(predictions, schema["classes"])),
        "calibration": calibration(predictions, schema, metrics),
        "residuals": residuals(predictions),
    }
    return document if errors is None else {**document, "errors": errors}


def distinct(test: Path, schema: Schema, rows: int) -> int:
    """How many of the last `rows` rows of test.csv do not repeat another's inputs, as jobs/relation/alike.py tells;
    all of them in a file that is too large to look at whole."""
    used = [column["name"] for column in schema["columns"] if column.get("used") and column["name"] != schema["target"]]
    if not used or test.stat().st_size > _MOST_BYTES:
        return rows
    cells = arrow_csv.read_csv(
        test,
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(used, pa.string()), include_columns=used, include_missing_columns=True
        ),
    )
    found = inputs(cells.slice(max(cells.num_rows - rows, 0)), used)
    return rows if found is None else len(np.unique(found))


def compared(predictions: Predictions, schema: Schema) -> Predictions:
    """The held-out rows whose answers later traffic is compared with: of a model that has learned from captured
    traffic, and whose baseline that is, the captured ones, which lie at the end. Too few of them, and all count.
    """
    captured = int(schema["rows"].get("test_traffic", 0))
    if captured < ENOUGH_CAPTURED:
        return predictions
    return predictions.take(np.arange(predictions.rows - captured, predictions.rows))


def answer_columns(predictions: Predictions, classes: list[str] | None) -> list[Column]:
    """The answers as columns: the prediction, and each class's probability; of two classes only the positive one's,
    because the other's is the same again and would count as a test of its own.
    """
    if classes is None or predictions.probability is None:
        return [Column(PREDICTION, "numeric", predictions.predicted.astype(np.float64))]
    words = pa.DictionaryArray.from_arrays(pa.array(predictions.predicted.astype(np.int32)), pa.array(classes))
    shown = range(len(classes)) if predictions.positive is None else [predictions.positive]
    return [
        Column(PREDICTION, "categorical", words),
        *(
            Column(f"p({classes[place]})", "numeric", np.ascontiguousarray(predictions.probability[:, place]))
            for place in (shown if len(shown) <= _MOST_PROBABILITIES else ())
        ),
    ]
