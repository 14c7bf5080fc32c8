"""SageMaker's client: its parts under one name, as boto3 has them."""

from __future__ import annotations

from typing import Any

from tests.memory_cloud.endpoints import Endpoints
from tests.memory_cloud.jobs import Jobs
from tests.memory_cloud.model_registry import ModelRegistry
from tests.memory_cloud.pages import Paginated
from tests.memory_cloud.things import Tags


class SageMaker(Paginated):
    """One account's SageMaker in one region."""

    def __init__(self, jobs: Jobs, endpoints: Endpoints, registry: ModelRegistry, tags: Tags) -> None:
        self._parts = (jobs, endpoints, registry)
        self.list_tags = tags.list_tags

    def __getattr__(self, operation: str) -> Any:
        for part in self._parts:
            if hasattr(part, operation):
                return getattr(part, operation)
        raise AttributeError(f"SageMaker in memory knows no {operation}")
