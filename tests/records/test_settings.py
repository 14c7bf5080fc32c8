"""Stored settings of another release: what they lack is filled in, and what is written there stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.monitoring.record import Monitor
from chalicelib.records.run import Run
from chalicelib.settings import fingerprints
from chalicelib.settings.dataset import DatasetSettings
from chalicelib.settings.defaults import DEFAULTS, filled
from tests.records.states import kept
from tests.relay.builders import run, settings


def test_the_plain_defaults_are_the_models() -> None:
    """Whoever adds a setting writes its default in settings/defaults.py, and says below since when it is."""
    assert DatasetSettings().model_dump(mode="json") == DEFAULTS


@pytest.mark.parametrize("lost", ["monitoring", "spot", "hyperparameters"])
def test_a_run_that_lacks_a_section_has_its_defaults(lost: str) -> None:
    stored = json.loads(codec.to_document(run()))
    del stored["settings"][lost]

    assert codec.from_document(Run, json.dumps(stored), 1).settings == settings()


@pytest.mark.parametrize("lost", ["endpoint", "mode"])
def test_a_run_that_names_no_mode_has_a_real_time_endpoint(lost: str) -> None:
    """Its release had no other, whatever the default is today."""
    stored = json.loads(codec.to_document(run()))
    within = stored["settings"] if lost == "endpoint" else stored["settings"]["endpoint"]
    del within[lost]

    assert codec.from_document(Run, json.dumps(stored), 1).settings == settings(endpoint={"mode": "realtime"})


@pytest.mark.parametrize(("section", "lost"), [("gate", "max_loss"), ("tuning", "warm_start"), ("tuning", "ranges")])
def test_a_run_that_lacks_a_setting_has_its_default(section: str, lost: str) -> None:
    stored = json.loads(codec.to_document(run(settings=settings(gate={"minimum": 0.8}))))
    del stored["settings"][section][lost]

    read = codec.from_document(Run, json.dumps(stored), 1)

    assert read.settings == settings(gate={"minimum": 0.8})


def test_what_a_person_chose_is_not_filled_up() -> None:
    chosen = settings(
        tuning={"ranges": {"eta": {"min": 0.1, "max": 0.3}}}, hyperparameters={"gamma": 1}, columns={"a": "text"}
    )

    assert filled(chosen) == chosen
    bare = {**chosen, "tuning": {**chosen["tuning"], "ranges": {"eta": {"min": 0.1, "max": 0.3}}}}
    assert filled(bare) == chosen


def test_settings_of_a_newer_release_stay() -> None:
    newer: dict[str, Any] = {**settings(), "invented": 1, "gate": {"invented": 2}}
    read: Any = filled(newer)
    assert (read["invented"], read["gate"]["invented"]) == (1, 2)


def test_a_monitor_has_its_sections_complete_once_relay_yaml_was_read() -> None:
    half = '{"dataset": "churn", "settings": {"monitoring": {"enabled": false}}}'

    read = codec.from_document(Monitor, half, 1)

    assert read.monitoring["min_rows"] == 100
    assert read.policy["policy"] == "never"
    assert not read.enabled
    assert codec.from_document(Monitor, '{"dataset": "churn"}', 1).settings == {}


def test_what_release_0_1_0_had_for_defaults_is_still_known() -> None:
    """Whoever adds a setting, or changes a default, says so in settings/fingerprints.py: old fingerprints hold them."""
    stored = next(
        json.loads(item["document"]["S"])["settings"]
        for item in kept("0.1.0", "live-by-default")["table"]
        if item["id"]["S"].startswith("run#")
    )

    assert fingerprints.defaults_of_0_1_0() == stored
