"""How a model takes over from another: what is asked for, when its alarms ring, and what a run makes of a rollback."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import failures
from chalicelib.aws import answers
from chalicelib.aws.alarms import Alarms
from chalicelib.aws.errors import BusyError, RefusedError
from chalicelib.mails import messages
from chalicelib.names import Step, StepName
from chalicelib.records.commands import Mail, Remove
from chalicelib.records.events import RollbackBegan
from chalicelib.records.run import Run, Stage
from chalicelib.relay.deciding import decide
from chalicelib.requests import Call, alarms, rollouts
from chalicelib.runtime.rolling_out import RollingOut
from chalicelib.serving_mode import Mode
from tests.infra.cloudwatch import CloudWatch
from tests.memory_cloud.alarms import Alarms as CloudWatchAlarms
from tests.relay.builders import DEPLOYMENT, LIVE, NOW, RUN_ID, failed, run, settings

CONFIG = str(StepName(RUN_ID, Step.LIVE, 1))
FAILING, SLOW, REFUSING = (CloudWatch(alarm) for alarm in alarms.at_rollout("churn", CONFIG, DEPLOYMENT))
NAMES = alarms.names_at_rollout(CONFIG, DEPLOYMENT)


def promoting(**endpoint: Any) -> Run:
    return run(Stage.PROMOTING, live=LIVE, settings=settings(endpoint={"mode": "realtime", **endpoint}))


def asked(**endpoint: Any) -> dict[str, Any]:
    made: dict[str, Any] = rollouts.deployment_config(promoting(**endpoint), DEPLOYMENT, 1)["DeploymentConfig"]
    return made


def rollout(how: str, percent: int = 10, bake: int = 10) -> dict[str, Any]:
    return {"how": how, "percent": percent, "bake_minutes": bake}


@pytest.mark.parametrize(
    ("how", "count", "routing", "longest"),
    [
        (rollout("all_at_once"), 1, {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}, 4_200),
        (
            rollout("canary", 50, 5),
            2,
            {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 300,
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
            },
            4_200,
        ),
        (
            rollout("linear", 25, 60),
            4,
            {
                "Type": "LINEAR",
                "WaitIntervalInSeconds": 3_600,
                "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            },
            18_000,
        ),
    ],
)
def test_traffic_goes_over_as_it_is_asked_for(
    how: dict[str, Any], count: int, routing: dict[str, Any], longest: int
) -> None:
    policy = asked(rollout=how, count=count)["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == routing
    assert policy["TerminationWaitInSeconds"] == how["bake_minutes"] * 60
    assert policy["MaximumExecutionTimeoutInSeconds"] == longest <= 28_800


def test_many_long_steps_fit_into_what_sagemaker_allows() -> None:
    policy = asked(rollout=rollout("linear", 10, 60), count=10)["BlueGreenUpdatePolicy"]
    assert policy["MaximumExecutionTimeoutInSeconds"] <= 28_800
    assert policy["TerminationWaitInSeconds"] == policy["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"] == 2_520


@pytest.mark.parametrize(
    "unwatched",
    [
        run(Stage.PROMOTING),  # nothing is there to take over from
        promoting(rollout=rollout("all_at_once", bake=0)),
        promoting(instance="ml.inf1.xlarge"),
        replace(promoting(), mode=Mode.SERVERLESS),
        replace(promoting(), live=replace(LIVE, mode=Mode.SERVERLESS)),
    ],
)
def test_what_sagemaker_cannot_watch_is_a_plain_update(unwatched: Run) -> None:
    assert rollouts.deployment_config(unwatched, DEPLOYMENT, 1) == {}
    assert rollouts.is_watched(promoting())


def test_the_alarms_are_on_the_new_fleet_alone_and_named_as_the_update_names_them() -> None:
    made = [FAILING.alarm, SLOW.alarm, REFUSING.alarm]
    assert [one["AlarmName"] for one in made] == NAMES
    assert [one["AlarmName"] for one in asked()["AutoRollbackConfiguration"]["Alarms"]] == NAMES
    stats = [one["MetricStat"]["Metric"] for alarm in made for one in alarm.get("Metrics", []) if "MetricStat" in one]
    for measured in (FAILING.alarm, *stats):
        assert {"Name": "EndpointConfigName", "Value": CONFIG} in measured["Dimensions"]
    assert not any(one.get("AlarmActions") for one in made)  # the run's mail says it


def test_a_fleet_that_fails_in_two_of_five_minutes_is_taken_back_and_goes_on_ringing() -> None:
    assert "ALARM" not in FAILING.states([[None, 1.0, None, None, None, None, None, 1.0]])
    states = list(FAILING.states([[1.0, 0.0, 0.0, 2.0, 0.0, None, None, None, None, None, None, None]]))
    assert states[-1] == "ALARM"  # without figures it stays as it is: the fleet is gone


def test_slow_answers_ring_where_there_are_many() -> None:
    assert "ALARM" in SLOW.states({"requests": [80.0] * 3, "slow": [6e6] * 3})
    # A file under evaluation: four at a time, each of six seconds or more.
    assert "ALARM" not in SLOW.states({"requests": [40.0] * 20, "slow": [6e6] * 20})


@pytest.mark.parametrize(("refused", "rings"), [([4.0, 4.0, 9.0], True), ([0.0, 9.0, 2.0], False), ([3.0] * 3, False)])
def test_refused_rows_ring_where_they_are_half_of_all(refused: list[float], rings: bool) -> None:  # noqa: FBT001
    requests = [8.0, 10.0, 9.0]
    shares = [of / all_of for of, all_of in zip(refused, requests, strict=True)]
    judged = replace(REFUSING, alarm={**REFUSING.alarm, "Metrics": [{"Expression": "IF(requests >= 5, share, 0)"}]})
    assert ("ALARM" in judged.states({"requests": requests, "share": shares})) is rings


def rolling_out(*ringing: str) -> RollingOut:
    cloudwatch = CloudWatchAlarms()
    for name in NAMES:
        cloudwatch.put_metric_alarm(AlarmName=name, AlarmDescription="It fails.")
    for name in ringing:
        cloudwatch.ring(name)
    return RollingOut(DEPLOYMENT, Alarms(cloudwatch))


@pytest.mark.parametrize("configured", [True, False])
@pytest.mark.parametrize("problem", [RefusedError("gone"), BusyError("Rate exceeded")])
def test_an_update_that_fails_leaves_alarms_only_where_their_fleet_is_still_configured(
    problem: Exception,
    configured: bool,  # noqa: FBT001
) -> None:
    """Whoever was frozen makes them when others have cleaned up behind the run, and is refused, or has to wait."""
    cloudwatch = CloudWatchAlarms()
    watched = RollingOut(DEPLOYMENT, Alarms(cloudwatch))
    call = Call("update_endpoint", {"EndpointConfigName": CONFIG, "DeploymentConfig": asked()})
    there: Any = SimpleNamespace(created=lambda _kind, _name: NOW if configured else None)

    def update() -> None:
        with watched.watching(call, promoting(), there):
            assert set(cloudwatch.alarms) == set(NAMES)
            raise problem

    with pytest.raises(type(problem)):
        update()
    assert set(cloudwatch.alarms) == (set(NAMES) if configured else set())


SAID = "The deployment was rolled back"
RANG = f"RolledBack: the alarm {NAMES[0]} rang. It fails."
CAPACITY = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."


@pytest.mark.parametrize(
    ("ringing", "said", "before", "told"),
    [
        ((NAMES[0],), SAID, None, RANG),
        ((NAMES[0],), CAPACITY, None, RANG),
        ((), SAID, None, SAID),
        ((), SAID, RANG, RANG),  # it is over by the time that SageMaker says so
        ((), CAPACITY, RANG, CAPACITY),  # for which one waits
        ((), SAID, "SageMaker takes the update back", SAID),
    ],
)
def test_a_rollback_is_told_with_the_alarm_that_rang(
    ringing: tuple[str, ...], said: str, before: str | None, told: str
) -> None:
    assert rolling_out(*ringing).why(1, said, replace(promoting(), taken_back=before)) == told


def test_alarms_that_nobody_may_look_at_leave_sagemaker_s_own_words() -> None:
    class Denying(CloudWatchAlarms):
        def describe_alarms(self, **_asked: Any) -> dict[str, Any]:  # type: ignore[override]
            from botocore.exceptions import ClientError

            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeAlarms")

    assert RollingOut(DEPLOYMENT, Alarms(Denying())).why(1, SAID, promoting()) == SAID


def test_that_it_is_taken_back_is_noted_once_and_ends_the_run_with_a_mail_that_says_why() -> None:
    noted = decide(promoting(), RollbackBegan(Step.LIVE, 1, RANG), NOW).run
    assert "taken back" in noted.history[-1]
    assert decide(noted, RollbackBegan(Step.LIVE, 1, RANG), NOW).ignored
    assert decide(noted, RollbackBegan(Step.LIVE, 2, RANG), NOW).ignored

    ended = decide(noted, failed(Step.LIVE, RANG), NOW).run
    assert ended.stage is Stage.FAILED
    assert Remove(Step.LIVE, 1) in ended.pending
    mail = messages.about_run(Mail.FAILED, ended, DEPLOYMENT)
    assert "new model taken back" in mail.subject
    assert f"The live model of run {LIVE.run} goes on serving" in mail.text
    assert NAMES[0] in mail.text
    assert "bake_minutes: 0" in mail.text


def test_a_capacity_that_was_lacking_is_waited_for_with_a_fresh_start() -> None:
    waiting = decide(replace(promoting(), taken_back=RANG), failed(Step.LIVE, CAPACITY), NOW).run
    assert (waiting.stage, waiting.attempt, waiting.taken_back) == (Stage.PROMOTING, 2, None)


def test_what_sagemaker_shows_of_a_rollback() -> None:
    name = StepName(RUN_ID, Step.LIVE, 1)
    shown = {"EndpointStatus": "RollingBack", "EndpointConfigName": "churn-00000000-live-1"}
    assert isinstance(answers.endpoint(name, shown), RollbackBegan)
    other = {"PendingDeploymentSummary": {"EndpointConfigName": "somebody-else-s"}}
    assert answers.endpoint(name, {**shown, **other}) is None


def test_its_class_is_no_reason_to_wait() -> None:
    assert failures.is_rollback(RANG)
    assert failures.treat(RANG, 1).remedy is failures.Remedy.GIVE_UP
