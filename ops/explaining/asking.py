"""The endpoint that serves a dataset, asked to explain rows.

Its requests are marked as SageRelay's own: rows that a person looks at again are nobody's traffic.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.aws.objects import Objects
from chalicelib.names import RunKeys, StepName
from chalicelib.serving_mode import Mode
from ops import advice, live, records
from ops.explaining.rows import Rows
from ops.target import OpsError, Target

ATTRIBUTES = "explain=true,sagerelay=explain"
ROWS_A_REQUEST = 20
_PLACE = re.compile(r"^row (\d+)")
_TOO_MANY = 413


@dataclass(frozen=True, slots=True)
class Served:
    """What answers: the endpoint, the run whose model it serves, and the columns that it takes, in order."""

    endpoint: str
    run: str
    columns: tuple[str, ...]
    target: str


def served(target: Target, dataset: str) -> Served:
    """What serves a dataset.

    Raises:
        OpsError: nothing that answers single rows; the message says what to do.
    """
    endpoint = names.live_endpoint(target.prefix, dataset)
    config = _configuration(target, endpoint, dataset)
    step = StepName.parse(config["EndpointConfigName"])
    schema = None if step is None else Objects(target.client("s3"), target.bucket).read(RunKeys(step.run).schema)
    if step is None or schema is None:
        raise OpsError(f"What {config['EndpointConfigName']} serves is not known: its run's schema.json is gone.")
    known = json.loads(schema)
    columns = tuple(one["name"] for one in known["columns"] if one["name"] != known["target"])
    return Served(endpoint, step.run, columns, known["target"])


def _configuration(target: Target, endpoint: str, dataset: str) -> Mapping[str, Any]:
    model = None if target.table is None else records.of(target).dataset(dataset).live
    if model is not None and model.mode is Mode.BATCH:
        raise OpsError(
            f"{dataset} has no endpoint that could be asked (mode batch). What its columns are worth stands in the "
            "report; with `endpoint: {mode: serverless}` in relay.yaml the next model answers and explains rows."
        )
    try:
        return live.configuration(target, endpoint, dataset)
    except live.NoEndpointError:
        if model is None:
            raise
        raise OpsError(
            f"The model of {model.run} is live, and there is no endpoint {endpoint}: "
            f"somebody has deleted it. `{advice.ours(f'status {dataset}')}` shows what is known of it; the "
            "next model that goes live has one of that name again."
        ) from None


@dataclass(frozen=True, slots=True)
class Manner:
    """How rows are asked about: the custom attributes of a request, and how many rows it holds at most."""

    attributes: str
    rows: int


EXPLAINED = Manner(ATTRIBUTES, ROWS_A_REQUEST)
PREDICTED = Manner("sagerelay=predict", 500)


def ask(runtime: Any, endpoint: str, rows: Rows, manner: Manner = EXPLAINED) -> Iterator[Mapping[str, Any]]:
    """The endpoint's answer to each row, in order. `runtime`: a boto3 sagemaker-runtime client.

    A request that holds more rows than the model explains at a time is sent again in halves.

    Raises:
        OpsError: it refuses a row, or answers otherwise than it should.
    """
    first, size = 0, manner.rows
    while first < len(rows.rows):
        count = min(size, len(rows.rows) - first)
        try:
            answer = runtime.invoke_endpoint(
                EndpointName=endpoint,
                Body=rows.body(first, count).encode(),
                ContentType="text/csv",
                Accept="application/jsonlines",
                CustomAttributes=manner.attributes,
            )
        except ClientError as error:
            if error.response.get("OriginalStatusCode") == _TOO_MANY and count > 1:
                size = count // 2
                continue
            if error.response["Error"]["Code"] != "ModelError":
                raise
            raise OpsError(_refused(error, first)) from error
        found = _answers(answer["Body"].read().decode(), count, endpoint)
        yield from found
        first += count


def _answers(text: str, count: int, endpoint: str) -> list[Mapping[str, Any]]:
    try:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        found = []
    if len(found) != count or not all(isinstance(one, dict) for one in found):
        raise OpsError(f"{endpoint} did not answer {count} rows by as many JSON objects: it is no endpoint of ours.")
    return found


def _refused(error: ClientError, first: int) -> str:
    """What the endpoint says of a row, counted in the file.

    >>> said = {"Error": {"Code": "ModelError"}, "OriginalMessage": '{"error": "row 2: has 3 cells"}'}
    >>> _refused(ClientError(said, "InvokeEndpoint"), 20)
    'row 22: has 3 cells'
    """
    text = str(error.response.get("OriginalMessage") or error)
    with contextlib.suppress(ValueError, KeyError, TypeError):
        text = str(json.loads(text)["error"])
    return _PLACE.sub(lambda found: f"row {int(found[1]) + first:,}", text)
