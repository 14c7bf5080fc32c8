"""A run that only a newer release can go on with: it is left alone during an upgrade, and ends after a rollback."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib.names import Step
from chalicelib.records.run import Run
from tests.relay.world import World, drop


@pytest.fixture
def stranded(here: World) -> str:
    """The run that the newer release left, with work that only it knows how to do."""
    run = drop(here)
    here.runtime.receive(here.end(run, Step.PREPARE))
    item = here.dynamodb.items[f"run#{run}"]
    newer = json.loads(item["document"]["S"]) | {"stage": "distilling", "pending": [{"command": "Distil"}]}
    item["document"] = {"S": json.dumps(newer)}
    return run


def stored(here: World, run: str) -> Run:
    record = here.runtime.executor.store.run(run)
    assert record is not None
    return record


def test_while_an_upgrade_may_be_under_way_it_is_left_as_it_is(here: World, stranded: str) -> None:
    before = stored(here, stranded)

    here.time += timedelta(minutes=10)
    here.runtime.sweep()
    here.runtime.receive(here.end(stranded, Step.TUNE))
    drop(here, "train/feb.csv")

    assert stored(here, stranded) == before
    assert here.active() == stranded


def test_after_a_rollback_it_ends_with_a_mail_and_the_dataset_goes_on(here: World, stranded: str) -> None:
    here.mails()
    drop(here, "train/feb.csv")

    here.time += timedelta(hours=2)
    here.runtime.sweep()

    ended = stored(here, stranded)
    assert ended.failure is not None
    assert (here.stage(stranded), ended.failure.stage) == ("failed", "distilling")
    [mail] = here.mails()
    assert mail["kind"] == "failed"
    assert 'to the stage "distilling", which this release does not know' in mail["failure"]["reason"]
    assert here.active() not in {None, stranded}


def test_what_the_newer_release_had_decided_to_delete_is_not_lost(here: World, stranded: str) -> None:
    item = here.dynamodb.items[f"run#{stranded}"]
    pending = [
        *({"command": "Start", "step": "candidate", "attempt": 2}, {"command": "Distil"}),
        *({"command": "Remove", "step": "candidate", "attempt": 1}, {"command": "RemoveModel"}),
    ]
    item["document"] = {"S": json.dumps(json.loads(item["document"]["S"]) | {"pending": pending})}

    here.time += timedelta(hours=2)
    here.runtime.sweep()

    assert {f"{stranded}-candidate-1", f"{stranded}-model"} <= set(here.sagemaker.removed)
    assert not [call for call in here.sagemaker.calls if "candidate-2" in call]
    ended = stored(here, stranded)
    assert (ended.stage, ended.pending) == ("failed", ())
    assert ended.foreign  # which only the newer release can do, should it come back
