"""Orphans: what nobody's record needs is deleted after a while, and nothing else ever is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import requests
from chalicelib.names import Step
from chalicelib.records.commands import Release, Retire
from chalicelib.records.dataset import Dataset
from chalicelib.records.orphans import Resource, Tagged, is_behind, is_orphan
from chalicelib.records.run import LiveModel, Run, Stage
from tests.relay.builders import DEPLOYMENT, RUN_ID, run
from tests.relay.world import World, drop

ENDPOINT = Tagged(Resource.ENDPOINT, f"{RUN_ID}-candidate-1", "churn", RUN_ID)
CONFIG = Tagged(Resource.CONFIG, f"{RUN_ID}-live-1", "churn", RUN_ID)
MODEL = Tagged(Resource.MODEL, f"{RUN_ID}-model", "churn", RUN_ID)
LIVE_ENDPOINT = Tagged(Resource.ENDPOINT, "sagerelay-churn", "churn", None)
OWN = LiveModel(RUN_ID, "sagerelay-churn", 1, "2026-11-01T00:00:00Z")
KNOWN = Dataset("churn", version=3)


@pytest.mark.parametrize("thing", [ENDPOINT, CONFIG, MODEL])
@pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.FAILED, Stage.SUPERSEDED])
def test_what_a_run_left_that_came_to_nothing_is_an_orphan(thing: Tagged, stage: Stage) -> None:
    assert is_orphan(thing, KNOWN, run(stage))


@pytest.mark.parametrize("thing", [ENDPOINT, CONFIG, MODEL])
@pytest.mark.parametrize("record", [None, run(Stage.EVALUATING), run(Stage.LIVE, pending=(Release(),))])
def test_what_an_open_or_unknown_run_made_is_left_alone(thing: Tagged, record: Run | None) -> None:
    assert not is_orphan(thing, KNOWN, record)


@pytest.mark.parametrize("place", ["live", "previous"])
def test_a_live_model_and_its_predecessor_keep_what_they_serve_with(place: str) -> None:
    dataset = replace(KNOWN, live=OWN) if place == "live" else replace(KNOWN, previous=OWN)

    assert [is_orphan(thing, dataset, run(Stage.LIVE)) for thing in (ENDPOINT, CONFIG, MODEL)] == [True, False, False]
    other_attempt = replace(CONFIG, name=f"{RUN_ID}-live-2")
    assert is_orphan(other_attempt, dataset, run(Stage.LIVE))


@pytest.mark.parametrize(
    ("dataset", "orphan"),
    [
        (KNOWN, True),
        (Dataset("churn"), False),  # nothing is known of it: the table may have been emptied
        (replace(KNOWN, live=OWN), False),
        (replace(KNOWN, active=RUN_ID), False),
        (replace(KNOWN, pending=(Retire("churn-00000000", 1),)), False),
    ],
)
def test_a_live_endpoint_is_an_orphan_only_where_a_dataset_is_known_to_have_no_model(
    dataset: Dataset, *, orphan: bool
) -> None:
    assert is_orphan(LIVE_ENDPOINT, dataset, None) is orphan


def test_what_serves_is_known_by_the_endpoint_s_own_configuration() -> None:
    assert [is_behind(thing, CONFIG.name) for thing in (ENDPOINT, CONFIG, MODEL)] == [False, True, True]
    assert [is_behind(thing, "churn-00000000-live-1") for thing in (ENDPOINT, CONFIG, MODEL)] == [False] * 3
    assert not is_behind(MODEL, None)


def candidate_made_by_a_late_lambda(here: World) -> str:
    first = drop(here)
    here.relay(first, here.runtime.receive)
    record = here.runtime.executor.store.run(first)
    assert record is not None
    for call in requests.start(Step.CANDIDATE, 2, record, DEPLOYMENT)[1:]:
        here.sagemaker.ensure(call)
    return first


def test_an_endpoint_made_after_its_run_had_ended_is_deleted_after_a_while(here: World) -> None:
    first = candidate_made_by_a_late_lambda(here)
    for _ in range(2):
        here.time += timedelta(minutes=20)
        here.runtime.sweep()
    assert f"{first}-candidate-2" in here.sagemaker.endpoints

    for _ in range(10):
        here.time += timedelta(minutes=10)
        here.runtime.sweep()

    assert here.sagemaker.endpoints == {"sagerelay-churn": f"{first}-live-1"}
    kept = {(Resource.ENDPOINT, "sagerelay-churn"), (Resource.CONFIG, f"{first}-live-1")}
    assert set(here.sagemaker.things) == kept | {(Resource.MODEL, f"{first}-model")}
    assert here.sagemaker.removed[-2:] == [f"{first}-candidate-2"] * 2


def test_a_model_that_somebody_went_back_to_by_hand_is_left_alone(here: World) -> None:
    runs = []
    for name in ("jan", "feb", "mar"):
        runs.append(drop(here, f"train/{name}.csv"))
        here.relay(runs[-1], here.runtime.receive)
    record = here.runtime.executor.store.run(runs[0])
    assert record is not None
    for call in requests.start(Step.LIVE, 1, replace(record, live=OWN), DEPLOYMENT):
        here.sagemaker.ensure(call)
    assert here.sagemaker.endpoints == {"sagerelay-churn": f"{runs[0]}-live-1"}

    for _ in range(30):
        here.time += timedelta(minutes=10)
        here.runtime.sweep()

    assert (Resource.CONFIG, f"{runs[0]}-live-1") in here.sagemaker.things


def test_a_sweep_says_when_it_was_and_how_much_there_was(here: World) -> None:
    assert here.runtime.executor.store.last_sweep() is None
    drop(here)
    here.runtime.sweep()

    last = here.runtime.executor.store.last_sweep()
    assert last is not None
    assert (last.open, here.time - last.at < timedelta(seconds=5)) == (1, True)


def test_orphans_are_looked_for_once_an_hour(here: World) -> None:
    asked: list[datetime] = []
    tags: Any = here.runtime.executor.tags
    tags._inner.things = lambda: asked.append(here.time) or []
    for _ in range(25):
        here.runtime.sweep()
        here.time += timedelta(minutes=5)

    # Endpoints are looked for, too, for what they cost: once a week for the mail, and for the page that says so.
    assert len(asked) == 3 + 1 + 1
