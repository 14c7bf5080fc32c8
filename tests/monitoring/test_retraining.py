"""Signals are kept and answered by one training; what does not help ends by itself."""

from __future__ import annotations

import pytest

from chalicelib.monitoring.commands import Retrain, Tell
from chalicelib.monitoring.facts import RetrainingBegan, RetrainingRefused, RunFollowed, SettingsRead, Ticked
from chalicelib.run import Stage
from tests.monitoring.builders import FIRST, HOUR, SECOND, Story, settings

OTHERS = "churn-0000000a"


def asked(story):
    return [(command.number, command.because) for command in story.execute() if isinstance(command, Retrain)]


def ended(story, stage, run, live=FIRST):
    """A run has ended: the newest retraining, or somebody else's."""
    return story.learn(RunFollowed(run, stage, live, None if run == OTHERS else story.monitor.retraining.number))


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
def test_what_each_policy_answers(policy, finding, because):
    story = Story(retraining={"policy": policy})
    if finding == "fell":
        story.quality("fell")
    else:
        story.drift("drifted", "age", loss="certain" if finding == "harm" else "possible")
    assert asked(story) == ([(1, because)] if because else [])


def test_a_scheduled_training_comes_once_a_period():
    story = Story(retraining={"policy": "schedule", "schedule": "daily", "cool_down_hours": 1})
    assert asked(story.learn(Ticked(), after=23 * HOUR)) == []
    assert asked(story.learn(Ticked(), after=2 * HOUR)) == [(1, "schedule")]
    story.learn(RetrainingBegan(1, SECOND.run))
    ended(story, Stage.LIVE, SECOND.run, SECOND)
    assert asked(story.learn(Ticked(), after=20 * HOUR)) == []
    assert asked(story.learn(Ticked(), after=5 * HOUR)) == [(2, "schedule")]


def test_signals_during_a_training_and_its_cool_down_become_one_training_after_it():
    story = Story(retraining={"policy": "on_drift", "cool_down_hours": 24}).drift("drifted", "age")
    assert asked(story) == [(1, "drift")]
    story.learn(RetrainingBegan(1, SECOND.run))
    for _ in range(2):
        assert asked(story.drift("drifted", "age")) == []
    ended(story, Stage.REJECTED, SECOND.run)
    assert asked(story) == []
    assert asked(story.learn(Ticked())) == [], "the cool-down lasts"
    assert story.monitor.signals == ("drift",)
    assert asked(story.learn(Ticked(), after=24 * HOUR)) == [(2, "drift")]


def test_a_model_that_a_person_s_data_made_answers_the_signal():
    story = Story(retraining={"policy": "on_drift"}).drift("drifted", "age")
    assert story.monitor.retraining.under_way
    story.promoted(SECOND, run=OTHERS)
    assert asked(story) == [], "the training that waited for that run is not needed any more"
    assert not story.monitor.retraining.under_way
    assert asked(story.drift("drifted", "age")) == [], "once per cool-down"
    assert asked(story.learn(Ticked(), after=24 * HOUR)) == [(2, "drift")], "the new model's own check says it again"


def test_a_rejected_run_of_a_person_loses_no_signal():
    story = Story(retraining={"policy": "on_drift"}).drift("drifted", "age")
    ended(story, Stage.REJECTED, OTHERS)
    assert asked(story) == [(1, "drift")]


def test_a_loop_that_does_not_help_stops_and_says_so():
    story = Story(retraining={"policy": "on_drift", "cool_down_hours": 0, "max_tries": 2})
    mails = []
    for number, live in ((1, SECOND), (2, FIRST)):
        story.drift("drifted", "age")
        done = story.execute()
        assert [command.number for command in done if isinstance(command, Retrain)] == [number]
        story.learn(RetrainingBegan(number, live.run))
        ended(story, Stage.LIVE, live.run, live)
        mails += [str(command.mail) for command in done if isinstance(command, Tell)]
    assert mails == ["drift-found"]
    assert story.drift("drifted", "age").mails() == ["retraining-stopped"]
    assert asked(story.drift("drifted", "age")) == []

    story.promoted(SECOND, run=OTHERS)
    assert asked(story.drift("drifted", "age")) == [(3, "drift")], "new data was given: it tries again"


def test_rejected_tries_count_and_the_last_one_stops_at_once():
    story = Story(retraining={"policy": "on_drift", "cool_down_hours": 0, "max_tries": 1}).drift("drifted", "age")
    story.mails()
    story.learn(RetrainingBegan(1, SECOND.run))
    ended(story, Stage.REJECTED, SECOND.run)
    assert story.mails() == ["retraining-stopped"]


def test_drift_that_is_over_forgives_the_tries():
    story = Story(retraining={"policy": "on_drift", "cool_down_hours": 0, "max_tries": 1}).drift("drifted", "age")
    story.learn(RetrainingBegan(1, SECOND.run))
    ended(story, Stage.LIVE, SECOND.run, SECOND)
    story.drift("stable")
    story.mails()
    assert (story.monitor.retraining.tries, story.monitor.retraining.stopped) == (0, False)
    assert asked(story.drift("drifted", "age")) == [(2, "drift")]


def test_a_training_that_ended_before_it_was_noted_does_not_stay_under_way():
    story = Story(retraining={"policy": "on_drift", "cool_down_hours": 0}).drift("drifted", "age")
    ended(story, Stage.FAILED, SECOND.run)
    story.learn(RetrainingBegan(1, SECOND.run))
    assert not story.monitor.retraining.under_way
    story.execute()
    assert asked(story.drift("drifted", "age")) == [(2, "drift")]


def test_a_training_that_cannot_begin_is_taken_back():
    story = Story(retraining={"policy": "on_drift"}).drift("drifted", "age")
    story.execute()
    story.learn(RetrainingRefused(1, "nothing lies in datasets/churn/train/"))
    assert story.mails() == ["retraining-stopped"]
    assert not story.monitor.retraining.under_way


def test_scheduled_trainings_that_are_rejected_go_on():
    story = Story(retraining={"policy": "schedule", "schedule": "daily", "cool_down_hours": 1, "max_tries": 2})
    for number in range(1, 6):
        assert asked(story.learn(Ticked(), after=25 * HOUR)) == [(number, "schedule")]
        ended(story, Stage.REJECTED, SECOND.run)
    assert story.mails() == []


def test_signals_for_another_policy_are_forgotten():
    story = Story(retraining={"policy": "on_drift", "cool_down_hours": 24}).drift("drifted", "age")
    story.learn(RetrainingBegan(1, SECOND.run))
    story.drift("drifted", "age")
    ended(story, Stage.REJECTED, SECOND.run)
    story.execute()
    story.learn(SettingsRead(settings(retraining={"policy": "on_quality_loss"})))
    assert asked(story.learn(Ticked(), after=48 * HOUR)) == []
