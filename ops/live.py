"""The model that serves a dataset now, with the held-out rows of its run: what synthetic traffic is made from.

Read through the endpoint and the run's own files, as anybody with the bucket could; the relay's table is not asked, so
that what is said about the live model is what really serves.
"""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.contract.metrics import ALL
from chalicelib.names import DatasetKeys, RunKeys, StepName
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from ops import advice, baselines
from ops.baselines import Clock
from ops.target import OpsError, Target

_LEAST_SKILL = (
    ("auc", 0.7, "tells the classes apart"),
    ("auc_macro", 0.7, "tells the classes apart"),
    ("r2", 0.1, "follows the target"),
)
_HALVES = 2 * math.sqrt(2 / math.pi)
"""Standard deviations that lie between the means of the two halves of what is normal."""
_ABSENT = {"NoSuchKey", "404", "ValidationException"}


class NoEndpointError(OpsError):
    """There is no endpoint of that name."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the user's file as the model sees it; `kind` as in schema.json."""

    name: str
    kind: str
    used: bool
    integer: bool = False
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Rows that the model never saw: cells as text in the order of `columns`, the target among them; "" is missing."""

    columns: tuple[Column, ...]
    target: str
    task: str
    rows: tuple[tuple[str, ...], ...]
    importance: Mapping[str, float]
    """Share of the model's gain by column; a column that is not used at all is not in it."""
    unlike_training: str | None = None
    """Why these rows may truly differ from what the monitor compares with, or None."""
    weak: str | None = None
    """Why the model's answers hardly follow the target, or None."""
    separation: float | None = None
    """How far apart the answers for the two sides of the target are, at the least: the largest difference of their
    cumulative shares. None where nobody knows."""
    reached: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By column and aspect, the highest score that blocks of the training period's own rows have; empty where no order
    of time is known."""
    many_valued: tuple[str, ...] | None = None
    """The columns by which a check recognises rows that came again; None: it does not look for them."""
    clock: Clock | None = None
    """What says which hour and weekday a row is of, where a check knows the training rows by these."""

    def place(self, column: str) -> int:
        """Where a column stands in a row."""
        return next(index for index, one in enumerate(self.columns) if one.name == column)


@dataclass(frozen=True, slots=True)
class Capture:
    """Where the endpoint's captured traffic lies, and what share of the requests, in percent."""

    prefix: str
    percentage: int


@dataclass(frozen=True, slots=True)
class LiveModel:
    """What serves a dataset."""

    endpoint: str
    run: str
    capture: Capture
    held_out: HeldOut
    min_rows: int
    """Rows below which a check gives no verdict."""


def read(target: Target, dataset: str) -> LiveModel:
    """The live model of a dataset.

    Raises:
        OpsError: there is none, or a drill cannot be made with it.
    """
    endpoint = names.live_endpoint(target.prefix, dataset)
    config = configuration(target, endpoint, dataset)
    step = StepName.parse(config["EndpointConfigName"])
    if step is None:
        raise OpsError(
            f"{endpoint} has the configuration {config['EndpointConfigName']}, which is none of SageRelay's."
        )
    capture = _capture(config, endpoint)
    return LiveModel(endpoint, step.run, capture, _held_out(target, step.run), _min_rows(target, dataset))


def ensure_monitored(target: Target, dataset: str) -> None:
    """Nothing, where a check has something to look at: a live endpoint that captures its traffic.

    Raises:
        OpsError: there is none. Said before anything is asked, since the monitor answers such a wish by silence.
    """
    endpoint = names.live_endpoint(target.prefix, dataset)
    _capture(configuration(target, endpoint, dataset), endpoint)


def _min_rows(target: Target, dataset: str) -> int:
    """relay.yaml's `monitoring.min_rows` as it is now: the monitor's settings are newer than the run's."""
    try:
        settings = read_settings(_read(target, DatasetKeys(dataset).settings))
    except (OpsError, SettingsError):  # none, or one whose mistakes a mail has told: the defaults hold
        settings = read_settings(None)
    return settings.monitoring.min_rows


def configuration(target: Target, endpoint: str, dataset: str) -> Mapping[str, Any]:
    """What a live endpoint serves, as SageMaker describes its configuration.

    Raises:
        OpsError: there is none, or it does not answer now.
    """
    sagemaker = target.client("sagemaker")
    try:
        described = sagemaker.describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise
        raise NoEndpointError(
            f'"{dataset}" has no live model: there is no endpoint {endpoint}. `{advice.ours("status")}` shows the '
            "datasets and what serves them."
        ) from error
    if described["EndpointStatus"] not in {"InService", "Updating"}:
        raise OpsError(f"The endpoint {endpoint} is {described['EndpointStatus']}, so it answers no requests.")
    config: Mapping[str, Any] = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
    return config


