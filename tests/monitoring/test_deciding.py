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
    Fact,
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
from chalicelib.records.run import Stage
from tests.monitoring.builders import FIRST, HOUR, SECOND, Timeline, settings
from tests.relay.builders import NOW


def begun(timeline: Timeline) -> list[tuple[Kind, int]]:
    return [(command.kind, command.attempt) for command in timeline.execute() if isinstance(command, BeginCheck)]


def test_a_check_begins_when_its_schedule_is_due_and_not_before() -> None:
    timeline = Timeline(monitoring={"schedule": "hourly"})
    timeline.learn(Ticked(), after=timedelta(minutes=59))
    assert begun(timeline) == []

    timeline.learn(Ticked(), after=timedelta(minutes=3))
    assert begun(timeline) == [(Kind.DRIFT, 1)]

    timeline.learn(NothingToCheck(Kind.DRIFT, 1)).learn(Ticked(), after=timedelta(minutes=59))
    assert begun(timeline) == [(Kind.DRIFT, 1)], "an hour after it was due, not after it was begun"


def test_firings_that_were_missed_are_made_good_by_one_check() -> None:
    timeline = Timeline(monitoring={"schedule": "hourly"}).learn(Ticked(), after=7 * HOUR)
    assert begun(timeline) == [(Kind.DRIFT, 1)]
    timeline.learn(NothingToCheck(Kind.DRIFT, 1)).learn(Ticked())
    assert begun(timeline) == []


@pytest.mark.parametrize("reason", ["monitoring off", "no live model"])
def test_nothing_is_checked_without(reason: str) -> None:
    timeline = Timeline(
        None if reason == "no live model" else FIRST, monitoring={"enabled": reason != "monitoring off"}
    )
    timeline.learn(Ticked(), after=timedelta(days=2))
    assert begun(timeline) == []


def test_wishes_during_a_check_become_one_check_after_it() -> None:
    timeline = Timeline()
    first = timeline.begin(Kind.QUALITY)
    for _ in range(3):
        timeline.learn(CheckAsked(Kind.QUALITY))
    assert begun(timeline) == []

    timeline.learn(QualityRead(first.ordinal, "kept"))

    assert begun(timeline) == [(Kind.QUALITY, 1)]
    timeline.learn(NothingToCheck(Kind.QUALITY, timeline.monitor.checks[0].ordinal))
    assert begun(timeline) == []


def test_test_files_are_evaluated_one_after_the_other_each_upload_once() -> None:
    timeline = Timeline()
    for version in ("v1", "v1", "v2"):
        timeline.learn(CheckAsked(Kind.TEST, "datasets/churn/test/feb.csv", version))
    timeline.learn(CheckAsked(Kind.TEST, "datasets/churn/test/mar.csv", "v1"))
    files = []
    while timeline.monitor.checks:
        timeline.execute()
        (check,) = timeline.monitor.checks
        files.append((check.subject or "").rpartition("/")[2])
        timeline.learn(UploadedTestRead(check.ordinal))
    assert files == ["feb.csv", "feb.csv", "mar.csv"]


def test_a_test_file_that_comes_before_the_first_model_waits_for_it() -> None:
    timeline = Timeline(None).learn(CheckAsked(Kind.TEST, "datasets/churn/test/feb.csv", "v1"))
    assert begun(timeline) == []
    timeline.promoted(FIRST)
    assert begun(timeline) == [(Kind.TEST, 1)]


def test_a_completed_job_is_read_once_however_often_it_is_told() -> None:
    timeline = Timeline()
    check = timeline.begin()
    for _ in range(3):
        timeline.learn(CheckCompleted(Kind.DRIFT, check.ordinal, 1))
    assert timeline.execute() == [ReadResult(timeline.monitor.keys(check))]


