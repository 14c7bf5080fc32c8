"""One mail for a change of state, and none for a check that only says the same again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.monitoring.facts import CheckFailed, EndpointGone, NothingToCheck, SettingsRead
from chalicelib.names import Kind
from tests.monitoring.builders import SECOND, Story, settings


def test_drift_is_told_once_and_its_end_once():
    story = Story().drift("stable")
    assert story.mails() == []
    told = [story.drift("drifted", "age").mails() for _ in range(3)]
    assert told == [["drift-found"], [], []]
    assert [story.drift("stable").mails() for _ in range(2)] == [["drift-over"], []]
    assert story.drift("drifted", "plan").mails() == ["drift-found"]


def test_the_first_check_that_finds_nothing_is_no_news():
    assert Story().drift("stable").mails() == []


def test_drift_that_begins_to_hurt_is_news():
    story = Story().drift("drifted", "age", loss="possible")
    assert story.mails() == ["drift-found"]
    assert story.drift("drifted", "age", loss="certain").mails() == ["drift-found"]
    assert story.drift("drifted", "age", loss="none").mails() == [], "getting better is told when it is over"


def test_drift_goes_on_while_nothing_could_be_checked():
    story = Story().drift("drifted", "age")
    since = story.monitor.drift
    story.mails()
    story.drift("not-enough-traffic")
    assert story.monitor.drift == since
    assert story.drift("drifted", "age").mails() == []
    assert story.monitor.drift.since == since.since


def test_drift_of_the_old_model_is_over_when_the_new_one_finds_none():
    story = Story().drift("drifted", "age")
    story.mails()
    story.promoted(SECOND)
    assert story.mails() == []
    assert story.drift("stable").mails() == ["drift-over"]


@pytest.mark.parametrize("how", ["no files", "few rows"])
def test_too_little_traffic_is_told_once_after_some_days(how):
    story = Story(monitoring={"quiet_days": 2})
    told = []
    for _ in range(5):
        story.now += timedelta(hours=23)
        if how == "no files":
            story.learn(NothingToCheck(Kind.DRIFT, story.begin().ordinal))
        else:
            story.drift("not-enough-traffic")
        told.append(tuple(story.mails()))
    assert told.count(("no-traffic",)) == 1
    assert set(told) == {(), ("no-traffic",)}
    assert told[0] == ()
    story.drift("stable")
    story.now += timedelta(days=3)
    assert story.drift("not-enough-traffic").mails() == ["no-traffic"], "traffic came, and ceased again"


def test_an_endpoint_that_somebody_deleted_is_told_once_until_it_is_back():
    story = Story(monitoring={"quiet_days": 1}, retraining={"policy": "on_drift"})

    def gone():
        return story.learn(EndpointGone(Kind.DRIFT, story.begin().ordinal), after=timedelta(days=2)).mails()

    assert [gone(), gone(), gone()] == [["endpoint-gone"], [], []]
    assert story.drift("not-enough-traffic").mails() == [], "it is back, and callers have time to come"
    assert gone() == ["endpoint-gone"]
    story.promoted(SECOND)
    assert gone() == ["endpoint-gone"]


@pytest.mark.parametrize("kind", [Kind.TEST, Kind.DRILL])
def test_who_asks_what_is_deleted_is_answered_each_time(kind):
    story = Story()
    for subject in ("a", "b"):
        check = story.begin(kind, subject)
        assert story.learn(EndpointGone(kind, check.ordinal)).mails() == ["endpoint-gone"]
    assert story.monitor.told == ()


def test_a_check_that_fails_is_told_once_until_one_succeeds():
    story = Story()

    def fail():
        return story.learn(CheckFailed(Kind.DRIFT, story.begin().ordinal, 1, "AlgorithmError: x")).mails()

    assert [fail(), fail()] == [["check-failed"], []]
    story.drift("stable")
    assert fail() == ["check-failed"]


def test_a_test_file_that_cannot_be_used_is_told_each_time():
    story = Story()
    for name in ("feb.csv", "mar.csv"):
        check = story.begin(Kind.TEST, f"datasets/churn/test/{name}")
        assert story.learn(CheckFailed(Kind.TEST, check.ordinal, 1, "[no-target] x")).mails() == ["check-failed"]


def test_unreadable_records_are_told_once_and_with_whatever_else_is_told():
    story = Story().drift("stable", problems=True)
    assert story.mails() == ["unreadable-traffic"]
    assert story.drift("stable", problems=True).mails() == []
    assert story.drift("stable").mails() == []
    assert story.drift("drifted", "age", problems=True).mails() == ["drift-found"]
    assert story.drift("drifted", "age", problems=True).mails() == [], "the mail about the drift has said it"


def test_the_first_labels_are_answered_and_then_only_changes():
    story = Story()
    assert story.quality("kept").mails() == ["quality"]
    assert story.quality("kept").mails() == []
    assert [story.quality("fell").mails() for _ in range(2)] == [["quality-fell"], []]
    assert story.quality("kept").mails() == ["quality-recovered"]


def test_labels_with_new_mistakes_are_answered():
    story = Story().quality("kept")
    story.mails()
    assert story.quality("kept", "unknown-id").mails() == ["quality"]
    assert story.quality("kept", "unknown-id").mails() == []
    assert story.quality("kept", "conflicting").mails() == ["quality"]


def test_too_few_labels_are_told_once():
    story = Story()
    assert [story.quality("not-enough-labels", labelled=False).mails() for _ in range(2)] == [["quality"], []]
    assert story.quality("kept").mails() == ["quality"]


def test_an_estimate_that_wavers_about_its_limit_is_told_once():
    story = Story()
    told = [story.drift("drifted", "age", loss=loss).mails() for loss in ("possible", "certain", "possible", "certain")]
    assert told == [["drift-found"], ["drift-found"], [], []]


def test_a_certain_loss_is_told_even_where_no_column_drifted():
    story = Story(retraining={"policy": "on_estimated_loss"}).drift("stable", loss="certain")
    assert story.mails() == ["drift-found"]
    assert story.monitor.retraining.under_way


def test_a_monitor_that_is_turned_on_starts_without_old_troubles():
    story = Story(monitoring={"enabled": False})
    story.learn(SettingsRead(settings(monitoring={"enabled": True})), after=timedelta(days=30))
    assert story.learn(NothingToCheck(Kind.DRIFT, story.begin().ordinal)).mails() == []
