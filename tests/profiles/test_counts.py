"""Counting traffic: every row counted once, whatever form it comes in, however it is divided."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.profiles.counts import Counts, count, merged
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference

WORDS = ["basic", "plus", "pro", "größe", "a b", ""]
numbers = st.one_of(
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1e39, 3.4e38, -3.4e38, 1e-45, 5.0]),
    st.floats(-1e3, 1e3),
    st.integers(-300, 300).map(float),
)
words = st.one_of(st.none(), st.sampled_from([*WORDS, "new", "newer", "newest", "n1", "n2", "n3", "n4"]))


def reference(kind: str, values: Any) -> Reference:
    return Reference.read(json.loads(json.dumps(describe([Column("x", kind, values)])[0])))


AGES = reference("numeric", np.random.default_rng(5).normal(40, 12, 2_000).round(1))
PLANS = reference("categorical", pa.array(WORDS * 20 + ["once", None]))


def cut(values: list[Any], places: list[int]) -> list[list[Any]]:
    ends = sorted({0, len(values), *(place % (len(values) + 1) for place in places)})
    return [values[start:end] for start, end in pairwise(ends)]


@given(st.lists(numbers, max_size=80), st.lists(st.integers(0, 99), max_size=6), st.randoms(use_true_random=False))
def test_numbers_divided_and_mixed_in_any_way_give_the_same(values: list[float], places: list[int], dice: Any) -> None:
    whole = Counts.empty(AGES).add(np.array(values))
    shuffled = list(values)
    dice.shuffle(shuffled)
    parts = [Counts.empty(AGES).add(np.array(part)) for part in cut(shuffled, places)]
    dice.shuffle(parts)
    total = Counts.empty(AGES)
    for part in parts:
        total = merged(part, total)
    assert repr(total) == repr(whole)


@given(st.lists(words, max_size=80), st.lists(st.integers(0, 99), max_size=6), st.randoms(use_true_random=False))
def test_words_divided_and_mixed_in_any_way_give_the_same(values: list[Any], places: list[int], dice: Any) -> None:
    whole = Counts.empty(PLANS).add(pa.array(values, pa.string()))
    shuffled = list(values)
    dice.shuffle(shuffled)
    parts = [Counts.empty(PLANS).add(pa.array(part, pa.string())) for part in cut(shuffled, places)]
    dice.shuffle(parts)
    total = Counts.empty(PLANS)
    for part in parts:
        total = merged(total, part)
    assert total == whole


@settings(max_examples=50)
@given(st.lists(words, max_size=200))
def test_every_form_of_words_gives_the_same(values: list[Any]) -> None:
    plain = pa.array(values, pa.string())
    forms = [
        plain.cast(pa.large_string()),
        plain.dictionary_encode(),
        pa.chunked_array([plain[:7], plain[7:]]),
        pa.chunked_array([plain[:7].dictionary_encode(), plain[7:].dictionary_encode()]),
        np.array(values, dtype=object),
        np.array([math.nan if word is None else word for word in values], dtype=object),
        np.repeat(np.array(values, dtype=object), 2)[::2],
        pd.Series(values, dtype=object),
        pd.Series(values, dtype="category"),
        pd.Categorical(values),
    ]
    wanted = Counts.empty(PLANS).add(plain)
    assert [Counts.empty(PLANS).add(form) for form in forms] == [wanted] * len(forms)


def test_many_rows_of_the_same_few_objects_are_told_apart_by_address() -> None:
    few = np.array([*WORDS, "new", None], dtype=object)
    drawn = np.random.default_rng(1).integers(0, len(few), 50_000)
    assert Counts.empty(PLANS).add(few[drawn]) == Counts.empty(PLANS).add(pa.array(few[drawn].tolist(), pa.string()))


def test_numpys_own_strings_are_words_and_numbers_are_not() -> None:
    assert Counts.empty(PLANS).add(np.array(["pro", "new"])).unseen == 1
    with pytest.raises(pa.ArrowTypeError):
        Counts.empty(PLANS).add(np.array([1.0, math.nan]))


def test_numbers_are_counted_where_they_lie() -> None:
    ages = reference("numeric", np.repeat([1.0, 2.0, 5.0], 10))
    found = Counts.empty(ages).add(np.array([0.0, 1.0, 2.0, 2.0, 3.0, 5.0, 9.0, math.nan, math.inf, 1e39]))
    assert (found.rows, found.missing, found.unseen, found.low, found.high) == (10, 3, 2, 0.0, 9.0)
    by_edge = {ages.centre + edge: rows for edge, rows in zip(ages.edges, found.bins, strict=True)}
    assert (by_edge[1.0], by_edge[2.0], by_edge[5.0]) == (2, 2, 2)  # 0 with the lowest, 9 with the highest
    assert sum(found.bins) == 7


@given(st.lists(numbers, min_size=1, max_size=60))
def test_outside_is_below_the_lowest_or_above_the_highest(values: list[float]) -> None:
    found = Counts.empty(AGES).add(np.array(values))
    assert AGES.low is not None
    assert AGES.high is not None
    held = [value for value in values if abs(value) <= float(np.finfo(np.float32).max)]
    assert found.unseen == sum(not AGES.low <= value <= AGES.high for value in held)
    assert found.missing == len(values) - len(held)
    assert sum(found.bins) == len(held)
    assert (found.low, found.high) == ((min(held), max(held)) if held else (None, None))


def test_a_table_is_counted_by_name_in_two_threads() -> None:
    columns = {"x": np.array([1.0, 50.0]), "y": None}
    assert count([AGES], columns) == [Counts.empty(AGES).add(columns["x"])]


def test_words_are_known_rare_or_new() -> None:
    many = [f"word {place}" for place in range(1_200)]
    common = reference("categorical", pa.array(["often"] * 50 + many))
    found = Counts.empty(common).add(pa.array(["often", many[0], many[-1], "never", None]))
    assert (found.rows, found.missing, found.unseen, found.examples) == (5, 1, 1, ("never",))
    assert sum(found.bins) + found.others == 3
    assert common.seen_once == 1_200


@pytest.mark.parametrize("kind", ["date", "text", "identifier"])
def test_of_what_moves_on_by_itself_only_the_missing_are_counted(kind: str) -> None:
    days = pd.to_datetime(pd.Series(["2024-01-01", None, "2024-01-03"]))
    first = reference(kind, days)
    assert (first.rows, first.missing) == (3, 1)
    found = Counts.empty(first).add(pa.array(["a", None, None, "b"]).dictionary_encode())
    assert (found.rows, found.missing, found.unseen) == (4, 2, 0)


def test_the_reference_counts_itself() -> None:
    values = np.random.default_rng(3).lognormal(size=5_000)
    values[::13] = math.nan
    first = reference("numeric", values)
    found = Counts.empty(first).add(values)
    assert (found.bins, found.missing, found.unseen) == (first.counts, first.missing, 0)
    assert (found.low, found.high) == (first.low, first.high)
