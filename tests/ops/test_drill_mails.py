"""What the relay writes about a drill: marked in subject and attributes, also where its check failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.deployment import DeploymentSettings
from chalicelib.monitoring import mails
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.monitoring.record import Monitor
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail
from chalicelib.records.run import LiveModel
from chalicelib.settings.defaults import filled_for_monitor
from ops.drill.verdict import SUBJECT

LIVE = LiveModel("churn-1a2b3c4d", "sagerelay-churn", 1, "2026-11-20T09:12:00Z")
MONITOR = Monitor("churn", settings=filled_for_monitor({"retraining": {"policy": "on_drift"}}), live=LIVE)
KEYS = CheckKeys("churn", Kind.DRILL, 4, datetime(2026, 11, 22, 12, tzinfo=UTC))
DEPLOYMENT = DeploymentSettings("b", "t", "arn:t", "arn:r", "code/1", "us-east-1")
FOUND: Any = {
    "drifted": ["age"],
    "features": [{"name": "age", "verdict": "drifted", "score": 0.2, "threshold": 0.05, "sentence": "median 34 -> 41"}],
    "predictions": [],
    "window": {"rows": 1000, "from": "2026-11-22T11:00:00Z"},
}


@pytest.mark.parametrize(
    ("mail", "result"), [(Mail.DRIFT_FOUND, FOUND), (Mail.CHECK_FAILED, None)], ids=["found", "failed"]
)
def test_every_mail_of_a_drill_can_be_told_from_a_real_one(mail: Mail, result: Any) -> None:
    message = mails.about(mail, MailContext(MONITOR, KEYS, "the job ran out of memory", result, drill="d1"), DEPLOYMENT)
    assert message.subject.startswith(f"{SUBJECT} churn: ")
    assert message.attributes["drill"] == message.machine["drill"] == "d1"
    assert "This is a DRILL" in message.text
    assert "a training" not in message.text


def test_a_real_mail_is_none_of_a_drill() -> None:
    keys = CheckKeys("churn", Kind.DRIFT, 5, KEYS.began)
    message = mails.about(Mail.DRIFT_FOUND, MailContext(MONITOR, keys, "", FOUND), DEPLOYMENT)
    assert message.subject == "churn: drift in age"
    assert "drill" not in message.attributes
