"""The log and the metrics of the Lambda functions: structured lines, correlated by run, and EMF counts."""

from __future__ import annotations

from aws_lambda_powertools import Logger, Metrics

log = Logger(service="sagerelay")
metrics = Metrics(namespace="SageRelay", service="sagerelay")


def count(name: str) -> None:
    """Add one to a metric of this invocation."""
    metrics.add_metric(name=name, unit="Count", value=1)
