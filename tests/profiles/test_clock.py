"""Training rows as they are at a window's own times of day and week."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs.profiles.clock import Season, clock, season
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference

ROWS = 24 * 7 * 40
MONDAY = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
SECONDS = MONDAY + np.arange(ROWS) * 900.0  # a row every quarter of an hour, ten weeks
HOUR = SECONDS // 3600 % 24
NIGHT = (HOUR < 6).astype(int)
CHANCE = np.random.default_rng(1)
LOAD = CHANCE.standard_normal(ROWS) - 3 * NIGHT
WORD = pa.array(np.where(NIGHT, "asleep", np.where(CHANCE.random(ROWS) < 0.5, "busy", "idle"))).dictionary_encode()
SOME = np.where(NIGHT & (CHANCE.random(ROWS) < 0.5), np.nan, LOAD)
VALUES: dict[str, Any] = {"load": LOAD, "word": WORD, "some": SOME}
KINDS = {"load": "numeric", "word": "categorical", "some": "numeric"}
REFERENCES = {n: Reference.read(describe([Column(n, KINDS[n], v)])[0]) for n, v in VALUES.items()}
KNOWN = clock(list(REFERENCES.values()), VALUES, "at", SECONDS)


def of(seconds: Any) -> Season:
    assert KNOWN is not None
    found = season(KNOWN, seconds)
    assert found is not None
    return found


def test_nights_are_held_against_nights() -> None:
    found = of(SECONDS[NIGHT == 1][:500])
    assert found.names.startswith("hour of day")
    load, word, some = (found.of(REFERENCES[name]) for name in ("load", "word", "some"))
    assert load is not None
    assert word is not None
    assert some is not None
    middle = np.searchsorted(np.cumsum(load.counts), load.present / 2)
    assert load.centre + load.edges[middle] == pytest.approx(-3, abs=0.15)
    assert word.counts[word.places["asleep"]] == pytest.approx(word.present, rel=0.01)
    assert some.missing / some.rows == pytest.approx(0.5, abs=0.05)
    assert load.rows <= NIGHT.sum()


def test_one_day_of_the_week_is_another_mix_and_a_whole_week_is_none() -> None:
    assert of(SECONDS[: 24 * 4]).names == "day of week"
    assert KNOWN is not None
    assert season(KNOWN, SECONDS[: 24 * 4 * 7]) is None


def test_times_that_training_never_had_or_that_are_not_known_are_no_season() -> None:
    office = (HOUR >= 9) & (HOUR < 17)
    of_day = clock([REFERENCES["load"]], {"load": LOAD[office]}, "at", SECONDS[office])
    assert of_day is not None
    assert season(of_day, SECONDS[NIGHT == 1][:500]) is None
    assert season(of_day, np.full(100, np.nan)) is None
    assert season(of_day, np.zeros(0)) is None


def test_days_without_hours_say_weekdays_and_one_day_says_nothing() -> None:
    days = np.floor(SECONDS / 86_400) * 86_400
    found = clock([REFERENCES["load"]], {"load": LOAD}, "day", days)
    assert found is not None
    assert np.count_nonzero(found["hours"]) == 1
    assert min(found["weekdays"]) > 0
    assert clock([REFERENCES["load"]], {"load": LOAD[:40]}, "day", days[:40]) is None
    assert of(days[:96]).of(REFERENCES["load"]) is not None
