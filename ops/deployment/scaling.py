"""An endpoint that goes is scaled no more, and nothing of its autoscaling is left: its alarms carry no tag of ours."""

from __future__ import annotations

from botocore.exceptions import ClientError

from chalicelib.names import StepName
from chalicelib.requests import scaling
from ops.target import Clients


def end(client: Clients, endpoint: str) -> None:
    """Deregister an endpoint, and delete the alarms that would stay; one that was never scaled has neither.

    Raises:
        ClientError: one may not.
    """
    if StepName.parse(endpoint) is not None:
        return  # a candidate's
    try:
        client("application-autoscaling").deregister_scalable_target(**scaling.of(endpoint))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ObjectNotFoundException":
            raise
    cloudwatch = client("cloudwatch")
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"TargetTracking-endpoint/{endpoint}/")
    if names := [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]:
        cloudwatch.delete_alarms(AlarmNames=names)
