"""SageMaker's models, configurations and endpoints in memory: busy while they change, gone a while after a deletion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.memory_cloud.alarms import Alarms
from tests.memory_cloud.refusals import invalid
from tests.memory_cloud.serverless import Taking
from tests.memory_cloud.surroundings import Surroundings
from tests.memory_cloud.things import ACCOUNT, Tags, named

_BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


@dataclass(frozen=True)
class Change:
    """What becomes of an endpoint that is created or updated."""

    seconds: float
    reason: str | None = None
    """Why it fails, if it does."""
    says_why: bool = True
    """Whether an update that was rolled back gives a reason (terraform-provider-aws, issue 48997)."""
    stale: float = 0.0
    """For how many seconds nothing of it is seen."""
    serviced: float | None = None
    """How many seconds later AWS itself brings it up to date."""
    rings: int | None = None
    """Which of its alarms rings while an update is watched, if one does."""
    rings_late: bool = False
    """Whether it does so only when nobody watches any more."""


@dataclass
class Endpoint:
    """An endpoint as it is now."""

    name: str
    config: str
    created: datetime
    changed: datetime
    status: str = "Creating"
    pending: str | None = None
    reason: str | None = None
    turn: int = 0
    """Which of its changes this is."""
    seen_from: float = 0.0
    """When its newest change is seen; until then `seen` is, and that is None for one that was not there before."""
    seen: dict[str, Any] | None = None


class Endpoints:
    """Models, configurations, endpoints. `decide` says what becomes of a change."""

    def __init__(self, around: Surroundings, tags: Tags, alarms: Alarms, decide: Callable[[str], Change]) -> None:
        self._around, self._tags, self._alarms, self._decide = around, tags, alarms, decide
        self.models: dict[str, dict[str, Any]] = {}
        self.asked_for: dict[str, dict[str, Any]] = {}
        """Every model there ever was, and the request that made it."""
        self.configs: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.made: list[tuple[str, str]] = []
        """Every configuration that an endpoint was told to serve, in order."""
        self.failures: dict[str, str] = {}
        """By configuration: why no endpoint came to serve it."""
        self.taken_back: dict[str, str] = {}
        """By configuration: the alarm that rang while it took over, the last time that it did."""
        self.on_updated: Callable[[str], None] = lambda _name: None
        self.on_deleted: Callable[[str], None] = lambda _name: None
        self.serverless = Taking()

    # --- models and configurations

    def create_model(self, **request: Any) -> dict[str, Any]:
        self.asked_for.setdefault(request["ModelName"], request)
        return self._create(self.models, "model", request["ModelName"], request)

    def create_endpoint_config(self, **request: Any) -> dict[str, Any]:
        for variant in request["ProductionVariants"]:
            if variant["ModelName"] not in self.models:
                raise invalid(f'Could not find model "{variant["ModelName"]}".')
        self.serverless.configure(request)
        return self._create(self.configs, "endpoint-config", request["EndpointConfigName"], request)

    def describe_model(self, ModelName: str) -> dict[str, Any]:  # noqa: N803
        return self._found(self.models, "model", ModelName)

    def describe_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:  # noqa: N803
        return self._found(self.configs, "endpoint configuration", EndpointConfigName)

    def delete_model(self, ModelName: str) -> dict[str, Any]:  # noqa: N803
        return self._delete(self.models, "model", ModelName)

    def delete_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:  # noqa: N803
        return self._delete(self.configs, "endpoint-config", EndpointConfigName)

    # --- endpoints

    def create_endpoint(self, EndpointName: str, EndpointConfigName: str, **more: Any) -> dict[str, Any]:  # noqa: N803
        named(EndpointName)
        if EndpointName in self.endpoints:
            raise invalid(f'Cannot create already existing endpoint "{_arn("endpoint", EndpointName)}".')
        self._is_there(EndpointConfigName)
        self.serverless.admit(self.configs[EndpointConfigName])
        now = self._around.clock()
        endpoint = self.endpoints[EndpointName] = Endpoint(EndpointName, EndpointConfigName, now, now)
        self._tags.put(_arn("endpoint", EndpointName), more["Tags"])
        self._change(endpoint, EndpointConfigName)
        return {"EndpointArn": _arn("endpoint", EndpointName)}

    def update_endpoint(
        self,
        EndpointName: str,  # noqa: N803
        EndpointConfigName: str,  # noqa: N803
        DeploymentConfig: dict[str, Any] | None = None,  # noqa: N803
        **_retained: Any,
    ) -> dict[str, Any]:
        endpoint = self._endpoint(EndpointName)
        if endpoint.status != "InService":
            raise invalid(f'Cannot update in-progress endpoint "{EndpointName}".')
        self._is_there(EndpointConfigName)
        if endpoint.config == EndpointConfigName:
            raise invalid("Cannot update an endpoint with the configuration it has")
        before = self.configs.get(endpoint.config, {})
        self.serverless.change(before, self.configs[EndpointConfigName], DeploymentConfig)
        watched = _watched(DeploymentConfig)
        for alarm in watched:
            if alarm not in self._alarms.alarms:
                raise invalid(f"Could not find alarm {alarm}")
        self.on_updated(EndpointName)
        endpoint.seen = _shown(endpoint)
        endpoint.status, endpoint.pending, endpoint.reason = "Updating", EndpointConfigName, None
        self._change(endpoint, EndpointConfigName, DeploymentConfig)
        return {"EndpointArn": _arn("endpoint", EndpointName)}

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        endpoint = self._endpoint(EndpointName)
        if self._around.now >= endpoint.seen_from:
            return _shown(endpoint)
        endpoint.seen_from = self._around.now  # one look late, and not two: whoever looks twice is not misled
        if endpoint.seen is None:
            raise invalid(f'Could not find endpoint "{_arn("endpoint", EndpointName)}".')
        return {**endpoint.seen}

    def delete_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        endpoint = self._endpoint(EndpointName)
        if endpoint.status in _BUSY:
            raise invalid(f'Cannot update in-progress endpoint "{EndpointName}".')
        endpoint.status = "Deleting"
        self.on_deleted(EndpointName)
        self._around.tell(f"SageMaker: endpoint {EndpointName} is being deleted")
        self._around.later(90.0, lambda: self._gone(endpoint))
        return {}

    def _change(self, endpoint: Endpoint, config: str, deployment: dict[str, Any] | None = None) -> None:
        endpoint.turn += 1
        self.made.append((endpoint.name, config))
        change = self._decide(f"{endpoint.name} to {config} {endpoint.turn}")
        endpoint.seen_from = self._around.now + change.stale
        self._around.tell(f"SageMaker: endpoint {endpoint.name} begins to serve {config}")
        watched, bake = _watched(deployment), _bake(deployment)
        self.taken_back.pop(config, None)
        if change.rings is None or not watched or change.reason:
            self._around.later(change.seconds + bake, lambda: self._settle(endpoint, config, change))
            return
        alarm = watched[change.rings % len(watched)]
        if change.rings_late:
            self._around.later(change.seconds + bake, lambda: self._settle(endpoint, config, change))
            self._around.later(change.seconds + bake + 1.0, lambda: self._alarms.ring(alarm))
        else:
            self._around.later(change.seconds + bake / 2, lambda: self._roll_back(endpoint, config, change, alarm))

    def _roll_back(self, endpoint: Endpoint, config: str, change: Change, alarm: str) -> None:
        """An alarm rings: all traffic goes back, and the new fleet is gone. SageMaker may say nothing of why."""
        self._alarms.ring(alarm)
        if alarm not in self._alarms.ringing:  # it is gone
            self._settle(endpoint, config, change)
            return
        self.taken_back[config] = alarm
        endpoint.status = "RollingBack"
        self._around.tell(f"SageMaker: {alarm} rings, and endpoint {endpoint.name} is taken back from {config}")
        detail = {"EndpointName": endpoint.name, "EndpointStatus": "ROLLING_BACK"}
        name = f"{endpoint.name} {config} {endpoint.turn}"
        self._around.emit("SageMaker Endpoint Deployment State Change", name, "ROLLING_BACK", detail)
        failed = replace(change, reason="The deployment was rolled back")
        self._around.later(120.0, lambda: self._settle(endpoint, config, failed))

    def _settle(self, endpoint: Endpoint, config: str, change: Change) -> None:
        reason = self.serverless.reason(self.configs.get(config, {})) or change.reason
        for missing in self._missing(config):
            self._around.gone(endpoint.name, missing)
            reason = f"ClientError: {missing} is gone"
        was_new = endpoint.pending is None
        if reason:
            self.failures[config] = reason if was_new or change.says_why else "rolled back, and nobody says why"
        endpoint.changed, endpoint.pending, endpoint.reason = self._around.clock(), None, reason
        if not was_new and not change.says_why:
            endpoint.reason = None
        endpoint.status = "Failed" if was_new and reason else "InService"
        if not was_new and not reason:
            endpoint.config = config
        self._around.tell(f"SageMaker: endpoint {endpoint.name} is {endpoint.status}, serving {endpoint.config}")
        status = {"InService": "IN_SERVICE", "Failed": "FAILED"}[endpoint.status]
        detail = {"EndpointName": endpoint.name, "EndpointStatus": status}
        if change.serviced is not None:
            self._around.later(change.serviced, lambda: self.busy(endpoint.name, "SystemUpdating"))
        name = f"{endpoint.name} {config} {endpoint.turn}"
        self._around.emit("SageMaker Endpoint State Change", name, status, detail)

    def busy(self, name: str, status: str) -> None:
        """AWS brings an endpoint up to date, or scales it, unless it is busy or gone."""
        endpoint = self.endpoints.get(name)
        if endpoint and endpoint.status == "InService":
            endpoint.status = status
            self._around.tell(f"SageMaker: endpoint {name} is {status} by itself")
            self._around.later(200.0, lambda: setattr(endpoint, "status", "InService"))

    def _gone(self, endpoint: Endpoint) -> None:
        del self.endpoints[endpoint.name]
        self._tags.drop(_arn("endpoint", endpoint.name))

    def _missing(self, config: str) -> list[str]:
        if config not in self.configs:
            return [config]
        models = [variant["ModelName"] for variant in self.configs[config]["ProductionVariants"]]
        return [model for model in models if model not in self.models]

    def _endpoint(self, name: str) -> Endpoint:
        if name not in self.endpoints:
            raise invalid(f'Could not find endpoint "{_arn("endpoint", name)}".')
        return self.endpoints[name]

    def _is_there(self, config: str) -> None:
        if config not in self.configs:
            raise invalid(f'Could not find endpoint configuration "{config}".')

    # --- what has no states

    def _create(self, kept: dict[str, Any], kind: str, name: str, request: dict[str, Any]) -> dict[str, Any]:
        named(name)
        if name in kept:
            raise invalid(f"Cannot create already existing {kind} {_arn(kind, name)}.")
        kept[name] = {**request, "CreationTime": self._around.clock(), f"{_camel(kind)}Arn": _arn(kind, name)}
        self._tags.put(_arn(kind, name), request["Tags"])
        self._around.tell(f"SageMaker: {kind} {name} is made")
        return {f"{_camel(kind)}Arn": _arn(kind, name)}

    def _found(self, kept: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
        if name not in kept:
            raise invalid(f'Could not find {kind} "{name}".')
        return {**kept[name]}

    def _delete(self, kept: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
        self._found(kept, kind, name)
        del kept[name]
        self._tags.drop(_arn(kind, name))
        self._around.tell(f"SageMaker: {kind} {name} is deleted")
        return {}


def _watched(deployment: dict[str, Any] | None) -> list[str]:
    """The alarms that end an update."""
    return [one["AlarmName"] for one in (deployment or {}).get("AutoRollbackConfiguration", {}).get("Alarms", [])]


def _bake(deployment: dict[str, Any] | None) -> float:
    """Seconds for which both fleets stand."""
    policy = (deployment or {}).get("BlueGreenUpdatePolicy", {})
    return float(policy.get("TerminationWaitInSeconds", 0))


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    """What describing an endpoint answers."""
    answer = {
        "EndpointName": endpoint.name,
        "EndpointArn": _arn("endpoint", endpoint.name),
        "EndpointConfigName": endpoint.config,
        "EndpointStatus": endpoint.status,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.changed,
    }
    if endpoint.pending:
        answer["PendingDeploymentSummary"] = {"EndpointConfigName": endpoint.pending}
    if endpoint.reason:
        answer["FailureReason"] = endpoint.reason
    return answer


def _arn(kind: str, name: str) -> str:
    return f"{ACCOUNT}:{kind}/{name}"


def _camel(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("-"))
