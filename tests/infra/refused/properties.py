"""What each service takes of a single resource, from the API that CloudFormation calls for it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

Json = Any
_TAG = re.compile(r"[\w\s.:/=+\-@]*")
# configuration-envvars.html: "Reserved environment variables" and "Environment variables ... key".
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
_RESERVED = {
    *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
    *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
    *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API"),
    *("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
}
_METRIC_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")  # MetricDataQuery, Id
_OF_ONE_METRIC = {"MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"}
_DAY, _WEEK = 86_400, 604_800


def refusals(kind: str, given: dict[str, Json]) -> Iterator[str]:
    """What is wrong with one resource."""
    yield from _tags(given.get("Tags", []))
    if kind in _RULES:
        yield from _RULES[kind](given)


def _tags(tags: Json) -> Iterator[str]:
    """tagging.html, "Tag naming limits and requirements". SAM gives some resources' tags as a map."""
    pairs = list(tags.items()) if isinstance(tags, dict) else [(one["Key"], one["Value"]) for one in tags]
    if len(pairs) > 50:
        yield "more than 50 tags"
    if len({key for key, _ in pairs}) != len(pairs):
        yield "two tags have one key"
    for key, value in pairs:
        if not 1 <= len(key) <= 128 or len(value) > 256:
            yield f"the tag {key} is too long"
        if key.lower().startswith("aws:"):
            yield f"the tag {key}: aws: is AWS's own"
        if not _TAG.fullmatch(key) or not _TAG.fullmatch(value):
            yield f"the tag {key} has other characters than letters, digits, spaces and _.:/=+-@"


def _function(given: dict[str, Json]) -> Iterator[str]:
    variables = given.get("Environment", {}).get("Variables", {})
    for name in variables:
        if not _VARIABLE.fullmatch(name) or name in _RESERVED:
            yield f"the variable {name} is reserved, or no name"
    if len(json.dumps(variables, separators=(",", ":")).encode()) > 4_096:
        yield "the environment has more than 4 KB"
    if len(given.get("Description", "")) > 256:
        yield "Description is too long"
    if not 1 <= given.get("Timeout", 3) <= 900:
        yield "Timeout must be 1 to 900 seconds"


def _alarm(given: dict[str, Json]) -> Iterator[str]:
    """PutMetricAlarm."""
    if not 1 <= len(given.get("AlarmName", "x")) <= 255:
        yield "AlarmName has at most 255 characters"
    if len(given.get("AlarmDescription", "")) > 1_024:
        yield "AlarmDescription has at most 1,024 characters"
    for actions in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        if len(given.get(actions, [])) > 5:
            yield f"{actions}: at most five"
    if "Metrics" in given:
        yield from _math(given)
    elif ("Statistic" in given) == ("ExtendedStatistic" in given):
        yield "one of Statistic and ExtendedStatistic is needed"
    yield from _periods(given)


def _periods(given: dict[str, Json]) -> Iterator[str]:
    periods = [given["Period"]] if "Period" in given else []
    periods += [one["MetricStat"]["Period"] for one in given.get("Metrics", []) if "MetricStat" in one]
    for period in periods:
        if period not in {10, 20, 30} and (period <= 0 or period % 60):
            yield f"Period {period} is none: 10, 20, 30 or a multiple of 60 seconds"
        elif period * given["EvaluationPeriods"] > (_WEEK if period >= 3_600 else _DAY):
            yield "the periods are longer than a day (a week for periods of an hour and more)"
    if given.get("DatapointsToAlarm", 1) > given["EvaluationPeriods"]:
        yield "DatapointsToAlarm is more than EvaluationPeriods"


def _math(given: dict[str, Json]) -> Iterator[str]:
    """PutMetricAlarm, Metrics; "Create an alarm based on a math expression" (at most ten metrics, no SEARCH)."""
    metrics = given["Metrics"]
    if _OF_ONE_METRIC & given.keys():
        yield f"beside Metrics there must be no {', '.join(sorted(_OF_ONE_METRIC & given.keys()))}"
    if sum("MetricStat" in one for one in metrics) > 10:
        yield "more than ten metrics"
    if sum(one.get("ReturnData", True) for one in metrics) != 1:
        yield "exactly one of Metrics must return data"
    ids = [one["Id"] for one in metrics]
    if len(set(ids)) != len(ids) or not all(map(_METRIC_ID.fullmatch, ids)):
        yield "an Id begins with a small letter and stands once"
    for one in metrics:
        if ("Expression" in one) == ("MetricStat" in one):
            yield f"{one['Id']}: one of Expression and MetricStat is needed"
        if "SEARCH(" in one.get("Expression", ""):
            yield f"{one['Id']}: an alarm cannot search"


