"""Evidence that the same inputs have other outcomes: found soon, named as what it is, and not made of anything else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from jobs.documents.answers import Answers
from jobs.relation import words
from jobs.relation.alike import inputs
from jobs.relation.bets import Pattern
from jobs.relation.document import document, is_worse
from jobs.relation.evidence import ALPHA, start_weight
from jobs.relation.following import State, follow
from jobs.relation.promises import promises
from jobs.relation.state import read, written
from tests.relation.made_up import BEGAN, DAY, classes, labelled, life, numbers, promise


def last(states: Iterator[State]) -> State:
    return list(states)[-1]


def test_outcomes_that_keep_to_what_was_promised_are_no_evidence_whatever_is_asked_about() -> None:
    random = np.random.default_rng(1)
    for make in (classes, numbers):
        promised, bet = promise(make(1000, random))
        end = last(life(promised, bet, (make(100, random, moved=number / 20) for number in range(20))))
        told = document(end, promised, bet)
        assert (told["state"], told["rows"], told["found"]) == ("unchanged", 2000, None)
        assert told["evidence"] is not None
        assert told["evidence"] < 10
        assert "Nothing says that" in told["sentence"]


def test_an_outcome_that_becomes_more_frequent_is_found_dated_and_measured() -> None:
    random = np.random.default_rng(2)
    promised, bet = promise(classes(1500, random))
    end = last(life(promised, bet, (classes(100, random, toward=1.0 if n >= 20 else 0.0) for n in range(30))))
    told = document(end, promised, bet)
    assert told["state"] == "changed"
    assert told["found"] in {f"quality-{number}" for number in range(20, 26)}
    assert told["since"] is not None
    assert told["since"] >= "2026-12-07"
    assert told["shift"] is not None
    assert told["shift"]["low"] < told["shift"]["difference"] < told["shift"]["high"]
    assert told["shift"]["low"] * told["shift"]["high"] > 0, "the interval leaves out that nothing has changed"
    assert "The same inputs now have other outcomes, since about 2026-12-" in told["sentence"]


@pytest.mark.parametrize(
    ("change", "says", "worse"),
    [
        ({"shift": 1.0}, "outcomes lie higher than the model says, on average by", True),
        ({"shift": -1.0}, "outcomes lie lower than the model says, on average by", True),
        ({"scale": 2.5}, "the model is off by more than it was, on average by", True),
        ({"scale": 0.3}, "the model is off by less than it was, on average by", False),
    ],
)
def test_numbers_say_in_which_direction(change: dict[str, float], says: str, *, worse: bool) -> None:
    random = np.random.default_rng(3)
    promised, bet = promise(numbers(1000, random))
    end = last(life(promised, bet, (numbers(100, random, **change) for _ in range(8))))
    told = document(end, promised, bet)
    assert (told["state"], told["worse"]) == ("changed", worse)
    assert says in told["sentence"]


def test_how_far_off_is_written_like_every_amount() -> None:
    told: Any = {"rows": 486, "seen": 0.822, "promised": 0.5, "low": 0.2, "high": 0.44, "amount": 243_812.3}
    sentence = words.changed(Pattern("outcomes", 0, 1), told, None, "2026-11-30T16:17:00Z")
    assert "on average by 243,812. In 486 rows" in sentence


def test_answers_that_are_right_more_often_than_promised_are_a_change_and_no_loss() -> None:
    _, bet = promise(classes(1000, np.random.default_rng(4)))
    by_sign = {pattern.sign: is_worse(pattern) for pattern in bet.patterns if pattern.what == "answers"}
    assert by_sign == {1: False, -1: True}
    assert bet.weight.sum() == pytest.approx(1)
    assert sum(start_weight(block) for block in range(1, 100_000)) == pytest.approx(1, abs=1e-3)


def test_a_change_is_never_taken_back_and_nothing_more_is_learned_of_it() -> None:
    random = np.random.default_rng(5)
    promised, bet = promise(classes(1000, random))
    states = list(life(promised, bet, (classes(200, random, toward=3.0 if n < 5 else 0.0) for n in range(15))))
    found = next(state for state in states if state.evidence.changed is not None)
    assert {state.found for state in states[states.index(found) :]} == {found.found}
    assert (states[-1].evidence.learned == found.evidence.learned).all()
    assert document(states[-1], promised, bet)["state"] == "changed"


def test_a_caller_who_asks_the_same_again_counts_once() -> None:
    random = np.random.default_rng(6)
    promised, bet = promise(classes(1000, random))
    few = classes(30, random)
    state = State.nothing(promised, bet)
    again = np.tile(np.arange(30), 20)
    many = type(few)(few.inputs[again], few.predictions.take(again))
    for number in range(5):
        state = follow(state, promised, bet, labelled(many, BEGAN + number * DAY, str(number)), f"quality-{number}")
    assert state.rows == 30
    assert len(state.counted.ids) == 5 * 600


def test_equal_inputs_say_nothing_where_only_few_are_possible() -> None:
    rows = labelled(classes(200, np.random.default_rng(7)), BEGAN, "a").cells
    coarse = rows.set_column(0, "x0", [["a", "b"] * 100]).select(["x0"])
    assert inputs(coarse, ["x0"]) is None
    found = inputs(rows, ["x0", "x1", "x2"])
    assert found is not None
    assert len(set(found.tolist())) == 200


def test_rows_that_depend_on_each_other_count_for_less() -> None:
    """Whole days that go well or badly, which no row of its own foretells."""
    random = np.random.default_rng(8)
    promised, bet = promise(classes(1500, random))
    days = (classes(100, random, toward=float(random.normal(0, 1.0))) for _ in range(30))
    told = document(last(life(promised, bet, days)), promised, bet)
    assert told["dependence"] > 2


@pytest.mark.parametrize("kept", [None, {}, {"classes": ["no", "yes"], "calibration": None}])
def test_a_model_that_promised_nothing_is_not_judged(kept: Answers | None) -> None:
    assert isinstance(promises(kept), str)


def test_a_small_test_set_is_told_to_be_too_small() -> None:
    with pytest.raises(AssertionError, match="Only 60 rows were held out"):
        promise(classes(60, np.random.default_rng(9)))


def test_held_out_rows_that_repeat_each_other_make_a_promise_no_surer() -> None:
    few = classes(300, np.random.default_rng(11))
    again = np.tile(np.arange(300), 5)
    many = type(few)(few.inputs[again], few.predictions.take(again))
    once, repeated = promise(few)[0].rows.sum(), promise(many)[0].rows.sum()
    assert repeated == pytest.approx(once, rel=0.05)
    with pytest.raises(AssertionError, match="Only 60 different rows were held out"):
        promise(type(few)(few.inputs[again % 60], few.predictions.take(again % 60)))


def test_the_state_is_the_same_after_it_was_stored_and_small() -> None:
    random = np.random.default_rng(10)
    promised, bet = promise(numbers(500, random))
    end = last(life(promised, bet, (numbers(80, random) for _ in range(3))))
    text = written(end, "run", "quality-2")
    again = read(text.encode(), "run", promised, bet)
    assert again is not None
    assert written(again, "run", "quality-2") == text
    assert len(text) < 40_000
    for other in (None, b"", b"[]", b'{"version": 2}', text[:-9].encode(), text.replace("wealth", "w").encode()):
        assert read(other, "run", promised, bet) is None
    assert read(text.encode(), "another run", promised, bet) is None
    assert ALPHA == 0.01
