"""What tells a person that something is wrong: alarms, where they go, and the page that shows the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ops.deployment.package import ROOT
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
    assert silent["Period"] * silent["EvaluationPeriods"] == 1800
    assert (silent["Namespace"], silent["MetricName"]) == ("SageRelay", "SweepCompleted")
    assert silent["Dimensions"] == [{"Name": "service", "Value": "sagerelay-dev"}]
    assert silent["TreatMissingData"] == "breaching", "no data is what silence looks like"
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "chalicelib" / "runtime").glob("*.py")]
    assert any('count("SweepCompleted")' in source for source in sources)


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
