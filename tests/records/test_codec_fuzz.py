"""Whatever is stored where a record should be: it is read, or it is unreadable; nothing else, and nothing gets lost.

The records that release 0.1.0 kept, changed in some places to what hands, half-written items and other releases may
leave there.
"""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.codec import Record, UnreadableError
from chalicelib.monitoring.record import Monitor
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run
from tests.records.states import kept, scenarios

KINDS = {"run": Run, "dataset": Dataset, "watch": Monitor}
SEEDS = range(6)
TEXTS_A_SEED = 300
ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**400, float("inf"),
    "", "x", "\ud800", "tune", "drift", "live", "x" * 10_000, "2026-01-01", "2026-11-22T10:00+01:00",
    [], {}, [[]], [{}], [1, "a"], {"a": {"b": [1]}},
    {"command": "Begin"}, {"command": "Begin", "run": "a"}, {"command": []}, {"command": None},
    {"monitoring": None}, {"monitoring": 7}, {"gate": []}, {"tuning": None}, {"tuning": {"ranges": None}},
    {"tuning": {"ranges": []}}, {"tuning": {"ranges": {"eta": 7}}},
]  # fmt: skip
NESTED = "[" * 100_000 + "]" * 100_000


@cache
def records() -> list[tuple[type, Any]]:
    items = [item for name in scenarios("0.1.0") for item in kept("0.1.0", name)["table"]]
    named = [(KINDS.get(item["id"]["S"].partition("#")[0]), item) for item in items]
    return [(kind, json.loads(item["document"]["S"])) for kind, item in named if kind]


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(place for key, one in inside for place in places(one, (*above, key)))]


def changed(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = changed(value[place[0]], place[1:], new)
    return copy


def garbled(random: Random) -> tuple[type, Any]:
    kind, value = random.choice(records())
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        value = changed(value, random.choice(places(value)), random.choice(ODD))
    return kind, value


@pytest.mark.parametrize("seed", SEEDS)
def test_a_garbled_record_is_read_or_unreadable_and_what_is_read_is_kept(seed: int) -> None:
    random, readable = Random(seed), 0
    for _ in range(TEXTS_A_SEED):
        kind, value = garbled(random)
        try:
            record: Any = codec.from_document(kind, json.dumps(value), 1)
        except UnreadableError:
            continue
        readable += 1

        text = codec.to_document(record)

        assert codec.from_document(kind, text, 1) == record, value
        assert codec.to_document(codec.from_document(kind, text, 1)) == text, value
    assert readable > TEXTS_A_SEED / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_every_time_that_is_read_can_be_compared(seed: int) -> None:
    random = Random(seed)
    for _ in range(TEXTS_A_SEED):
        kind, value = random.choice(records())
        times = [name for name, one in value.items() if isinstance(one, str) and one.startswith("20")]
        if times:
            name = random.choice(times)
            bare: Any = codec.from_document(kind, json.dumps(value | {name: "2026-11-22T10:00:00"}), 1)
            assert getattr(bare, name).tzinfo is not None


@pytest.mark.parametrize("kind", KINDS.values())
def test_what_is_nested_without_end_is_unreadable(kind: type[Record]) -> None:
    with pytest.raises(UnreadableError):
        codec.from_document(kind, NESTED, 1)