def _dashboard(given: dict[str, Json]) -> Iterator[str]:
    """PutDashboard, and "CloudWatch service quotas": 500 metrics a widget, 2,500 a dashboard."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", given["DashboardName"]):
        yield "DashboardName has letters, digits, - and _ only"
    try:
        widgets = json.loads(given["DashboardBody"])["widgets"]
    except (ValueError, KeyError, TypeError):
        yield "DashboardBody is no JSON with widgets"
        return
    counts = [len(one.get("properties", {}).get("metrics", [])) for one in widgets]
    if len(widgets) > 500 or max(counts, default=0) > 500 or sum(counts) > 2_500:
        yield "too many widgets or metrics"
    for one in widgets:  # "Dashboard body structure and syntax": a grid of 24 columns
        if not (1 <= one["width"] <= 24 and 0 <= one["x"] <= 23 and 1 <= one["height"] <= 1_000):
            yield "a widget stands beside the grid"


def _table(given: dict[str, Json]) -> Iterator[str]:
    """CreateTable: "Number of attributes in KeySchema does not exactly match number of attributes defined"."""
    indexes = [*given.get("GlobalSecondaryIndexes", []), *given.get("LocalSecondaryIndexes", [])]
    keys = {key["AttributeName"] for schema in (given, *indexes) for key in schema["KeySchema"]}
    if {one["AttributeName"] for one in given["AttributeDefinitions"]} != keys:
        yield "AttributeDefinitions must name the attributes of the keys, and no other"
    if len(given.get("GlobalSecondaryIndexes", [])) > 20:
        yield "more than 20 indexes"


def _bucket(given: dict[str, Json]) -> Iterator[str]:
    """PutBucketLifecycleConfiguration, and "Lifecycle configuration elements"."""
    rules = given.get("LifecycleConfiguration", {}).get("Rules", [])
    ids = Counter(one["Id"] for one in rules if "Id" in one)
    if len(rules) > 1_000 or any(count > 1 or len(name) > 255 for name, count in ids.items()):
        yield "a rule's Id stands once and has at most 255 characters"
    for one in rules:
        if one.get("ExpiredObjectDeleteMarker") and {"ExpirationInDays", "ExpirationDate", "TagFilters"} & one.keys():
            yield f"{one.get('Id')}: ExpiredObjectDeleteMarker stands alone"
        if "AbortIncompleteMultipartUpload" in one and "TagFilters" in one:
            yield f"{one.get('Id')}: AbortIncompleteMultipartUpload takes no tags"
        days = [one.get("ExpirationInDays", 1), one.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 1)]
        if min(days) < 1:
            yield f"{one.get('Id')}: days are at least one"
        begun = max((step.get("TransitionInDays", 0) for step in one.get("Transitions", [])), default=0)
        if begun >= one.get("ExpirationInDays", begun + 1):
            yield f"{one.get('Id')}: it expires before it moves"


def _queue(given: dict[str, Json]) -> Iterator[str]:
    """CreateQueue: attributes and their ranges; a redrive policy needs both of its parts."""
    if not 60 <= given.get("MessageRetentionPeriod", 345_600) <= 1_209_600:
        yield "MessageRetentionPeriod is 60 seconds to 14 days"
    if given.get("SqsManagedSseEnabled") and "KmsMasterKeyId" in given:
        yield "a queue is encrypted with SQS's key or with one of KMS, not with both"
    redrive = given.get("RedrivePolicy", {"deadLetterTargetArn": "", "maxReceiveCount": 1})
    if redrive.keys() != {"deadLetterTargetArn", "maxReceiveCount"} or not 1 <= int(redrive["maxReceiveCount"]) <= 1000:
        yield "RedrivePolicy needs deadLetterTargetArn and maxReceiveCount (1 to 1,000)"


def _topic(given: dict[str, Json]) -> Iterator[str]:
    """CreateTopic: "DisplayName ... up to 100 characters"."""
    if len(given.get("DisplayName", "")) > 100:
        yield "DisplayName has at most 100 characters"


_RULES: dict[str, Callable[[dict[str, Json]], Iterator[str]]] = {
    "AWS::Lambda::Function": _function,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
    "AWS::SNS::Topic": _topic,
}
