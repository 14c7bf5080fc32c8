"""SageMaker's quotas: what one run needs of each, and what a limit means."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from chalicelib.settings.relay_yaml import read_settings
from ops.account import quotas
from ops.account.finding import State
from ops.account.quotas import Demand, demands, judge, largest
from tests.ops.world import error

TRAIN, ENDPOINT = "ml.t3.medium for training job usage", "ml.m5.large for endpoint usage"


class Aws:
    """A bucket with settings by dataset, and quotas."""

    def __init__(self, settings: dict[str, bytes] | None = None, defaults: Any = (), own: Any = ()) -> None:
        self.settings = settings or {}
        self.pages = {
            "list_objects_v2": {
                "CommonPrefixes": [{"Prefix": f"datasets/{name}/"} for name in ("new", *self.settings)]
            },
            "list_aws_default_service_quotas": {
                "Quotas": [{"QuotaName": name, "Value": limit} for name, limit in defaults]
            },
            "list_service_quotas": {"Quotas": [{"QuotaName": name, "Value": limit} for name, limit in own]},
        }

    def client(self, _service: str) -> Any:
        return self

    def get_paginator(self, operation: str) -> Any:
        return type("Paginator", (), {"paginate": lambda _, **_asked: [self.pages[operation]]})()

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        name = Key.split("/")[1]
        if name not in self.settings:
            raise error("NoSuchKey")
        return {"Body": BytesIO(self.settings[name])}


def needed(settings: str) -> dict[str, int]:
    return {one.quota: one.count for one in demands("x", read_settings(settings))}


def test_trials_side_by_side_each_need_a_machine() -> None:
    assert needed("tuning: {trials: 20, parallel: 4}")[TRAIN] == 4
    assert needed("tuning: {trials: 2, parallel: 4}")[TRAIN] == 2
    assert needed("tuning: {enabled: false}")[TRAIN] == 1


def test_checks_need_a_machine_of_their_own_kind() -> None:
    found = needed("monitoring: {instance: ml.c5.4xlarge}\ninstances: {evaluate: ml.m5.large}")
    assert found["ml.c5.4xlarge for processing job usage"] == found["ml.m5.large for processing job usage"] == 1


def test_spot_machines_have_a_quota_of_their_own() -> None:
    assert needed("spot: {enabled: true}").keys() >= {"ml.t3.medium for spot training job usage"}
    assert TRAIN not in needed("spot: {enabled: true}")


def test_a_promotion_holds_the_live_endpoint_s_machines_twice_beside_the_candidate() -> None:
    assert needed("endpoint: {count: 3}")[ENDPOINT] == 7


def test_a_quota_is_judged_by_its_largest_demand() -> None:
    asked = [Demand(ENDPOINT, 3, "a"), Demand(TRAIN, 1, "a"), Demand(ENDPOINT, 5, "b"), Demand(ENDPOINT, 4, "c")]
    assert largest(asked) == [Demand(ENDPOINT, 5, "b"), Demand(TRAIN, 1, "a")]


def test_a_limit_below_what_one_run_needs_is_a_problem_and_one_that_is_not_known_is_not_called_fine() -> None:
    demand = Demand(ENDPOINT, 3, "churn: live, its successor, candidate")
    low = judge(demand, 2.0, "eu-west-1")
    assert low.state is State.PROBLEM
    assert "Ask for at least 3 at https://eu-west-1.console.aws.amazon.com/servicequotas/" in low.todo
    assert judge(demand, 3.0, "eu-west-1").state is State.OK
    assert judge(demand, None, "eu-west-1").state is State.UNKNOWN


def test_the_account_s_own_limits_come_before_aws_s_defaults() -> None:
    aws = Aws(defaults=[(ENDPOINT, 2.0), (TRAIN, 4.0)], own=[(ENDPOINT, 10.0)])
    found = {one.what.partition(":")[0]: one.state for one in quotas.findings(aws.client, "eu-west-1", [
        Demand(ENDPOINT, 3, "x"), Demand(TRAIN, 5, "x")])}  # fmt: skip
    assert found == {ENDPOINT: State.OK, TRAIN: State.PROBLEM}


def test_every_relay_yaml_that_can_be_read_is_asked_for_its_types() -> None:
    aws = Aws({"broken": b"tuning: [", "wine": b"instances: {train: ml.c5.xlarge}"})
    asked = quotas.asked_for(aws.client, "b")
    assert {one.because.partition(":")[0] for one in asked} == {"defaults", "wine"}
    assert "ml.c5.xlarge for training job usage" in {one.quota for one in asked}
    assert {one.because.partition(":")[0] for one in quotas.asked_for(aws.client, None)} == {"defaults"}
