"""A baseline: bins where the data is, names where they are frequent, and never more room than there is."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs.documents.baseline import DescribedColumn
from jobs.profiles.counts import Counts
from jobs.profiles.describe import bins, describe
from jobs.profiles.profile import Column, Reference, hash_of

BUDGET = 1_900_000


def size(columns: list[DescribedColumn]) -> int:
    return len(json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode())


def one(kind: str, values: Any) -> Reference:
    return Reference.read(json.loads(json.dumps(describe([Column("x", kind, values)])[0], allow_nan=False)))


def test_bins_of_a_continuous_column_hold_about_equally_many() -> None:
    found = one("numeric", np.random.default_rng(1).lognormal(size=50_000))
    assert 80 <= len(found.counts) <= 240
    assert sum(found.counts) == 50_000
    assert max(found.counts) < 0.02 * 50_000


def test_a_value_that_many_share_has_a_bin_of_its_own_and_room_beside_it() -> None:
    rng = np.random.default_rng(2)
    found = one("numeric", np.where(rng.random(20_000) < 0.6, 0.0, rng.gamma(2, 1_000, 20_000) + 500))
    place = max(range(len(found.counts)), key=lambda i: found.counts[i])
    assert found.centre + found.edges[place] == pytest.approx(0, abs=5)
    assert found.counts[place + 1] == 0
    traffic = Counts.empty(found).add(np.full(100, 250.0))
    assert traffic.bins[place] == 0


def test_whole_numbers_have_a_bin_each() -> None:
    found = one("numeric", np.arange(100).repeat(5).astype(float))
    assert found.integer
    assert found.counts == (5,) * 100
    assert found.mean == pytest.approx(49.5)
    assert found.std_dev == pytest.approx(math.sqrt((100**2 - 1) / 12))


@pytest.mark.parametrize(
    "values", [[math.nan] * 3, [], [7.0], [7.0] * 10, [math.inf, 1.0], [0.0, -0.0], [3.4e38, -3.4e38]]
)
def test_odd_columns_are_described_and_read(values: list[float]) -> None:
    found = one("numeric", np.array(values, dtype=float))
    counted = Counts.empty(found).add(np.array(values, dtype=float))
    assert (counted.bins, counted.missing, counted.unseen) == (found.counts, found.missing, 0)
    assert (found.low is None) == (found.present == 0)


def test_rare_words_are_remembered_by_hash() -> None:
    words = ["often"] * 10 + ["twice"] * 2 + [f"word {place}" for place in range(5_000)]
    found = one("categorical", pa.array([*words, None, "x" * 5_000]))
    assert found.values[:2] == ("often", "twice")
    assert len(found.values) == 1_000
    assert found.hashes is not None
    assert hash_of("word 4999") in found.hashes
    assert hash_of("x" * 5_000) in found.hashes
    assert (found.rows, found.missing, found.seen_once, found.seen_twice) == (5_014, 1, 5_001, 1)


@pytest.mark.parametrize(
    "columns",
    [
        [Column(f"number {i}", "numeric", np.random.default_rng(i).normal(size=400)) for i in range(2_000)],
        [Column("words", "categorical", pa.array([f"category {i}" for i in range(100_000)]))],
        [
            Column(f"long {i}", "categorical", pa.array([f"{i} {j} " + "long words " * 15 for j in range(100)]))
            for i in range(500)
        ],
        [Column(f"many {i}", "categorical", pa.array([f"{i} {j}" for j in range(20_000)])) for i in range(12)],
    ],
    ids=["2,000 columns", "100,000 categories", "long words", "many columns of many categories"],
)
def test_it_has_room_whatever_the_columns(columns: list[Column]) -> None:
    found = describe(columns)
    assert size(found) <= BUDGET
    assert [Reference.read(column).rows for column in found] == [len(column.values) for column in columns]


def test_narrow_data_keeps_all_detail_of_100000_categories() -> None:
    found = one("categorical", pa.array([f"category {i}" for i in range(100_000)]))
    assert found.hashes is not None
    assert len(found.hashes) + len(found.values) > 99_990
    assert Counts.empty(found).add(pa.array(["category 99999", "new"])).unseen == 1


def test_where_no_hash_has_room_new_words_are_not_claimed_to_be_known() -> None:
    columns = [Column("x", "categorical", pa.array([f"category {i}" for i in range(5_000)]))]
    found = Reference.read(describe(columns, budget_bytes=2_000)[0])
    assert found.hashes is None
    counted = Counts.empty(found).add(pa.array(["new"]))
    assert (counted.unseen, counted.others) == (0, 1)


def test_bins_are_never_more_than_allowed_and_lose_no_row() -> None:
    rng = np.random.default_rng(4)
    for most in (10, 20, 64, 240):
        for cells in (1, 5, 100, 5_000):
            keys = np.sort(rng.choice(np.arange(1_000, 60_000), cells, replace=False))
            rows = rng.geometric(0.01, cells)
            first, counts = bins(keys, rows, keys + 1, most)
            assert len(first) == len(counts) <= most
            assert sum(counts) == rows.sum()
            assert np.all(np.diff(first) > 0)
            assert first[0] == keys[0]


def test_a_missing_entry_is_named() -> None:
    with pytest.raises(KeyError, match="centre"):
        Reference.read({"name": "x", "kind": "numeric", "missing": 0, "counts": []})
