"""Application Auto Scaling on the laptop: its API, its alarms, and instances that follow what an endpoint is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.records.run import Scaling
from chalicelib.requests import scaling
from local.sagemaker.autoscaling import AutoScaling
from local.wire.errors import ApiError

WISH = Scaling(1, 4, 60, 300, 120)
TARGET, POLICY = scaling.target("busy", WISH), scaling.policy("busy", WISH)
NAMED = {key: TARGET[key] for key in ("ServiceNamespace", "ResourceId", "ScalableDimension")}


class Cloud:
    """SageMaker with one endpoint, which is asked as often as `a_look` says; and CloudWatch."""

    def __init__(self) -> None:
        self.endpoints: dict[str, dict[str, Any]] = {"busy": {"VariantName": "AllTraffic", "DesiredInstanceCount": 1}}
        self.a_look = 0
        self.is_busy = False
        self.states: dict[str, str] = {}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if request["EndpointName"] not in self.endpoints:
            raise ApiError("ValidationException", "Could not find endpoint.")
        variant = self.endpoints[request["EndpointName"]]
        if operation == "UpdateEndpointWeightsAndCapacities":
            if self.is_busy:
                raise ApiError("ValidationException", "Cannot update in-progress endpoint.")
            variant["DesiredInstanceCount"] = request["DesiredWeightsAndCapacities"][0]["DesiredInstanceCount"]
        return {"ProductionVariants": [variant], "EndpointStatus": "InService"}

    def asked(self, _endpoint: str, _since: float) -> int:
        return self.a_look

    def put_metric_alarm(self, AlarmName: str, **_: Any) -> None:  # noqa: N803
        self.states[AlarmName] = "INSUFFICIENT_DATA"

    def set_alarm_state(self, AlarmName: str, StateValue: str, StateReason: str) -> None:  # noqa: N803, ARG002
        self.states[AlarmName] = StateValue

    def delete_alarms(self, AlarmNames: list[str]) -> None:  # noqa: N803
        for name in AlarmNames:
            del self.states[name]

    @property
    def instances(self) -> int:
        return int(self.endpoints["busy"]["DesiredInstanceCount"])


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def scaled(cloud: Cloud) -> Iterator[AutoScaling]:
    # So slowly that it never looks by itself, and so fast that a look's requests are those of hardly any time.
    made = AutoScaling(cloud, "us-east-1", "123456789012", 1e-3, lambda: cloud)
    yield made
    made.close()


def test_instances_come_with_requests_and_go_without(cloud: Cloud, scaled: AutoScaling) -> None:
    scaled.call("RegisterScalableTarget", TARGET)
    answer = scaled.call("PutScalingPolicy", POLICY)
    high, low = (alarm["AlarmName"] for alarm in answer["Alarms"])
    assert high.startswith("TargetTracking-endpoint/busy/variant/AllTraffic-AlarmHigh-")

    cloud.a_look = 10_000
    for _ in range(3):
        scaled.look()
    assert (cloud.instances, cloud.states[high]) == (4, "ALARM")
    [activity] = scaled.call("DescribeScalingActivities", {"ServiceNamespace": "sagemaker"})["ScalingActivities"]
    assert activity["StatusCode"] == "Successful"
    assert "to 4" in activity["Description"]

    cloud.a_look = 0
    for _ in range(15):
        scaled.look()
    assert (cloud.instances, cloud.states[high], cloud.states[low]) == (4, "OK", "ALARM"), "it cools down"


def test_what_is_being_changed_is_tried_again(cloud: Cloud, scaled: AutoScaling) -> None:
    scaled.call("RegisterScalableTarget", TARGET | {"MinCapacity": 2})
    scaled.call("PutScalingPolicy", POLICY)
    cloud.is_busy = True
    scaled.look()
    cloud.is_busy = False
    scaled.look()
    told = scaled.call("DescribeScalingActivities", NAMED)["ScalingActivities"]
    assert [one["StatusCode"] for one in told] == ["Successful", "Failed"]
    assert cloud.instances == 2


def test_a_registration_is_changed_and_a_policy_replaced(cloud: Cloud, scaled: AutoScaling) -> None:
    first = scaled.call("RegisterScalableTarget", TARGET)
    assert scaled.call("RegisterScalableTarget", {**NAMED, "MaxCapacity": 9}) == first
    arn = scaled.call("PutScalingPolicy", POLICY)["PolicyARN"]
    other = scaling.policy("busy", Scaling(1, 4, 90, 300, 120))
    assert scaled.call("PutScalingPolicy", other)["PolicyARN"] == arn
    [target] = scaled.call("DescribeScalableTargets", {"ServiceNamespace": "sagemaker"})["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 9)
    [policy] = scaled.call("DescribeScalingPolicies", {"ServiceNamespace": "sagemaker"})["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 90
    assert len(cloud.states) == 2


def test_what_goes_takes_its_alarms_along(cloud: Cloud, scaled: AutoScaling) -> None:
    for gone in ("deregistered", "deleted"):
        scaled.call("RegisterScalableTarget", TARGET)
        scaled.call("PutScalingPolicy", POLICY)
        if gone == "deregistered":
            scaled.call("DeregisterScalableTarget", NAMED)
        else:
            cloud.endpoints.clear()
            scaled.look()
        assert cloud.states == {}
        assert scaled.call("DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}) == {"ScalableTargets": []}


def test_it_outlives_a_restart(cloud: Cloud, scaled: AutoScaling) -> None:
    scaled.call("RegisterScalableTarget", TARGET)
    scaled.call("PutScalingPolicy", POLICY)
    cloud.states.clear()  # CloudWatch's are not kept
    again = AutoScaling(cloud, "us-east-1", "123456789012", 1e-3, lambda: cloud)
    again.restore(scaled.snapshot())
    again.look()
    assert len(cloud.states) == 2
    assert again.call("DescribeScalingPolicies", NAMED) == scaled.call("DescribeScalingPolicies", NAMED)
    again.close()


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("DeregisterScalableTarget", NAMED, "ObjectNotFoundException"),
        ("PutScalingPolicy", POLICY, "ObjectNotFoundException"),
        ("RegisterScalableTarget", scaling.target("nowhere", WISH), "ValidationException"),
        ("RegisterScalableTarget", {**NAMED, "MaxCapacity": 4}, "ValidationException"),
        ("RegisterScalableTarget", {**TARGET, "MinCapacity": 5}, "ValidationException"),
        ("RegisterScalableTarget", {**TARGET, "MinCapacity": 0}, "ValidationException"),
        ("RegisterScalableTarget", {**TARGET, "ServiceNamespace": "ecs"}, "ValidationException"),
        ("RegisterScalableTarget", {**TARGET, "SuspendedState": {}}, "ValidationException"),
        ("PutScheduledAction", {}, "UnknownOperationException"),
    ],
)
def test_what_aws_refuses_is_refused(operation: str, request_: dict[str, Any], code: str, scaled: AutoScaling) -> None:
    with pytest.raises(ApiError) as refused:
        scaled.call(operation, request_)
    assert refused.value.code == code
