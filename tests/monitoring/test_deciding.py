"""When checks begin, what is kept while one is under way, and that no wish and no traffic is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import codec
from chalicelib.failures import LONGEST_WAIT
from chalicelib.monitoring.commands import BeginCheck, ReadResult
from chalicelib.monitoring.deciding import decide
from chalicelib.monitoring.facts import (
    CheckAsked,
    CheckCompleted,
    CheckFailed,
    CheckMustWait,
    CheckUnseen,
    DriftRead,
    NothingToCheck,
    QualityRead,
    ResultMissing,
    RetrainingBegan,
    RunFollowed,
    SettingsRead,
    Ticked,
    UploadedTestRead,
)
from chalicelib.monitoring.record import Monitor, problems_with
from chalicelib.names import Kind
from chalicelib.run import Stage
from tests.monitoring.builders import FIRST, HOUR, SECOND, Story, settings
from tests.relay.builders import NOW


def begun(story):
    return [(command.kind, command.attempt) for command in story.execute() if isinstance(command, BeginCheck)]


def test_a_check_begins_when_its_schedule_is_due_and_not_before():
    story = Story(monitoring={"schedule": "hourly"})
    story.learn(Ticked(), after=timedelta(minutes=59))
    assert begun(story) == []

    story.learn(Ticked(), after=timedelta(minutes=3))
    assert begun(story) == [(Kind.DRIFT, 1)]

    story.learn(NothingToCheck(Kind.DRIFT, 1)).learn(Ticked(), after=timedelta(minutes=59))
    assert begun(story) == [(Kind.DRIFT, 1)], "an hour after it was due, not after it was begun"


def test_firings_that_were_missed_are_made_good_by_one_check():
    story = Story(monitoring={"schedule": "hourly"}).learn(Ticked(), after=7 * HOUR)
    assert begun(story) == [(Kind.DRIFT, 1)]
    story.learn(NothingToCheck(Kind.DRIFT, 1)).learn(Ticked())
    assert begun(story) == []


@pytest.mark.parametrize("reason", ["monitoring off", "no live model"])
def test_nothing_is_checked_without(reason):
    story = Story(None if reason == "no live model" else FIRST, monitoring={"enabled": reason != "monitoring off"})
    story.learn(Ticked(), after=timedelta(days=2))
    assert begun(story) == []


def test_wishes_during_a_check_become_one_check_after_it():
    story = Story()
    first = story.begin(Kind.QUALITY)
    for _ in range(3):
        story.learn(CheckAsked(Kind.QUALITY))
    assert begun(story) == []

    story.learn(QualityRead(first.ordinal, "kept"))

    assert begun(story) == [(Kind.QUALITY, 1)]
    story.learn(NothingToCheck(Kind.QUALITY, story.monitor.checks[0].ordinal))
    assert begun(story) == []


def test_test_files_are_evaluated_one_after_the_other_each_upload_once():
    story = Story()
    for version in ("v1", "v1", "v2"):
        story.learn(CheckAsked(Kind.TEST, "datasets/churn/test/feb.csv", version))
    story.learn(CheckAsked(Kind.TEST, "datasets/churn/test/mar.csv", "v1"))
    files = []
    while story.monitor.checks:
        story.execute()
        (check,) = story.monitor.checks
        files.append(check.subject.rpartition("/")[2])
        story.learn(UploadedTestRead(check.ordinal))
    assert files == ["feb.csv", "feb.csv", "mar.csv"]


def test_a_test_file_that_comes_before_the_first_model_waits_for_it():
    story = Story(None).learn(CheckAsked(Kind.TEST, "datasets/churn/test/feb.csv", "v1"))
    assert begun(story) == []
    story.promoted(FIRST)
    assert begun(story) == [(Kind.TEST, 1)]


def test_a_completed_job_is_read_once_however_often_it_is_told():
    story = Story()
    check = story.begin()
    for _ in range(3):
        story.learn(CheckCompleted(Kind.DRIFT, check.ordinal, 1))
    assert story.execute() == [ReadResult(story.monitor.keys(check))]


def test_only_a_check_that_counted_moves_the_watermark():
    story = Story().drift("stable")
    first = story.monitor.watermark
    assert first is not None

    story.drift("not-enough-traffic")
    story.learn(CheckFailed(Kind.DRIFT, story.begin().ordinal, 1, "AlgorithmError: , exit code: 1"))
    story.learn(NothingToCheck(Kind.DRIFT, story.begin().ordinal))
    story.learn(ResultMissing(Kind.DRIFT, story.begin().ordinal, "no drift.json"))
    assert story.monitor.watermark == first

    assert story.drift("drifted", "age").monitor.watermark != first


def test_what_sagemaker_could_not_do_is_tried_again_and_then_told():
    story = Story()
    ordinal = story.begin().ordinal
    for attempt in (1, 2):
        story.learn(CheckFailed(Kind.DRIFT, ordinal, attempt, "InternalServerError: try again"))
        assert begun(story) == [(Kind.DRIFT, attempt + 1)]
    story.learn(CheckFailed(Kind.DRIFT, ordinal, 3, "InternalServerError: try again"))
    assert story.mails() == ["check-failed"]
    assert story.monitor.checks == ()


def test_a_job_that_stays_out_of_sight_was_deleted():
    story = Story()
    check = story.begin(Kind.QUALITY)
    unseen = CheckUnseen(Kind.QUALITY, check.ordinal, 1)
    story.learn(unseen).learn(unseen, after=timedelta(minutes=1))
    assert begun(story) == [], "AWS may only be slow to show it"

    story.learn(unseen, after=timedelta(minutes=5))
    assert [command for command in story.monitor.pending if isinstance(command, BeginCheck)] == [
        BeginCheck(Kind.QUALITY, check.ordinal, 2)
    ]
    assert story.monitor.checks[0].unseen is None


def test_an_old_attempt_that_ends_late_means_nothing():
    story = Story()
    ordinal = story.begin().ordinal
    story.learn(CheckFailed(Kind.DRIFT, ordinal, 1, "InternalServerError: x"))
    before = story.monitor
    assert story.learn(CheckCompleted(Kind.DRIFT, ordinal, 1)).monitor == before


def test_a_quota_lets_a_check_wait_and_not_for_ever():
    story = Story()
    ordinal = story.begin().ordinal
    story.learn(CheckMustWait(Kind.DRIFT, ordinal, "ResourceLimitExceeded: 0 instances"))
    assert story.monitor.checks[0].not_before > story.now

    story.learn(CheckMustWait(Kind.DRIFT, ordinal, "ResourceLimitExceeded: 0 instances"), after=LONGEST_WAIT + HOUR)
    assert story.mails() == ["check-failed"]


def test_a_new_model_is_monitored_from_its_promotion_on():
    story = Story().drift("stable")
    old = story.begin()

    story.promoted(SECOND)

    assert (story.monitor.live, story.monitor.watermark, story.monitor.checks) == (SECOND, None, ())
    before = story.monitor
    late = DriftRead(Kind.DRIFT, old.ordinal, "drifted", ("age",))
    assert story.learn(late).monitor == before, "what was seen of the old model says nothing of the new one"


def test_a_rejected_run_changes_nothing_for_the_model_that_serves():
    story = Story().drift("stable")
    before = story.monitor
    assert story.learn(RunFollowed("churn-00000009", Stage.REJECTED, FIRST)).monitor == before


def test_new_settings_count_from_now_on():
    story = Story(monitoring={"schedule": "daily"}).learn(Ticked(), after=2 * HOUR)
    assert begun(story) == []
    story.learn(SettingsRead(settings(monitoring={"schedule": "hourly"}))).learn(Ticked())
    assert begun(story) == [(Kind.DRIFT, 1)]


def test_a_drill_leaves_the_monitor_as_it_was():
    story = Story(retraining={"policy": "on_drift"}).drift("stable")
    story.execute()
    before = story.monitor
    check = story.begin(Kind.DRILL, "d1")
    story.learn(DriftRead(Kind.DRILL, check.ordinal, "drifted", ("age",), "certain"))

    assert story.mails() == ["drift-found"]
    assert replace(story.monitor, ordinal=before.ordinal) == before

    quiet = story.begin(Kind.DRILL, "d2")
    assert story.learn(DriftRead(Kind.DRILL, quiet.ordinal, "stable")).mails() == []


FACTS = st.one_of(
    st.builds(RunFollowed, st.sampled_from([FIRST.run, SECOND.run, "churn-00000009"]), st.sampled_from(list(Stage)),
              st.sampled_from([None, FIRST, SECOND]), st.sampled_from([None, 1, 2])),
    st.builds(SettingsRead, st.sampled_from([
        settings(),
        settings(monitoring={"enabled": False}),
        settings(retraining={"policy": "on_drift", "cool_down_hours": 0, "max_tries": 1}),
        settings(retraining={"policy": "on_quality_loss"}),
        settings(retraining={"policy": "schedule", "schedule": "hourly"}),
    ])),
    st.just(Ticked()),
    st.builds(CheckAsked, st.sampled_from(list(Kind)), st.sampled_from([None, "a", "b"]), st.sampled_from([None, "1"])),
    st.builds(NothingToCheck, st.sampled_from(list(Kind)), st.integers(1, 9)),
    st.builds(CheckCompleted, st.sampled_from(list(Kind)), st.integers(1, 9), st.integers(1, 3)),
    st.builds(CheckFailed, st.sampled_from(list(Kind)), st.integers(1, 9), st.integers(1, 3),
              st.sampled_from(["AlgorithmError: x", "InternalServerError: x", "CapacityError: x"])),
    st.builds(CheckMustWait, st.sampled_from(list(Kind)), st.integers(1, 9), st.just("ResourceLimitExceeded: x")),
    st.builds(DriftRead, st.sampled_from([Kind.DRIFT, Kind.DRILL]), st.integers(1, 9),
              st.sampled_from(["drifted", "stable", "not-enough-traffic"]), st.just(("age",)),
              st.sampled_from([None, "certain", "possible", "none"]), st.just(None), st.booleans()),
    st.builds(QualityRead, st.integers(1, 9), st.sampled_from(["fell", "kept", "not-enough-labels"]),
              st.sampled_from([(), ("unknown-id",)]), st.integers(0, 1), st.booleans()),
    st.builds(UploadedTestRead, st.integers(1, 9)),
    st.builds(ResultMissing, st.sampled_from(list(Kind)), st.integers(1, 9), st.just("nothing")),
    st.builds(RetrainingBegan, st.integers(1, 3), st.just("churn-00000007")),
)  # fmt: skip


@given(st.lists(st.tuples(FACTS, st.floats(0, 50), st.booleans()), max_size=40))
def test_any_history_leaves_a_valid_record_and_decides_repeated_facts_alike(history):
    monitor, now = Monitor("churn"), NOW
    for fact, hours, executed in history:
        now += timedelta(hours=hours)
        monitor = decide(monitor, fact, now).monitor
        assert problems_with(monitor) == []
        stored = codec.from_document(Monitor, codec.to_document(monitor), monitor.version)
        assert decide(monitor, fact, now) == decide(stored, fact, now)
        if executed:
            monitor = replace(monitor, pending=())


def test_what_people_uploaded_is_looked_at_with_the_new_model():
    story = Story()
    story.begin(Kind.QUALITY)
    story.begin(Kind.TEST, "datasets/churn/test/feb.csv")
    story.learn(CheckAsked(Kind.QUALITY)).learn(CheckAsked(Kind.TEST, "datasets/churn/test/mar.csv"))
    story.promoted(SECOND)
    assert sorted(begun(story)) == [(Kind.QUALITY, 1), (Kind.TEST, 1)]
    assert {check.run for check in story.monitor.checks} == {SECOND.run}
    assert [wish.subject for wish in story.monitor.wanted] == ["datasets/churn/test/mar.csv"]


def test_labels_that_come_before_the_first_model_wait_for_it():
    story = Story(None).learn(CheckAsked(Kind.QUALITY))
    story.promoted(FIRST)
    assert begun(story) == [(Kind.QUALITY, 1)]


def test_labels_whose_rows_never_come_are_not_looked_for_for_ever():
    story = Story(monitoring={"schedule": "hourly"})
    checks = 0
    story.learn(QualityRead(story.begin(Kind.QUALITY).ordinal, "kept", ("unknown-id",), unknown=1))
    for _ in range(24 * 10):
        story.learn(Ticked(), after=HOUR)
        checks += begun(story).count((Kind.QUALITY, 1))
        for check in story.monitor.checks:
            if check.kind is Kind.QUALITY:
                story.learn(QualityRead(check.ordinal, "kept", ("unknown-id",), unknown=1))
            else:
                story.learn(NothingToCheck(check.kind, check.ordinal))
    assert 40 < checks < 50


def test_a_record_of_an_older_version_is_read():
    stored = '{"dataset": "churn", "live": null, "ordinal": 7}'

    assert codec.from_document(Monitor, stored, 3) == Monitor("churn", ordinal=7, version=3)
