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


def of_live_endpoint(dataset: str, deployment: DeploymentSettings) -> list[dict[str, Any]]:
    """PutMetricAlarm for failing and for slow answers, told to the topic when they begin and when they are over."""
    endpoint = names.live_endpoint(deployment.prefix, dataset)
    return [
        {
            "AlarmName": f"{endpoint}-5xx",
            "AlarmDescription": f"The endpoint {endpoint} answers requests with errors of its own. See its log.",
            "MetricName": "Invocation5XXErrors",
            "Statistic": "Sum",
            "Threshold": 1,
            # One failing request may be that request's fault; in two of three periods it is the endpoint's.
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            **_shared(endpoint, dataset, deployment),
        },
        {
            "AlarmName": f"{endpoint}-latency",
            "AlarmDescription": f"The slowest 5 % of the answers of {endpoint} take longer than a second.",
            "MetricName": "ModelLatency",
            "ExtendedStatistic": "p95",
            "Threshold": _SLOW,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 3,
            **_shared(endpoint, dataset, deployment),
        },
    ]


def _shared(endpoint: str, dataset: str, deployment: DeploymentSettings) -> dict[str, Any]:
    return {
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}],
        "Period": _PERIOD,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [deployment.topic_arn],
        "OKActions": [deployment.topic_arn],
        "Tags": of_dataset(dataset, deployment),
    }
