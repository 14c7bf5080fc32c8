"""A model that waits for a person and is answered by an event, and not in the registry, which has to be told then."""

from __future__ import annotations

import pytest

from chalicelib.names import Step
from chalicelib.records.commands import Mail, Notify, Register, StampReport, Start
from chalicelib.records.run import Stage
from chalicelib.relay.deciding import decide
from tests.relay.builders import NOW, approval, run
from tests.relay.invariants import problems_with

GOES_LIVE = (StampReport(), Register("Approved"), Start(Step.LIVE))


def test_the_registry_is_told_before_the_model_goes_live() -> None:
    after = decide(run(Stage.AWAITING_APPROVAL), approval(approved=True, because="seen"), NOW).run

    assert (after.stage, after.pending) == (Stage.PROMOTING, GOES_LIVE)
    assert after.history[-1].endswith("awaiting approval -> promoting: approved by hand: seen")
    assert problems_with(after) == []


def test_an_answer_may_come_before_the_question() -> None:
    """The registry has no room yet: neither the model nor the mail has to wait for it."""
    asks = (Register("PendingManualApproval"), Notify(Mail.APPROVAL_NEEDED))
    before = run(Stage.AWAITING_APPROVAL, pending=asks, waiting_for="no room")

    assert decide(before, approval(approved=True, because=""), NOW).run.pending == GOES_LIVE
    assert (
        Register("PendingManualApproval") not in decide(before, approval(approved=False, because=""), NOW).run.pending
    )


@pytest.mark.parametrize(
    ("because", "reason"),
    [
        (None, "It was declined in the model registry."),
        ("", "It was declined."),
        ("it is too slow", "It was declined: it is too slow"),
    ],
)
def test_whoever_declines_is_quoted(because: str | None, reason: str) -> None:
    after = decide(run(Stage.AWAITING_APPROVAL), approval(approved=False, because=because), NOW).run

    assert after.stage is Stage.REJECTED
    assert after.verdict is not None
    assert after.verdict.reason == reason
