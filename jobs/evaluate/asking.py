"""What every evaluation through an endpoint needs around the pure parts: the client, the asking, predictions.csv."""

import csv
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from jobs.algorithms import BUILT_IN, ImportanceError, Registry
from jobs.documents.evaluation import Gain
from jobs.evaluate.answers import predictions
from jobs.evaluate.endpoint import IN_FLIGHT, Answer, RuntimeClient, ask
from jobs.evaluate.evaluation import Requests
from jobs.evaluate.importance import importance
from jobs.evaluate.live import request_columns
from jobs.metrics.predictions import Predictions
from jobs.refusals import Warned
from jobs.region import region
from jobs.schema import Schema
from jobs.tables.bodies import FIRST_ROW, request_bodies


def runtime_client() -> RuntimeClient:
    """boto3's client, without its own retries: `endpoint.ask` counts and paces them for all kinds of failure."""
    config = Config(
        connect_timeout=10, read_timeout=70, max_pool_connections=IN_FLIGHT, retries={"total_max_attempts": 1}
    )
    client: RuntimeClient = boto3.client("sagemaker-runtime", region_name=region(), config=config)
    return client


def at_once(mode: str | None) -> int:
    """How many requests an endpoint is asked at a time. A serverless one takes few, and those are its callers'."""
    return 1 if mode == "serverless" else IN_FLIGHT


def s3_client() -> Any:
    """boto3's client, for captured traffic."""
    return boto3.client("s3", region_name=region())


def asked(
    client: RuntimeClient,
    endpoint: str,
    test: Path,
    schema: Schema,
    actual: Any,
    asked_schema: Schema,
    in_flight: int = IN_FLIGHT,
) -> tuple[Predictions, Requests]:
    """One endpoint's predictions for all rows of `test` (a test.csv), in the terms of `schema`; `actual` are its
    target's values, `asked_schema` is the endpoint's own. Raises EndpointError and UnreadableAnswerError."""
    started, answers = time.monotonic(), list[Answer]()
    width = 1 + len(schema["classes"] or ())
    bodies = request_bodies(test, request_columns(asked_schema), numbers_per_row=width)
    for answer in ask(client, endpoint, bodies, in_flight=in_flight):
        answers.append(answer)
        if len(answers) % 50 == 0:
            print(f"{endpoint}: {answer.body.first + answer.body.rows - FIRST_ROW:,} rows answered", flush=True)
    retried = sum(answer.tries - 1 for answer in answers)
    done = Requests(len(answers), retried, len(actual), time.monotonic() - started)
    print(f"{endpoint}: {done.count} requests, {retried} retried, {done.seconds:.1f} s", flush=True)
    return predictions(answers, actual, schema, asked_schema["classes"]), done


def importance_of(archive: Path, schema: Schema, offered: Registry = BUILT_IN) -> tuple[list[Gain], list[Warned]]:
    """What a trained model used by raw column; a sentence instead where its archive does not tell.

    Nothing where prepare encoded no rows: what the model was trained on, its training made.
    """
    if "features" not in schema:
        return [], []
    try:
        return importance(offered.of(schema).gain_by_feature(archive), schema), []
    except (ImportanceError, LookupError) as failure:
        return [], [Warned("importance-unavailable", f"What the model used cannot be told: {failure}")]


def write_predictions(path: Path, answered: Predictions, classes: list[str] | None) -> None:
    """One line a test row: its row number in test.csv (the header is row 1), truth, answer, probabilities."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if classes is None or answered.probability is None:
            writer.writerow(["row", "actual", "predicted"])
            writer.writerows(
                zip(_row_numbers(answered), answered.actual.tolist(), answered.predicted.tolist(), strict=True)
            )
            return
        writer.writerow(["row", "actual", "predicted", *(f"p({name})" for name in classes)])
        for row, actual, predicted, chances in zip(
            _row_numbers(answered), answered.actual, answered.predicted, answered.probability, strict=True
        ):
            writer.writerow([row, classes[int(actual)], classes[int(predicted)], *chances.tolist()])


def _row_numbers(answered: Predictions) -> range:
    return range(FIRST_ROW, FIRST_ROW + answered.rows)
