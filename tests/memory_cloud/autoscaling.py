"""Application Auto Scaling in memory: who is registered, under which policy, with the alarms that go with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.memory_cloud.alarms import Alarms
from tests.memory_cloud.endpoints import Endpoints
from tests.memory_cloud.refusals import invalid, refused

_ALARMS = ("AlarmHigh-1a2b", "AlarmLow-3c4d")


class AutoScaling:
    """The scalable targets of the account, by resource: variants of these endpoints."""

    def __init__(self, alarms: Alarms, endpoints: Endpoints) -> None:
        self._alarms, self._endpoints = alarms, endpoints
        endpoints.on_deleted = self.forget
        self.targets: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.on_registered: Callable[[str], None] = lambda _endpoint: None

    def register_scalable_target(self, ResourceId: str, **request: Any) -> dict[str, Any]:  # noqa: N803
        endpoint = ResourceId.split("/")[1]
        if endpoint not in self._endpoints.endpoints:
            raise invalid(f"Endpoint {endpoint} does not exist")
        self.targets[ResourceId] = request
        self.on_registered(endpoint)
        return {"ScalableTargetARN": ResourceId}

    def put_scaling_policy(self, ResourceId: str, **request: Any) -> dict[str, Any]:  # noqa: N803
        if ResourceId not in self.targets:
            raise refused("ObjectNotFoundException", f"No scalable target registered for {ResourceId}")
        self.policies[ResourceId] = request
        for name in self._named(ResourceId):
            self._alarms.alarms.setdefault(name, {})
        return {"PolicyARN": ResourceId}

    def deregister_scalable_target(self, ResourceId: str, **_request: Any) -> dict[str, Any]:  # noqa: N803
        if ResourceId not in self.targets:
            raise refused("ObjectNotFoundException", f"No scalable target registered for {ResourceId}")
        self.forget(ResourceId.split("/")[1])
        return {}

    def is_scaled(self, endpoint: str) -> bool:
        return any(one.split("/")[1] == endpoint for one in self.targets)

    def forget(self, endpoint: str) -> None:
        """What goes with the registration of an endpoint, and with the endpoint itself."""
        for resource in [one for one in self.targets if one.split("/")[1] == endpoint]:
            del self.targets[resource]
            self.policies.pop(resource, None)
            self._alarms.delete_alarms(self._named(resource))

    def _named(self, resource: str) -> list[str]:
        return [f"TargetTracking-{resource}-{one}" for one in _ALARMS]
