"""What is told of a model is true of its answers: labels by the threshold, intervals, calibrated probabilities."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.ensemble.building import Wanted
from jobs.ensemble.forms import ROUNDS, Family, Member
from jobs.ensemble.losses import scores
from jobs.ensemble.training import Ended, Machine, Table, train
from tests.ensemble import tables
from tests.ensemble.test_training import FIXED, TRIALS, Kept, stored


def ended(of: Table, decision: dict[str, Any] | None = None, positive: int | None = None) -> Ended:
    chosen: Any = decision or {"optimize": "accuracy", "threshold": "auto"}
    wanted = Wanted(chosen, positive, 100_000)
    return train(of, TRIALS, wanted, Machine(7, 1), Kept(), lambda: False, lambda _: None, FIXED)


@pytest.mark.parametrize("positive", ["no", "yes"])
def test_the_label_is_the_positive_class_from_the_threshold_on_wherever_it_stands(
    positive: str, tmp_path: Path
) -> None:
    of = tables.table("binary")
    of.schema["positive_class"] = positive
    place = tables.CLASSES["binary"].index(positive)
    made = ended(of, {"optimize": "f1", "threshold": 0.2}, place)
    model = stored(made, of, tmp_path)
    found = model.scores(model.encode_frame(of.frame))
    assert (model.labels(found) == place).tolist() == (found[:, place] >= 0.2).tolist()
    even = np.array([[0.8, 0.2], [0.2, 0.8]])
    assert model.labels(even).tolist() == ([0, 0] if positive == "no" else [1, 1])

    said, actual = scores(made.built.margins, 2)[:, place] >= 0.2, made.judged == place
    decided = made.built.document["decision"]
    assert decided is not None
    told = decided["at"]
    assert told["recall"] == pytest.approx(said[actual].mean())
    assert told["precision"] == pytest.approx(actual[said].mean())
    assert told["accuracy"] == pytest.approx((said == actual).mean())


def test_fresh_numbers_lie_in_their_intervals_as_often_as_told(tmp_path: Path) -> None:
    of, fresh = tables.table("regression", rows=600), tables.table("regression", rows=3_000, seed=5)
    model = stored(ended(of), of, tmp_path)
    between = model.interval_around(model.scores(model.encode_frame(fresh.frame)))
    assert between is not None
    inside = (between[:, 0] <= fresh.labels) & (fresh.labels <= between[:, 1])
    assert inside.mean() == pytest.approx(0.9, abs=0.05)


def test_amounts_that_grow_by_shares_are_told_in_their_own_unit(tmp_path: Path) -> None:
    """The mean, and not the middle: exponentials of a mean of logarithms would lie below it."""
    of, fresh = (_amounts(tables.table("regression", rows=rows, seed=seed)) for rows, seed in ((600, 0), (2_000, 5)))
    form = {**ROUNDS, "eta": 0.1, "max_depth": 2}
    logarithm = Member("logarithm", "trees of the logarithm", form, family=Family.EXPONENTIAL)
    wanted = Wanted({"optimize": "accuracy", "threshold": "auto"}, None, 100_000)
    made = train(of, (), wanted, Machine(7, 1), Kept(), lambda: False, lambda _: None, (FIXED[0], logarithm))
    weights = {one["name"]: one["weight"] for one in made.built.document["members"]}
    assert weights["logarithm"] > 0.1
    assert len(made.built.document["sum"]["exponentials"]) == 1
    model = stored(made, of, tmp_path)
    told = model.scores(model.encode_frame(fresh.frame))[:, 0]
    assert told.mean() == pytest.approx(fresh.labels.mean(), rel=0.05)
    assert np.sqrt(np.mean((told - fresh.labels) ** 2)) < 0.6 * fresh.labels.std()


def _amounts(of: Table) -> Table:
    return replace(of, labels=np.exp((of.labels - 1e5) / 2e4))


def test_fresh_probabilities_are_as_often_right(tmp_path: Path) -> None:
    of, fresh = tables.table("binary", rows=600), tables.table("binary", rows=4_000, seed=5)
    model = stored(ended(of), of, tmp_path)
    probability = model.scores(model.encode_frame(fresh.frame))[:, 1]
    band = np.minimum((probability * 5).astype(int), 4)
    gaps = [abs(probability[band == one].mean() - fresh.labels[band == one].mean()) for one in np.unique(band)]
    assert np.average(gaps, weights=np.bincount(band)[np.unique(band)]) < 0.06


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_cell_that_no_training_row_lacked_is_answered_as_the_middle_of_its_column(task: str, tmp_path: Path) -> None:
    """Trees alone would take the gap for the most or the least there is."""
    of = tables.table(task)
    of.frame["noise"] = of.labels / of.labels.max() + of.frame["noise"] / 100  # so that it weighs
    made = ended(of, positive=1 if task == "binary" else None)
    model = stored(made, of, tmp_path)
    columns, rows = tables.as_text(of.frame)
    places = {name: place for place, name in enumerate(columns)}
    middle = {
        "noise": repr(float(np.float32(np.median(of.frame["noise"].to_numpy(dtype=np.float32))))),
        "member": "y" if of.frame["member"].median() > 0.5 else "n",
    }
    for name, usual in middle.items():
        without, given = ([[*row] for row in rows] for _ in range(2))
        for row in without:
            row[places[name]] = None
        for row in given:
            row[places[name]] = usual
        asked = model.encode(columns, without)
        np.testing.assert_array_equal(asked, model.encode(columns, given))
    lacking = model.encode(columns, rows)[:, model._encoder.features.index("size")]
    assert np.isnan(lacking).sum() == of.frame["size"].isna().sum() > 0  # a gap that was learned stays one
