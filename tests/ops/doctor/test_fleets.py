"""Endpoints that are to be scaled: whether Application Auto Scaling has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.records.run import LiveModel, Scaling
from chalicelib.records.sleeping import Asleep
from ops.account.finding import State
from ops.dataset_status import DatasetStatus
from ops.doctor import fleets
from tests.ops.test_dataset_status import DATASET, MONITOR
from tests.relay.builders import NOW

SCALED = LiveModel("churn-1a2b3c4d", "sagerelay-churn", 1, "2026-11-20T09:12:00Z", scaling=Scaling(1, 4, 60, 300, 300))
STANDS = DatasetStatus(replace(DATASET, live=SCALED, active=None), MONITOR, "sagerelay-churn")


class Aws:
    """Application Auto Scaling with these endpoints."""

    def __init__(self, *registered: str) -> None:
        self.registered, self.asked = registered, list[str]()

    def __call__(self, service: str) -> Any:
        assert service == "application-autoscaling"
        return self

    def describe_scalable_targets(self, ServiceNamespace: str, ResourceIds: list[str]) -> dict[str, Any]:  # noqa: N803
        assert ServiceNamespace == "sagemaker"
        self.asked += ResourceIds
        there = [f"endpoint/{name}/variant/AllTraffic" for name in self.registered]
        return {"ScalableTargets": [{"ResourceId": one} for one in there if one in ResourceIds]}


def test_what_is_registered_is_well_and_what_is_not_is_a_problem() -> None:
    [well] = fleets.judge(Aws("sagerelay-churn"), [STANDS])
    assert (well.state, well.what) == (State.OK, "sagerelay-churn has 1 to 4 instances, as its requests need them")
    [missing] = fleets.judge(Aws("sagerelay-other"), [STANDS])
    assert (missing.state, "is not scaled" in missing.what) == (State.PROBLEM, True)


def test_what_changes_or_sleeps_is_not_judged() -> None:
    for record in (
        replace(STANDS.dataset, asleep=Asleep(NOW, "idle")),
        replace(STANDS.dataset, active="churn-2b3c4d5e"),
    ):
        assert list(fleets.judge(Aws(), [replace(STANDS, dataset=record)])) == []


def test_aws_is_not_asked_where_nothing_is_to_be_scaled() -> None:
    aws = Aws()
    assert list(fleets.judge(aws, [DatasetStatus(DATASET, MONITOR, "sagerelay-churn")])) == []
    assert aws.asked == []
