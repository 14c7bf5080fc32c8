"""Updates under watch: the new fleet bakes beside the old one, and is taken back when an alarm rings, or it ends."""

from __future__ import annotations

import time
from typing import Any

import pytest

from local.sagemaker import rolling_out
from local.sagemaker.alarms import Looked, evaluate, judge
from local.sagemaker.traffic import Answered, Traffic
from local.wire.errors import ApiError
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud
from tests.sagemaker.test_endpoints import config, deployed, model, predict, told

pytestmark = pytest.mark.xdist_group("sagemaker-endpoints")
NAME = "watched"
ALARM = "watched-5xx"


def deployment(how: str = "ALL_AT_ONCE", bake: int = 60, size: int = 50, *alarms: str) -> dict[str, Any]:
    member = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(how)
    routing = {"Type": how, "WaitIntervalInSeconds": bake if member else 0}
    if member:
        routing[member] = {"Type": "CAPACITY_PERCENT", "Value": size}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": bake}
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}
    return {"BlueGreenUpdatePolicy": policy, **rollback}


@pytest.mark.parametrize(
    ("asked", "shares"),
    [
        (None, [1.0]),
        (deployment(), [1.0]),
        (deployment("CANARY", size=10), [0.1, 1.0]),
        (deployment("LINEAR", size=50), [0.5, 1.0]),
        (deployment("LINEAR", size=30), [0.3, 0.6, 0.9, 1.0]),
    ],
)
def test_traffic_shifts_in_steps(asked: dict[str, Any] | None, shares: list[float]) -> None:
    made = rolling_out.of(asked, 2, 60.0)
    assert [round(step.share, 3) for step in made.steps] == shares
    assert all(step.seconds == 1.0 for step in made.steps) or asked is None


@pytest.mark.parametrize(
    "asked", [deployment("CANARY", size=60), deployment("LINEAR", size=5), {"RollingUpdatePolicy": {}}]
)
def test_what_sagemaker_refuses_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ApiError):
        rolling_out.of(asked, 2, 60.0)


def looked(*statuses: int, every: float = 0.25) -> Looked:
    """A request each quarter of a second, for alarms whose minutes are seconds."""
    answered = [Answered(every * number, status, 0.01) for number, status in enumerate(statuses)]
    return Looked(answered, 0.0, every * len(statuses), 60.0)


FAILING = {
    "MetricName": "Invocation5XXErrors",
    "Statistic": "Sum",
    "Period": 60,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
}


def test_an_alarm_is_judged_by_what_was_answered() -> None:
    assert judge(FAILING, looked(*[200] * 12)) == "OK"
    assert judge(FAILING, looked(200, 200, 200, 500, 200, 200, 200, 200)) is None  # one minute of two
    assert judge(FAILING, looked(200, 200, 200, 500, 503, 200, 200, 200)) == "ALARM"
    assert judge(FAILING, looked()) is None


def test_metric_math_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ValueError, match="not known here"):
        evaluate("ANOMALY_DETECTION_BAND(a)", {"a": 1.0})


def test_traffic_is_told_from_a_moment_on() -> None:
    times = iter((1.0, 2.0, 3.0))
    traffic = Traffic(lambda: next(times))
    for status in (200, 400, 500):
        traffic.note(status, 0.1)
    assert [one.status for one in traffic.since(2.0)] == [400, 500]


@pytest.fixture(scope="module")
def endpoint(cloud: Cloud) -> str:
    cloud.sagemaker.call("CreateTrainingJob", requests.training("for-rolling-out"))
    artifact = cloud.trained("for-rolling-out")["ModelArtifacts"]["S3ModelArtifacts"]
    cloud.sagemaker.call("CreateModel", model("rolled", artifact))
    for name in ("old", "new"):
        cloud.sagemaker.call("CreateEndpointConfig", config(name, "rolled"))
    cloud.sagemaker.call("CreateEndpoint", {"EndpointName": NAME, "EndpointConfigName": "old"})
    deployed(cloud, NAME)
    return NAME


