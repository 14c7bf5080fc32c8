"""Ids of runs hold eight digits of a hash and may meet, by chance or by intent: no run is harmed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.names import RunKeys, Step
from chalicelib.records.commands import Begin
from chalicelib.records.dataset import Dataset, begun_otherwise, decide
from tests.relay.builders import inputs_seen
from tests.relay.builders import run as run_record
from tests.relay.world import STARTED, World, drop


@pytest.fixture
def met() -> str:
    """The id that the first run of the usual file gets."""
    return drop(World())


def pin(here: World, run: str, dataset: str) -> bytes:
    body = json.dumps({"dataset": dataset, "objects": [], "settings": {}}).encode()
    here.s3.put(RunKeys(run).inputs, body)
    return body


def pinned(here: World, run: str) -> bytes:
    return here.s3.body(RunKeys(run).inputs) or b""


def test_another_generation_is_another_id_and_everything_else_stays() -> None:
    begun = decide(Dataset("churn"), inputs_seen()).dataset

    other = begun_otherwise(begun, inputs_seen())

    assert other.active is not None
    assert other.active != begun.active
    assert begun.last is not None
    assert other.pending == (Begin(other.active),)
    assert other.last == replace(begun.last, run=other.active, generation=2)
    assert decide(other, inputs_seen()).ignored


def test_the_pinned_inputs_of_another_datasets_run_are_not_overwritten(met: str) -> None:
    here = World()
    theirs = pin(here, met, "other")

    run = drop(here)

    assert run not in {met, ""}
    assert pinned(here, met) == theirs
    assert json.loads(pinned(here, run))["dataset"] == "churn"
    here.relay(run, here.runtime.receive)
    assert here.stage(run) == "live"


def test_a_run_is_not_taken_for_an_earlier_one_of_the_same_id(met: str) -> None:
    here = World()
    here.runtime.executor.store.save_run(replace(run_record(), id=met))

    run = drop(here)

    assert run not in {met, ""}
    assert here.sagemaker.calls == [STARTED[0].format(run=run)]


def test_who_loses_a_race_leaves_nothing_behind(here: World) -> None:
    """Found in the end-to-end weather: two functions were told of the same upload, and one of them drew a new id."""
    here.put("train/jan.csv", b"a,b")
    original = here.s3.get_paginator

    def another_comes_first(operation: str) -> Any:
        here.s3.get_paginator = original
        here.runtime.receive(here.uploaded())
        return original(operation)

    here.s3.get_paginator = another_comes_first
    here.runtime.receive(here.uploaded())

    assert here.s3.under("runs/") == [RunKeys(here.active() or "").inputs]
    assert len(here.sagemaker.calls) == 1


def test_inputs_that_a_crash_left_behind_are_written_anew(met: str) -> None:
    here = World()
    left = pin(here, met, "churn")

    assert drop(here) == met
    assert pinned(here, met) != left
    assert here.end(met, Step.PREPARE)


def test_a_settings_file_is_not_read_beyond_its_limit(here: World) -> None:
    here.put("relay.yaml", b"# " + b"x" * 3_000_000)
    here.runtime.receive(here.uploaded("relay.yaml"))

    (mail,) = here.mails()

    assert "at most 65,536 are read" in mail["problems"][0]


def test_a_document_larger_than_any_of_ours_fails_its_run(here: World) -> None:
    run = drop(here)
    envelope = here.end(run, Step.PREPARE)
    here.s3.put(RunKeys(run).schema, b" " * (65 << 20))
    here.runtime.receive(envelope)

    assert here.stage(run) == "failed"
    (mail,) = here.mails()
    assert "is larger than" in mail["failure"]["reason"]


def test_what_was_written_just_now_is_not_read_again(here: World) -> None:
    read: list[str] = []
    usual = here.s3.get_object

    def get(Bucket: str, Key: str) -> Any:  # noqa: N803
        read.append(Key)
        return usual(Bucket=Bucket, Key=Key)

    here.s3.get_object = get
    run = drop(here)
    record = here.runtime.executor.store.run(run)
    assert record is not None
    assert record.inputs == 1
    assert read == ["datasets/churn/relay.yaml"]
