"""What a teardown pauses, an interruption leaves so, and the next deployment resumes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ops.deployment.pause import Acting, acting, pause, resume, stopped
from ops.deployment.stacks import Resource
from tests.ops.world import error

HELD = [
    Resource("Sweep", "AWS::Lambda::Function", "sagerelay-prod-Sweep-1"),
    Resource("SweepSweepEvent", "AWS::Events::Rule", "sagerelay-prod-rule-1"),
    Resource("ErrorsAlarm", "AWS::CloudWatch::Alarm", "sagerelay-prod-errors"),
    Resource("Topic", "AWS::SNS::Topic", "arn:topic"),
]


@dataclass
class Account:
    """Lambda, EventBridge and CloudWatch at once, as far as they can be paused."""

    limits: dict[str, int] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)
    gone: str = ""

    def client(self, _service: str) -> Account:
        return self

    def put_function_concurrency(self, **asked: Any) -> None:
        self.limits[asked["FunctionName"]] = asked["ReservedConcurrentExecutions"]

    def get_function_concurrency(self, **asked: Any) -> dict[str, int]:
        name = asked["FunctionName"]
        return {"ReservedConcurrentExecutions": self.limits[name]} if name in self.limits else {}

    def delete_function_concurrency(self, **asked: Any) -> None:
        del self.limits[asked["FunctionName"]]

    def disable_rule(self, **asked: Any) -> None:
        if asked["Name"] == self.gone:
            raise error("ResourceNotFoundException")
        self.off.add(asked["Name"])

    def enable_rule(self, **asked: Any) -> None:
        self.off.remove(asked["Name"])

    def describe_rule(self, **asked: Any) -> dict[str, str]:
        return {"State": "DISABLED" if asked["Name"] in self.off else "ENABLED"}

    def disable_alarm_actions(self, **asked: Any) -> None:
        self.mute |= set(asked["AlarmNames"])

    def enable_alarm_actions(self, **asked: Any) -> None:
        self.mute -= set(asked["AlarmNames"])

    def describe_alarms(self, **asked: Any) -> dict[str, Any]:
        return {"MetricAlarms": [{"AlarmName": n, "ActionsEnabled": n not in self.mute} for n in asked["AlarmNames"]]}


def test_what_was_paused_is_resumed() -> None:
    account, those = Account(), acting(HELD)
    assert those == Acting(("sagerelay-prod-rule-1",), ("sagerelay-prod-Sweep-1",), ("sagerelay-prod-errors",))
    assert "1 rules are switched off, 1 functions stopped" in pause(account.client, those)
    assert account.mute == {"sagerelay-prod-errors"}
    assert stopped(account.client, those.functions) == ["sagerelay-prod-Sweep-1"]
    assert len(list(resume(account.client, those))) == 3
    assert account == Account()


def test_what_was_not_paused_is_left_as_it_is() -> None:
    account, those = Account(limits={"sagerelay-prod-Sweep-1": 5}), acting(HELD)
    assert list(resume(account.client, those)) == []
    assert account.limits == {"sagerelay-prod-Sweep-1": 5}  # somebody's own limit


def test_a_rule_that_somebody_deleted_keeps_no_teardown_waiting() -> None:
    account = Account(gone="sagerelay-prod-rule-1")
    pause(account.client, acting(HELD))
    assert stopped(account.client, ["sagerelay-prod-Sweep-1"])
