"""relay.yaml's sections of the monitor: right defaults, and one sentence a mistake."""

from __future__ import annotations

import pytest

from chalicelib.settings.relay_yaml import SettingsError, read_settings


def test_the_defaults_monitor_every_day_and_never_retrain() -> None:
    read = read_settings(None)
    assert (read.monitoring.enabled, read.monitoring.schedule, read.retraining.policy) == (True, "daily", "never")


@pytest.mark.parametrize("schedule", ["hourly", "daily", "weekly", "rate(5 minutes)", "cron(0 3 ? * MON-FRI *)"])
def test_schedules_are_words_or_expressions(schedule: str) -> None:
    text = f"monitoring:\n  schedule: {schedule}\nretraining:\n  schedule: {schedule}\n"
    assert read_settings(text).monitoring.schedule == schedule


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("monitoring: {schedule: often}", "monitoring.schedule: often: neither rate(...) nor cron(...). Write hourly"),
        ("monitoring: {schedule: rate(1 minute)}", "more often than the monitor looks"),
        ("monitoring: {schedule: cron(0 3 * * * *)}", "exactly one of day-of-month and day-of-week must be ?"),
        ("monitoring: {metric: goodness}", 'monitoring.metric: "goodness" is not known; allowed: auto, accuracy'),
        ("gate: {metric: goodness}", 'gate.metric: "goodness" is not known; allowed: auto, accuracy'),
        ("monitoring: {significance: 0.5}", "monitoring.significance: 0.5 is not allowed; allowed: 0.1 or less"),
        ("monitoring: {min_rows: 3}", "monitoring.min_rows: 3 is not allowed; allowed: 30 or more"),
        ("monitoring: {distanse: 0.1}", 'did you mean "distance"?'),
        ("retraining: {policy: always}", "retraining.policy: 'always' is not allowed; allowed: 'never', 'on_drift'"),
        ("retraining: {max_tries: 0}", "retraining.max_tries: 0 is not allowed; allowed: 1 or more"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_key_and_what_is_allowed(text: str, says: str) -> None:
    with pytest.raises(SettingsError) as mistake:
        read_settings(text)
    (problem,) = mistake.value.problems
    assert says in problem
