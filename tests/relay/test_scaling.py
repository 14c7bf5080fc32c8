"""Autoscaling of a live endpoint: when it is asked for, when it is let go, and who is told where AWS does not do it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import requests
from chalicelib.aws.autoscaling import AutoScaling
from chalicelib.aws.errors import BusyError
from chalicelib.costs import commitments
from chalicelib.costs.prices import Prices
from chalicelib.names import Step
from chalicelib.records.commands import GoBack, SetScaling
from chalicelib.records.dataset import Dataset
from chalicelib.records.going_back import GoingBack, Seen
from chalicelib.records.run import LiveModel, Run, Scaling, Stage
from chalicelib.relay.deciding import decide
from chalicelib.runtime.fleets import Fleets
from chalicelib.runtime.going_back import Rollbacks
from chalicelib.serving_mode import Mode
from tests.memory_cloud.refusals import refused
from tests.relay.builders import LIVE, NOW, completed, run, settings

SCALED = replace(LIVE, scaling=Scaling(1, 4, 600, 300, 300))
ASKED = settings(endpoint={"scaling": {"max": 4, "invocations_per_minute": 600}})


def promoting(live: LiveModel | None = None, **changes: Any) -> Run:
    return run(Stage.PROMOTING, live=live, **changes)


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (promoting(settings=ASKED), True),
        (promoting(LIVE, settings=ASKED), True),
        (promoting(SCALED), True),  # which is to be no more
        (promoting(LIVE), False),
        (promoting(SCALED, settings=ASKED, mode=Mode.BATCH), False),  # with its endpoint it goes by itself
    ],
)
def test_whoever_goes_live_settles_how_it_is_scaled(before: Run, wanted: bool) -> None:  # noqa: FBT001
    assert (SetScaling() in decide(before, completed(Step.LIVE), NOW).run.pending) == wanted


def test_a_new_fleet_is_as_large_as_the_one_before() -> None:
    kept = requests.go_back(SCALED, SCALED.scaling).arguments
    assert kept["RetainAllVariantProperties"] is True
    larger = Scaling(1, 9, 600, 300, 300)
    for now in (None, larger):  # not at all scaled until now, or with more than may be
        assert "RetainAllVariantProperties" not in requests.go_back(SCALED, now).arguments


def test_a_budget_is_committed_to_the_most_instances() -> None:
    known = Prices("us-east-1")
    one, most = (commitments.serving(promoting(settings=of), NOW, known) for of in (settings(), ASKED))
    assert most.usd_an_hour == 4 * one.usd_an_hour


class Surroundings:
    """Autoscaling's client, SageMaker and the outbox of one endpoint."""

    def __init__(self, seen: Seen | None, code: str = "") -> None:
        self._seen, self.code = seen, code
        self.calls: list[str] = []
        self.mails: list[str] = []

    def seen(self, _endpoint: str) -> Seen | None:
        return self._seen

    def send(self, _mail_id: str, message: Any, _now: object) -> None:
        self.mails.append(message.text)

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> None:
            self.calls.append(operation)
            if self.code:
                raise refused(self.code, "You may not.")

        return call

    @property
    def fleets(self) -> Fleets:
        around: Any = self
        return Fleets(AutoScaling(lambda: around), around, around)


SERVING = Seen("InService", SCALED.config, None)
REGISTERED, ENDED = ["register_scalable_target", "put_scaling_policy"], ["deregister_scalable_target"]


@pytest.mark.parametrize(
    ("seen", "live", "calls"),
    [
        (SERVING, SCALED, REGISTERED),
        (SERVING, LIVE, ENDED),
        (replace(SERVING, status="SystemUpdating"), SCALED, REGISTERED),
        (replace(SERVING, config="churn-0badcafe-live-1"), SCALED, []),
        (replace(SERVING, status="Deleting"), SCALED, []),
        (None, SCALED, []),
    ],
)
def test_what_serves_is_scaled_and_nothing_else(seen: Seen | None, live: LiveModel, calls: list[str]) -> None:
    around = Surroundings(seen)
    around.fleets.settle(live, NOW)
    assert around.calls == calls


def test_what_is_being_changed_has_to_wait() -> None:
    with pytest.raises(BusyError, match="is Updating"):
        Surroundings(replace(SERVING, status="Updating")).fleets.settle(SCALED, NOW)


def test_what_could_not_be_changed_is_scaled_again() -> None:
    around = Surroundings(SERVING)
    with pytest.raises(BusyError), around.fleets.paused(SCALED, NOW):
        raise BusyError("a quota")
    assert around.calls == [*ENDED, *REGISTERED]


def test_a_rollback_that_has_to_wait_leaves_the_endpoint_scaled() -> None:
    """It may wait for a quota, and that for days."""

    class WithoutQuota(Surroundings):
        def ensure(self, _call: requests.Call) -> None:
            raise BusyError("a quota")

    around = WithoutQuota(SERVING)
    executor: Any = SimpleNamespace(sagemaker=around, fleets=around.fleets)
    plan = GoingBack("e1", SCALED, replace(SCALED, run="churn-0badcafe"), "it misses")
    record = Dataset("churn", live=SCALED, going_back=plan, pending=(GoBack(),))
    assert Rollbacks(executor, lambda: NOW).go_on(record) is None
    assert around.calls == [*ENDED, *REGISTERED]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException", "FailedResourceAccessException"])
def test_whom_aws_does_not_let_scale_is_told(code: str) -> None:
    around = Surroundings(SERVING, code)
    around.fleets.settle(SCALED, NOW)
    [mail] = around.mails
    assert "sagerelay-churn does not follow its traffic" in mail
    assert "You may not." in mail


def test_that_autoscaling_is_busy_is_a_reason_to_wait() -> None:
    around = Surroundings(SERVING, "ConcurrentUpdateException")
    with pytest.raises(BusyError):
        around.fleets.settle(SCALED, NOW)
    assert around.mails == []
