"""The jobs read the settings that Lambda stores, and take a missing one for what Lambda would have filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.settings import stored
from chalicelib.settings.defaults import DEFAULTS
from jobs import settings

STORED: Mapping[str, Any] = DEFAULTS


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        (settings.Settings, stored.Settings),
        (settings.FileSettings, stored.File),
        (settings.SplitSettings, stored.Split),
        (settings.GateSettings, stored.Gate),
        (settings.MonitoringSettings, stored.Monitoring),
    ],
)
def test_what_the_jobs_read_is_what_is_stored(read: type, kept: type) -> None:
    assert read.__annotations__.keys() <= kept.__annotations__.keys()


@pytest.mark.parametrize(("section", "jobs"), [("split", settings.SPLIT), ("monitoring", settings.MONITORING)])
def test_the_jobs_defaults_are_lambda_s(section: str, jobs: Mapping[str, Any]) -> None:
    assert {name: STORED[section][name] for name in jobs} == jobs


def test_so_are_those_outside_any_section() -> None:
    assert (DEFAULTS["task"], DEFAULTS["max_columns"]) == (settings.TASK, settings.MOST_COLUMNS)
