"""`ops rollback`: what would be done, the event that asks for it, and how it is known that it is over."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.aws.store import Store
from chalicelib.records.dataset import Dataset
from chalicelib.records.going_back import GoingBack
from chalicelib.records.run import Stage
from chalicelib.serving_mode import Mode
from ops import rollback
from ops.target import OpsError, Target
from tests.memory_cloud.cloud import MemoryCloud
from tests.memory_cloud.surroundings import ByHand
from tests.records.test_going_back import NEW, OLD, SERVED
from tests.relay.builders import DEPLOYMENT, RUN_ID, run


class Account:
    """An account with one dataset, whose bus takes events, or refuses them."""

    def __init__(self, record: Dataset | None = None, *, refuses: bool = False) -> None:
        self.cloud, self.refuses = MemoryCloud(DEPLOYMENT, ByHand()), refuses
        self.store = Store(self.cloud.table, DEPLOYMENT.table)
        self.record = self.store.save_dataset(record) if record else Dataset("churn")
        self.events: list[dict[str, Any]] = []
        self.target = Target(self.client, DEPLOYMENT.bucket, "topic", DEPLOYMENT.table, "sagerelay", on_laptop=True)

    def client(self, service: str) -> Any:
        return self if service == "events" else self.cloud.clients[service]

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.events += Entries
        if self.refuses:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "Busy", "ErrorMessage": "later"}]}
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e1"}]}

    def becomes(self, record: Dataset) -> None:
        self.record = self.store.save_dataset(replace(record, version=self.record.version))


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (None, "There is no dataset churn"),
        (Dataset("churn"), "No model of churn is in service"),
        (replace(SERVED, previous=None), "No model is kept"),
        (replace(SERVED, going_back=GoingBack("e0", NEW, OLD, "")), "is under way"),
        (replace(SERVED, previous=replace(OLD, mode=Mode.SERVERLESS)), "its endpoint was serverless"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_asked(record: Dataset | None, why: str) -> None:
    with pytest.raises(OpsError, match=why):
        rollback.plan(Account(record).target, "churn")


def test_an_earlier_model_is_named_by_its_run_or_the_end_of_it() -> None:
    account = Account(SERVED)
    for there in (run(Stage.LIVE), run(Stage.REJECTED, id="churn-0000000a"), run(Stage.LIVE, id=NEW.run)):
        account.store.save_run(there)
        account.cloud.bucket.put(f"runs/{there.id}/inputs.json", b"{}")
    for version in (RUN_ID, "1a2b3c4d"):
        plan = rollback.plan_to(account.target, "churn", version)
        assert (plan.leave, plan.to.run) == (NEW, RUN_ID)
    rollback.ask(account.target, plan, "better", to_earlier=True)
    assert json.loads(account.events[0]["Detail"])["to"] == RUN_ID
    with pytest.raises(OpsError, match="serves already"):
        rollback.plan_to(account.target, "churn", NEW.run)
    with pytest.raises(OpsError, match=f"No model of run churn-1a2b3c4e has served churn. Did you mean {RUN_ID}"):
        rollback.plan_to(account.target, "churn", "churn-1a2b3c4e")
    with pytest.raises(OpsError, match="No model of run 0000000a has served churn"):
        rollback.plan_to(account.target, "churn", "0000000a")


def test_the_event_names_the_model_to_leave() -> None:
    account = Account(SERVED)
    plan = rollback.plan(account.target, "churn")
    assert rollback.ask(account.target, plan, "it misses") == "e1"
    (entry,) = account.events
    assert (entry["Source"], entry["DetailType"]) == ("sagerelay", "Rollback Requested")
    assert json.loads(entry["Detail"]) == {
        "deployment": "sagerelay",
        "dataset": "churn",
        "leave": NEW.run,
        "because": "it misses",
    }
    with pytest.raises(OpsError, match="Busy: later"):
        rollback.ask(Account(SERVED, refuses=True).target, plan, "")


@pytest.mark.parametrize(("live", "serves"), [(OLD, True), (NEW, False)])
def test_it_waits_until_it_is_decided(live: Any, *, serves: bool) -> None:
    account, times, said = Account(replace(SERVED, active="churn-aaaaaaaa")), iter(range(100)), list[str]()
    plan = rollback.plan(account.target, "churn")
    steps = iter(
        (
            replace(SERVED, rollbacks=("e1",), going_back=GoingBack("e1", NEW, OLD, "")),
            replace(SERVED, rollbacks=("e1",), live=live),
        )
    )
    waited = rollback.wait(
        account.target,
        plan,
        "e1",
        pause=lambda _: account.becomes(next(steps)),
        clock=lambda: float(next(times)),
        say=said.append,
    )
    assert waited is serves
    assert said == ["it waits for run churn-aaaaaaaa, which has to end first"]


def test_it_does_not_wait_for_ever() -> None:
    account, times = Account(SERVED), iter(range(0, 1_000, 30))
    plan = rollback.plan(account.target, "churn")
    with pytest.raises(OpsError, match="not over"):
        rollback.wait(
            account.target, plan, "e1", pause=lambda _: None, clock=lambda: float(next(times)), say=lambda _: None
        )