def _capture(config: Mapping[str, Any], endpoint: str) -> Capture:
    asked = config.get("DataCaptureConfig") or {}
    percentage = int(asked.get("InitialSamplingPercentage", 0)) if asked.get("EnableCapture", False) else 0
    if not percentage:
        raise OpsError(
            f"{endpoint} captures no traffic: nothing can be monitored. Set endpoint.capture_percentage in relay.yaml "
            "to more than 0; the next promoted model captures."
        )
    below_bucket = asked["DestinationS3Uri"].removeprefix("s3://").partition("/")[2].strip("/")
    variant = config["ProductionVariants"][0]["VariantName"]
    return Capture("/".join(part for part in (below_bucket, endpoint, variant) if part) + "/", percentage)


def _held_out(target: Target, run: str) -> HeldOut:
    keys = RunKeys(run)
    schema = _json(target, keys.schema)
    evaluation = _json(target, keys.evaluation_json, default={}).get("sagerelay", {})
    baseline = _json(target, f"{keys.prepared}/baseline.json", default={})
    columns = tuple(
        Column(
            name=one["name"],
            kind=one["kind"],
            used=bool(one.get("used")),
            integer=bool(one.get("integer")),
            categories=frozenset(one.get("categories") or ()),
        )
        for one in schema["columns"]
    )
    return HeldOut(
        columns=columns,
        target=schema["target"],
        task=schema["task"],
        rows=_rows(_read(target, f"{keys.prepared}/test/test.csv"), columns, run),
        importance={one["column"]: one["gain"] for one in evaluation.get("importance", [])},
        unlike_training=unlike_training(schema, baseline),
        weak=weakness(evaluation.get("metrics", {})),
        separation=separation(evaluation.get("metrics", {})),
        reached=baselines.reached(baseline),
        many_valued=baselines.many_valued(baseline),
        clock=baselines.clock(schema, baseline),
    )


def unlike_training(schema: Mapping[str, Any], baseline: Mapping[str, Any]) -> str | None:
    """Why a model's held-out rows may truly differ from its baseline, or None where they are drawn alike."""
    how = schema.get("split", {}).get("how")
    if how == "time":
        return "the held-out rows are the newest ones (split by time)"
    if how == "group":
        return "the held-out rows are other groups (split by group)"
    if baseline.get("of") == "traffic":
        return "the baseline is captured traffic, the held-out rows are of the uploaded files too"
    return None


def weakness(metrics: Mapping[str, Any]) -> str | None:
    """Why answers hardly follow the target, from the evaluation at promotion; None where they do, or nobody knows.

    >>> weakness({"auc": {"value": 0.61}})
    'the model hardly tells the classes apart (ROC AUC 0.6100)'
    """
    for name, least, what in _LEAST_SKILL:
        metric, value = ALL[name], (metrics.get(name) or {}).get("value")
        if value is not None and value < least:
            return f"the model hardly {what} ({metric.title} {metric.number(value)})"
        if value is None and name in metrics:
            return f"whether the model {what} could not be measured ({metric.title})"
    return None


def separation(metrics: Mapping[str, Any]) -> float | None:
    """The largest difference of the cumulative shares of answers, of one class and of the others, or of the upper and
    the lower half of the target, from the low ends of the figures at promotion; as if answers were normal.

    >>> round(separation({"auc": {"value": 0.74, "low": 0.7}}), 2), round(separation({"r2": {"value": 0.25}}), 2)
    (0.29, 0.31)
    """
    normal = NormalDist()
    for name, _, _ in _LEAST_SKILL:
        measured = metrics.get(name) or {}
        value = measured.get("value") if measured.get("low") is None else measured["low"]
        if value is not None:
            apart = _HALVES * math.sqrt(max(value, 0.0)) if name == "r2" else math.sqrt(2) * _quantile(normal, value)
            return max(0.0, 2 * normal.cdf(apart / 2) - 1)
    return None


def _quantile(normal: NormalDist, share: float) -> float:
    return normal.inv_cdf(min(max(share, 1e-6), 1 - 1e-6))


def _rows(text: bytes, columns: tuple[Column, ...], run: str) -> tuple[tuple[str, ...], ...]:
    csv.field_size_limit(sys.maxsize)  # a person may have put a whole document into one field
    reader = csv.reader(io.StringIO(text.decode("utf-8"), newline=""))
    header = next(reader, [])
    if header != [column.name for column in columns]:
        raise OpsError(f"runs/{run}/prepared/test/test.csv does not have the columns of schema.json in their order.")
    return tuple(tuple(row) for row in reader if row)


def _json(target: Target, key: str, default: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    try:
        document: Mapping[str, Any] = json.loads(_read(target, key))
    except OpsError:
        if default is None:
            raise
        return default
    return document


def _read(target: Target, key: str) -> bytes:
    try:
        body: bytes = target.client("s3").get_object(Bucket=target.bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        raise OpsError(f"s3://{target.bucket}/{key} is missing; the model cannot be drilled without it.") from error
    return body