def test_only_a_check_that_counted_moves_the_watermark() -> None:
    timeline = Timeline().drift("stable")
    first = timeline.monitor.watermark
    assert first is not None

    timeline.drift("not-enough-traffic")
    timeline.learn(CheckFailed(Kind.DRIFT, timeline.begin().ordinal, 1, "AlgorithmError: , exit code: 1"))
    timeline.learn(NothingToCheck(Kind.DRIFT, timeline.begin().ordinal))
    timeline.learn(ResultMissing(Kind.DRIFT, timeline.begin().ordinal, "no drift.json"))
    assert timeline.monitor.watermark == first

    assert timeline.drift("drifted", "age").monitor.watermark != first


def test_what_sagemaker_could_not_do_is_tried_again_and_then_told() -> None:
    timeline = Timeline()
    ordinal = timeline.begin().ordinal
    for attempt in (1, 2):
        timeline.learn(CheckFailed(Kind.DRIFT, ordinal, attempt, "InternalServerError: try again"))
        assert begun(timeline) == [(Kind.DRIFT, attempt + 1)]
    timeline.learn(CheckFailed(Kind.DRIFT, ordinal, 3, "InternalServerError: try again"))
    assert timeline.mails() == ["check-failed"]
    assert timeline.monitor.checks == ()


def test_a_job_that_stays_out_of_sight_was_deleted() -> None:
    timeline = Timeline()
    check = timeline.begin(Kind.QUALITY)
    unseen = CheckUnseen(Kind.QUALITY, check.ordinal, 1)
    timeline.learn(unseen).learn(unseen, after=timedelta(minutes=1))
    assert begun(timeline) == [], "AWS may only be slow to show it"

    timeline.learn(unseen, after=timedelta(minutes=5))
    assert [command for command in timeline.monitor.pending if isinstance(command, BeginCheck)] == [
        BeginCheck(Kind.QUALITY, check.ordinal, 2)
    ]
    assert timeline.monitor.checks[0].unseen is None


def test_an_old_attempt_that_ends_late_means_nothing() -> None:
    timeline = Timeline()
    ordinal = timeline.begin().ordinal
    timeline.learn(CheckFailed(Kind.DRIFT, ordinal, 1, "InternalServerError: x"))
    before = timeline.monitor
    assert timeline.learn(CheckCompleted(Kind.DRIFT, ordinal, 1)).monitor == before


def test_a_quota_lets_a_check_wait_and_not_for_ever() -> None:
    timeline = Timeline()
    ordinal = timeline.begin().ordinal
    timeline.learn(CheckMustWait(Kind.DRIFT, ordinal, "ResourceLimitExceeded: 0 instances"))
    not_before = timeline.monitor.checks[0].not_before
    assert not_before is not None
    assert not_before > timeline.now

    timeline.learn(CheckMustWait(Kind.DRIFT, ordinal, "ResourceLimitExceeded: 0 instances"), after=LONGEST_WAIT + HOUR)
    assert timeline.mails() == ["check-failed"]


def test_a_new_model_is_monitored_from_its_promotion_on() -> None:
    timeline = Timeline().drift("stable")
    old = timeline.begin()

    timeline.promoted(SECOND)

    assert (timeline.monitor.live, timeline.monitor.watermark, timeline.monitor.checks) == (SECOND, None, ())
    before = timeline.monitor
    late = DriftRead(Kind.DRIFT, old.ordinal, "drifted", ("age",))
    assert timeline.learn(late).monitor == before, "what was seen of the old model says nothing of the new one"


def test_a_rejected_run_changes_nothing_for_the_model_that_serves() -> None:
    timeline = Timeline().drift("stable")
    before = timeline.monitor
    assert timeline.learn(RunFollowed("churn-00000009", Stage.REJECTED, FIRST)).monitor == before


def test_new_settings_count_from_now_on() -> None:
    timeline = Timeline(monitoring={"schedule": "daily"}).learn(Ticked(), after=2 * HOUR)
    assert begun(timeline) == []
    timeline.learn(SettingsRead(settings(monitoring={"schedule": "hourly"}))).learn(Ticked())
    assert begun(timeline) == [(Kind.DRIFT, 1)]


