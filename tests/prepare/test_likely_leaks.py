"""Columns that alone nearly tell the target: every shape of them is named, and honest columns are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from jobs.prepare.likely_leaks import likely_leaks
from tests.prepare import tables
from tests.prepare.leaky_columns import HONEST, NAMED, Made, Rng, classes, numbers

EXAMPLES = Path(__file__).parents[2] / "examples"
SEEDS = range(6)


def found(made: Made, rows: npt.NDArray[np.int64] | None = None) -> list[str]:
    column, target = made
    every = np.arange(len(target.labels)) if rows is None else rows
    return [why for _, why in likely_leaks([column], target, every)]


@pytest.mark.parametrize("family", NAMED)
def test_whatever_its_shape_it_is_named(family: Callable[[Rng], Made]) -> None:
    for seed in SEEDS:
        assert found(family(np.random.default_rng(seed))), seed


@pytest.mark.parametrize("family", HONEST)
def test_an_honest_column_is_not_named(family: Callable[[Rng], Made]) -> None:
    for seed in SEEDS:
        assert not found(family(np.random.default_rng(seed))), seed


@pytest.mark.slow
@pytest.mark.parametrize("family", [*NAMED, *HONEST])
def test_each_family_a_hundred_times(family: Callable[[Rng], Made]) -> None:
    for seed in range(100, 200):
        assert bool(found(family(np.random.default_rng(seed)))) == (family in NAMED), seed


def test_a_class_of_few_rows_among_very_many_is_looked_at() -> None:
    rng = np.random.default_rng(1)
    label = np.arange(300_000) % 30_000 == 77

    assert found((numbers(rng.normal(size=len(label)) + 9 * label), classes(label)))
    assert not found((numbers(rng.normal(size=len(label)) + 1 * label), classes(label)))


def test_a_table_that_is_there_twice_proves_nothing_by_its_copies(tmp_path: Path) -> None:
    rows = [[f"w{i // 2}", *row] for i, row in enumerate(tables.rows(300))]

    judged = tables.judged(tmp_path, {"a.csv": tables.text(rows * 2, ("word", *tables.HEADER))})

    assert "likely-leak" not in {warned.code for warned in judged.notes.warnings}


def test_it_is_named_first_and_stays_in_use(tmp_path: Path) -> None:
    rows = [[*row, "0" if row[3] == "no" else str(3 + i)] for i, row in enumerate(tables.rows(200))]

    judged = tables.judged(tmp_path, {"a.csv": tables.text(rows, (*tables.HEADER, "paid: sum"))}, target="churned")

    [told] = [warned for warned in judged.notes.warnings if warned.code == "likely-leak"]
    assert told.first
    assert told.column == "paid: sum"
    assert "ROC AUC of 1.000" in told.sentence
    assert 'ignore: ["paid: sum"]' in told.sentence
    assert next(column for column in judged.columns if column.name == "paid: sum").used


def test_who_sets_its_kind_has_been_told(tmp_path: Path) -> None:
    rows = [[*row, "0" if row[3] == "no" else str(3 + i)] for i, row in enumerate(tables.rows(200))]
    content = {"a.csv": tables.text(rows, (*tables.HEADER, "paid"))}

    judged = tables.judged(tmp_path, content, target="churned", columns={"paid": "numeric"})

    assert "likely-leak" not in {warned.code for warned in judged.notes.warnings}


@pytest.mark.parametrize("name", ["employment", "wine", "diabetes"])
def test_nothing_of_the_examples_is_named(name: str, tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": (EXAMPLES / name / f"{name}.csv").read_bytes()})

    assert "likely-leak" not in {warned.code for warned in judged.notes.warnings}
