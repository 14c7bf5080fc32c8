"""Verdicts and their words, from values in to the entry of drift.json out."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs.drift.findings import Thresholds, findings, thresholds
from jobs.drift.sentences import shortened
from jobs.profiles.counts import Counts
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference

RNG = np.random.default_rng(20)
LIMITS = Thresholds(significance=0.01, distance=0.05, tests=60)
AGES = RNG.normal(40, 10, 10_000).round(1)


def compared(kind: str, before: Any, now: Any, limits: Thresholds = LIMITS) -> Any:
    """The finding about one column; it must be JSON."""
    reference = Reference.read(describe([Column("x", kind, before)])[0])
    found = findings([(reference, Counts.empty(reference).add(now))], limits, {"x": 0.4})[0]
    json.dumps(found, allow_nan=False)
    return found


def words(*counts: tuple[str | None, int]) -> pa.Array:
    return pa.array([word for word, rows in counts for _ in range(rows)], pa.string())


@pytest.mark.parametrize(
    ("now", "aspect", "direction", "sentence"),
    [
        (AGES[:1000] + 5, "distribution", "higher", "standard deviations"),
        (AGES[:1000] - 5, "distribution", "lower", ", -0.5"),
        (40 + 1.3 * (AGES[:1000] - 40), "distribution", "wider", "middle half of the values"),
        (40 + 0.7 * (AGES[:1000] - 40), "distribution", "narrower", "middle half of the values"),
        (np.where(np.arange(1000) % 10 == 0, np.nan, AGES[:1000]), "missing", "more", "missing 0 % -> 10 %"),
        (np.where(np.arange(1000) % 20 == 0, 500.0, AGES[:1000]), "unseen", "more", "5 % of the values are outside"),
    ],
)
def test_drifted_numbers_say_which_way(now: Any, aspect: str, direction: str, sentence: str) -> None:
    found = compared("numeric", AGES, now)
    assert (found["verdict"], found["aspect"], found["direction"]) == ("drifted", aspect, direction)
    assert sentence in found["sentence"]
    assert found["score"] >= found["threshold"] == 0.05
    assert found["p_value"] < LIMITS.p_value
    assert found["importance"] == 0.4


PLANS = words(("basic", 5000), ("plus", 3000), ("pro", 2000))


@pytest.mark.parametrize(
    ("now", "aspect", "direction", "sentence"),
    [
        (words(("basic", 400), ("plus", 400), ("pro", 200)), "distribution", "changed", "% -> 40 %"),
        (words(("basic", 490), ("plus", 295), ("pro", 195), ("max", 20)), "unseen", "more", "2 % of rows hold values"),
        (words(("basic", 450), ("plus", 270), ("pro", 180), (None, 100)), "missing", "more", "missing 0 % -> 10 %"),
        (words(("max", 1000)), "unseen", "more", "100 % of rows"),
    ],
)
def test_drifted_words_say_what(now: Any, aspect: str, direction: str, sentence: str) -> None:
    found = compared("categorical", PLANS, now)
    assert (found["verdict"], found["aspect"], found["direction"]) == ("drifted", aspect, direction)
    assert sentence in found["sentence"]
    assert "max" not in found["sentence"]


def test_of_yes_and_no_the_rarer_is_told() -> None:
    found = compared("boolean", words(("no", 8000), ("yes", 2000)), words(("no", 700), ("yes", 300)))
    assert (found["verdict"], found["direction"], found["sentence"]) == ("drifted", "more", '"yes" 20 % -> 30 %')


@pytest.mark.parametrize("kind", ["date", "text", "identifier"])
def test_of_what_moves_on_by_itself_only_what_is_missing_drifts(kind: str) -> None:
    before, now = words(("old", 1000)), words(("new", 1000))
    assert compared(kind, before, now)["verdict"] == "stable"
    found = compared(kind, before, words(("new", 800), (None, 200)))
    assert (found["verdict"], found["aspect"], found["bins"]) == ("drifted", "missing", None)


def test_certain_but_small_is_stable() -> None:
    rng = np.random.default_rng(1)
    found = compared("numeric", rng.normal(size=200_000), rng.normal(size=200_000) + 0.05)
    assert found["verdict"] == "stable"
    assert found["p_value"] < 1e-9
    assert 0.01 < found["score"] < 0.05


def test_large_but_uncertain_is_stable() -> None:
    found = compared("numeric", AGES, AGES[:10] + 4)
    assert (found["verdict"], found["undefined"]) == ("stable", None)
    assert found["p_value"] > LIMITS.p_value


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        ([math.nan] * 100, [1.0] * 100, "the training data has no row with a value"),
        ([1.0, 2.0] * 50, [math.nan, 1.0], "the traffic has one row with a value"),
        ([1.0, 2.0] * 50, [], "the traffic has no row"),
        ([1.0], [1.0] * 100, "the training data has one row"),
    ],
)
def test_what_cannot_be_judged_is_undefined_and_says_why(before: list[float], now: list[float], sentence: str) -> None:
    found = compared("numeric", np.array(before), np.array(now))
    assert found["verdict"] == ("drifted" if len(now) == len(before) == 100 else "undefined")
    assert sentence in found["undefined"]
    assert found["measures"]["psi"] is None
    assert found["measures"]["jensen_shannon"] is None
    assert found["measures"]["wasserstein"] is None
    assert found["measures"]["kolmogorov_smirnov"] is None


def test_a_column_of_one_value_has_no_standard_deviation_and_is_judged_by_what_lies_outside() -> None:
    same = compared("numeric", np.full(1000, 7.0), np.full(300, 7.0))
    assert (same["verdict"], same["measures"]["wasserstein"], same["measures"]["chi_squared"]) == ("stable", None, None)
    other = compared("numeric", np.full(1000, 7.0), np.full(300, 8.0))
    assert (other["verdict"], other["aspect"]) == ("drifted", "unseen")


def test_all_values_missing_is_drift_of_the_missing() -> None:
    found = compared("numeric", AGES, np.full(500, math.nan))
    assert (found["verdict"], found["aspect"], found["sentence"]) == ("drifted", "missing", "missing 0 % -> 100 %")
    assert found["undefined"] is not None


def test_the_measures_are_what_their_names_say() -> None:
    before, now = RNG.normal(0, 1, 50_000), RNG.normal(0.5, 1, 50_000)
    found = compared("numeric", before, now)["measures"]
    assert found["wasserstein"] == pytest.approx(0.5, abs=0.03)
    assert found["psi"] == pytest.approx(0.25, abs=0.03)  # of two normal distributions: the squared shift
    assert found["jensen_shannon"] == pytest.approx(math.sqrt(0.25 / (8 * math.log(2))), abs=0.01)
    assert found["kolmogorov_smirnov"]["statistic"] == pytest.approx(0.1974, abs=0.01)
    assert found["rank_sum"]["statistic"] == pytest.approx(0.638, abs=0.01)
    assert found["missing"] == {"baseline": 0.0, "current": 0.0, "p_value": 1.0}


def test_the_worst_come_first_and_all_tests_are_counted() -> None:
    columns = [
        Column("same", "numeric", AGES),
        Column("moved", "numeric", AGES),
        Column("far", "numeric", AGES),
        Column("day", "date", words(("a", 10_000))),
        Column("nothing", "numeric", np.full(100, math.nan)),
    ]
    traffic = [AGES[:500], AGES[:500] + 4, AGES[:500] + 20, words(("b", 500)), np.full(500, math.nan)]
    references = [Reference.read(entry) for entry in describe(columns)]
    pairs = [(one, Counts.empty(one).add(now)) for one, now in zip(references, traffic, strict=True)]
    limits = thresholds({"significance": 0.02}, pairs)
    assert (limits.tests, limits.distance, limits.p_value) == (
        3 * 2 + 1,
        0.05,
        0.02 / 7,
    )  # nothing is missing in the first four
    found = findings(pairs, limits, {})
    assert [one["name"] for one in found[:2]] == ["far", "moved"]
    assert found[-1]["verdict"] == "undefined"
    assert {one["verdict"] for one in found[2:-1]} == {"stable"}


@pytest.mark.parametrize(
    ("kind", "before", "now"),
    [
        ("numeric", AGES, AGES[:300] * 2),
        ("numeric", RNG.lognormal(3, 2, 5_000), RNG.lognormal(3, 2, 100)),
        ("numeric", RNG.poisson(2, 5_000).astype(float), RNG.poisson(3, 300).astype(float)),
        ("numeric", np.full(100, 3.5), np.full(50, 4.5)),
        ("numeric", np.full(100, 7.0), np.full(50, -3.4e38)),
        ("numeric", RNG.poisson(2, 5_000).astype(float), np.where(RNG.random(300) < 0.05, 1e25, 2.0)),
        ("categorical", pa.array([f"w{i % 300}" for i in range(9_000)]), pa.array([f"w{i}" for i in range(700)])),
    ],
)
def test_what_is_drawn_is_shares_that_sum_to_one(kind: str, before: Any, now: Any) -> None:
    drawn = compared(kind, before, now)["bins"]
    assert 1 <= len(drawn["labels"]) <= 30
    assert len(drawn["labels"]) == len(set(drawn["labels"])) == len(drawn["baseline"]) == len(drawn["current"])
    assert sum(drawn["baseline"]) == pytest.approx(1, abs=1e-3)
    assert sum(drawn["current"]) == pytest.approx(1, abs=1e-3)


def test_a_word_in_a_sentence_is_short_and_on_one_line() -> None:
    assert shortened("a\nb\x00" + "c" * 40) == '"a b ' + "c" * 25 + '…"'
    assert shortened("größe") == '"größe"'


def test_a_word_that_few_training_rows_hold_is_not_named() -> None:
    found = compared(
        "categorical", words(("a", 900), ("b", 94), ("Ann Smith", 6)), words(("a", 700), ("Ann Smith", 300))
    )
    assert found["verdict"] == "drifted"
    assert "Ann" not in found["sentence"]
    assert found["sentence"].startswith("a rare word 0.6 %")
