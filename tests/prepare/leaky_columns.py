"""Columns that nearly tell the target, of every shape, and honest ones that do not: each made by chance, by a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.prepare.target import Target
from jobs.prepare.typed import Typed
from jobs.tables.words import to_words

Floats = npt.NDArray[np.float64]
Rng = np.random.Generator
Made = tuple[Typed, Target]


def numbers(values: Floats) -> Typed:
    return Typed("x", "numeric", int(np.isnan(values).sum()), len(np.unique(values)), numbers=values)


def words(cells: list[str]) -> Typed:
    found = to_words(pa.chunked_array([pa.array(cells, pa.string())]))
    return Typed("x", "categorical", 0, found.distinct, words=found)


def dates(days: npt.NDArray[np.int64]) -> Typed:
    moments = np.datetime64("2024-01-01", "ns") + days.astype("timedelta64[D]")
    return Typed("x", "date", 0, len(days), moments=moments)


def classes(labels: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Target:
    counts = np.bincount(labels.astype(np.int64))
    names = tuple("abcdefgh"[: len(counts)])
    task = "binary" if len(counts) == 2 else "multiclass"
    return Target("y", task, labels.astype(np.float64), names, names[-1], tuple(counts.tolist()))


def amounts(labels: Floats) -> Target:
    return Target("y", "regression", labels, None, None, None)


def some(rng: Rng) -> tuple[int, Floats, npt.NDArray[np.bool_]]:
    """A number of rows, noise, and two classes of any balance with at least 8 rows each."""
    rows = int(rng.integers(120, 3000))
    share = rng.choice([0.5, 0.3, max(0.03, 8 / rows)])
    return rows, rng.normal(size=rows), rng.permutation(np.arange(rows) < max(8, share * rows))


def paid_is_zero(rng: Rng) -> Made:
    rows, _, label = some(rng)
    slips = rng.random(rows) < 0.002
    return numbers(np.where(label ^ slips, np.round(rng.lognormal(2, 1, rows), 2), 0.0)), classes(label)


def missing_for_one_class(rng: Rng) -> Made:
    rows, noise, label = some(rng)
    return numbers(np.where(label | (rng.random(rows) < 0.01), noise, np.nan)), classes(label)


def above_a_threshold(rng: Rng) -> Made:
    _, noise, label = some(rng)
    return numbers(np.abs(noise) + 1.95 * label), classes(np.abs(noise) + 1.95 * label > 2)


def within_a_window(rng: Rng) -> Made:
    rows, noise, _ = some(rng)
    return numbers(noise), classes((np.abs(noise - 0.4) < 0.5) ^ (rng.random(rows) < 0.004))


def a_wave(rng: Rng) -> Made:
    x = rng.random(2500) * 4
    return numbers(x), classes(np.sin(x * np.pi) > 0)


def codes_of_the_outcome(rng: Rng) -> Made:
    _, _, label = some(rng)
    return words([f"{'won' if one else 'lost'} {rng.integers(12)}" for one in label]), classes(label)


def dated_by_the_outcome(rng: Rng) -> Made:
    rows, _, label = some(rng)
    return dates(rng.integers(0, 300, rows) + 300 * label), classes(label)


def ranges_of_three_classes(rng: Rng) -> Made:
    rows = int(rng.integers(300, 3000))
    label = rng.integers(0, 3, rows)
    return numbers(np.array([5.0, 0.0, 9.0])[label] + rng.random(rows)), classes(label)


def an_amount_for_one_of_three(rng: Rng) -> Made:
    rows = int(rng.integers(300, 3000))
    label = rng.integers(0, 3, rows)
    return numbers(np.where(label == 1, rng.lognormal(2, 1, rows), rng.choice([0.0, np.nan]))), classes(label)


def of_three(rng: Rng) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Rows, three classes of any balance, and which rows are of the one that leaks, but for a slip or two."""
    rows = int(rng.integers(300, 3000))
    label = rng.choice(3, rows, p=[[0.34, 0.33, 0.33], [0.1, 0.6, 0.3], [0.7, 0.1, 0.2]][int(rng.integers(3))])
    return rows, label, (label == rng.integers(3)) ^ (rng.random(rows) < 0.003)


def a_date_for_one_of_three(rng: Rng) -> Made:
    rows, label, one = of_three(rng)
    column = dates(rng.integers(0, 900, rows))
    assert column.moments is not None
    column.moments[one if rng.random() < 0.5 else ~one] = np.datetime64("NaT")
    return column, classes(label)


def a_flag_for_one_of_three(rng: Rng) -> Made:
    _, label, one = of_three(rng)
    return numbers((one if rng.random() < 0.5 else ~one).astype(np.float64)), classes(label)


