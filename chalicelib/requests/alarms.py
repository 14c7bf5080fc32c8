"""Alarms on a live endpoint, made at its promotion: CloudFormation cannot know which endpoints there will be.

And those on a new model while it takes over (`rollouts.py`), which are gone with the roll-out. They look at the new
fleet alone, by its configuration: what the old one does is no reason to keep it. Missing data leaves them as they are,
because the new fleet has none any more as soon as it is taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import names
from chalicelib.deployment import DeploymentSettings
from chalicelib.requests.endpoints import VARIANT
from chalicelib.requests.tags import of_dataset

_SLOW = 1_000_000
"""Microseconds, in which SageMaker counts: an answer that takes its containers longer is slow."""
_PERIOD = 300
_ENOUGH = 60
"""Requests in a period. A twentieth of fewer is one or two, and the slowest two of a handful say nothing."""
_LASTING = 6
"""Periods one after the other. An evaluation asks a live endpoint, too, in blocks of up to a thousand rows, which may
take longer than a second, and no metric tells its requests from callers'. It is over by then, unless a file has about a
million rows and more."""


_AT_ROLLOUT = ("5xx", "latency", "refused")
_MINUTE = 60
_MANY = 60
"""Requests in a minute. A file that is evaluated asks four at a time: with answers as slow as that it asks fewer."""
_TOO_SLOW = 5_000_000
"""Microseconds."""
_SOME = 5
"""Requests in a minute, of which half are refused: fewer may be one caller's mistake."""


def names_at_rollout(config: str, deployment: DeploymentSettings) -> list[str]:
    """The alarms on the fleet of this configuration, while it takes over."""
    return [f"{deployment.prefix}-{config}_{what}" for what in _AT_ROLLOUT]


def at_rollout(dataset: str, config: str, deployment: DeploymentSettings) -> list[dict[str, Any]]:
    """PutMetricAlarm for the fleet of this configuration: it fails, is slow, or refuses what callers send."""
    of_fleet = [*_dimensions(names.live_endpoint(deployment.prefix, dataset)), _dimension("EndpointConfigName", config)]
    failing, slow, refusing = names_at_rollout(config, deployment)
    shared = {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "ignore",
        "Tags": of_dataset(dataset, deployment),
    }
    return [
        {
            "AlarmName": failing,
            "AlarmDescription": "The new model answers requests with errors of its own.",
            "Namespace": "AWS/SageMaker",
            "MetricName": "Invocation5XXErrors",
            "Dimensions": of_fleet,
            "Statistic": "Sum",
            "Period": _MINUTE,
            "Threshold": 1,
            # One failing request may be that request's fault; in two of five minutes it is the model's.
            "EvaluationPeriods": 5,
            "DatapointsToAlarm": 2,
            **shared,
        },
        {
            "AlarmName": slow,
            "AlarmDescription": (
                f"Half of the new model's answers take longer than five seconds, for three minutes of at least {_MANY} "
                "requests each."
            ),
            "Metrics": [
                _judged("the latency's median where there are requests", f"IF(requests >= {_MANY}, slow, 0)"),
                _metric("requests", "Invocations", "Sum", of_fleet, _MINUTE),
                _metric("slow", "ModelLatency", "p50", of_fleet, _MINUTE),
            ],
            "Threshold": _TOO_SLOW,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 3,
            **shared,
        },
        {
            "AlarmName": refusing,
            "AlarmDescription": "The new model refuses half of the rows that callers send, in two of three minutes.",
            "Metrics": [
                _judged("share of refused requests", f"IF(requests >= {_SOME}, refused / requests, 0)"),
                _metric("requests", "Invocations", "Sum", of_fleet, _MINUTE),
                _metric("refused", "Invocation4XXErrors", "Sum", of_fleet, _MINUTE),
            ],
            "Threshold": 0.5,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            **shared,
        },
    ]


def of_live_endpoint(dataset: str, deployment: DeploymentSettings) -> list[dict[str, Any]]:
    """PutMetricAlarm for failing and for slow answers, told to the topic when they begin and when they are over."""
    endpoint = names.live_endpoint(deployment.prefix, dataset)
    return [
        {
            "AlarmName": f"{endpoint}-5xx",
            "AlarmDescription": f"The endpoint {endpoint} answers requests with errors of its own. See its log.",
            "Namespace": "AWS/SageMaker",
            "MetricName": "Invocation5XXErrors",
            "Dimensions": _dimensions(endpoint),
            "Statistic": "Sum",
            "Period": _PERIOD,
            "Threshold": 1,
            # One failing request may be that request's fault; in two of three periods it is the endpoint's.
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            **_shared(dataset, deployment),
        },
        {
            "AlarmName": f"{endpoint}-latency",
            "AlarmDescription": (
                f"The slowest 5 % of the answers of {endpoint} take longer than a second, for half an hour "
                f"of at least {_ENOUGH} requests each five minutes."
            ),
            "Metrics": [
                # Without requests there are no figures at all, and nothing is judged.
                _judged(
                    f"p95 of the latency where there are {_ENOUGH} requests", f"IF(requests >= {_ENOUGH}, slow, 0)"
                ),
                _metric("requests", "Invocations", "Sum", _dimensions(endpoint), _PERIOD),
                _metric("slow", "ModelLatency", "p95", _dimensions(endpoint), _PERIOD),
            ],
            "Threshold": _SLOW,
            "EvaluationPeriods": _LASTING,
            "DatapointsToAlarm": _LASTING,
            **_shared(dataset, deployment),
        },
    ]


def _judged(label: str, expression: str) -> dict[str, Any]:
    return {"Id": "judged", "Label": label, "Expression": expression, "ReturnData": True}


def _metric(
    name: str, metric: str, statistic: str, dimensions: Sequence[Mapping[str, str]], period: int
) -> dict[str, Any]:
    measured = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": [*dimensions]}
    return {"Id": name, "ReturnData": False, "MetricStat": {"Metric": measured, "Period": period, "Stat": statistic}}


def _dimensions(endpoint: str) -> list[dict[str, str]]:
    return [_dimension("EndpointName", endpoint), _dimension("VariantName", VARIANT)]


def _dimension(name: str, value: str) -> dict[str, str]:
    return {"Name": name, "Value": value}


def _shared(dataset: str, deployment: DeploymentSettings) -> dict[str, Any]:
    return {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [deployment.topic_arn],
        "OKActions": [deployment.topic_arn],
        "Tags": of_dataset(dataset, deployment),
    }
