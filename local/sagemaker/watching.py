"""A new fleet beside the one in service: it gets its share of the requests, and is watched while it bakes.

It has come to serve when the last step is over and no alarm rang. It is taken back when one rings, or when its server
dies: SageMaker would not wait for callers to find out.
"""

import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local.sagemaker import rolling_out
from local.sagemaker.alarms import Alarms, Looked
from local.sagemaker.hosting import Server
from local.sagemaker.machine import Machine
from local.sagemaker.objects import client
from local.sagemaker.resource_registry import Record
from local.sagemaker.rolling_out import RollOut, Step
from local.wire.errors import ApiError

_LOOK_EVERY = 0.1  # seconds


@dataclass
class _Shift:
    """How requests are shared out: the new server gets so many of each hundred."""

    server: Server
    share: float = 0.0
    began: float = field(default_factory=time.monotonic)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def is_next(self) -> bool:
        """Whether the next request is the new server's: shares are kept as exactly as whole requests allow."""
        number = next(self.numbers)
        return int((number + 1) * self.share) > int(number * self.share)


class Watching:
    """The roll-outs under way, by endpoint."""

    def __init__(self, machine: Machine) -> None:
        self._machine, self._registry = machine, machine.registry
        self._alarms = Alarms(self._registry.account, self._registry.region, _cloudwatch)
        self._shifts: dict[str, _Shift] = {}

    def check(self, model: dict[str, Any], config: dict[str, Any], deployment: dict[str, Any] | None) -> None:
        """Raises ApiError for an update that could not be watched: by its request, for alarms that are not there, or
        that the endpoint's role may not look at."""
        names = self._roll_out(config, deployment).alarms
        try:
            there = self._alarms.described(names, self._environment(model)) if names else {}
        except ClientError as error:
            raise ApiError("ValidationException", error.response["Error"]["Message"]) from error
        if missing := [name for name in names if name not in there]:
            raise ApiError("ValidationException", f"Could not find the alarms {', '.join(missing)}.")

    def next_server(self, name: str, before: Server) -> Server:
        """Who answers the next request of an endpoint that `before` serves."""
        shift = self._shifts.get(name)
        return shift.server if shift and shift.is_next() else before

    def by_port(self, name: str, port: int) -> Server | None:
        """The new server, if it is the one that listens there."""
        shift = self._shifts.get(name)
        return shift.server if shift and shift.server.port == port else None

    def bakes(
        self, record: Record, server: Server, model: dict[str, Any], config: dict[str, Any], stop: threading.Event
    ) -> str | None:
        """Shift the traffic step by step, and wait. Gives why the new fleet has to be taken back; None when it serves,
        or when the cloud closes."""
        started = record.detail["PendingDeploymentSummary"]["StartTime"]
        roll_out, environment = self._roll_out(config, record.hidden.get("deployment")), self._environment(model)
        shift = self._shifts[record.name] = _Shift(server)
        try:
            for step in roll_out.steps:
                shift.share = step.share
                self._tell(record, rolling_out.pending(config, started, "ActivatingTraffic"))
                if step.seconds:
                    self._tell(record, rolling_out.pending(config, started, "Baking", step.message))
                if why := self._wait(step, shift, roll_out, environment, stop):
                    return why
        finally:
            del self._shifts[record.name]
        return None

    def _roll_out(self, config: dict[str, Any], deployment: dict[str, Any] | None) -> RollOut:
        count = config["ProductionVariants"][0].get("InitialInstanceCount", 1)
        return rolling_out.of(deployment, count, self._machine.speed)

    def _environment(self, model: dict[str, Any]) -> dict[str, str]:
        return self._machine.assumed(model["ExecutionRoleArn"]).environment

    def _tell(self, record: Record, summary: dict[str, Any]) -> None:
        self._registry.change(record, announce=False, PendingDeploymentSummary=summary)
        self._registry.announce(record, "endpoint-deployment")

    def _wait(
        self, step: Step, shift: _Shift, roll_out: RollOut, environment: dict[str, str], stop: threading.Event
    ) -> str | None:
        until, server = time.monotonic() + step.seconds, shift.server
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            if not server.alive:
                return "The new fleet did not stay healthy: its server ended while it took over."
            looked = Looked(server.traffic.since(shift.began), shift.began, time.monotonic(), self._machine.speed)
            if rang := self._alarms.ringing(roll_out.alarms, environment, looked):
                return f"The deployment was rolled back, because these alarms rang: {', '.join(rang)}."
            stop.wait(min(_LOOK_EVERY, left))
        return None


def _cloudwatch(environment: Mapping[str, str]) -> Any:
    return client("cloudwatch", endpoint_url=environment["AWS_ENDPOINT_URL"], environment={**environment})
