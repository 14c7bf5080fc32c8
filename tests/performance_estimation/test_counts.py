"""Counting answers: exact, mergeable, and nothing silently lost."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.performance_estimation import AnswerCounts, merged
from jobs.performance_estimation.grid import STEPS, grid, lookup

Numbers = npt.NDArray[np.float64]
CLASSES = ("no", "yes", "perhaps")


def counted(labels: list[str], chances: Numbers) -> AnswerCounts:
    counts = AnswerCounts.of(CLASSES)
    counts.add(labels, chances)
    return counts


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CLASSES), st.floats(0, 1), st.floats(0, 1)), min_size=1), st.data())
def test_any_order_and_partition_counts_the_same(rows: list[tuple[str, float, float]], data: st.DataObject) -> None:
    labels = np.array([row[0] for row in rows])
    chances = np.array([[row[1], row[2], 0.5] for row in rows])
    whole = counted(labels.tolist(), chances)
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    cut = data.draw(st.integers(0, len(rows)))
    parts = [counted(labels[part].tolist(), chances[part]) for part in (order[:cut], order[cut:])]
    together = merged(parts[1], parts[0])
    assert np.array_equal(together.confident, whole.confident)
    assert np.array_equal(together.mass, whole.mass)
    assert together.rows == len(rows)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1))
def test_a_bin_holds_what_lies_between_its_edges(values: list[float]) -> None:
    edges = grid(2)
    found = lookup(edges)[(np.array(values) * STEPS).astype(int)]
    assert np.array_equal(
        found, np.searchsorted(np.array(edges) / STEPS, np.floor(np.array(values) * STEPS) / STEPS, side="right")
    )


def test_words_may_come_as_arrow_dictionary_or_list() -> None:
    chances = np.full((3, 3), 1 / 3)
    words = ["yes", "no", "yes"]
    dictionary = pa.array(words).dictionary_encode()
    found = [AnswerCounts.of(CLASSES) for _ in range(4)]
    for counts, labels in zip(found, (words, pa.array(words), dictionary, pa.chunked_array([words])), strict=True):
        counts.add(labels, chances)
    assert all(np.array_equal(counts.confident, found[0].confident) for counts in found)
    assert found[0].confident.sum(axis=1).tolist() == [1, 2, 0]


def test_what_cannot_be_used_is_counted() -> None:
    counts = AnswerCounts.of(CLASSES)
    counts.add(["no", "maybe", None, "yes", "yes"], np.array([[1, 0, 0]] * 3 + [[np.nan, 0, 0], [1.5, 0, 0]], float))
    counts.add(["no"], None)
    assert (counts.rows, counts.unusable) == (1, 5)


def test_numbers_are_only_counted() -> None:
    counts = AnswerCounts.empty({"classes": None, "calibration": None})
    counts.add(np.array([1.5, 2.5]), None)
    assert (counts.numbers, counts.rows) == (2, 0)


def test_different_models_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="different models"):
        merged(AnswerCounts.of(CLASSES), AnswerCounts.of(CLASSES[:2]))
