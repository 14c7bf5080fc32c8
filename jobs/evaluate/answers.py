"""An endpoint's CSV answers as numbers, checked line by line against what was asked.

A wrong count of lines or an unknown label would silently shift or spoil every metric, so it is an error that names
the row, never a guess.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from jobs.encoding.mask import mask
from jobs.evaluate.endpoint import Answer
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.metrics.predictions import Predictions
from jobs.schema import Schema, classes_of, positive_of


class UnreadableAnswerError(Exception):
    """The endpoint answered, but not in the form of docs/formats.md."""


def class_positions(words: Sequence[str], classes: Sequence[str], *, where: str, first: int) -> IntArray:
    """Each word's position in `classes`; UnreadableAnswerError names the first row with an unknown one."""
    known = {name: place for place, name in enumerate(classes)}
    try:
        return np.array([known[word] for word in words], np.int64)
    except KeyError:
        row, word = next((row, word) for row, word in enumerate(words, first) if word not in known)
        raise UnreadableAnswerError(
            f"{where}, row {row:,}: a word like {mask(word)} is none of the {len(classes)} classes"
        ) from None


def numbers(words: Sequence[str], *, where: str, first: int, per_row: int = 1) -> FloatArray:
    """Each word as a finite number; UnreadableAnswerError names the first row (of `per_row` words) without one."""
    values = np.array([_number(word) for word in words])
    for place in np.flatnonzero(~np.isfinite(values)):
        row = first + int(place) // per_row
        raise UnreadableAnswerError(f"{where}, row {row:,}: a word like {mask(words[place])} is not a finite number")
    return values


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return float("nan")


def classifications(
    answers: Iterable[Answer], classes: Sequence[str], order: Sequence[str]
) -> tuple[IntArray, FloatArray]:
    """Predicted positions (rows,) and probabilities (rows, classes) from 0 to 1, both in the order of `classes`.

    `order` is the order in which the asked model lists the same classes.
    """
    labels, probabilities = [], []
    columns = [list(order).index(name) for name in classes]
    for answer in answers:
        records = _records(answer, 1 + len(order))
        where = "The endpoint's answer for test.csv"
        labels.append(class_positions([record[0] for record in records], classes, where=where, first=answer.body.first))
        words = [word for record in records for word in record[1:]]
        flat = numbers(words, where=where, first=answer.body.first, per_row=len(order))
        probabilities.append(flat.reshape(len(records), len(order))[:, columns])
    return np.concatenate(labels), np.clip(np.concatenate(probabilities), 0.0, 1.0)


def regressions(answers: Iterable[Answer]) -> FloatArray:
    """Predicted numbers (rows,)."""
    parts = [
        numbers([record[0] for record in _records(answer, 1)], where="The endpoint's answer", first=answer.body.first)
        for answer in answers
    ]
    return np.concatenate(parts)


def predictions(
    answers: Iterable[Answer],
    actual: Any,
    schema: Schema,
    order: Sequence[str] | None,
) -> Predictions:
    """What one endpoint said, in the terms of the candidate's `schema`; `actual` as of `actual_values`."""
    if schema["task"] == "regression":
        return Predictions("regression", actual, regressions(answers))
    classes = classes_of(schema)
    predicted, probability = classifications(answers, classes, order or classes)
    return Predictions(schema["task"], actual, predicted, probability, positive_of(schema))


def actual_values(words: Sequence[str], schema: Schema) -> Any:
    """The target column as positions in the classes, or as numbers."""
    if schema["task"] == "regression":
        return numbers(words, where="test.csv", first=2)
    return class_positions(words, classes_of(schema), where="test.csv", first=2)


def _records(answer: Answer, width: int) -> list[list[str]]:
    records = [record for record in csv.reader(io.StringIO(answer.text, newline="")) if record]
    if len(records) != answer.body.rows:
        raise UnreadableAnswerError(
            f"The endpoint answered {len(records):,} lines for {answer.body.rows:,} rows "
            f"(test.csv from row {answer.body.first:,} on)."
        )
    for row, record in enumerate(records, answer.body.first):
        if len(record) != width:
            raise UnreadableAnswerError(
                f"The endpoint answered {len(record)} fields for row {row:,} of test.csv, where {width} are due."
            )
    return records
