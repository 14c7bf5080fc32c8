"""Application Auto Scaling for the endpoints of this SageMaker: registered variants get as many instances as their
requests need, by what their servers really answered.

Time passes faster here than on AWS: a minute of figures and a cool-down are as much shorter as everything else.
"""

import sys
import threading
import time
import traceback
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from local.sagemaker import scalable_targets, target_tracking
from local.sagemaker.scalable_targets import Target, named
from local.sagemaker.scaling_alarms import ScalingAlarms
from local.sagemaker.target_tracking import PERIOD, Since
from local.wire.errors import ApiError
from local.wire.shapes import validated

_FASTEST = 0.05  # seconds between two looks
_KEPT = 100
"""Activities that are remembered."""
Request = dict[str, Any]


class Fleets(Protocol):
    """What is needed of SageMaker."""

    def call(self, operation: str, request: Request, /) -> dict[str, Any]:
        """Raises ApiError."""

    def asked(self, endpoint: str, since: float, /) -> int:
        """How many requests an endpoint has answered since a moment of the monotonic clock."""


class AutoScaling:
    """The scalable targets of the account. `cloudwatch` makes the client with which its alarms are kept."""

    def __init__(self, fleets: Fleets, region: str, account: str, speed: float, cloudwatch: Callable[[], Any]) -> None:
        self._fleets, self._account, self._speed = fleets, account, speed
        self._place = f"{region}:{account}"
        self._alarms = ScalingAlarms(cloudwatch, self._place)
        self._lock = threading.RLock()
        self._targets: dict[str, Target] = {}
        self._activities: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "RegisterScalableTarget": self._register,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "PutScalingPolicy": self._put_policy,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "DescribeScalingActivities": self._describe_activities,
        }

    def call(self, operation: str, request: Request) -> dict[str, Any]:
        """Answer one API call. Raises ApiError."""
        if operation not in self._operations:
            told = f"ApplicationAutoScaling.{operation} is not part of the embedded cloud."
            raise ApiError("UnknownOperationException", told)
        asked = validated("application-autoscaling", operation, request)
        with self._lock:
            self._forget_what_is_gone()
            return self._operations[operation](asked)

    # --- the API

    def _register(self, request: Request) -> dict[str, Any]:
        target = scalable_targets.registered(request, self._targets.get(request["ResourceId"]), self._place)
        if self._instances(target) is None:
            raise ApiError("ValidationException", f"No variant with instances was found: {target.resource}")
        self._targets[target.resource] = target
        self._start()
        return {"ScalableTargetARN": target.arn}

    def _deregister(self, request: Request) -> dict[str, Any]:
        self._drop(self._find(request))
        return {}

    def _describe_targets(self, request: Request) -> dict[str, Any]:
        wanted = request.get("ResourceIds")
        found = [one for name, one in self._targets.items() if wanted is None or name in wanted]
        return {"ScalableTargets": [one.told(self._account) for one in found]}

    def _put_policy(self, request: Request) -> dict[str, Any]:
        target = self._find(request)
        policy = scalable_targets.with_policy(request, target, self._place)
        self._alarms.put(target, policy)
        return {"PolicyARN": policy["PolicyARN"], "Alarms": self._alarms.told(policy)}

    def _delete_policy(self, request: Request) -> dict[str, Any]:
        policy = self._find(request).policies.pop(request["PolicyName"], None)
        if policy is None:
            raise ApiError("ObjectNotFoundException", f"No scaling policy found: {request['PolicyName']}")
        self._alarms.drop(policy)
        return {}

    def _describe_policies(self, request: Request) -> dict[str, Any]:
        wanted, names = request.get("ResourceId"), request.get("PolicyNames")
        found = [
            {
                **policy,
                "Alarms": self._alarms.told(policy),
                "CreationTime": datetime.fromisoformat(policy["CreationTime"]),
            }
            for resource, target in self._targets.items()
            for name, policy in target.policies.items()
            if wanted in {None, resource} and (names is None or name in names)
        ]
        return {"ScalingPolicies": found}

    def _describe_activities(self, request: Request) -> dict[str, Any]:
        wanted = request.get("ResourceId")
        return {"ScalingActivities": [one for one in reversed(self._activities) if wanted in {None, one["ResourceId"]}]}

    def _find(self, request: Request) -> Target:
        found = self._targets.get(request["ResourceId"])
        if found is None:
            told = f"No scalable target registered for {', '.join(named(request).values())}"
            raise ApiError("ObjectNotFoundException", told)
        return found

    def _drop(self, target: Target) -> None:
        del self._targets[target.resource]
        for policy in target.policies.values():
            self._alarms.drop(policy)

    def _forget_what_is_gone(self) -> None:
        """An endpoint that is deleted is deregistered by SageMaker."""
        for target in [one for one in self._targets.values() if self._instances(one) is None]:
            self._drop(target)

    # --- one look a minute

    def look(self) -> None:
        """Every target, a minute later: a figure, the alarms' states, and perhaps another number of instances."""
        with self._lock:
            self._forget_what_is_gone()
            for target in list(self._targets.values()):
                self._look(target, time.monotonic())

    def _look(self, target: Target, now: float) -> None:
        instances = self._instances(target)
        if not instances:
            return
        minutes = max((now - target.looked) * self._speed / PERIOD, 1e-9)
        target.figures.append(self._fleets.asked(target.endpoint, target.looked) / minutes / instances)
        target.looked = now
        figures = list(target.figures)
        since = Since(self._since(target.out, now), self._since(target.in_, now))
        for policy in target.policies.values():
            tracked = target.tracked(policy)
            self._alarms.say(target, policy, target_tracking.alarm_states(figures, tracked))
            wanted = target_tracking.desired(figures, instances, tracked, since)
            if wanted != instances:
                self._scale(target, instances, wanted, now)

    def _scale(self, target: Target, instances: int, wanted: int, now: float) -> None:
        begun = datetime.now(UTC)
        capacity = {"VariantName": target.variant, "DesiredInstanceCount": wanted}
        request = {"EndpointName": target.endpoint, "DesiredWeightsAndCapacities": [capacity]}
        try:
            self._fleets.call("UpdateEndpointWeightsAndCapacities", request)
            status, message = "Successful", f"Successfully set desired instance count to {wanted}."
            target.out, target.in_ = (now, target.in_) if wanted > instances else (target.out, now)
        except ApiError as error:  # it is being changed; the next look tries again
            status, message = "Failed", error.message
        self._activities.append(
            {
                **named(target.request),
                "ActivityId": str(uuid.uuid4()),
                "Description": f"Setting desired instance count to {wanted}.",
                "Cause": f"{target.figures[-1]:.1f} requests a minute for each of {instances} instances.",
                "StartTime": begun,
                "EndTime": datetime.now(UTC),
                "StatusCode": status,
                "StatusMessage": message,
            }
        )

    def _instances(self, target: Target) -> int | None:
        """How many a variant has; None where there is no such one, or it has none."""
        try:
            found = self._fleets.call("DescribeEndpoint", {"EndpointName": target.endpoint})
        except ApiError:
            return None
        if "ProductionVariants" not in found:  # it has not served yet
            return 0
        counts = {one["VariantName"]: one.get("DesiredInstanceCount") for one in found["ProductionVariants"]}
        return counts.get(target.variant)

    def _since(self, moment: float | None, now: float) -> float | None:
        return None if moment is None else (now - moment) * self._speed

    # --- what is kept

    def snapshot(self) -> list[dict[str, Any]]:
        """Every target, as JSON can hold it."""
        with self._lock:
            kept = ("request", "arn", "created", "policies")
            return [{name: getattr(one, name) for name in kept} for one in self._targets.values()]

    def restore(self, kept: list[dict[str, Any]]) -> None:
        """Take up a snapshot."""
        self._targets = {target.resource: target for target in (Target(**one) for one in kept)}
        if self._targets:
            self._start()

    def close(self) -> None:
        """End the looks."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(5)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="autoscaling")
            self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(max(_FASTEST, PERIOD / self._speed)):
            try:
                self.look()
            except Exception:  # noqa: BLE001 - the last line of defence of a thread: whatever it was must be seen
                print(f"autoscaling failed:\n{traceback.format_exc()}", file=sys.stderr)
