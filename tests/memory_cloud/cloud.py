"""The account: every service that SageRelay uses, each as a client has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.deployment import DeploymentSettings
from tests.memory_cloud.alarms import Alarms
from tests.memory_cloud.autoscaling import AutoScaling
from tests.memory_cloud.bucket import Bucket
from tests.memory_cloud.endpoints import Change, Endpoints
from tests.memory_cloud.jobs import Ending, Job, Jobs
from tests.memory_cloud.logs import Logs
from tests.memory_cloud.model_registry import ModelRegistry
from tests.memory_cloud.sagemaker import SageMaker
from tests.memory_cloud.surroundings import Surroundings
from tests.memory_cloud.table import Table
from tests.memory_cloud.things import Tags
from tests.memory_cloud.topic import Topic


@dataclass(frozen=True)
class Fate:
    """What becomes of what is made. Unless somebody says otherwise, all ends well and nothing is seen late."""

    decide: Callable[[str, str, dict[str, Any]], Ending] = lambda _kind, _name, _request: Ending("Completed", 60.0)
    """How a job will end, by kind, name and request."""
    leave: Callable[[Job], Ending] = lambda job: job.ending
    """Writes what a job leaves, and says how it ends in the face of what it found."""
    change: Callable[[str], Change] = lambda _name: Change(60.0)
    """What becomes of an endpoint's change."""
    is_unfit: Callable[[str], bool] = lambda _tuning: False
    """Whether a tuning is refused as the parent of another."""
    lag: Callable[[str], float] = lambda _name: 0.0
    """For how many seconds an index does not show a change."""


class MemoryCloud:
    """One account in one region, with what the template makes of a deployment in it."""

    def __init__(self, deployment: DeploymentSettings, around: Surroundings, fate: Fate | None = None) -> None:
        fate = fate or Fate()
        self.table = Table(deployment.table, lambda: around.now, fate.lag)
        self.bucket = Bucket(deployment.bucket, around.clock)
        self.topic = Topic(deployment.topic_arn)
        self.alarms, self.logs = Alarms(), Logs()
        self.tags = Tags(around, fate.lag)
        self.endpoints = Endpoints(around, self.tags, self.alarms, fate.change)
        self.autoscaling = AutoScaling(self.alarms, self.endpoints)
        self.jobs = Jobs(around, self.tags, fate.decide, fate.leave, fate.is_unfit)
        self.registry = ModelRegistry(around, self.tags)
        self.sagemaker = SageMaker(self.jobs, self.endpoints, self.registry, self.tags)
        self.clients: dict[str, Any] = {
            "dynamodb": self.table,
            "s3": self.bucket,
            "sagemaker": self.sagemaker,
            "sns": self.topic,
            "cloudwatch": self.alarms,
            "resourcegroupstaggingapi": self.tags,
            "logs": self.logs,
            "application-autoscaling": self.autoscaling,
        }
        """By boto3's name of the service."""
