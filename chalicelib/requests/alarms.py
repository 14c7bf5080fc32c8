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
from chalicelib.records.run import Run
from chalicelib.requests.endpoints import VARIANT
from chalicelib.requests.tags import of_dataset
from chalicelib.serving_mode import Mode

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


def names_of_live_endpoint(dataset: str, deployment: DeploymentSettings) -> list[str]:
    """Every alarm that a live endpoint may have had, in whichever mode."""
    endpoint = names.live_endpoint(deployment.prefix, dataset)
    return [f"{endpoint}-{what}" for what in ("5xx", "latency", "busy")]


def of_live_endpoint(run: Run, deployment: DeploymentSettings) -> list[dict[str, Any]]:
    """PutMetricAlarm for failing and for slow answers, told to the topic when they begin and when they are over.

    A serverless endpoint has a third, on requests that it has no room for. CloudWatch bills an alarm by its metrics: it
    is three in either mode (`costs.month.ALARMS`). No alarm takes a slow start for slow answers: SageMaker counts the
    start of a container as OverheadLatency.
    """
    failing, slow, busy = names_of_live_endpoint(run.dataset, deployment)
    endpoint = names.live_endpoint(deployment.prefix, run.dataset)
    shared = _shared(run.dataset, deployment)
    found = [
        {
            "AlarmName": failing,
            "AlarmDescription": f"The endpoint {endpoint} answers requests with errors of its own. See its log.",
            **_of_one("Invocation5XXErrors", endpoint),
            "Statistic": "Sum",
            "Threshold": 1,
            # One failing request may be that request's fault; in two of three periods it is the endpoint's.
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            **shared,
        }
    ]
    if run.mode is not Mode.SERVERLESS:
        return [*found, {"AlarmName": slow, **_slow(endpoint), **shared}]
    found.append({"AlarmName": slow, **_slow_by_request(endpoint), **shared})
    if run.settings["endpoint"]["max_concurrency"] > 1:  # else any request fills it
        found.append({"AlarmName": busy, **_busy(endpoint), **shared})
    return found


def _slow(endpoint: str) -> dict[str, Any]:
    return {
        "AlarmDescription": (
            f"The slowest 5 % of the answers of {endpoint} take longer than a second, for half an hour "
            f"of at least {_ENOUGH} requests each five minutes."
        ),
        "Metrics": [
            # Without requests there are no figures at all, and nothing is judged.
            _judged(f"p95 of the latency where there are {_ENOUGH} requests", f"IF(requests >= {_ENOUGH}, slow, 0)"),
            _metric("requests", "Invocations", "Sum", _dimensions(endpoint), _PERIOD),
            _metric("slow", "ModelLatency", "p95", _dimensions(endpoint), _PERIOD),
        ],
        "Threshold": _SLOW,
        "EvaluationPeriods": _LASTING,
        "DatapointsToAlarm": _LASTING,
    }


def _slow_by_request(endpoint: str) -> dict[str, Any]:
    """The same with one metric: CloudWatch's own rule leaves percentiles of too few alone, of p95 fewer than 200."""
    return {
        "AlarmDescription": (
            f"The slowest 5 % of the answers of {endpoint} take longer than a second, for half an hour of some 200 "
            "requests and more each five minutes."
        ),
        **_of_one("ModelLatency", endpoint),
        "ExtendedStatistic": "p95",
        "EvaluateLowSampleCountPercentile": "ignore",
        "Threshold": _SLOW,
        "EvaluationPeriods": _LASTING,
        "DatapointsToAlarm": _LASTING,
    }


def _busy(endpoint: str) -> dict[str, Any]:
    """No metric counts requests that are throttled. This is the room they lack: requests at a time, as a share of
    `max_concurrency`. An evaluation asks one at a time."""
    return {
        "AlarmDescription": (
            f"The endpoint {endpoint} has had all the requests at a time that it takes, in each five minutes of a "
            "quarter of an hour: more are refused with ThrottlingException. See endpoint.max_concurrency."
        ),
        **_of_one("ServerlessConcurrentExecutionsUtilization", endpoint),
        "Statistic": "Maximum",
        "Threshold": 1,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 3,
    }


def _of_one(metric: str, endpoint: str) -> dict[str, Any]:
    return {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": _dimensions(endpoint), "Period": _PERIOD}


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
