"""Back to the model before because of what labels measured: only where both are certain, once, and never to and fro."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.monitoring import documents
from chalicelib.monitoring.commands import AskRollback, MonitorCommand, Retrain, Tell
from chalicelib.monitoring.facts import QualityRead, SettingsRead
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.monitoring.mails import about
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail
from chalicelib.settings.max_loss import Limit, Meant
from tests.monitoring.builders import FIRST, SECOND, Timeline, settings
from tests.relay.builders import DEPLOYMENT, NOW
from tests.simulation.checked import quality

SAID = "The model before it (run churn-0badcafe) on the same 800 rows: F1 0.8100, against 0.7100 of the live one."
BETTER: dict[str, Any] = {"better": "churn-0badcafe", "compared": SAID}
ITSELF = {"rollback": "itself"}


def asked(commands: list[MonitorCommand]) -> list[AskRollback]:
    return [one for one in commands if isinstance(one, AskRollback)]


def after(state: str, found: dict[str, Any], monitoring: dict[str, Any]) -> list[MonitorCommand]:
    return Timeline(monitoring=monitoring).quality(state, **found).execute()


def test_by_itself_it_is_asked_for_with_both_figures() -> None:
    commands = after("fell", BETTER, ITSELF)
    (wish,) = asked(commands)
    assert wish == AskRollback(
        "churn-quality-1", FIRST.run, f"Check churn-quality-1: quality measured with labels fell. {SAID}"
    )
    assert [one.mail for one in commands if isinstance(one, Tell)] == [Mail.QUALITY_FELL]


@pytest.mark.parametrize(
    ("state", "found", "monitoring"),
    [
        ("fell", BETTER, {}),  # told alone
        ("fell", BETTER, {"rollback": "never"}),
        ("fell", {"compared": SAID}, ITSELF),  # not certainly better
        ("kept", BETTER, ITSELF),
        ("not-enough-labels", BETTER, ITSELF),
    ],
)
def test_nothing_less_is_a_reason(state: str, found: dict[str, Any], monitoring: dict[str, Any]) -> None:
    assert asked(after(state, found, monitoring)) == []


def test_it_is_asked_for_once_a_model_and_never_of_one_that_came_back() -> None:
    timeline = Timeline(monitoring=ITSELF)
    assert [len(asked(timeline.quality("fell", **BETTER).execute())) for _ in range(3)] == [1, 0, 0]
    timeline.promoted(replace(SECOND, back="2026-11-22T14:00:00Z"), FIRST.run)  # gone back to
    assert [len(asked(timeline.quality("fell", **BETTER).execute())) for _ in range(2)] == [0, 0]
    timeline.promoted(replace(SECOND, run="churn-00000003"))
    assert len(asked(timeline.quality("fell", **BETTER).execute())) == 1


def test_that_the_model_before_is_better_is_told_once_also_of_a_loss_that_is_known() -> None:
    timeline = Timeline().quality("fell")
    assert timeline.mails() == ["quality-fell"]
    assert [timeline.quality("fell", **BETTER).mails() for _ in range(2)] == [["quality-fell"], []]
    timeline.learn(SettingsRead(settings(monitoring=ITSELF)))  # who was told decides that it is to be done
    assert len(asked(timeline.quality("fell", **BETTER).execute())) == 1


def test_what_a_rollback_answers_trains_nothing() -> None:
    timeline = Timeline(monitoring=ITSELF, retraining={"policy": "on_quality_loss", "cool_down_hours": 0})
    assert not [one for one in timeline.quality("fell", **BETTER).execute() if isinstance(one, Retrain)]
    assert timeline.monitor.signals == ()
    told = Timeline(retraining={"policy": "on_quality_loss", "cool_down_hours": 0}).quality("fell", **BETTER)
    assert [one for one in told.execute() if isinstance(one, Retrain)]


@pytest.mark.parametrize(("how", "said"), [("tell", "brings it back"), ("itself", "was asked, once, to go back to it")])
def test_the_mail_has_both_figures_and_the_command(how: str, said: str) -> None:
    timeline = Timeline(monitoring={"rollback": how}).quality("fell", **BETTER)
    found: Any = {
        **quality("fell", None, {"amount": 0.1, "allowed": 0.02}),
        "before": {"better": True, "sentence": SAID},
    }
    check = CheckKeys("churn", Kind.QUALITY, 1, NOW)
    text = about(Mail.QUALITY_FELL, MailContext(timeline.monitor, check, "", found), DEPLOYMENT).text
    assert SAID in text
    assert said in text
    assert "python -m ops rollback churn" in text
    back = replace(timeline.monitor, live=replace(FIRST, back="2026-11-22T14:00:00Z"))
    assert (
        "python -m ops rollback" not in about(Mail.QUALITY_FELL, MailContext(back, check, "", found), DEPLOYMENT).text
    )


def test_what_the_job_says_is_read_as_far_as_it_says_it() -> None:
    check = CheckKeys("churn", Kind.QUALITY, 1, NOW)
    plain = quality("fell", None, {"amount": 0.1, "allowed": 0.02})
    for before, better in (
        (None, None),
        ({"run": "churn-0badcafe", "better": True, "sentence": SAID}, "churn-0badcafe"),
        ({"run": "churn-0badcafe", "better": False, "sentence": SAID}, None),
        ({"run": "churn-0badcafe", "better": None, "sentence": SAID}, None),
    ):
        found = documents.read_result(check, json.dumps({**plain, "before": before}).encode())
        assert isinstance(found, QualityRead)
        assert (found.better, found.compared) == (better, SAID if before else "")


BLOCK = {"at_promotion": 0.8, "difference": -0.05, "difference_low": -0.08, "difference_high": -0.02}


@pytest.mark.parametrize(
    ("metric", "block", "amount", "gate", "beyond"),
    [
        ("f1", BLOCK, 0.05, Limit(0.02, Meant.SHARE), True),
        ("f1", BLOCK, 0.05, Limit(0.06, Meant.SHARE), False),
        ("f1", {**BLOCK, "difference_high": 0.01}, 0.05, Limit(0.02, Meant.SHARE), False),  # not certain
        ("f1", {**BLOCK, "difference_low": 0.01, "difference_high": 0.08}, -0.05, Limit(0.0, Meant.SHARE), False),
        ("rmse", {**BLOCK, "at_promotion": 100.0}, 5.0, Limit(0.02, Meant.SHARE), True),
        ("rmse", {**BLOCK, "at_promotion": 100.0}, 5.0, Limit(0.06, Meant.SHARE), False),
        ("rmse", {**BLOCK, "at_promotion": 100.0}, 5.0, Limit(0.06, Meant.AMOUNT), True),
        ("f1", {**BLOCK, "difference_low": None}, 0.05, Limit(0.02, Meant.SHARE), None),
        ("f1", None, 0.05, Limit(0.02, Meant.SHARE), None),
        ("f1", BLOCK, 0.05, None, None),
    ],
)
def test_the_gate_says_whether_a_loss_is_one_to_go_back_for(
    metric: str, block: Any, amount: float, gate: Limit | None, *, beyond: bool | None
) -> None:
    told = {**quality("kept", None, {"amount": amount, "allowed": amount / 2}), "metric": metric}
    told["lost"] = {"amount": amount, "allowed": 0.1}
    check = CheckKeys("churn", Kind.QUALITY, 1, NOW)
    found = documents.read_result(check, json.dumps({**told, "metrics": {metric: block}}).encode(), gate)
    assert isinstance(found, QualityRead)
    assert found.beyond_gate is beyond


def test_the_gate_decides_and_not_what_the_monitor_tells_of() -> None:
    stricter = after("kept", {**BETTER, "beyond_gate": True}, ITSELF)
    assert len(asked(stricter)) == 1
    assert [one.mail for one in stricter if isinstance(one, Tell)] == [Mail.QUALITY_FELL]
    assert asked(after("fell", {**BETTER, "beyond_gate": False}, ITSELF)) == []
    assert asked(after("not-enough-labels", {**BETTER, "beyond_gate": True}, ITSELF)) == []