def test_a_drill_leaves_the_monitor_as_it_was() -> None:
    timeline = Timeline(retraining={"policy": "on_drift"}).drift("stable")
    timeline.execute()
    before = timeline.monitor
    check = timeline.begin(Kind.DRILL, "d1")
    timeline.learn(DriftRead(Kind.DRILL, check.ordinal, "drifted", ("age",), "certain"))

    assert timeline.mails() == ["drift-found"]
    assert replace(timeline.monitor, ordinal=before.ordinal) == before

    quiet = timeline.begin(Kind.DRILL, "d2")
    assert timeline.learn(DriftRead(Kind.DRILL, quiet.ordinal, "stable")).mails() == []


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
def test_any_history_leaves_a_valid_record_and_decides_repeated_facts_alike(
    history: list[tuple[Fact, float, bool]],
) -> None:
    monitor, now = Monitor("churn"), NOW
    for fact, hours, executed in history:
        now += timedelta(hours=hours)
        monitor = decide(monitor, fact, now).monitor
        assert problems_with(monitor) == []
        stored = codec.from_document(Monitor, codec.to_document(monitor), monitor.version)
        assert decide(monitor, fact, now) == decide(stored, fact, now)
        if executed:
            monitor = replace(monitor, pending=())


def test_what_people_uploaded_is_looked_at_with_the_new_model() -> None:
    timeline = Timeline()
    timeline.begin(Kind.QUALITY)
    timeline.begin(Kind.TEST, "datasets/churn/test/feb.csv")
    timeline.learn(CheckAsked(Kind.QUALITY)).learn(CheckAsked(Kind.TEST, "datasets/churn/test/mar.csv"))
    timeline.promoted(SECOND)
    assert sorted(begun(timeline)) == [(Kind.QUALITY, 1), (Kind.TEST, 1)]
    assert {check.run for check in timeline.monitor.checks} == {SECOND.run}
    assert [wish.subject for wish in timeline.monitor.wanted] == ["datasets/churn/test/mar.csv"]


def test_labels_that_come_before_the_first_model_wait_for_it() -> None:
    timeline = Timeline(None).learn(CheckAsked(Kind.QUALITY))
    timeline.promoted(FIRST)
    assert begun(timeline) == [(Kind.QUALITY, 1)]


def test_labels_whose_rows_never_come_are_not_looked_for_for_ever() -> None:
    timeline = Timeline(monitoring={"schedule": "hourly"})
    checks = 0
    timeline.learn(QualityRead(timeline.begin(Kind.QUALITY).ordinal, "kept", ("unknown-id",), unknown=1))
    for _ in range(24 * 10):
        timeline.learn(Ticked(), after=HOUR)
        checks += begun(timeline).count((Kind.QUALITY, 1))
        for check in timeline.monitor.checks:
            if check.kind is Kind.QUALITY:
                timeline.learn(QualityRead(check.ordinal, "kept", ("unknown-id",), unknown=1))
            else:
                timeline.learn(NothingToCheck(check.kind, check.ordinal))
    assert 40 < checks < 50


def test_a_record_of_an_older_version_is_read() -> None:
    stored = '{"dataset": "churn", "live": null, "ordinal": 7}'

    assert codec.from_document(Monitor, stored, 3) == Monitor("churn", ordinal=7, version=3)


def test_metrics_of_columns_stay_where_they_were_until_relay_yaml_says_something_of_them() -> None:
    had = Monitor("churn", settings=settings(monitoring={"feature_metrics": True}))
    silent = SettingsRead(settings(), writes_feature_metrics=False)
    assert decide(had, silent, NOW).monitor.monitoring["feature_metrics"]
    assert not decide(had, replace(silent, writes_feature_metrics=True), NOW).monitor.monitoring["feature_metrics"]
    assert not decide(Monitor("churn"), silent, NOW).monitor.monitoring["feature_metrics"]
