"""Signals are kept and answered by one training; what does not help ends by itself."""

from __future__ import annotations

import pytest

from chalicelib.monitoring.commands import Retrain, Tell
from chalicelib.monitoring.facts import RetrainingBegan, RetrainingRefused, RunFollowed, SettingsRead, Ticked
from chalicelib.records.run import LiveModel, Stage
from tests.monitoring.builders import FIRST, HOUR, SECOND, Timeline, settings

OTHERS = "churn-0000000a"


def under_way(timeline: Timeline) -> bool:
    return timeline.monitor.retraining.under_way


def asked(timeline: Timeline) -> list[tuple[int, str]]:
    return [(command.number, command.because) for command in timeline.execute() if isinstance(command, Retrain)]


def ended(timeline: Timeline, stage: Stage, run: str, live: LiveModel | None = FIRST) -> Timeline:
    """A run has ended: the newest retraining, or somebody else's."""
    return timeline.learn(RunFollowed(run, stage, live, None if run == OTHERS else timeline.monitor.retraining.number))


@pytest.mark.parametrize(
    ("policy", "finding", "because"),
    [
        ("never", "drift", None),
        ("on_drift", "drift", "drift"),
        ("on_drift", "fell", None),
        ("on_estimated_loss", "drift", None),
        ("on_estimated_loss", "harm", "estimated loss"),
        ("on_quality_loss", "fell", "quality loss"),
        ("on_quality_loss", "harm", None),
        ("schedule", "harm", None),
    ],
)
def test_what_each_policy_answers(policy: str, finding: str, because: str | None) -> None:
    timeline = Timeline(retraining={"policy": policy})
    if finding == "fell":
        timeline.quality("fell")
    else:
        timeline.drift("drifted", "age", loss="certain" if finding == "harm" else "possible")
    assert asked(timeline) == ([(1, because)] if because else [])


def test_a_scheduled_training_comes_once_a_period() -> None:
    timeline = Timeline(retraining={"policy": "schedule", "schedule": "daily", "cool_down_hours": 1})
    assert asked(timeline.learn(Ticked(), after=23 * HOUR)) == []
    assert asked(timeline.learn(Ticked(), after=2 * HOUR)) == [(1, "schedule")]
    timeline.learn(RetrainingBegan(1, SECOND.run))
    ended(timeline, Stage.LIVE, SECOND.run, SECOND)
    assert asked(timeline.learn(Ticked(), after=20 * HOUR)) == []
    assert asked(timeline.learn(Ticked(), after=5 * HOUR)) == [(2, "schedule")]


def test_signals_during_a_training_and_its_cool_down_become_one_training_after_it() -> None:
    timeline = Timeline(retraining={"policy": "on_drift", "cool_down_hours": 24}).drift("drifted", "age")
    assert asked(timeline) == [(1, "drift")]
    timeline.learn(RetrainingBegan(1, SECOND.run))
    for _ in range(2):
        assert asked(timeline.drift("drifted", "age")) == []
    ended(timeline, Stage.REJECTED, SECOND.run)
    assert asked(timeline) == []
    assert asked(timeline.learn(Ticked())) == [], "the cool-down lasts"
    assert timeline.monitor.signals == ("drift",)
    assert asked(timeline.learn(Ticked(), after=24 * HOUR)) == [(2, "drift")]


def test_a_model_that_a_person_s_data_made_answers_the_signal() -> None:
    timeline = Timeline(retraining={"policy": "on_drift"}).drift("drifted", "age")
    assert under_way(timeline)
    timeline.promoted(SECOND, run=OTHERS)
    assert asked(timeline) == [], "the training that waited for that run is not needed any more"
    assert not under_way(timeline)
    assert asked(timeline.drift("drifted", "age")) == [], "once per cool-down"
    assert asked(timeline.learn(Ticked(), after=24 * HOUR)) == [(2, "drift")], "the new model's own check says it again"


def test_a_rejected_run_of_a_person_loses_no_signal() -> None:
    timeline = Timeline(retraining={"policy": "on_drift"}).drift("drifted", "age")
    ended(timeline, Stage.REJECTED, OTHERS)
    assert asked(timeline) == [(1, "drift")]


