"""The same inputs with other outcomes: told once a model, trained for as a measured loss is, over with the next."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.monitoring import documents
from chalicelib.monitoring.commands import Retrain, Tell
from chalicelib.monitoring.facts import QualityRead
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.monitoring.mails import about
from chalicelib.monitoring.record import Monitor
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail
from tests.monitoring.builders import FIRST, SECOND, Timeline
from tests.relay.builders import DEPLOYMENT, NOW

CHANGED: dict[str, Any] = {"changed": True, "since": "2026-11-20T10:00:00Z", "worse": True}
KEYS = CheckKeys("churn", Kind.QUALITY, 3, NOW)


def trained(timeline: Timeline) -> list[str]:
    return [command.because for command in timeline.execute() if isinstance(command, Retrain)]


def test_it_is_told_once_whatever_the_quality() -> None:
    timeline = Timeline()
    assert timeline.quality("kept").mails() == ["quality"]
    assert timeline.quality("kept", **CHANGED).mails() == ["relation-changed"]
    assert timeline.quality("kept", **CHANGED).mails() == []
    assert timeline.quality("kept").mails() == [], "a state that was lost and began anew takes nothing back"
    assert timeline.quality("fell", **CHANGED).mails() == ["quality-fell"]


def test_another_model_is_told_of_its_own() -> None:
    timeline = Timeline().quality("kept", **CHANGED)
    timeline.mails()
    assert f"changed-relation:{FIRST.run}" in timeline.monitor.open_alerts
    timeline.promoted(SECOND)
    assert timeline.quality("kept", **CHANGED).mails() == ["relation-changed"], "which tells the quality as well"
    assert [one for one in timeline.monitor.open_alerts if ":" in one] == [f"changed-relation:{SECOND.run}"]


@pytest.mark.parametrize(
    ("policy", "worse", "because"),
    [
        ("never", True, []),
        ("on_drift", True, []),
        ("on_estimated_loss", True, []),
        ("on_quality_loss", True, ["changed relation"]),
        ("on_quality_loss", False, []),
    ],
)
def test_it_is_trained_for_as_for_a_measured_loss(policy: str, *, worse: bool, because: list[str]) -> None:
    timeline = Timeline(retraining={"policy": policy})
    assert trained(timeline.quality("kept", **{**CHANGED, "worse": worse})) == because


def test_trainings_are_in_order_again_once_the_next_model_keeps_its_quality() -> None:
    timeline = Timeline(retraining={"policy": "on_quality_loss", "cool_down_hours": 0})
    assert trained(timeline.quality("kept", **CHANGED)) == ["changed relation"]
    timeline.promoted(SECOND)
    timeline.monitor = replace(timeline.monitor, retraining=replace(timeline.monitor.retraining, tries=1))
    timeline.quality("not-enough-labels")
    assert timeline.monitor.retraining.tries == 1
    timeline.quality("kept")
    assert timeline.monitor.retraining.tries == 0
    assert [one for one in timeline.monitor.open_alerts if one.startswith("changed-relation")] == []


def test_what_quality_json_says_is_read_and_one_of_an_earlier_release_says_nothing() -> None:
    told = {"version": 1, "state": "kept", "coverage": {"unknown": 0}, "problems": []}
    of_it = {"state": "changed", "since": "2026-11-20T10:00:00Z", "worse": True, "evidence": 312.0}
    read = documents.read_result(KEYS, json.dumps({**told, "relation": of_it}).encode())
    assert read == QualityRead(3, "kept", changed=True, since="2026-11-20T10:00:00Z", worse=True)
    for more in ({}, {"relation": None}, {"relation": {"state": "unchanged"}}, {"relation": {"state": None}}):
        assert documents.read_result(KEYS, json.dumps({**told, **more}).encode()) == QualityRead(3, "kept")


def test_the_record_has_no_key_that_an_earlier_release_would_not_know() -> None:
    before, after = Timeline(), Timeline().quality("kept", **CHANGED)
    plain, with_it = (json.loads(codec.to_document(one.monitor)) for one in (before, after))
    assert plain.keys() == with_it.keys()
    assert f"changed-relation:{FIRST.run}" in with_it["told"]
    # A mail that is pending and that this release does not know is kept for the one that does (codec.py).
    after.monitor = after.monitor.then(Tell(Mail.UNREADABLE, KEYS))
    text = codec.to_document(after.monitor).replace("relation-changed", "another-mail")
    again = codec.from_document(Monitor, text, after.monitor.version)
    assert [command for command in again.pending if isinstance(command, Tell)] != []
    assert "another-mail" in codec.to_document(again)


def test_the_mail_says_what_has_changed_how_sure_that_is_and_what_else_it_could_be() -> None:
    sentence = 'The same inputs now have other outcomes, since about 2026-11-20 10:00 UTC: the outcome "yes" is …'
    result: Any = {
        "state": "kept",
        "task": "binary",
        "metric": "f1",
        "metrics": {"f1": {"at_promotion": 0.8, "value": 0.79, "low": 0.7, "high": 0.85, "difference": -0.01}},
        "sentence": "F1 is 0.7900, 0.0100 below the 0.8000 at promotion: no certain loss.",
        "relation": {"state": "changed", "sentence": sentence, "rows": 1234, "needed": 100.0, "evidence": 312.0},
    }
    monitor = Timeline().quality("kept", **CHANGED).monitor
    made = about(Mail.RELATION_CHANGED, MailContext(monitor, KEYS, "2026-11-20T10:00:00Z", result), DEPLOYMENT)
    assert made.subject == "churn: the same inputs now have other outcomes"
    assert made.attributes["kind"] == "relation-changed"
    assert made.attributes["severity"] == "warning"
    for part in (sentence, "1,234 labelled rows", "reached 100", "no certain loss", "What happens next", "wait for"):
        assert part in made.text
    assert made.machine["result"]["relation"]["evidence"] == 312.0
    assert "drifted, too" not in made.text
    drifted = Timeline().drift("drifted", "age").monitor
    both = about(Mail.RELATION_CHANGED, MailContext(drifted, KEYS, "", result), DEPLOYMENT)
    assert "The inputs have drifted, too." in both.text
    bare = about(Mail.RELATION_CHANGED, MailContext(monitor, KEYS, "", None), DEPLOYMENT)
    assert "has CHANGED" in bare.text
