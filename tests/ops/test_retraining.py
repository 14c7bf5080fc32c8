"""`ops retrain`: what there has to be, the event that asks, and which run is begun for it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.records.commands import TrainAgain
from chalicelib.records.dataset import Dataset, LastRun
from ops import retraining
from ops.target import OpsError
from tests.ops.test_rollback import Account
from tests.relay.builders import RUN_ID

LAST = LastRun("churn-00000001", 1, "f" * 16, "v1")
TRAINED = Dataset("churn", last=LAST)


def account(record: Dataset | None = TRAINED, *, file: str = "datasets/churn/train/jan.csv") -> Account:
    made = Account(record)
    made.cloud.bucket.put(file, b"a,b\n1,2\n")
    return made


@pytest.mark.parametrize(
    ("record", "file", "asked", "why"),
    [
        (None, "datasets/churn/train/jan.csv", "chrun", "There is no dataset chrun. Did you mean churn\\?"),
        (None, "datasets/orders/train/jan.csv", "churn", "There is no dataset churn. There is: orders."),
        (TRAINED, "datasets/churn/test/jan.csv", "churn", "Nothing lies in datasets/churn/train/."),
    ],
)
def test_what_cannot_be_trained_is_said_before_anything_is_asked(
    record: Dataset | None, file: str, asked: str, why: str
) -> None:
    with pytest.raises(OpsError, match=why):
        retraining.plan(account(record, file=file).target, asked)


def test_the_event_names_the_dataset() -> None:
    here = account()
    assert retraining.plan(here.target, "churn").last == LAST
    assert retraining.ask(here.target, "churn", "new prices") == "e1"
    [entry] = here.events
    assert (entry["Source"], entry["DetailType"]) == ("sagerelay", "Retraining Requested")
    assert json.loads(entry["Detail"]) == {"deployment": "sagerelay", "dataset": "churn", "because": "new prices"}


@pytest.mark.parametrize(("last", "begun"), [(replace(LAST, run=RUN_ID), RUN_ID), (LAST, None)])
def test_it_is_waited_for_until_that_is_decided(last: LastRun, begun: str | None) -> None:
    here = account()
    asked = replace(TRAINED, trainings=("e1",))
    steps = iter((TRAINED, replace(asked, pending=(TrainAgain("e1", ""),)), replace(asked, last=last)))
    found = retraining.wait(here.target, TRAINED, "e1", pause=lambda _: here.becomes(next(steps)), clock=lambda: 0.0)
    assert found == begun


def test_what_is_never_decided_is_said() -> None:
    times = iter(range(0, 1_000, 50))
    with pytest.raises(OpsError, match="not over after 1 minutes"):
        retraining.wait(account().target, TRAINED, "e1", pause=lambda _: None, clock=lambda: float(next(times)))
