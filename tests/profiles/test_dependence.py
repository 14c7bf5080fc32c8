"""Design effects: what is known of made-up rows is found, and independent rows keep theirs."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from jobs.profiles.blocks import of_blocks, of_one
from jobs.profiles.dependence import effects, is_many_valued, of_repeats
from jobs.profiles.describe import describe
from jobs.profiles.effect import Effect
from jobs.profiles.grouping import GROUPS, MISSING, by_bin, codes_of
from jobs.profiles.profile import Column, Reference
from jobs.profiles.row_sample import MOST, RowSample, merged

Floats = npt.NDArray[np.float64]
NAMES = ("a", "b", "c", "d")
TRAINED = np.random.default_rng(1).standard_normal((4, 4_000))
WORDS = pa.array(np.where(TRAINED[0] > 0, "yes", "no")).dictionary_encode()
REFERENCES = [
    *(Reference.read(one) for one in describe([Column(n, "numeric", v) for n, v in zip(NAMES, TRAINED, strict=True)])),
    Reference.read(describe([Column("word", "categorical", WORDS)])[0]),
]


def columns(numbers: Floats) -> dict[str, Any]:
    found: dict[str, Any] = dict(zip(NAMES, numbers, strict=True))
    return {**found, "word": pa.array(np.where(numbers[0] > 0, "yes", "no")).dictionary_encode()}


def sample(numbers: Floats, *, in_time: bool = True) -> RowSample:
    rows = numbers.shape[1]
    return RowSample.none(REFERENCES, NAMES).add(rows, columns(numbers), np.arange(rows) * 1.0 if in_time else None)


def drawn(rows: int, seed: int = 2) -> Floats:
    return np.random.default_rng(seed).standard_normal((4, rows))


def slow_wave(rows: int) -> Floats:
    """Each row .9 of the one before."""
    numbers = drawn(rows)
    for place in range(1, rows):
        numbers[:, place] = 0.9 * numbers[:, place - 1] + math.sqrt(0.19) * numbers[:, place]
    return numbers


def test_rows_that_came_five_times_count_as_one_in_any_order() -> None:
    shuffled = np.repeat(drawn(200), 5, axis=1)[:, np.random.default_rng(3).permutation(1_000)]
    found = effects(sample(shuffled))
    assert [one.values for one in found] == pytest.approx([1 + 4 * 1.2] * 5, rel=0.02)
    assert of_repeats(sample(shuffled, in_time=False)) == found


def test_only_what_a_customer_keeps_is_fewer_rows() -> None:
    once = drawn(1_000)
    kept = np.repeat(drawn(334, 5), 3, axis=1)[:, :1_000]
    found = of_repeats(sample(np.stack([kept[0], kept[1], kept[2], once[3]])))
    assert min(one.values for one in found[:3]) > 2.5
    assert found[3].values < 1.2


def test_a_slow_wave_is_seen_in_its_blocks_and_only_in_order_of_time() -> None:
    numbers = slow_wave(1_000)
    assert min(one.values for one in effects(sample(numbers))) > 8
    assert effects(sample(numbers, in_time=False)) == [Effect()] * 5


def test_independent_rows_keep_all_their_rows() -> None:
    """Chance alone makes one of these hundred looks a table large; of all tables at most one in twenty is called so."""
    found = [one.values for seed in range(12) for one in effects(sample(drawn(600, seed)))]
    assert sum(value > 1 for value in found) <= 1
    assert max(found) < 2


def test_columns_that_say_the_same_are_one_witness() -> None:
    """A hundred weak signs are none when they are one sign a hundred times."""
    found = []
    for seed in range(12):
        numbers = drawn(600, seed)
        numbers[1:] = numbers[0] + 0.01 * numbers[1:]
        found += [one.values for one in effects(sample(numbers))]
    assert sum(value > 1 for value in found) <= 5


def test_what_is_too_weak_in_each_column_is_shown_by_all_together() -> None:
    weak = drawn(4_000)
    weak[:, 1:] = 0.45 * weak[:, :-1] + math.sqrt(1 - 0.45**2) * weak[:, 1:]
    found = [one.values for one in of_blocks(sample(weak))]
    assert min(found) > 1.2
    assert max(found) < 3


def test_a_value_that_hardly_any_row_has_shows_nothing() -> None:
    """Two of three such rows in one of 32 blocks: once in eleven tables."""
    numbers = drawn(300)
    numbers[0, [20, 23, 200]] = np.nan
    assert effects(sample(numbers))[0].missing == 1.0


def test_rows_of_one_second_have_no_order() -> None:
    """Sorted, they would pass for a wave: all that came at once is one block, and one block says nothing."""
    numbers = np.sort(drawn(1_000), axis=1)
    at_once = RowSample.none(REFERENCES, NAMES).add(1_000, columns(numbers), np.zeros(1_000))
    assert effects(at_once) == [Effect()] * 5


def test_sensors_that_got_stuck_are_no_customers() -> None:
    numbers = drawn(1_000)
    numbers[:3] = 0.25
    assert [one.values for one in of_repeats(sample(numbers))] == [1.0] * 5


def test_what_is_missing_in_bursts_is_seen_apart_from_the_values() -> None:
    numbers = drawn(1_000)
    numbers[0, 300:420] = np.nan
    found = effects(sample(numbers))[0]
    assert found.missing > 10
    assert found.values < 5


@pytest.mark.parametrize("rows", [900, 3 * MOST])
def test_a_sample_does_not_depend_on_how_the_rows_were_divided(rows: int) -> None:
    numbers = np.repeat(drawn(rows // 3), 3, axis=1)
    values, seconds = columns(numbers), np.arange(rows) // 7 * 1.0
    whole = RowSample.none(REFERENCES, NAMES).add(rows, values, seconds)
    cuts = [0, 1, rows // 3, rows // 2, rows]
    parts = RowSample.none(REFERENCES, NAMES)
    for start, end in reversed(list(pairwise(cuts))):
        part = {name: column[start:end] for name, column in values.items()}
        parts = merged(parts, RowSample.none(REFERENCES, NAMES).add(end - start, part, seconds[start:end]))
    assert (whole.rows, whole.level, whole.size) == (parts.rows, parts.level, parts.size)
    assert whole.size <= MOST
    assert effects(whole) == effects(parts)


def test_a_sample_of_many_rows_says_the_same_as_all_of_them() -> None:
    numbers = np.repeat(drawn(8_000), 5, axis=1)
    shuffled = numbers[:, np.random.default_rng(3).permutation(numbers.shape[1])]
    found = of_repeats(sample(shuffled))
    assert [one.values for one in found] == pytest.approx([1 + 4 * 1.2] * 5, rel=0.15)


def test_groups_hold_about_as_many_rows_each_and_what_is_missing_is_apart() -> None:
    codes = codes_of(REFERENCES[0], np.append(TRAINED[0], np.nan))
    assert codes[-1] == MISSING
    assert np.bincount(codes[:-1], minlength=GROUPS).min() > 4_000 / GROUPS / 2
    words = codes_of(REFERENCES[-1], pa.array(["never seen", "yes", None, "no"]))
    assert words[2] == MISSING
    assert words[0] == by_bin(REFERENCES[-1])[-1]
    assert len({*words.tolist()}) == 4


def test_many_valued_is_what_two_rows_rarely_share() -> None:
    assert is_many_valued(TRAINED[0])
    assert is_many_valued(np.repeat(TRAINED[0][:1_000], 4))
    assert not is_many_valued(np.round(40 + 12 * TRAINED[0]))
    assert not is_many_valued(np.full(9, np.nan))


def test_what_goes_wrong_together_is_fewer_mistakes() -> None:
    wrong = np.random.default_rng(4).random(400) < 0.2
    assert of_one(wrong.astype(np.float64)) == 1.0
    assert 4 < of_one(np.repeat(wrong, 5).astype(np.float64)) < 10
    assert of_one(np.ones(400)) == of_one(np.zeros(0)) == 1.0
