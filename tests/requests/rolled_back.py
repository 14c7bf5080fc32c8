"""A relay of a model that takes over from another, and is taken back."""

from __future__ import annotations

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
