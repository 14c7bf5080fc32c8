"""An earlier model back in service: the way of a rollback, and what served it made again of its artifact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib import codec
from chalicelib.names import Step, StepName
from chalicelib.records.commands import Follow, GoBack, Retire, TellRollback
from chalicelib.records.dataset import decide
from chalicelib.records.envelopes import from_envelope
from chalicelib.records.events import Ignored, RollbackRequested
from chalicelib.records.going_back import GoingBack, Move, RollbackAsked, RollbackEnded, next_move
from chalicelib.records.orphans import Resource, Tagged, is_orphan
from chalicelib.records.run import LiveModel, Stage
from chalicelib.requests import made_again
from chalicelib.runtime.going_back import Rollbacks
from chalicelib.serving_mode import Mode
from tests.memory_cloud import executing
from tests.memory_cloud.cloud import MemoryCloud
from tests.memory_cloud.surroundings import ByHand
from tests.records.test_going_back import NEW, OLD, SERVED
from tests.relay.builders import DEPLOYMENT, NOW, RUN_ID, run

OLDEST = LiveModel("churn-00000000", "sagerelay-churn", 1, "2026-11-01T00:00:00Z")
ASKED = RollbackAsked("e1", NEW.run, "it was better", OLDEST)


def test_it_changes_places_and_the_predecessor_goes() -> None:
    begun = decide(SERVED, ASKED).dataset
    assert begun.going_back == GoingBack("e1", NEW, OLDEST, "it was better", made_again=True)
    assert begun.pending == (GoBack(),)
    over = decide(begun, RollbackEnded(at="2026-11-05T00:00:00Z")).dataset
    assert (over.live, over.previous) == (replace(OLDEST, back="2026-11-05T00:00:00Z"), NEW)
    told = TellRollback("e1", NEW.run, OLDEST.run, "it was better", None)
    assert over.pending == (told, Retire(OLD.run, 1), Follow(OLDEST.run))
    assert codec.is_stable(begun)


def test_what_cannot_serve_leaves_everything_as_it_was() -> None:
    begun = decide(SERVED, ASKED).dataset
    over = decide(begun, RollbackEnded("its artifact is gone")).dataset
    assert (over.live, over.previous) == (NEW, OLD)
    assert over.pending == (TellRollback("e1", NEW.run, OLDEST.run, "it was better", "its artifact is gone"),)


def test_of_the_predecessor_nothing_is_made_again() -> None:
    begun = decide(SERVED, replace(ASKED, to=replace(OLD, promoted="another time"))).dataset
    assert begun.going_back == GoingBack("e1", NEW, OLD, "it was better")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (replace(ASKED, to=NEW), "it serves already"),
        (replace(ASKED, to=None, hindered="no model of run x has served churn"), "no model of run x has served churn"),
        (replace(ASKED, to=replace(OLDEST, mode=Mode.BATCH)), "it was served in another way"),
    ],
)
def test_what_cannot_be_is_told(asked: RollbackAsked, why: str) -> None:
    after = decide(SERVED, asked).dataset
    [told] = after.pending
    assert isinstance(told, TellRollback)
    assert why in (told.problem or "")
    assert after.going_back is None


def test_a_model_without_an_endpoint_is_made_once() -> None:
    plan = GoingBack("e1", replace(NEW, mode=Mode.BATCH), replace(OLDEST, mode=Mode.BATCH), "", made_again=True)
    assert next_move(plan, None, ("", "")) is Move.ASK
    assert next_move(replace(plan, tried=1), None, ("", "")) == RollbackEnded()


def test_what_is_made_again_is_no_orphan_meanwhile() -> None:
    begun = decide(SERVED, ASKED).dataset
    old = replace(run(Stage.LIVE), id=OLDEST.run)
    thing = Tagged(Resource.CONFIG, OLDEST.config, "churn", OLDEST.run)
    assert is_orphan(thing, SERVED, old)
    assert not is_orphan(thing, begun, old)


def test_the_event_names_the_model_to_go_back_to() -> None:
    def asked(**detail: str) -> object:
        envelope = {"id": "e1", "detail-type": "Rollback Requested", "detail": {"dataset": "churn", **detail}}
        return from_envelope(envelope, bucket="b", prefix="sagerelay")

    assert asked(leave=NEW.run, to=OLDEST.run) == RollbackRequested("churn", NEW.run, "", "e1", OLDEST.run)
    assert isinstance(asked(leave=NEW.run, to="../x"), Ignored)


def test_a_run_that_never_served_hinders_it() -> None:
    here = executing.executor(DEPLOYMENT, MemoryCloud(DEPLOYMENT, ByHand()).clients.__getitem__)
    here.store.save_run(run(Stage.LIVE))
    here.store.save_run(replace(run(Stage.REJECTED), id="churn-00000009"))
    rollbacks = Rollbacks(here, lambda: NOW)

    def wished(to: str, dataset: str = "churn") -> RollbackAsked:
        return rollbacks.wished(RollbackRequested(dataset, NEW.run, "", "e1", to))

    found = wished(RUN_ID).to
    assert found
    assert (found.run, found.endpoint, found.config) == (RUN_ID, "sagerelay-churn", f"{RUN_ID}-live-1")
    assert wished("churn-00000009").hindered == "no model of run churn-00000009 has served churn"
    assert wished(RUN_ID, "orders").hindered
    assert wished("churn-00000008").hindered


def test_its_model_and_configuration_are_those_it_went_live_with() -> None:
    old = run(Stage.LIVE)
    [model, config] = made_again(old, 1, DEPLOYMENT)
    assert (model.operation, model.arguments["ModelName"]) == ("create_model", f"{RUN_ID}-model")
    assert config.operation == "create_endpoint_config"
    assert config.arguments["EndpointConfigName"] == str(StepName(RUN_ID, Step.LIVE, 1))
    assert config.arguments["ProductionVariants"][0]["ModelName"] == f"{RUN_ID}-model"
    assert [call.operation for call in made_again(replace(old, mode=Mode.BATCH), 1, DEPLOYMENT)] == ["create_model"]
