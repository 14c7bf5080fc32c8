"""A kind of features stays where it foretells rows that were not learned from, and goes where it is noise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jobs.ensemble.optional import useless
from jobs.ensemble.training import Machine, Table, folds_of, problem_of
from tests.ensemble import tables

FORM = {"num_round": 100, "early_stopping_rounds": 10, "eta": 0.2, "max_depth": 4}
ROWS = 300
NAMES = [f"{first} {second}" for first in ("Senior", "Junior", "Chief") for second in map(str, range(60))]


def titled(seed: int, *, telling: bool) -> Table:
    """Many titles, of which the first word is worth something, or nothing."""
    of = tables.table("regression", ROWS)
    draw = np.random.default_rng(seed)
    title = draw.integers(0, len(NAMES), ROWS)
    categories = pd.CategoricalDtype(NAMES)
    worth = np.array([{"S": 1.0, "J": -2.0, "C": 4.0}[name[0]] for name in NAMES])[title] if telling else 0.0
    labels = worth + draw.normal(size=ROWS) * (0.2 if telling else 1)
    if not telling:
        labels = labels + np.nan_to_num(of.frame["noise"].to_numpy())
    frame = of.frame.assign(city=pd.Categorical.from_codes(title, dtype=categories))
    schema = of.schema
    column = next(column for column in schema["columns"] if column["name"] == "city")
    column["categories"] = NAMES
    return Table(frame, labels, of.train_rows, schema)


def left_out(of: Table) -> frozenset[str]:
    machine = Machine(7, 1)
    return useless(problem_of(of, folds_of(of, machine.seed), machine), FORM)


SEEDS = range(4)


def test_pieces_of_words_that_tell_something_stay() -> None:
    assert not any("n-grams" in left_out(titled(seed, telling=True)) for seed in SEEDS)


@pytest.mark.slow
def test_pieces_of_words_that_tell_nothing_go_more_often_than_not() -> None:
    assert sum("n-grams" in left_out(titled(seed, telling=False)) for seed in SEEDS) >= len(SEEDS) / 2


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_what_is_left_out_is_in_no_feature_of_the_problem_without_it(task: str) -> None:
    of = tables.table(task)
    machine = Machine(7, 1)
    every = problem_of(of, folds_of(of, machine.seed), machine)
    fewer = problem_of(of, folds_of(of, machine.seed), machine, {"n-grams", "elapsed"})
    kinds = {encoding.kind for encoding in every.features.encoder.encodings}
    assert {"n-grams", "elapsed"} < kinds
    assert {encoding.kind for encoding in fewer.features.encoder.encodings} == kinds - {"n-grams", "elapsed"}
    assert fewer.judged(0).shape[1] < every.judged(0).shape[1]
    parted = replace(of, pieces=lambda: iter((of.frame.iloc[:50], of.frame.iloc[50:])))
    in_pieces = problem_of(parted, folds_of(of, machine.seed), machine).without({"n-grams", "elapsed"})
    np.testing.assert_array_equal(in_pieces.judged(0), fewer.judged(0))
    narrowed = every.without({"n-grams", "elapsed"})
    assert narrowed.features.encoder.to_json() == fewer.features.encoder.to_json()
    assert narrowed.features.layout == fewer.features.layout
    np.testing.assert_array_equal(narrowed.judged(0), fewer.judged(0))
    np.testing.assert_array_equal(narrowed.sample(1)[0], fewer.sample(1)[0])


def test_without_such_kinds_nothing_is_fitted() -> None:
    of = tables.table("binary")
    plain = [column for column in of.schema["columns"] if column["kind"] not in {"categorical", "date"}]
    table = replace(of, frame=of.frame[["size", "noise", "member"]], schema={**of.schema, "columns": plain})
    assert left_out(table) == frozenset()
