"""The runtime's executor, as `chalicelib.runtime.runtime` makes them, over clients of the caller's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.aws.alarms import Alarms
from chalicelib.aws.autoscaling import AutoScaling
from chalicelib.aws.figures import Figures
from chalicelib.aws.logs import Logs
from chalicelib.aws.objects import Objects
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.aws.store import Store
from chalicelib.aws.tagged import Tags
from chalicelib.aws.topic import Topic
from chalicelib.deployment import DeploymentSettings
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.outbox import Outbox


def executor(deployment: DeploymentSettings, client: Callable[[str], Any]) -> Executor:
    """The real adapters. `client` gives the client of a service, by boto3's name."""
    store = Store(client("dynamodb"), deployment.table)
    return Executor(
        deployment,
        store,
        Objects(client("s3"), deployment.bucket),
        SageMaker(client("sagemaker"), deployment.prefix),
        Outbox(store, Topic(client("sns"), deployment.topic_arn)),
        Alarms(client("cloudwatch")),
        Tags(client("resourcegroupstaggingapi"), deployment.prefix),
        Logs(lambda: client("logs")),
        Figures(client("cloudwatch")),
        AutoScaling(lambda: client("application-autoscaling")),
    )
