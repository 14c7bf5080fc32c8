"""What tells a person that something is wrong: alarms, where they go, and the page that shows the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from ops.deployment.package import ROOT
from tests.infra.cloudwatch import ACTIONS, NEW, CloudWatch
from tests.infra.conftest import EVERYTHING, Template, of_type


@pytest.mark.parametrize("parameters", [{}, EVERYTHING], ids=["own key", "key given"])
def test_alarms_reach_the_topic_through_its_encryption(
    parameters: dict[str, str], resolved: Callable[..., Template]
) -> None:
    resources = resolved(**parameters)
    topic = resources["Topic"]["Properties"]["KmsMasterKeyId"]
    assert topic == parameters.get("KmsKeyArn", "sagerelay-dev-TopicKey-1x2y")
    assert ("TopicKey" in resources) is (not parameters)
    if not parameters:
        letting = resources["TopicKey"]["Properties"]["KeyPolicy"]["Statement"]
        assert {"Service": "cloudwatch.amazonaws.com"} in [one["Principal"] for one in letting]
    (publishing,) = [
        one
        for one in resources["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        if one.get("Principal") == {"Service": "cloudwatch.amazonaws.com"}
    ]
    (pattern,) = publishing["Condition"]["ArnLike"].values()
    for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == ["arn:aws:sns:eu-west-1:123456789012:sagerelay-dev-Topic-1x2y"]
        arn = f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{alarm['AlarmName']}"
        assert re.fullmatch(pattern.replace("*", ".*"), arn)
        # The relay's own alarms on live endpoints have names of the form <stack>-<dataset>-5xx.
        assert not alarm["AlarmName"].endswith(("-5xx", "-latency"))


def test_what_may_go_wrong_has_an_alarm(resolved: Callable[..., Template]) -> None:
    resources = resolved()
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    functions = {f"sagerelay-dev-{name}-1x2y" for name in of_type(resources, "AWS::Lambda::Function")}
    for name, metric in (("ErrorsAlarm", "Errors"), ("ThrottlesAlarm", "Throttles")):
        looked_at = [one["MetricStat"]["Metric"] for one in alarms[name]["Metrics"] if "MetricStat" in one]
        assert {one["MetricName"] for one in looked_at} == {metric}
        assert {one["Dimensions"][0]["Value"] for one in looked_at} == functions
    queues = {one["Dimensions"][0]["Value"] for one in alarms.values() if one.get("Namespace") == "AWS/SQS"}
    assert queues == {"sagerelay-dev-UndeliveredQueue-1x2y", "sagerelay-dev-FailedQueue-1x2y"}
    silent = alarms["SweepSilentAlarm"]
    assert (silent["Namespace"], silent["MetricName"]) == ("SageRelay", "SweepCompleted")
    assert silent["Dimensions"] == [{"Name": "service", "Value": "sagerelay-dev"}]
    shown = json.loads(resources["Dashboard"]["Properties"]["DashboardBody"])["widgets"][0]["properties"]["alarms"]
    assert {arn.rpartition(":")[2] for arn in shown} == {one["AlarmName"] for one in alarms.values()}
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "chalicelib" / "runtime").glob("*.py")]
    assert any('count("SweepCompleted")' in source for source in sources)


def test_every_alarm_says_when_it_is_over(resolved: Callable[..., Template]) -> None:
    for name, alarm in of_type(resolved(), "AWS::CloudWatch::Alarm").items():
        assert alarm["OKActions"] == alarm["AlarmActions"], name


@pytest.mark.parametrize(
    ("history", "rings"),
    [
        ([], 0),  # new, and nothing has swept yet, however long it takes
        (["-"] * 50, 0),
        (["1"] * 20, 0),
        (["-", "-", "1", "1"], 0),
        (["1", "-", "1", "-", "-", "1"], 0),
        (["1"] * 3 + ["-"] * 4, 0),  # an update takes its time
        (["1"] * 3 + ["-"] * 9, 1),
        (["1"] * 3 + ["-"] * 200, 1),  # once, and not each time it looks
        (["-"] * 9 + ["1"] + ["-"] * 9 + ["1"] * 3 + ["-"] * 9, 2),
    ],
)
def test_the_silence_of_sweeps_is_told_and_never_before_the_first(
    history: list[str], rings: int, resolved: Callable[..., Template]
) -> None:
    silent = of_type(resolved(), "AWS::CloudWatch::Alarm")["SweepSilentAlarm"]
    states = list(CloudWatch(silent).states([[None if one == "-" else float(one) for one in history]]))
    assert states[0] == NEW
    told = [after for before, after in pairwise(states) if before != after and silent.get(ACTIONS[after])]
    assert len([state for state in told if state != "OK"]) == rings


def test_sweeps_that_fail_from_the_beginning_on_are_told(resolved: Callable[..., Template]) -> None:
    failing = of_type(resolved(), "AWS::CloudWatch::Alarm")["SweepFailingAlarm"]
    assert failing["Dimensions"] == [{"Name": "FunctionName", "Value": "sagerelay-dev-Sweep-1x2y"}]
    assert list(CloudWatch(failing).states([[1.0] * 4]))[-1] == "ALARM"
    assert "ALARM" not in CloudWatch(failing).states([[0.0, 1.0, 0.0, 1.0, 1.0, 0.0]])
    assert "ALARM" not in CloudWatch(failing).states([[None] * 9])


def test_the_mail_goes_where_the_owner_said(resolved: Callable[..., Template]) -> None:
    subscription = resolved(Email="ann@example.com")["MailSubscription"]["Properties"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ann@example.com")


def test_the_dashboard_is_json_about_this_stack(resolved: Callable[..., Template]) -> None:
    board = resolved()["Dashboard"]["Properties"]
    widgets = json.loads(board["DashboardBody"])["widgets"]
    text = json.dumps(widgets)
    assert "${" not in text
    for shown in ("SweepCompleted", "ApproximateNumberOfMessagesVisible", "DriftScore", "ModelLatency", "Invocations"):
        assert shown in text
    assert 'MetricName=\\"Errors\\" sagerelay dev' in text
    taken = [(x, y) for one in widgets for x in range(one["x"], one["x"] + one["width"]) for y in _rows(one)]
    assert len(taken) == len(set(taken)), "two widgets lie on each other"
    assert max(x for x, _ in taken) < 24


def _rows(widget: dict[str, Any]) -> range:
    return range(widget["y"], widget["y"] + widget["height"])