def reasons_for_one_of_three(rng: Rng) -> Made:
    rows, label, one = of_three(rng)
    reasons = [f"reason {place}" for place in rng.integers(0, 4, rows)]
    others = ["none", *(["later"] if rng.random() < 0.5 else [])]
    return words([reasons[i] if one[i] else others[i % len(others)] for i in range(rows)]), classes(label)


def few_items_for_one_of_three(rng: Rng) -> Made:
    rows, label, one = of_three(rng)
    return numbers(np.where(one, rng.integers(1, 6, rows), 0.0)), classes(label)


def a_curve(rng: Rng) -> Made:
    rows, noise, _ = some(rng)
    curves: list[Callable[[Any], Any]] = [np.exp, np.cbrt, lambda x: -(x**3), np.square]
    curve = curves[int(rng.integers(4))]
    y = curve(noise)
    return numbers(noise), amounts(y + 0.05 * y.std() * rng.normal(size=rows))


def steps(rng: Rng) -> Made:
    rows, noise, _ = some(rng)
    return numbers(noise), amounts(np.floor(noise * 2) * 10 + 0.5 * rng.normal(size=rows))


def prices_by_word(rng: Rng) -> Made:
    rows, _, _ = some(rng)
    article = rng.integers(0, 10, rows)
    price = rng.permutation(10) * 10.0
    return words([f"article {one}" for one in article]), amounts(price[article] + rng.normal(size=rows))


def a_good_predictor(rng: Rng) -> Made:
    _, noise, label = some(rng)
    return numbers(noise + 1.8 * label), classes(label)


def noise_and_two_classes(rng: Rng) -> Made:
    _, noise, label = some(rng)
    return numbers(noise), classes(label)


def many_rare_words(rng: Rng) -> Made:
    rows, _, label = some(rng)
    return words([f"w{one}" for one in rng.integers(0, rows // 3, rows)]), classes(label)


def words_that_are_never_twice(rng: Rng) -> Made:
    rows, _, label = some(rng)
    return words([f"w{one}" for one in range(rows)]), classes(label)


def a_usual_category(rng: Rng) -> Made:
    rows, _, label = some(rng)
    return words([str(one) for one in np.where(rng.random(rows) < 0.8, label, rng.integers(0, 5, rows))]), classes(
        label
    )


def one_of_three_classes_by_itself(rng: Rng) -> Made:
    rows = int(rng.integers(300, 3000))
    label = rng.integers(0, 3, rows)
    return numbers(rng.normal(size=rows) + 6.0 * (label == 0)), classes(label)


def a_common_flag_of_three_classes(rng: Rng) -> Made:
    _, label, one = of_three(rng)
    return numbers((one ^ (rng.random(len(one)) < 0.06)).astype(np.float64)), classes(label)


def places_of_three_classes(rng: Rng) -> Made:
    rows = int(rng.integers(300, 3000))
    label = rng.integers(0, 3, rows)
    return words([f"place {max(one, rng.integers(3))}" for one in label]), classes(label)


def rare_words_and_a_rare_class(rng: Rng) -> Made:
    rows = int(rng.integers(300, 3000))
    label = np.where(np.arange(rows) < 6, 2, rng.integers(0, 2, rows))
    return words([f"w{one}" for one in rng.integers(0, rows // 4, rows)]), classes(label)


def one_giant(rng: Rng) -> Made:
    rows, noise, _ = some(rng)
    y = rng.normal(size=rows)
    noise[3], y[3] = 1e4, 1e4
    return numbers(noise), amounts(y)


def a_good_line(rng: Rng) -> Made:
    rows, noise, _ = some(rng)
    return numbers(noise), amounts(noise + 0.25 * rng.normal(size=rows))


def noise_and_amounts(rng: Rng) -> Made:
    rows, noise, _ = some(rng)
    return numbers(np.where(rng.random(rows) < 0.3, np.nan, noise)), amounts(rng.lognormal(2, 2, rows))


NAMED: list[Callable[[Rng], Made]] = [
    paid_is_zero,
    missing_for_one_class,
    above_a_threshold,
    within_a_window,
    a_wave,
    codes_of_the_outcome,
    dated_by_the_outcome,
    ranges_of_three_classes,
    an_amount_for_one_of_three,
    a_date_for_one_of_three,
    a_flag_for_one_of_three,
    reasons_for_one_of_three,
    few_items_for_one_of_three,
    a_curve,
    steps,
    prices_by_word,
]
HONEST: list[Callable[[Rng], Made]] = [
    a_good_predictor,
    noise_and_two_classes,
    many_rare_words,
    words_that_are_never_twice,
    a_usual_category,
    one_of_three_classes_by_itself,
    a_common_flag_of_three_classes,
    places_of_three_classes,
    rare_words_and_a_rare_class,
    one_giant,
    a_good_line,
    noise_and_amounts,
]
