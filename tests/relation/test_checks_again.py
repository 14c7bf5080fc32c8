"""Checks as they come: label files sent once more and corrected, labels that are late, checks that are made again or
fail, another model in between. Each row counts once, in the check that first knows its label; a check is a function of
its predecessor and its rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs.capture import Tally
from jobs.ground_truth.joining import Joined
from jobs.ground_truth.labels import Labels
from jobs.ground_truth.relation import Followed, followed
from jobs.relation.counted import Counted
from tests.relation.made_up import BEGAN, DAY, answers, classes

ROWS, CHECKS = 400, 8
SCHEMA: Any = {"classes": ["no", "yes"], "columns": [{"name": f"x{n}", "used": True} for n in range(3)]}


class World:
    """Requests that were answered day by day, and which of them have which label by now."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.promised = answers(classes(800, self.random))
        self.made = classes(ROWS, self.random)
        self.seconds = BEGAN + CHECKS * DAY * np.arange(ROWS) / ROWS
        self.arrives = self.seconds + self.random.exponential(2 * DAY, ROWS)
        """When the label of a row comes: some at once, some a week late."""
        self.actual = self.made.predictions.actual.astype(np.float64)

    def check(
        self,
        number: float,
        before: str | None,
        run: str = "churn-1",
        promoted: float = BEGAN,
        lost: frozenset[int] = frozenset(),
    ) -> Followed:
        """The check at the end of this day: all labels that have arrived, as every check looks at all of them.

        `lost`: rows whose label files somebody took away for the while."""
        now = BEGAN + number * DAY
        known = np.array([n for n in np.flatnonzero(self.arrives < now) if n not in lost], np.int64)
        order = self.random.permutation(len(known))  # files, and rows in files, come in any order
        rows = known[order]
        ids = pa.array([f"r{n}" for n in rows], pa.string())
        nothing = np.zeros(len(rows), np.int64)
        labels = Labels(ids, self.actual[rows], ("l.csv",), nothing, nothing, len(rows))
        told = self.made.predictions
        assert told.probability is not None
        joined = Joined(
            np.arange(len(rows)),
            self.actual[rows],
            told.predicted[rows].astype(np.float64),
            told.probability[rows],
            self.seconds[rows],
            pa.table({f"x{n}": [f"{value:.5f}" for value in self.made.inputs[rows, n]] for n in range(3)}),
            Tally(),
        )
        began = np.datetime64(int(promoted), "s").astype(str) + "Z"
        window: Any = {"check": f"churn-quality-{number}", "live": {"run": run, "promoted": began}}
        return followed(window, SCHEMA, self.promised, None if before is None else before.encode(), labels, joined)


def told(found: Followed) -> Any:
    assert found.state is not None
    return json.loads(found.state)


def rows_counted(state: Any) -> int:
    return len(Counted.read(state["counted"]).ids)


@pytest.mark.parametrize("seed", range(2))
def test_each_row_counts_once_in_whatever_way_its_label_comes(seed: int) -> None:
    world, state = World(seed), None
    random = np.random.default_rng(seed + 100)
    for number in range(1, CHECKS + 14):
        lost = frozenset(random.choice(ROWS, 60, replace=False).tolist()) if random.random() < 0.3 else frozenset[int]()
        found = world.check(number, state, lost=lost)
        again = world.check(number, state, lost=lost)
        assert again.state == found.state, "a check that is made again ends in the same state, to the last bit"
        assert again.relation == found.relation
        if random.random() < 0.3:
            continue  # its result was never read: the next check goes on from the one before
        state = found.state
        if random.random() < 0.3:  # and nothing new has come when the next one looks
            once_more = world.check(number, state, lost=lost)
            assert told(once_more)["rows"] == told(found)["rows"]
            assert told(once_more)["new"] == 0
        world.actual = np.where(random.random(ROWS) < 0.02, 1 - world.actual, world.actual)  # labels are corrected
    end = told(world.check(1000, state))
    assert end["rows"] == rows_counted(end) == ROWS


def test_another_model_begins_anew_and_counts_its_own_rows_only() -> None:
    world = World(1)
    state = world.check(6, None).state
    after = told(world.check(8.5, state, run="churn-2", promoted=BEGAN + 6 * DAY))
    assert after["run"] == "churn-2"
    assert 0 < after["rows"] <= ROWS / 4 + 1


@pytest.mark.parametrize("broken", ["", "[]", '{"version": 1, "run": "churn-1"}', "\ud800"])
def test_a_predecessor_that_somebody_has_changed_is_none(broken: str) -> None:
    before = broken.encode("utf-8", "replace").decode()
    assert World(2).check(5, before).state == World(2).check(5, None).state


def test_what_is_forgotten_is_never_counted_again() -> None:
    ids = np.arange(1, 11, dtype=np.uint64)
    seconds = BEGAN + 600.0 * np.arange(10)
    counted = Counted.none().more(ids, ids, seconds, most=4)
    assert len(counted.ids) == 3
    assert not counted.fresh(ids, seconds).any()
    assert counted.fresh(np.array([99, 99], np.uint64), np.array([seconds[-1] + 60, np.nan])).tolist() == [True, False]
    assert counted.repeated(ids).sum() == 3
    again = Counted.read(counted.written())
    assert (again.floor, again.minutes.tolist()) == (counted.floor, counted.minutes.tolist())
    with pytest.raises(ValueError, match="by half"):
        Counted.read({**counted.written(), "minutes": ""})
