"""What consecutive blocks of the training rows reach, and the limits that follow."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from jobs.drift.distances import jensen_shannon
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference
from jobs.profiles.reach import Moments, limits, of_size, reaches, squared_scores
from jobs.profiles.training import dependence

ROWS = 4_000
CHANCE = np.random.default_rng(1)
STEADY = CHANCE.standard_normal(ROWS)
WAVE = STEADY + 2 * np.sin(np.arange(ROWS) / ROWS * 12)
WEEKS = pa.array([f"week {row // 125}" for row in range(ROWS)]).dictionary_encode()
KINDS = {"steady": ("numeric", STEADY), "wave": ("numeric", WAVE), "week": ("categorical", WEEKS)}
VALUES = {name: values for name, (_, values) in KINDS.items()}
REFERENCES = [Reference.read(one) for one in describe([Column(n, k, v) for n, (k, v) in KINDS.items()])]


def test_blocks_of_a_wave_reach_far_and_those_of_a_steady_column_do_not() -> None:
    found = limits(reaches(REFERENCES, VALUES), 250, 3)
    assert found["wave"]["distribution"] > 0.3
    assert found["steady"]["distribution"] < 0.15
    assert "missing" not in found["wave"]


def test_words_of_one_block_alone_are_words_never_seen_before() -> None:
    found = limits(reaches(REFERENCES, VALUES), 125, 3)
    assert found["week"]["unseen"] > 0.9
    assert found["week"]["distribution"] > 0.9


def test_the_blocks_are_of_the_largest_size_within_the_window() -> None:
    found = reaches(REFERENCES, VALUES)
    assert [(one["rows"], one["blocks"]) for one in found] == [(125, 32), (250, 16), (500, 8), (1_000, 4)]
    assert [(of_size(found, rows) or found[0])["rows"] for rows in (50, 125, 499, 10_000)] == [125, 125, 250, 1_000]
    assert of_size([], 100) is None
    assert limits([], 100, 3) == {}


def test_fewer_sizes_are_kept_where_there_is_little_room_and_none_where_there_is_no_room() -> None:
    assert [one["rows"] for one in reaches(REFERENCES, VALUES, 900)] == [125, 500]
    assert reaches(REFERENCES, VALUES, 10) == []
    assert len(json.dumps(reaches(REFERENCES, VALUES, 900), separators=(",", ":"))) <= 900


def test_moments_of_two_parts_are_those_of_all_blocks() -> None:
    squared = CHANCE.random(40)
    together = Moments.of(squared[:15]) + Moments.of(squared[15:])
    assert together.limit(9) == pytest.approx(Moments.of(squared).limit(9))


def test_a_limit_lies_beyond_every_block_and_further_where_they_are_few() -> None:
    squared = CHANCE.random(40) * 0.04
    assert Moments.of(squared).limit(1) >= 1.1 * np.sqrt(squared.max())
    assert Moments.of(np.full(4, 0.04)).limit(1) == pytest.approx(1.5 * 0.2)
    assert Moments.of(np.full(4, 0.9)).limit(1) == 1.0


def test_the_score_of_a_block_is_the_score_of_a_check() -> None:
    one, other = CHANCE.integers(0, 30, (2, 5, 20)), CHANCE.integers(50, 90, (2, 5, 20))
    found = squared_scores(one[0].astype(float), other[0].astype(float))
    assert np.sqrt(found) == pytest.approx([jensen_shannon(a, b) for a, b in zip(one[0], other[0], strict=True)])


def test_what_prepare_keeps_says_whether_the_order_was_known() -> None:
    known = dependence(REFERENCES, VALUES, ["day"])
    unknown = dependence(REFERENCES, VALUES)
    assert (known["version"], known["order"], unknown["order"], unknown["reach"]) == (1, ["day"], None, [])
    assert known["many_valued"] == ["steady", "wave"]
    assert known["repeats"] == {}
    twice = {name: pa.concat_arrays([v, v]) if name == "week" else np.tile(v, 2) for name, v in VALUES.items()}
    assert dependence(REFERENCES, twice)["repeats"]["steady"] == pytest.approx([2.2, 1.0], abs=0.05)
