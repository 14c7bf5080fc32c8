"""The suite's tables are what they are called: a change that changed nothing would prove nothing."""

import json
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.drift_checks import share
from benchmarks.made_up.checks import Cell, Outcome, Values, run
from benchmarks.made_up.families import CATEGORICAL, FAMILIES, MIXED, NUMERIC, Change, Feature, Words, table
from benchmarks.made_up.measuring import measured
from benchmarks.made_up.suite import OURS, side_by_side

ROWS = 60_000
Column = npt.NDArray[np.float64] | Words
BY_NAME = {feature.name: feature for feature in MIXED}


def drawn(name: str, change: Change, seed: int = 1) -> Column:
    feature = replace(BY_NAME[name], missing=0.0)
    return table((feature,), np.random.default_rng(seed), ROWS, {name: change})[name]


def numbers(column: Column) -> npt.NDArray[np.float64]:
    assert isinstance(column, np.ndarray)
    return column


def words(column: Column) -> Words:
    assert isinstance(column, Words)
    return column


@pytest.mark.parametrize("name", [draw.__name__ for draw in NUMERIC])
def test_a_shift_is_in_standard_deviations(name: str) -> None:
    plain, moved = (numbers(drawn(name, *how)) for how in ((Change(), 1), (Change(shift=0.5), 2)))
    expected = 0.45 if name == "few_numbers" else 0.5  # a grade cannot rise above 5
    assert (moved.mean() - plain.mean()) / plain.std() == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("name", ["normal", "gamma", "uniform", "beta", "bimodal", "whole_numbers", "correlated"])
def test_a_scale_multiplies_the_spread(name: str) -> None:
    plain, scaled = (numbers(drawn(name, change)) for change in (Change(), Change(scale=1.3)))
    assert scaled.std() / plain.std() == pytest.approx(1.3, abs=0.03)


@pytest.mark.parametrize("name", list(CATEGORICAL))
def test_shares_and_new_categories_are_as_large_as_said(name: str) -> None:
    plain, grown, new = (words(drawn(name, change)) for change in (Change(), Change(share=0.1), Change(new=0.02)))
    assert np.mean(grown.codes == 0) - np.mean(plain.codes == 0) == pytest.approx(0.1, abs=0.01)
    assert np.mean(new.objects() == "never seen before") == pytest.approx(0.02, abs=0.003)
    assert "never seen before" not in set(plain.objects())


def test_missing_values_are_none_and_nan() -> None:
    four = table((BY_NAME["four"],), np.random.default_rng(1), ROWS, {"four": Change(missing=0.05)})["four"]
    beta = table((BY_NAME["beta"],), np.random.default_rng(1), ROWS)["beta"]
    assert np.mean([word is None for word in words(four).objects()]) == pytest.approx(0.07, abs=0.01)
    assert np.isnan(numbers(beta)).mean() == pytest.approx(0.3, abs=0.01)


def test_every_table_has_twenty_features_of_different_names() -> None:
    assert {len({feature.name for feature in features}) for features in FAMILIES.values()} == {20}


def test_a_cell_counts_what_was_raised_and_what_was_rightly_named() -> None:
    """The third check of this judge names the wrong feature, the fourth one too many."""
    answers = iter([{"normal"}, set(), {"gamma"}, {"normal", "gamma"}])
    seen: list[Values] = []

    def judge(features: tuple[Feature, ...], baseline: Values, current: Values) -> set[str]:
        assert [feature.name for feature in features] == list(baseline) == list(current)
        seen.append(current)
        return next(answers)

    found = run(Cell("mixed", 10, 20, 4, changed=0, change=Change(shift=0.5)), judge)
    assert (found.checks, found.raised, found.named) == (4, 3, 1)
    assert len({float(numbers(current["normal"])[0]) for current in seen}) == 4


def test_a_cell_draws_the_same_tables_in_another_process() -> None:
    cell = Cell("everyday", 10, 20, 2, changed=3, change=Change(shift=0.5))
    assert Cell.read(json.loads(json.dumps(cell.written()))) == cell
    tables: list[float] = []
    for _ in range(2):
        run(
            cell,
            lambda _features, _baseline, current: tables.append(float(numbers(current["normal_0"]).sum())) or set(),
        )
    assert tables[:2] == tables[2:]


def test_no_more_checks_begin_when_the_seconds_are_over() -> None:
    assert run(Cell("everyday", 10, 10, 50, seconds=0.0), lambda *_: set()).checks == 1


def test_every_promise_of_the_issue_has_its_squares() -> None:
    promised = [square for squares in OURS.values() for square in squares]
    assert {square.cell.rows for square in promised if not square.wanted} >= {100, 300, 1_000, 10_000, 100_000, 10**6}
    found = {square.column for square in promised if square.wanted}
    assert found >= {"+0.5 sd", "scale x 1.3", "x e^0.25", "share +10 points", "new category 2 %", "+0.25 sd"}
    asked = [[(one.cell.seeds(), one.wanted) for one in side_by_side(tool)] for tool in ("ours", "evidently", "scipy")]
    assert asked[0] == asked[1] == asked[2]


def test_a_share_is_printed_with_its_exact_interval() -> None:
    assert share(2, 100) == "2.0 % (0.2 to 7.0, n 100)"


def test_peak_memory_is_of_the_call_alone() -> None:
    before = np.ones(4_000_000)  # 32 MB that were there already
    found = measured(lambda: np.ones(8_000_000).sum() + before[0])
    assert 50 < found["peak_mb"] < 90
    assert Outcome(1, 0, 0, found["seconds"]).seconds > 0
