"""Relays of a model that takes over from another and is taken back, and of one that a person goes back to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.records.run import Stage
from tests.permissions.relays import SECOND

if TYPE_CHECKING:
    from tests.requests.relays import Relay


def taken_back(relay: Relay) -> None:
    """A model under which an alarm rings: the one before it serves on, and the mail says which alarm."""
    before, relay.around.rings = relay.newest("spot"), True
    relay.drops("spot", SECOND)
    relay.until(lambda: (run := relay.newest("spot")) != before and run.stage.ended and not run.pending)
    relay.around.rings = False
    run = relay.newest("spot")
    assert run.stage is Stage.FAILED, run.history
    assert run.failure
    assert f"{run.id}-live-1_5xx rang" in run.failure.reason
    assert "TAKEN BACK" in relay.around.published[-1].message
    assert relay.store.dataset("spot").live.run == before.id  # type: ignore[union-attr]
    relay.rests()


def gone_back(relay: Relay) -> None:
    """The owner wants the model before the live one back."""
    record = relay.store.dataset("many")
    assert record.live
    assert record.previous
    relay.asks("Rollback Requested", leave=record.live.run)
    relay.until(lambda: relay.store.dataset("many").rollbacks and relay.store.dataset("many").going_back is None)
    relay.rests()
    after = relay.store.dataset("many")
    assert after.live
    assert after.live.back
    assert (replace(after.live, back=None), after.previous) == (record.previous, record.live)
    (endpoint,) = relay.around.client("sagemaker").list_endpoints(NameContains="sagerelay-many")["Endpoints"]
    found = relay.around.client("sagemaker").describe_endpoint(EndpointName=endpoint["EndpointName"])
    assert found["EndpointConfigName"] == f"{record.previous.run}-live-1"
