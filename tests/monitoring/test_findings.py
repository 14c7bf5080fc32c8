"""One mail for a change of state, and none for a check that only says the same again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.monitoring.commands import Tell
from chalicelib.monitoring.facts import CheckFailed, EndpointGone, NothingToCheck, SettingsRead
from chalicelib.names import Kind
from tests.monitoring.builders import SECOND, Timeline, settings

DAY = timedelta(days=1)


def test_drift_is_told_once_and_its_end_once() -> None:
    timeline = Timeline().drift("stable")
    assert timeline.mails() == []
    told = [timeline.drift("drifted", "age").mails() for _ in range(3)]
    assert told == [["drift-found"], [], []]
    assert [timeline.drift("stable", after=DAY).mails() for _ in range(5)] == [[], [], [], ["drift-over"], []]
    assert timeline.drift("drifted", "plan").mails() == ["drift-found"]


def test_drift_that_wavers_about_its_limit_is_one_episode() -> None:
    timeline = Timeline(monitoring={"quiet_days": 1})
    told = [
        timeline.drift(state, *(["age"] if state == "drifted" else []), after=DAY).mails()
        for state in ["drifted", "stable", "drifted", "stable", "stable"] * 4
    ]
    assert [mail for mails in told for mail in mails] == ["drift-found"]
    assert timeline.monitor.drift.state == "drifted"
    assert timeline.drift("stable", after=DAY).mails() == ["drift-over"]


def test_many_quiet_checks_of_one_day_end_no_drift() -> None:
    timeline = Timeline().drift("drifted", "age")
    timeline.mails()
    assert [timeline.drift("stable").mails() for _ in range(24)] == [[]] * 24


def test_a_loss_that_grows_is_told_and_one_that_wavers_is_not() -> None:
    timeline = Timeline().drift("drifted", "age", loss="certain", lost=2.0)
    assert timeline.mails() == ["drift-found"]
    told = [
        [
            one.news
            for one in timeline.drift("drifted", "age", loss="certain", lost=lost).execute()
            if isinstance(one, Tell)
        ]
        for lost in (1.2, 3.9, 4.0, 7.9, 8.0)
    ]
    assert told == [[], [], ["worse"], [], ["worse"]]


def test_drift_that_goes_on_is_reminded_ever_less_often() -> None:
    timeline = Timeline()
    told = [
        (week, command.news)
        for week in range(100)
        for command in timeline.drift("drifted", "age", after=7 * DAY).execute()
        if isinstance(command, Tell)
    ]
    assert told == [(0, ""), *((week, "goes-on") for week in (4, 12, 28, 44, 60, 76, 92))]


def test_the_new_model_that_drifts_as_well_is_told() -> None:
    timeline = Timeline().drift("drifted", "age")
    timeline.mails()
    timeline.promoted(SECOND).drift("drifted", "age")
    [told] = [command for command in timeline.execute() if isinstance(command, Tell)]
    assert (told.mail, told.news) == ("drift-found", "new-model")
    assert timeline.drift("drifted", "age").mails() == []


def test_what_an_earlier_release_told_is_not_told_again() -> None:
    timeline = Timeline().drift("drifted", "age", loss="certain", lost=7.0)
    timeline.mails()
    timeline.monitor = replace(timeline.monitor, drifting=None)
    assert timeline.drift("drifted", "age", loss="certain", lost=7.0).mails() == []
    timeline.monitor = replace(timeline.monitor, drifting=None)
    assert [timeline.drift("stable", after=2 * DAY).mails() for _ in range(3)] == [[], [], ["drift-over"]]
    fell = Timeline().quality("fell", lost=7.0)
    fell.mails()
    fell.monitor = replace(fell.monitor, fallen=None)
    assert fell.quality("fell", lost=7.0).mails() == []
    assert fell.monitor.fallen is not None


def test_the_first_check_that_finds_nothing_is_no_news() -> None:
    assert Timeline().drift("stable").mails() == []


def test_drift_that_begins_to_hurt_is_news() -> None:
    timeline = Timeline().drift("drifted", "age", loss="possible")
    assert timeline.mails() == ["drift-found"]
    assert timeline.drift("drifted", "age", loss="certain").mails() == ["drift-found"]
    assert timeline.drift("drifted", "age", loss="none").mails() == [], "getting better is told when it is over"


def test_drift_goes_on_while_nothing_could_be_checked() -> None:
    timeline = Timeline().drift("drifted", "age")
    since = timeline.monitor.drift
    timeline.mails()
    timeline.drift("not-enough-traffic")
    assert timeline.monitor.drift == since
    assert timeline.drift("drifted", "age").mails() == []
    assert timeline.monitor.drift.since == since.since


def test_drift_of_the_old_model_is_over_when_the_new_one_finds_none() -> None:
    timeline = Timeline().drift("drifted", "age")
    timeline.mails()
    timeline.promoted(SECOND)
    assert timeline.mails() == []
    assert timeline.drift("stable").mails() == ["drift-over"]


@pytest.mark.parametrize("how", ["no files", "few rows"])
def test_too_little_traffic_is_told_once_after_some_days(how: str) -> None:
    timeline = Timeline(monitoring={"quiet_days": 2})
    told = []
    for _ in range(5):
        timeline.now += timedelta(hours=23)
        if how == "no files":
            timeline.learn(NothingToCheck(Kind.DRIFT, timeline.begin().ordinal))
        else:
            timeline.drift("not-enough-traffic")
        told.append(tuple(timeline.mails()))
    assert told.count(("no-traffic",)) == 1
    assert set(told) == {(), ("no-traffic",)}
    assert told[0] == ()
    timeline.drift("stable")
    timeline.now += timedelta(days=3)
    assert timeline.drift("not-enough-traffic").mails() == ["no-traffic"], "traffic came, and ceased again"


def test_an_endpoint_that_somebody_deleted_is_told_once_until_it_is_back() -> None:
    timeline = Timeline(monitoring={"quiet_days": 1}, retraining={"policy": "on_drift"})

    def gone() -> list[str]:
        return timeline.learn(EndpointGone(Kind.DRIFT, timeline.begin().ordinal), after=timedelta(days=2)).mails()

    assert [gone(), gone(), gone()] == [["endpoint-gone"], [], []]
    assert timeline.drift("not-enough-traffic").mails() == [], "it is back, and callers have time to come"
    assert gone() == ["endpoint-gone"]
    timeline.promoted(SECOND)
    assert gone() == ["endpoint-gone"]


@pytest.mark.parametrize("kind", [Kind.TEST, Kind.DRILL])
def test_who_asks_what_is_deleted_is_answered_each_time(kind: Kind) -> None:
    timeline = Timeline()
    for subject in ("a", "b"):
        check = timeline.begin(kind, subject)
        assert timeline.learn(EndpointGone(kind, check.ordinal)).mails() == ["endpoint-gone"]
    assert timeline.monitor.open_alerts == ()


def test_a_check_that_fails_is_told_once_until_one_succeeds() -> None:
    timeline = Timeline()

    def fail() -> list[str]:
        return timeline.learn(CheckFailed(Kind.DRIFT, timeline.begin().ordinal, 1, "AlgorithmError: x")).mails()

    assert [fail(), fail()] == [["check-failed"], []]
    timeline.drift("stable")
    assert fail() == ["check-failed"]


def test_a_test_file_that_cannot_be_used_is_told_each_time() -> None:
    timeline = Timeline()
    for name in ("feb.csv", "mar.csv"):
        check = timeline.begin(Kind.TEST, f"datasets/churn/test/{name}")
        assert timeline.learn(CheckFailed(Kind.TEST, check.ordinal, 1, "[no-target] x")).mails() == ["check-failed"]


def test_unreadable_records_are_told_once_and_with_whatever_else_is_told() -> None:
    timeline = Timeline().drift("stable", problems=True)
    assert timeline.mails() == ["unreadable-traffic"]
    assert timeline.drift("stable", problems=True).mails() == []
    assert timeline.drift("stable").mails() == []
    assert timeline.drift("drifted", "age", problems=True).mails() == ["drift-found"]
    assert timeline.drift("drifted", "age", problems=True).mails() == [], "the mail about the drift has said it"


def test_the_first_labels_are_answered_and_then_only_changes() -> None:
    timeline = Timeline()
    assert timeline.quality("kept").mails() == ["quality"]
    assert timeline.quality("kept").mails() == []
    assert [timeline.quality("fell").mails() for _ in range(2)] == [["quality-fell"], []]
    assert [timeline.quality("kept", after=2 * DAY).mails() for _ in range(3)] == [[], [], ["quality-recovered"]]


def test_quality_that_wavers_is_told_once_and_again_when_it_falls_further() -> None:
    timeline = Timeline(retraining={"policy": "on_quality_loss"})
    told = [timeline.quality(state, after=DAY).mails() for state in ["fell", "kept", "kept"] * 3]
    assert [mail for mails in told for mail in mails] == ["quality-fell"]
    assert timeline.monitor.signals == (), "the newest labels show no loss: nothing is trained for it"
    assert timeline.quality("fell", lost=2.0).mails() == ["quality-fell"]
    timeline.promoted(SECOND)
    assert timeline.quality("kept").mails() == ["quality-recovered"]


def test_outcomes_and_quality_that_change_in_one_check_are_one_mail() -> None:
    timeline = Timeline()
    timeline.quality("fell", changed=True, since="2026-11-20T10:00:00Z")
    [told] = [command for command in timeline.execute() if isinstance(command, Tell)]
    assert (told.mail, told.note) == ("quality-fell", "changed-relation")
    assert timeline.quality("fell", changed=True).mails() == []
    later = Timeline().quality("fell")
    later.mails()
    assert later.quality("fell", changed=True).mails() == ["relation-changed"]


def test_labels_with_new_mistakes_are_answered() -> None:
    timeline = Timeline().quality("kept")
    timeline.mails()
    assert timeline.quality("kept", "unknown-id").mails() == ["quality"]
    assert timeline.quality("kept", "unknown-id").mails() == []
    assert timeline.quality("kept", "conflicting").mails() == ["quality"]


def test_too_few_labels_are_told_once() -> None:
    timeline = Timeline()
    assert [timeline.quality("not-enough-labels", labelled=False).mails() for _ in range(2)] == [["quality"], []]
    assert timeline.quality("kept").mails() == ["quality"]


def test_an_estimate_that_wavers_about_its_limit_is_told_once() -> None:
    timeline = Timeline()
    told = [
        timeline.drift("drifted", "age", loss=loss).mails() for loss in ("possible", "certain", "possible", "certain")
    ]
    assert told == [["drift-found"], ["drift-found"], [], []]


def test_a_certain_loss_is_told_even_where_no_column_drifted() -> None:
    timeline = Timeline(retraining={"policy": "on_estimated_loss"}).drift("stable", loss="certain")
    assert timeline.mails() == ["drift-found"]
    assert timeline.monitor.retraining.under_way


def test_a_monitor_that_is_turned_on_starts_without_old_troubles() -> None:
    timeline = Timeline(monitoring={"enabled": False})
    timeline.learn(SettingsRead(settings(monitoring={"enabled": True})), after=timedelta(days=30))
    assert timeline.learn(NothingToCheck(Kind.DRIFT, timeline.begin().ordinal)).mails() == []