def update(cloud: Cloud, name: str, asked: dict[str, Any]) -> None:
    asked = {"EndpointName": NAME, "EndpointConfigName": name, "DeploymentConfig": asked}
    cloud.sagemaker.call("UpdateEndpoint", asked)


def baking(cloud: Cloud) -> dict[str, Any]:
    """The endpoint's description once the new fleet bakes."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = cloud.sagemaker.call("DescribeEndpoint", {"EndpointName": NAME})
        [variant] = found.get("PendingDeploymentSummary", {"ProductionVariants": [{"VariantStatus": [{}]}]})[
            "ProductionVariants"
        ]
        if variant["VariantStatus"][0].get("Status") == "Baking":
            return found
        time.sleep(0.01)
    raise AssertionError("it never bakes")


def test_an_alarm_that_is_not_there_is_refused(cloud: Cloud, endpoint: str) -> None:
    with pytest.raises(ApiError, match="Could not find the alarms nobody"):
        update(cloud, "new", deployment("ALL_AT_ONCE", 60, 50, "nobody"))
    assert deployed(cloud, endpoint)["EndpointConfigName"] == "old"


def test_a_fleet_whose_alarm_rings_is_taken_back(cloud: Cloud, endpoint: str) -> None:
    cloudwatch = cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName=ALARM, Namespace="AWS/SageMaker", **FAILING)
    update(cloud, "new", deployment("CANARY", 600, 50, ALARM))
    found = baking(cloud)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("Updating", "old")
    assert found["PendingDeploymentSummary"]["EndpointConfigName"] == "new"
    old, new = (cloud.sagemaker.endpoint_address(endpoint)[1], set())
    for _ in range(4):
        with cloud.sagemaker.calling(endpoint) as (_, port):
            new.add(port)
    assert len(new | {old}) == 2  # half of the requests each
    [other] = new - {old}
    until = time.monotonic() + 30
    while deployed(cloud, endpoint, {"Updating", "RollingBack", "InService"})["EndpointStatus"] == "Updating":
        assert time.monotonic() < until
        cloud.sagemaker.answered(endpoint, other, 500, 0.01)
        time.sleep(0.2)
    found = deployed(cloud, endpoint)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "old")
    assert ALARM in found["FailureReason"]
    assert "PendingDeploymentSummary" not in found
    assert len(predict(cloud, endpoint)) == 2
    assert [one["StateValue"] for one in cloudwatch.describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]] == ["ALARM"]
    assert told(cloud, endpoint)[-2:] == ["ROLLING_BACK", "IN_SERVICE"]


def test_a_fleet_that_ends_is_taken_back(cloud: Cloud, endpoint: str) -> None:
    update(cloud, "new", deployment(bake=600))
    baking(cloud)
    cloud.sagemaker._operations.endpoints._watching._shifts[endpoint].server.process.signal(9)
    found = deployed(cloud, endpoint)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "old")
    assert "did not stay healthy" in found["FailureReason"]
    assert len(predict(cloud, endpoint)) == 2


def test_a_fleet_that_does_well_takes_over(cloud: Cloud, endpoint: str) -> None:
    cloud.client("cloudwatch").delete_alarms(AlarmNames=[ALARM])
    cloud.client("cloudwatch").put_metric_alarm(AlarmName=ALARM, Namespace="AWS/SageMaker", **FAILING)
    asked = deployment("LINEAR", 6, 50, ALARM)
    update(cloud, "new", asked)
    found = deployed(cloud, endpoint)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "new")
    assert found["LastDeploymentConfig"] == asked
    assert "FailureReason" not in found
    kinds = [event["detail-type"] for event in cloud.events if event["detail"].get("EndpointName") == endpoint]
    assert "SageMaker Endpoint Deployment State Change" in kinds
