"""Answers that a batch transform left: a file for each request body, as an endpoint would have answered it.

The bodies were written by prepare (`jobs.tables.bodies.write_bodies`), and are made here once more to know which rows
a file is about.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from jobs.evaluate.answers import predictions
from jobs.evaluate.endpoint import Answer, EndpointError
from jobs.evaluate.evaluation import Requests
from jobs.evaluate.live import request_columns
from jobs.metrics.predictions import Predictions
from jobs.schema import Schema
from jobs.tables.bodies import body_name, request_bodies


def outputs(folder: Path) -> dict[str, Path]:
    """What a transform left, by the name of the request's file. SageMaker keeps the path below the prefix that it was
    given; which part of it, it does not say."""
    return {path.name.removesuffix(".out"): path for path in folder.rglob("*.out")}


def transformed(
    answers: Path, test: Path, schema: Schema, actual: Any, asked_schema: Schema
) -> tuple[Predictions, Requests]:
    """A model's predictions for all rows of `test` (a test.csv), in the terms of `schema`; `answers` is the folder of
    the transform's files, `asked_schema` the model's own. Raises EndpointError where one is missing, and
    UnreadableAnswerError."""
    started, found, there = time.monotonic(), list[Answer](), outputs(answers)
    width = 1 + len(schema["classes"] or ())
    for number, body in enumerate(request_bodies(test, request_columns(asked_schema), numbers_per_row=width)):
        path = there.get(body_name(number))
        if path is None:
            rows = f"rows {body.first:,} to {body.first + body.rows - 1:,} of test.csv"
            raise EndpointError(f"The batch transform left no answer for {rows}.")
        found.append(Answer(body, path.read_text(encoding="utf-8"), 1))
    done = Requests(len(found), 0, len(actual), time.monotonic() - started)
    print(f"{done.count} answers of a batch transform read, {done.seconds:.1f} s", flush=True)
    return predictions(found, actual, schema, asked_schema["classes"]), done
