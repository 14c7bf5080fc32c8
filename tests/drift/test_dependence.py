"""Verdicts on dependent rows: rows that came again are no news, and neither is what a block of training reaches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs.documents.drift import Finding
from jobs.drift.dependence import besides, fewer_rows, fewer_training_rows
from jobs.drift.findings import findings, thresholds
from jobs.profiles.counts import Counts
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference
from jobs.profiles.row_sample import RowSample
from jobs.profiles.training import dependence

Table = dict[str, Any]
NAMES = ("a", "b", "c", "d", "e", "f")
ROWS = 6_000


def table(rows: int, seed: int) -> Table:
    chance = np.random.default_rng(seed)
    numbers: Table = {name: chance.standard_normal(rows) for name in NAMES}
    return {**numbers, "word": pa.array(chance.choice(["yes", "no"], rows, p=[0.7, 0.3])).dictionary_encode()}


def taken(values: Table, rows: Any) -> Table:
    return {name: v.take(pa.array(rows)) if name == "word" else v[rows] for name, v in values.items()}


def judged(
    training: Table, now: Table, *, order: bool = False, independent: bool = False, moves: bool = True
) -> dict[str, Finding]:
    """`moves`: without, as the baseline of an earlier version is."""
    kinds = {name: "categorical" if name == "word" else "numeric" for name in training}
    references = [Reference.read(one) for one in describe([Column(n, kinds[n], v) for n, v in training.items()])]
    known = dependence(references, training, ["t"] if order else None)
    for one in [] if moves else known["reach"]:
        del one["moves"]
    rows = len(now["a"])
    sample = RowSample.none(references, known["many_valued"]).add(rows, now, np.arange(rows) * 1.0)
    pairs = [(one, Counts.empty(one).add(now[one.name])) for one in references]
    found = findings(pairs, thresholds({}, pairs), {}, None if independent else besides(known, sample))
    return {one["name"]: one for one in found}


def raised(found: dict[str, Finding]) -> set[str]:
    return {name for name, one in found.items() if one["verdict"] == "drifted"}


TRAINING = table(ROWS, 1)
SHUFFLED = np.random.default_rng(9).permutation(1_000)


def test_every_row_five_times_is_no_drift_and_a_change_of_it_is() -> None:
    five = taken(table(200, 2), np.repeat(np.arange(200), 5)[SHUFFLED])
    assert raised(judged(TRAINING, five, independent=True))
    found = judged(TRAINING, five)
    assert raised(found) == set()
    assert found["a"]["dependence"]["rows"] == pytest.approx(172, abs=3)
    five["b"] = five["b"] + 1
    assert raised(judged(TRAINING, five)) == {"b"}


def test_independent_rows_are_judged_as_before() -> None:
    now = table(1_000, 3)
    now["b"] = now["b"] + 0.4
    before, after = judged(TRAINING, now, independent=True), judged(TRAINING, now)
    assert raised(before) == raised(after) == {"b"}
    assert "dependence" not in before["b"]
    assert after["b"]["dependence"] == {"effect": 1.0, "rows": 1_000, "training_effect": 1.0, "reached": None}
    assert {**after["b"], "dependence": None} == {**before["b"], "dependence": None}


def test_what_a_block_of_the_training_reaches_is_no_drift_and_what_exceeds_it_is() -> None:
    slow = 1.5 * np.sin(np.arange(ROWS) / ROWS * 40)
    training = {**TRAINING, "a": TRAINING["a"] + slow}
    block = taken(training, np.arange(2_000, 2_250))
    rest = taken(training, np.r_[0:2_000, 2_250:ROWS])
    assert raised(judged(rest, block)) == {"a"}
    found = judged(rest, block, order=True)
    assert raised(found) == set()
    assert found["a"]["threshold"] == found["a"]["dependence"]["reached"]
    assert (found["a"]["score"] or 0) < found["a"]["threshold"]
    block["a"] = block["a"] + 3
    block["b"] = block["b"] + 1
    assert raised(judged(rest, block, order=True)) == {"a", "b"}


def test_a_move_beyond_every_block_is_news_though_a_block_of_few_values_scores_as_much() -> None:
    narrow = TRAINING["a"].copy()
    narrow[1_500:1_750] *= 0.02
    training = {**TRAINING, "a": narrow}
    now = table(250, 5)
    now["a"] = now["a"] + 1
    moved = judged(training, now, order=True)["a"]
    assert moved["verdict"] == "drifted"
    assert 0.5 < moved["dependence"]["furthest"] < 0.7
    assert moved["threshold"] == (moved["dependence"]["reached"] or 0) < (moved["score"] or 0)
    before = judged(training, now, order=True, moves=False)["a"]
    assert (before["verdict"], before["dependence"].get("furthest")) == ("stable", None)
    assert (before["score"] or 0) < (before["dependence"]["reached"] or 0)
    closer = table(250, 6)
    closer["a"] = closer["a"] * 0.5
    assert raised(judged(training, closer, order=True)) == set()


def test_the_limit_of_dependent_rows_holds_what_chance_makes_of_fewer() -> None:
    five = taken(table(200, 4), np.repeat(np.arange(200), 5))
    found = judged(TRAINING, five)
    assert max(one["threshold"] for one in found.values()) > 0.08


def test_fewer_rows_are_the_same_shares() -> None:
    reference = Reference.read(describe([Column("a", "numeric", np.append(TRAINING["a"], [np.nan] * 600))])[0])
    counts = Counts.empty(reference).add(np.append(TRAINING["a"], [np.nan] * 600))
    fewer, trained = fewer_rows(counts, 6), fewer_training_rows(reference, 6)
    assert (fewer.rows, fewer.missing) == (1_100, 100) == (trained.rows, trained.missing)
    assert np.abs(np.cumsum(fewer.bins) - np.cumsum(counts.bins) / 6).max() <= 0.5
    assert fewer_rows(counts, 1.0) is counts


def test_new_words_of_fewer_rows_are_fewer() -> None:
    words = pa.array(["old"] * 900 + ["new"] * 100)
    reference = Reference.read(describe([Column("w", "categorical", pa.array(["old"] * 500))])[0])
    fewer = fewer_rows(Counts.empty(reference).add(words), 5)
    assert (fewer.rows, fewer.unseen, sum(rows for _, rows in fewer.novel)) == (200, 20, 20)
