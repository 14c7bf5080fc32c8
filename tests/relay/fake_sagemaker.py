"""A SageMaker that remembers what was asked of it and whose steps end when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chalicelib.monitoring.facts import CheckCompleted, CheckFailed
from chalicelib.names import CheckName, Step, StepName
from chalicelib.records.events import JobRecord, StepCompleted, StepFailed
from chalicelib.records.going_back import Seen
from chalicelib.records.handed_over import Trial
from chalicelib.records.orphans import Resource, Tagged
from chalicelib.records.traffic import Standing
from chalicelib.requests import Call
from chalicelib.serving_mode import Mode
from tests.relay.builders import NOW


class FakeSageMaker:
    """Remembers what was asked of it; steps end when the test says so."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.requests: dict[str, dict[str, Any]] = {}
        """Jobs, by name."""
        self.endpoints: dict[str, str] = {}
        self.failed: set[str] = set()
        """Endpoints that serve nobody."""
        self.packages: dict[str, str] = {}
        self.ended: dict[str, StepCompleted | StepFailed] = {}
        self.failed_trials: list[Trial] = []
        """Those of every tuning, beside the one that ended well."""
        self.checked: dict[str, CheckCompleted | CheckFailed] = {}
        self.removed: list[str] = []
        self.things: dict[tuple[Resource, str], tuple[datetime, Tagged]] = {}
        """What carries tags, and since when."""
        self.stands: dict[str, Standing] = {}
        """What endpoints are billed for, as far as a test says so."""
        self.now: Callable[[], datetime] = lambda: NOW

    def ensure(self, call: Call) -> None:
        names = [
            value for key, value in call.arguments.items() if key.endswith(("JobName", "ModelName", "EndpointName"))
        ]
        name = names[0] if names else call.arguments["EndpointConfigName"]
        if f"{call.operation} {name}" not in self.calls:
            self.calls.append(f"{call.operation} {name}")
        if call.operation.endswith("_job"):
            self.requests[name] = call.arguments
        if call.operation in {"create_endpoint", "update_endpoint"}:
            self.endpoints[name] = call.arguments["EndpointConfigName"]
        kind = next((kind for kind in Resource if call.operation == f"create_{kind.replace('-', '_')}"), None)
        if kind:
            tags = {tag["Key"]: tag["Value"] for tag in call.arguments["Tags"]}
            thing = Tagged(kind, name, tags["sagerelay:dataset"], tags.get("sagerelay:run"))
            self.things.setdefault((kind, name), (self.now(), thing))

    def standing(self, endpoint: str) -> list[Standing]:
        return [self.stands[endpoint]] if endpoint in self.stands else []

    def observe(
        self, run: str, _dataset: str, step: Step, attempt: int, _mode: Mode
    ) -> StepCompleted | StepFailed | None:
        return self.ended.get(str(StepName(run, step, attempt)))

    def stop(self, call: Call) -> None:
        """At once."""
        [name] = map(StepName.parse, call.arguments.values())
        assert name
        self.calls.append(f"{call.operation} {name}")
        self.ended[str(name)] = StepFailed(name.step, name.attempt, "stopped", JobRecord(name.step, str(name)))

    def check(self, name: CheckName, *, by_transform: bool) -> CheckCompleted | CheckFailed | None:
        assert by_transform == (f"create_transform_job {name}" in self.calls)
        return self.checked.get(str(name))

    def check_seconds(self, name: str) -> int | None:
        return 120 if name in {str(one) for one in self.checked} | set(self.ended) else None

    def trials(self, _tuning_job: str) -> tuple[str, list[Trial]]:
        trial: Trial = {
            "name": "t-001",
            "status": "Completed",
            "hyperparameters": {"eta": "0.2"},
            "objective": 0.9,
            "seconds": None,
            "billable_seconds": None,
            "started": None,
            "ended": None,
            "failure_reason": None,
        }
        return "t-001", [trial, *self.failed_trials]

    def register(self, _group: dict[str, Any], package: dict[str, Any]) -> None:
        self.packages[package["CustomerMetadataProperties"]["sagerelay_run"]] = package["ModelApprovalStatus"]

    def approval(self, _group: str, run: str) -> bool | None:
        return {"Approved": True, "Rejected": False}.get(self.packages.get(run, ""))

    def remove(self, kind: Resource, name: str) -> None:
        self.removed.append(name)
        self.things.pop((kind, name), None)
        if kind is Resource.ENDPOINT:
            self.endpoints.pop(name, None)

    def created(self, kind: Resource, name: str) -> datetime | None:
        thing = self.things.get((kind, name))
        return thing and thing[0]

    def used_configs(self, endpoint: str) -> frozenset[str]:
        return frozenset(self.endpoints[name] for name in (endpoint,) if name in self.endpoints)

    def seen(self, endpoint: str) -> Seen | None:
        config = self.endpoints.get(endpoint)
        return Seen("Failed" if endpoint in self.failed else "InService", config, None) if config else None

    def is_deleted(self, endpoint: str) -> bool:
        return endpoint not in self.endpoints

    def has_failed(self, endpoint: str) -> bool:
        return endpoint in self.failed


class FakeTags:
    """The tagging API over the fake SageMaker."""

    def __init__(self, sagemaker: FakeSageMaker) -> None:
        self.sagemaker = sagemaker

    def things(self) -> list[Tagged]:
        return [thing for _, thing in self.sagemaker.things.values()]
