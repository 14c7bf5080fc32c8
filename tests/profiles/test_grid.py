"""The grid keeps the order of numbers and finds the bin that a search for it would find."""

from __future__ import annotations

import math
import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.profiles.grid import HIGHEST, LOWEST, best_centre, keys, lower_ends, table, values_of

FLOAT32_MAX = float(np.finfo(np.float32).max)
EDGES = [0.0, -0.0, 1.0, -1.0, 256.0, 257.0, 1e-45, -1e-45, 5e-324, 1e-38, FLOAT32_MAX, -FLOAT32_MAX, 0.1, 1 / 3]
NOT_NUMBERS = [math.nan, math.inf, -math.inf, 1e39, -1e39, 1.7e308, -1.7e308]
finite = st.one_of(st.sampled_from(EDGES), st.floats(-3e38, 3e38), st.integers(-1000, 1000).map(float))
centres = st.one_of(st.sampled_from([0.0, 1.0, -37.5]), st.floats(-1e6, 1e6))


def cell(distance: float) -> int:
    """The same by hand: the sign, and the upper bits of the float32."""
    bits: int = struct.unpack("<I", struct.pack("<f", distance))[0]
    magnitude = (bits & 0x7FFFFFFF) >> 16
    return 32_768 + (-magnitude if bits >> 31 else magnitude)


@given(st.lists(finite, min_size=1, max_size=50), centres)
def test_a_key_is_the_upper_half_of_the_distance(values: list[float], centre: float) -> None:
    found = keys(np.array(values), centre).tolist()
    wanted = [cell(float(np.float32(value - centre))) for value in values]
    assert [key for key in found if LOWEST <= key <= HIGHEST] == [key for key in wanted if LOWEST <= key <= HIGHEST]


@given(st.lists(finite, min_size=2, max_size=50), centres)
def test_the_order_of_numbers_is_the_order_of_keys(values: list[float], centre: float) -> None:
    assert np.all(np.diff(keys(np.sort(np.array(values)), centre)) >= 0)


@given(finite, centres)
def test_equal_numbers_share_a_key_and_so_do_both_zeros(value: float, centre: float) -> None:
    one, other = keys(np.array([value, value + 0.0]), centre)
    assert one == other


def test_what_is_no_number_lies_outside_the_finite_keys() -> None:
    found = keys(np.array([*NOT_NUMBERS, -math.nan]), 0.0)
    assert not np.any((found >= LOWEST) & (found <= HIGHEST))


def test_a_cell_is_found_again_from_its_value() -> None:
    every = np.arange(LOWEST, HIGHEST + 1)
    assert np.array_equal(keys(values_of(every), 0.0), every)
    assert np.all(lower_ends(every) <= values_of(every))


@given(
    st.lists(st.integers(LOWEST, HIGHEST), min_size=1, max_size=200, unique=True),
    st.lists(st.one_of(finite, st.sampled_from(NOT_NUMBERS)), min_size=1, max_size=60),
)
def test_the_table_finds_the_bin_that_searchsorted_finds(first: list[int], values: list[float]) -> None:
    first = sorted(first)
    found_keys = keys(np.array(values), 0.0)
    wanted = np.maximum(np.searchsorted(first, found_keys, side="right") - 1, 0)
    wanted[(found_keys < LOWEST) | (found_keys > HIGHEST)] = len(first)
    codes_in_order = np.array(values, dtype="<f8")
    with np.errstate(over="ignore"):
        codes = codes_in_order.astype("<f4").view("<u2")[1::2]
    assert table(first)[codes].tolist() == wanted.tolist()


def test_a_cell_is_narrow_beside_its_distance() -> None:
    distances = np.geomspace(1e-30, 1e30, 1_000)
    starts = values_of(keys(distances, 0.0))
    assert np.all(np.abs(distances - starts) <= distances / 128 * 1.01)


def test_the_centre_is_where_most_can_be_told_apart() -> None:
    many, few = np.random.default_rng(1).normal(1_000, 1, 4_000), np.zeros(6_000)
    assert 990 < best_centre(np.concatenate([many, few])) < 1_010
    assert best_centre(np.array([7.0])) == 7.0
