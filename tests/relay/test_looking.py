"""Turns at looking: one at a time, for everybody who asks, and nobody acts on what they saw before it was taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.aws.looks import APART, HOLD, Looks
from chalicelib.aws.store import ConflictError, Store
from chalicelib.records.dataset import Dataset
from chalicelib.runtime.looking import LONGEST, Looking
from tests.memory_cloud.table import Table
from tests.relay.builders import NOW


class Turns:
    """Looks of one dataset over a table in memory, with a clock of the test's."""

    def __init__(self) -> None:
        self.time = NOW
        self.paused: list[float] = []
        self.table = Table("t", lambda: 0.0, lambda _key: 0.0)
        self.store = Store(self.table, "t")
        self.looking = Looking(self.store, lambda: self.time, self._pause)

    def _pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.time += timedelta(seconds=seconds)

    def look(self, seen: list[str], name: str = "look", *, asks: bool = True) -> None:
        """One function looks, and nothing is new."""
        self.looking.each("churn", lambda _record: bool(seen.append(name)) or True, asks=asks)

    @property
    def open(self) -> list[tuple[str, str]]:
        return list(self.store.open_records())


@pytest.fixture
def turns() -> Turns:
    return Turns()


def test_who_comes_while_somebody_looks_is_answered_by_them(turns: Turns) -> None:
    seen: list[str] = []

    def first(_record: Dataset) -> bool:
        seen.append("first")
        if len(seen) == 1:
            for _ in range(3):
                turns.look(seen, "another")
        return True

    turns.looking.each("churn", first, asks=True)
    assert seen == ["first", "first"]
    assert turns.open == []


def test_looks_keep_their_distance(turns: Turns) -> None:
    seen: list[str] = []
    turns.look(seen)
    turns.time += timedelta(seconds=0.25)
    turns.look(seen)
    assert (len(seen), turns.paused) == (2, [0.75])
    turns.time += timedelta(seconds=1.5)
    turns.look(seen)
    assert (len(seen), turns.paused) == (3, [0.75])


def test_a_clock_that_is_wrong_makes_nobody_wait_longer(turns: Turns) -> None:
    seen: list[str] = []
    turns.look(seen)
    turns.time -= timedelta(minutes=1)
    turns.look(seen)
    assert turns.paused == [APART.total_seconds()]


def test_a_question_that_its_holder_took_with_it_is_the_sweeps(turns: Turns) -> None:
    class Death(BaseException):
        pass

    def die(_record: Dataset) -> bool:
        raise Death

    with pytest.raises(Death):
        turns.looking.each("churn", die, asks=True)
    seen: list[str] = []
    turns.look(seen, asks=False)  # too early: it may still live
    assert seen == []
    assert turns.open == [("look", "churn")]
    turns.time += HOLD + timedelta(seconds=1)
    turns.look(seen, asks=False)
    assert seen == ["look"]
    assert ("look", "churn") not in turns.open


def test_a_look_that_fails_leaves_its_question_to_the_next_at_once(turns: Turns) -> None:
    def fail(_record: Dataset) -> bool:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 (the one above)
        turns.looking.each("churn", fail, asks=True)
    assert turns.open == [("look", "churn")]
    seen: list[str] = []
    turns.look(seen, asks=False)
    assert (seen, turns.open) == (["look"], [])


@pytest.mark.parametrize("again", [False, True])
def test_who_is_so_slow_that_their_turn_is_taken_cannot_write_what_they_saw(turns: Turns, *, again: bool) -> None:
    turns.store.save_dataset(Dataset("churn"))
    seen: list[str] = []
    lost: list[bool] = []

    def slow(record: Dataset) -> bool:
        turns.time += HOLD + timedelta(seconds=1)
        turns.look(seen, "the next")
        if again:
            holder = Looks(turns.store).take("churn", "somebody else", turns.time)
            assert holder
        try:
            turns.store.save_dataset(replace(record, queued=True))
        except ConflictError:
            lost.append(True)
            raise
        return True

    def once(record: Dataset) -> bool:
        return slow(record) if not lost else bool(seen.append("once more")) or True

    turns.looking.each("churn", once, asks=True)
    assert lost == [True]
    assert not turns.store.dataset("churn").queued
    assert seen == ["the next"]
    assert turns.open == [("look", "churn")]  # what it noted of relay.yaml may be old: somebody looks once more


def test_a_race_with_another_writer_is_looked_at_again(turns: Turns) -> None:
    seen: list[int] = []

    def overtaken(_record: Dataset) -> bool:
        seen.append(1)
        if len(seen) == 1:
            raise ConflictError
        return True

    turns.looking.each("churn", overtaken, asks=True)
    assert (len(seen), turns.open) == (2, [])


def test_what_never_comes_to_an_end_is_left_to_the_next(turns: Turns) -> None:
    began = turns.time

    def asked_for_ever(_record: Dataset) -> bool:
        Looks(turns.store).ask("churn", turns.time)
        return True

    turns.looking.each("churn", asked_for_ever, asks=True)
    assert timedelta() < turns.time - began < LONGEST + timedelta(seconds=5)
    assert turns.open == [("look", "churn")]
    seen: list[str] = []
    turns.look(seen, asks=False)
    assert (seen, turns.open) == (["look"], [])


def test_a_look_of_another_kind_answers_nobody_elses_question(turns: Turns) -> None:
    seen: list[str] = []

    def retrain(_record: Dataset) -> bool:
        seen.append("retrain" if not seen else "look")
        if seen == ["retrain"]:
            Looks(turns.store).ask("churn", turns.time)
        return len(seen) > 1

    turns.looking.each("churn", retrain, asks=False)
    assert (seen, turns.open) == (["retrain", "look"], [])
    turns.time += timedelta(minutes=1)
    seen.clear()
    turns.looking.each("churn", lambda _record: bool(seen.append("retrain")), asks=False)
    assert (seen, turns.open) == (["retrain"], [])


def test_a_request_made_twice_is_one_turn(turns: Turns) -> None:
    looks = Looks(turns.store)
    first, echo = (looks.take("churn", "me", turns.time) for _ in range(2))
    assert first
    assert echo
    assert (first.fences, echo.fences) == (False, True)
    assert looks.take("churn", "you", turns.time) is None
    assert looks.done(echo)
    assert looks.take("churn", "you", turns.time)