def test_a_loop_that_does_not_help_stops_and_says_so() -> None:
    timeline = Timeline(retraining={"policy": "on_drift", "cool_down_hours": 0, "max_tries": 2})
    mails = []
    for number, live in ((1, SECOND), (2, FIRST)):
        timeline.drift("drifted", "age")
        done = timeline.execute()
        assert [command.number for command in done if isinstance(command, Retrain)] == [number]
        timeline.learn(RetrainingBegan(number, live.run))
        ended(timeline, Stage.LIVE, live.run, live)
        mails += [str(command.mail) for command in done if isinstance(command, Tell)]
    assert mails == ["drift-found", "drift-found"], "the new model's drift is news"
    [told] = [one for one in timeline.drift("drifted", "age").execute() if isinstance(one, Tell)]
    assert (str(told.mail), told.news, told.stopped) == ("drift-found", "new-model", "2"), "one check, one mail"
    assert asked(timeline.drift("drifted", "age")) == []

    timeline.promoted(SECOND, run=OTHERS)
    assert asked(timeline.drift("drifted", "age")) == [(3, "drift")], "new data was given: it tries again"


def test_rejected_tries_count_and_the_last_one_stops_at_once() -> None:
    timeline = Timeline(retraining={"policy": "on_drift", "cool_down_hours": 0, "max_tries": 1}).drift("drifted", "age")
    timeline.mails()
    timeline.learn(RetrainingBegan(1, SECOND.run))
    ended(timeline, Stage.REJECTED, SECOND.run)
    assert timeline.mails() == ["retraining-stopped"]


def test_drift_that_is_over_forgives_the_tries() -> None:
    timeline = Timeline(retraining={"policy": "on_drift", "cool_down_hours": 0, "max_tries": 1}).drift("drifted", "age")
    timeline.learn(RetrainingBegan(1, SECOND.run))
    ended(timeline, Stage.LIVE, SECOND.run, SECOND)
    timeline.drift("stable")
    timeline.mails()
    assert (timeline.monitor.retraining.tries, timeline.monitor.retraining.stopped) == (0, False)
    assert asked(timeline.drift("drifted", "age")) == [(2, "drift")]


def test_a_training_that_ended_before_it_was_noted_does_not_stay_under_way() -> None:
    timeline = Timeline(retraining={"policy": "on_drift", "cool_down_hours": 0}).drift("drifted", "age")
    ended(timeline, Stage.FAILED, SECOND.run)
    timeline.learn(RetrainingBegan(1, SECOND.run))
    assert not under_way(timeline)
    timeline.execute()
    assert asked(timeline.drift("drifted", "age")) == [(2, "drift")]


def test_a_training_that_cannot_begin_is_taken_back() -> None:
    timeline = Timeline(retraining={"policy": "on_drift"}).drift("drifted", "age")
    timeline.execute()
    timeline.learn(RetrainingRefused(1, "nothing lies in datasets/churn/train/"))
    assert timeline.mails() == ["retraining-stopped"]
    assert not under_way(timeline)


def test_scheduled_trainings_that_are_rejected_go_on() -> None:
    timeline = Timeline(retraining={"policy": "schedule", "schedule": "daily", "cool_down_hours": 1, "max_tries": 2})
    for number in range(1, 6):
        assert asked(timeline.learn(Ticked(), after=25 * HOUR)) == [(number, "schedule")]
        ended(timeline, Stage.REJECTED, SECOND.run)
    assert timeline.mails() == []


def test_signals_for_another_policy_are_forgotten() -> None:
    timeline = Timeline(retraining={"policy": "on_drift", "cool_down_hours": 24}).drift("drifted", "age")
    timeline.learn(RetrainingBegan(1, SECOND.run))
    timeline.drift("drifted", "age")
    ended(timeline, Stage.REJECTED, SECOND.run)
    timeline.execute()
    timeline.learn(SettingsRead(settings(retraining={"policy": "on_quality_loss"})))
    assert asked(timeline.learn(Ticked(), after=48 * HOUR)) == []
