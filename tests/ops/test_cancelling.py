"""`ops cancel`: which runs can be ended, the event that asks, and how it is known that it is over."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.names import Step
from chalicelib.records.commands import Start, Stop
from chalicelib.records.run import Cancelled, Run, Stage
from ops import cancelling
from ops.target import OpsError
from tests.ops.test_rollback import Account
from tests.relay.builders import RUN_ID, run

TRAINS = run(Stage.TRAINING)
WAITS = run(Stage.PROMOTING, waiting_for="no capacity", pending=(Start(Step.LIVE),))


def account(there: Run) -> Account:
    made = Account()
    made.store.save_run(there)
    made.cloud.bucket.put(f"runs/{there.id}/inputs.json", b"{}")
    return made


@pytest.mark.parametrize(
    ("there", "asked", "why"),
    [
        (run(Stage.LIVE), RUN_ID, f"Run {RUN_ID} has ended: live"),
        (run(Stage.PROMOTING), RUN_ID, "is taking over from the live one"),
        (TRAINS, "churn-1a2b3c4e", f"There is no run churn-1a2b3c4e. Did you mean {RUN_ID}\\?"),
        (TRAINS, "x", "There is no run x. `runs` lists them."),
    ],
)
def test_what_cannot_be_ended_is_said_before_anything_is_asked(there: Run, asked: str, why: str) -> None:
    with pytest.raises(OpsError, match=why):
        cancelling.plan(account(there).target, asked)


@pytest.mark.parametrize("there", [TRAINS, WAITS, run(Stage.AWAITING_APPROVAL)])
def test_the_event_names_the_run(there: Run) -> None:
    here = account(there)
    cancelling.ask(here.target, cancelling.plan(here.target, RUN_ID), "the wrong file")
    [entry] = here.events
    assert (entry["Source"], entry["DetailType"]) == ("sagerelay", "Cancel Requested")
    assert json.loads(entry["Detail"]) == {"deployment": "sagerelay", "run": RUN_ID, "because": "the wrong file"}


def test_it_is_waited_for_until_its_job_has_stopped() -> None:
    here, said = account(TRAINS), list[str]()
    ended = replace(TRAINS, stage=Stage.CANCELLED, cancelled=Cancelled(Stage.TRAINING, ""))
    steps = iter((TRAINS, replace(ended, pending=(Stop(Step.TRAIN),)), ended))

    def pause(_seconds: float) -> None:
        before = here.store.run(RUN_ID)
        assert before
        here.store.save_run(replace(next(steps), version=before.version))

    stage = cancelling.wait(here.target, TRAINS, pause=pause, clock=lambda: 0.0, say=said.append)
    assert stage is Stage.CANCELLED
    assert said == ["the run is cancelled; its job is being stopped"]


def test_what_never_ends_is_said() -> None:
    times = iter(range(0, 1_000, 50))
    with pytest.raises(OpsError, match="not over after 2 minutes"):
        cancelling.wait(
            account(TRAINS).target, TRAINS, pause=lambda _: None, clock=lambda: float(next(times)), say=lambda _: None
        )
