"""`ops approve` and `ops decline`: whether a model waits, the event that answers, and how it is known to be over."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.records.dataset import Dataset, LastRun
from chalicelib.records.run import Run, Stage
from ops import answering
from ops.target import OpsError
from tests.ops.test_rollback import Account
from tests.relay.builders import RUN_ID, run

WAITS = run(Stage.AWAITING_APPROVAL)
ACTIVE = Dataset("churn", active=RUN_ID)


def account(record: Dataset | None = ACTIVE, waits: Run | None = WAITS) -> Account:
    made = Account(record)
    if waits:
        made.store.save_run(waits)
    return made


@pytest.mark.parametrize(
    ("record", "waits", "why"),
    [
        (None, None, "waits for approval: no run is under way.$"),
        (Dataset("churn", last=LastRun(RUN_ID, 1, "f", "v", Stage.LIVE)), None, f"Its last run, {RUN_ID}, has ended"),
        (ACTIVE, run(Stage.TUNING), f"run {RUN_ID} is tuning"),
    ],
)
def test_what_does_not_wait_is_not_answered(record: Dataset | None, waits: Run | None, why: str) -> None:
    with pytest.raises(OpsError, match=why):
        answering.waiting(account(record, waits).target, "churn")


@pytest.mark.parametrize(("approve", "what"), [(True, "Approval Given"), (False, "Approval Declined")])
def test_the_event_names_the_run(approve: bool, what: str) -> None:  # noqa: FBT001
    here = account()
    answering.ask(here.target, answering.waiting(here.target, "churn"), "seen", approve=approve)
    [entry] = here.events
    assert (entry["Source"], entry["DetailType"]) == ("sagerelay", what)
    assert json.loads(entry["Detail"]) == {"deployment": "sagerelay", "run": RUN_ID, "because": "seen"}


def test_it_is_waited_for_until_the_run_has_ended() -> None:
    here, said = account(), list[str]()
    stages = iter((Stage.PROMOTING, Stage.PROMOTING, Stage.LIVE))

    def pause(_seconds: float) -> None:
        before = here.store.run(RUN_ID)
        assert before
        here.store.save_run(replace(before, stage=next(stages)))

    ended = answering.wait(here.target, WAITS, pause=pause, clock=lambda: 0.0, say=said.append)

    assert ended is Stage.LIVE
    assert said == ["the run is promoting"]


def test_what_never_ends_is_said() -> None:
    times = iter(range(0, 1_000, 50))
    with pytest.raises(OpsError, match="not over after 2 minutes"):
        answering.wait(
            account().target, WAITS, pause=lambda _: None, clock=lambda: float(next(times)), say=lambda _: None
        )
