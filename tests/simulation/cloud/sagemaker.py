"""SageMaker's client: its parts under one name, as boto3 has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.simulation.cloud.endpoints import Endpoints
from tests.simulation.cloud.jobs import Jobs
from tests.simulation.cloud.registry import Registry
from tests.simulation.cloud.things import Tags


class SageMaker:
    """One account's SageMaker in one region."""

    def __init__(self, jobs: Jobs, endpoints: Endpoints, registry: Registry, tags: Tags) -> None:
        self._parts = (jobs, endpoints, registry)
        self.list_tags = tags.list_tags

    def __getattr__(self, operation: str) -> Any:
        for part in self._parts:
            if hasattr(part, operation):
                return getattr(part, operation)
        raise AttributeError(f"the simulation's SageMaker knows no {operation}")

    def get_paginator(self, operation: str) -> _Pages:
        return _Pages(getattr(self, operation))


@dataclass(frozen=True)
class _Pages:
    operation: Callable[..., Any]

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        answer = self.operation(**request)
        yield from [answer] if isinstance(answer, dict) else answer
