"""The tests against scipy's own on raw samples, and against chance itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from jobs.drift import significance
from jobs.drift.significance import Rows

RNG = np.random.default_rng(11)
ONE, OTHER = RNG.poisson(5, 700), RNG.poisson(5.4, 900)
BY_VALUE = np.bincount(ONE, minlength=25), np.bincount(OTHER, minlength=25)


def test_kolmogorov_smirnov_is_scipys() -> None:
    found, known = significance.kolmogorov_smirnov(*BY_VALUE), stats.ks_2samp(ONE, OTHER, method="asymp")
    assert found.statistic == pytest.approx(known.statistic)
    assert found.p_value == pytest.approx(known.pvalue, rel=0.1)


def test_rank_sum_is_scipys_mann_whitney() -> None:
    found = significance.rank_sum(*BY_VALUE)
    known = stats.mannwhitneyu(OTHER, ONE, use_continuity=False, method="asymptotic")
    assert found.statistic == pytest.approx(known.statistic / (len(ONE) * len(OTHER)))
    assert found.p_value == pytest.approx(known.pvalue, rel=0.1)


def test_chi_squared_is_scipys() -> None:
    kept = BY_VALUE[0] + BY_VALUE[1] > 0
    known = stats.chi2_contingency(np.array(BY_VALUE)[:, kept], correction=False)
    found = significance.chi_squared(*BY_VALUE)
    assert found is not None
    assert (found.statistic, found.p_value) == pytest.approx((known.statistic, known.pvalue))


def test_chi_squared_of_one_bin_is_undefined() -> None:
    assert significance.chi_squared(np.array([5, 0]), np.array([9, 0])) is None


@given(st.integers(0, 60), st.integers(60, 400), st.integers(0, 60), st.integers(60, 400))
def test_shares_is_twice_the_smaller_hypergeometric_tail(one: int, of_one: int, other: int, of_other: int) -> None:
    together, total = one + other, of_one + of_other
    upper = stats.hypergeom.sf(other - 1, total, together, of_other)
    lower = stats.hypergeom.cdf(other, total, together, of_other)
    assert significance.shares(one, of_one, other, of_other) == pytest.approx(min(1.0, 2 * min(upper, lower)), abs=1e-9)


def test_shares_of_many_millions_take_no_time_and_stay_exact() -> None:
    beyond = (300 - 0.5) / np.sqrt(10**6 * 0.0503 * 0.9497 / 2)
    assert significance.shares(50_000, 10**6, 50_600, 10**6) == pytest.approx(2 * stats.norm.sf(beyond), rel=0.001)
    assert significance.shares(0, 10**6, 10**6, 10**6) < 1e-300
    assert significance.shares(10**6, 10**6, 10**6, 10**6) == 1.0
    assert significance.shares(0, 10**6, 1, 100) == pytest.approx(2 * 100 / (10**6 + 100), rel=1e-6)


@given(st.integers(0, 50), st.integers(50, 500), st.floats(0.2, 30), st.floats(1, 500))
def test_the_beta_binomial_tail_is_scipys(hits: int, rows: int, first: float, second: float) -> None:
    known = float(stats.betabinom.sf(hits - 1, rows, first, second))
    assert significance.beta_binomial_tail(hits, rows, first, second) == pytest.approx(known, rel=1e-4, abs=1e-9)


def test_rows_outside_the_training_range_are_as_rare_as_they_say() -> None:
    rng = np.random.default_rng(3)
    p_values = []
    for _ in range(2_000):
        seen = rng.normal(size=50)
        now = rng.normal(size=200)
        p_values.append(significance.outside(50, 200, int(np.count_nonzero((now < seen.min()) | (now > seen.max())))))
    for level in (0.01, 0.05, 0.2):
        assert np.mean(np.array(p_values) <= level) <= level + 3 * np.sqrt(level / 2_000)
    assert np.mean(np.array(p_values) <= 0.2) > 0.1


def test_new_words_are_expected_where_training_held_many_rare_ones() -> None:
    assert significance.new_words(1_000, 0, 0, 1_000, 20) < 1e-4
    assert significance.new_words(1_000, 100, 30, 1_000, 105) > 0.1
    assert significance.new_words(1_000, 100, 30, 1_000, 200) < 1e-3
    assert significance.new_words(3, 3, 0, 100, 100) > 0.01


def test_groups_expect_enough_rows_of_either_sample() -> None:
    rng = np.random.default_rng(8)
    for size in (5, 100, 1_000):
        one, other = rng.multinomial(10_000, np.full(200, 1 / 200)), rng.multinomial(size, np.full(200, 1 / 200))
        group = significance.in_order(one, other)
        together = significance.grouped(group, one + other)
        expected = together[together > 0] * size / (10_000 + size)
        assert len(expected) == 1 or expected.min() >= 4.999
        assert len(expected) <= significance.GROUPS


def test_a_rare_word_that_became_frequent_in_a_small_window_is_found() -> None:
    one, other = np.array([9_990, 10]), np.array([90, 10])
    assert significance.one_of_many(one, 10_000, other, 100) < 1e-9
    assert significance.one_of_many(np.array([0, 0]), 50, np.array([0, 0]), 7) == 1.0


def test_frequent_words_keep_their_share_where_training_knows_its_rare_ones_and_traffic_holds_new_ones() -> None:
    one, other = np.array([400, 500, 100]), np.array([400, 500, 0])
    assert significance.one_of_many(one[:2], 1_000, other[:2], 1_000) == 1.0


def test_rank_spread_is_moods_and_sees_a_scale_of_heavy_tails() -> None:
    rng = np.random.default_rng(4)
    one, other = rng.standard_t(3, 900), 1.3 * rng.standard_t(3, 700)
    edges = np.unique(np.concatenate([one, other]))
    places = [np.bincount(np.searchsorted(edges, part), minlength=len(edges)) for part in (one, other)]
    found = significance.rank_spread(*places)
    assert found.p_value == pytest.approx(stats.mood(one, other).pvalue, rel=0.2)
    assert found.statistic > 1


@pytest.mark.parametrize("test", [significance.rank_sum, significance.rank_spread])
@pytest.mark.parametrize(("marked", "hits"), [(5, 2), (10, 3), (25, 4), (60, 6), (250, 15)])
def test_rows_that_nearly_all_share_a_value_are_not_called_certain(
    test: Callable[[Rows, Rows], significance.Test], marked: int, hits: int
) -> None:
    """An amount that is mostly zero: the exact chance of so many rows above it is the measure."""
    of_one, of_other = 5_000, 100
    one, other = np.array([of_one - marked, marked]), np.array([of_other - hits, hits])
    exact = stats.hypergeom(of_one + of_other, marked + hits, of_other).sf(hits - 1)
    assert exact / 2 < test(one, other).p_value < 4 * exact  # and not so careful that nothing is found


def test_one_new_word_is_certain_when_chance_would_have_put_some_of_it_into_training() -> None:
    assert significance.one_new_word(10_000, 1_000, 20, words=50) < 1e-12
    assert significance.one_new_word(10_000, 1_000, 1, words=5_000) == 1.0
    assert significance.one_new_word(1_000, 1_000, 4, words=200) > 0.05
    assert significance.one_new_word(10_000, 1_000_000, 300, words=2_000) > 0.05, (
        "ten thousand rows cannot have seen every word"
    )
    assert significance.one_new_word(10, 10, 0, words=1) == 1.0
