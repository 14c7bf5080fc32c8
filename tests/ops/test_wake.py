"""`ops wake`: what cannot be woken, the event that asks, and how it is known that it is over."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.records.dataset import Dataset
from chalicelib.records.sleeping import Asleep
from ops import wake
from ops.target import OpsError
from tests.ops.test_rollback import Account
from tests.records.test_going_back import SERVED
from tests.relay.builders import NOW

SLEEPS = replace(SERVED, asleep=Asleep(NOW, "idle"))
WOKEN = replace(SERVED, asleep=Asleep(NOW, "idle", "w"))


@pytest.mark.parametrize(
    ("record", "why"), [(None, "No model of churn"), (SERVED, "does not sleep: the model of churn-00000002 is served")]
)
def test_what_does_not_sleep_is_not_woken(record: Dataset | None, why: str) -> None:
    with pytest.raises(OpsError, match=why):
        wake.ask(Account(record).target, "churn")


def test_the_event_names_the_dataset() -> None:
    account = Account(SLEEPS)
    wake.ask(account.target, "churn")
    [event] = account.events
    assert (event["Source"], event["DetailType"]) == ("sagerelay", "Wake Requested")
    assert json.loads(event["Detail"]) == {"deployment": "sagerelay", "dataset": "churn"}
    with pytest.raises(OpsError, match="did not take the request: Busy"):
        wake.ask(Account(SLEEPS, refuses=True).target, "churn")


@pytest.mark.parametrize(("becomes", "done"), [([WOKEN, SERVED], True), ([WOKEN, SLEEPS], False), ([SERVED], True)])
def test_it_is_waited_for(becomes: list[Dataset], done: bool) -> None:  # noqa: FBT001
    account, left = Account(SLEEPS), list(becomes)

    def pause(_seconds: float) -> None:
        account.becomes(left.pop(0))

    assert wake.wait(account.target, "churn", pause=pause, clock=lambda: 0.0) is done


def test_what_never_comes_is_said() -> None:
    now = iter(range(0, 1000, 50))
    with pytest.raises(OpsError, match="not over after 2 minutes"):
        wake.wait(Account(SLEEPS).target, "churn", pause=lambda _: None, clock=lambda: float(next(now)))
