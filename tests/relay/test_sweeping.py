"""A sweep over more than it has time for, and several records side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.runtime.sweeping import LONGEST, Sweeping
from tests.relay.builders import DEPLOYMENT
from tests.relay.world import World

DATASETS = ("a", "b", "c", "d", "e", "f")


@pytest.fixture
def runs(here: World) -> list[str]:
    """As many open runs, in the order of their names."""
    for dataset in DATASETS:
        here.put("train/jan.csv", dataset=dataset)
        here.runtime.receive(here.uploaded(dataset=dataset))
    return sorted(here.active(dataset) or "" for dataset in DATASETS)


def sweeping(here: World, look: Callable[[str], None], at_once: int = 1) -> Sweeping:
    usual = here.runtime.sweeping
    return replace(usual, sweepers={"run": look}, at_once=at_once)


def test_what_a_sweep_has_no_time_for_comes_first_in_the_next(here: World, runs: list[str]) -> None:
    seen: list[str] = []

    def slow(name: str) -> None:
        seen.append(name)
        here.time += LONGEST / 2.5

    for _ in range(3):
        sweeping(here, slow).sweep()

    assert seen == [*runs, *runs[:3]]
    last = here.runtime.executor.store.last_sweep()
    assert last is not None
    assert (last.open, last.reached) == (6, ("run", runs[2]))


def test_a_sweep_with_time_enough_sees_each_once_and_leaves_nothing_to_the_next(here: World, runs: list[str]) -> None:
    seen: list[str] = []
    for _ in range(2):
        sweeping(here, seen.append).sweep()

    assert seen == [*runs, *runs]
    last = here.runtime.executor.store.last_sweep()
    assert last is not None
    assert last.reached is None


def test_records_that_take_all_the_time_take_it_in_turn(here: World, runs: list[str]) -> None:
    seen: list[str] = []

    def very_slow(name: str) -> None:
        seen.append(name)
        here.time += 2 * LONGEST

    for _ in range(len(runs)):
        sweeping(here, very_slow).sweep()

    assert seen == runs


def test_several_records_are_looked_at_side_by_side(here: World, runs: list[str]) -> None:
    together = threading.Barrier(3)
    seen: list[str] = []

    def wait_for_others(name: str) -> None:
        together.wait(10)
        seen.append(name)

    sweeping(here, wait_for_others, at_once=3).sweep()

    assert sorted(seen) == runs


@pytest.mark.parametrize("at_once", [1, 3])
def test_one_that_cannot_be_handled_does_not_keep_the_others_waiting(
    here: World, runs: list[str], at_once: int
) -> None:
    seen: list[str] = []

    def fail_once(name: str) -> None:
        if name == runs[1]:
            raise RuntimeError(name)
        seen.append(name)

    with pytest.raises(ExceptionGroup) as caught:
        sweeping(here, fail_once, at_once).sweep()

    assert sorted(seen) == [runs[0], *runs[2:]]
    assert [str(problem) for problem in caught.value.exceptions] == [runs[1]]
    assert here.runtime.executor.store.last_sweep() is not None


GARBLED = {
    "not JSON": {"document": {"S": "{"}, "version": {"N": "3"}},
    "a list": {"document": {"S": "[]"}, "version": {"N": "3"}},
    "half": {"document": {"S": '{"dataset": "a"}'}, "version": {"N": "3"}},
    "no document": {"version": {"N": "3"}},
    "a number": {"document": {"N": "1"}, "version": {"N": "3"}},
    "no version": {"document": {"S": "{}"}},
}


@pytest.mark.parametrize("kind", ["run", "dataset", "watch"])
def test_records_that_cannot_be_read_stop_no_other_and_are_told_once(here: World, kind: str) -> None:
    for name, item in GARBLED.items():
        key = {"id": {"S": f"{kind}#{name.replace(' ', '-')}"}, "open": {"S": "yes"}}
        here.dynamodb.put_item(TableName=DEPLOYMENT.table, Item=key | item)
    seen: list[str] = []
    usual = here.runtime.sweeping
    sweepers = {**usual.sweepers, "zebra": seen.append, "mail": seen.append}
    here.dynamodb.put_item(TableName=DEPLOYMENT.table, Item={"id": {"S": "zebra#z"}, "open": {"S": "yes"}})
    here.dynamodb.put_item(TableName=DEPLOYMENT.table, Item={"id": {"S": "of-a-newer-release#z"}, "open": {"S": "yes"}})
    readable = 2 if kind == "watch" else 0  # what has a default may be missing
    for _ in range(2):
        with pytest.raises(ExceptionGroup):
            replace(usual, sweepers=sweepers).sweep()
    assert seen == ["z", "z"]
    told = [mail["record"] for mail in here.mails()]
    assert len(told) == len(set(told)) >= len(GARBLED) - readable - 1


def test_a_sweep_whose_last_one_left_nonsense_sweeps(here: World) -> None:
    here.dynamodb.put_item(TableName=DEPLOYMENT.table, Item={"id": {"S": "sweep"}, "at": {"S": "yesterday"}})
    here.runtime.sweep()
    last = here.runtime.executor.store.last_sweep()
    assert last is not None
