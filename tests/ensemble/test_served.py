"""What is told of a model is true of its answers: labels by the threshold, intervals, calibrated probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.ensemble.building import Wanted
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


def test_fresh_probabilities_are_as_often_right(tmp_path: Path) -> None:
    of, fresh = tables.table("binary", rows=600), tables.table("binary", rows=4_000, seed=5)
    model = stored(ended(of), of, tmp_path)
    probability = model.scores(model.encode_frame(fresh.frame))[:, 1]
    band = np.minimum((probability * 5).astype(int), 4)
    gaps = [abs(probability[band == one].mean() - fresh.labels[band == one].mean()) for one in np.unique(band)]
    assert np.average(gaps, weights=np.bincount(band)[np.unique(band)]) < 0.06
