"""Alarms on a live endpoint, made at its promotion: CloudFormation cannot know which endpoints there will be."""

from __future__ import annotations

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
                {
                    "Id": "judged",
                    "Label": f"p95 of the latency where there are {_ENOUGH} requests",
                    # Without requests there are no figures at all, and nothing is judged.
                    "Expression": f"IF(requests >= {_ENOUGH}, slow, 0)",
                    "ReturnData": True,
                },
                _metric("requests", "Invocations", "Sum", endpoint),
                _metric("slow", "ModelLatency", "p95", endpoint),
            ],
            "Threshold": _SLOW,
            "EvaluationPeriods": _LASTING,
            "DatapointsToAlarm": _LASTING,
            **_shared(dataset, deployment),
        },
    ]


def _metric(name: str, metric: str, statistic: str, endpoint: str) -> dict[str, Any]:
    measured = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": _dimensions(endpoint)}
    return {"Id": name, "ReturnData": False, "MetricStat": {"Metric": measured, "Period": _PERIOD, "Stat": statistic}}


def _dimensions(endpoint: str) -> list[dict[str, str]]:
    return [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}]


def _shared(dataset: str, deployment: DeploymentSettings) -> dict[str, Any]:
    return {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [deployment.topic_arn],
        "OKActions": [deployment.topic_arn],
        "Tags": of_dataset(dataset, deployment),
    }
