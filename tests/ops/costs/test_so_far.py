"""The month so far: jobs and endpoints counted, forecast to the month's end, and what to do about what nobody asks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from chalicelib import codec
from chalicelib.costs.prices import Prices
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Stage
from ops.costs.so_far import as_document, as_table, endpoint, jobs, look, total
from ops.doctor.money import Serving
from ops.target import OpsError, Target
from tests.ops.doctor.test_money import Aws
from tests.ops.world import error
from tests.relay.builders import run

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KNOWN = Prices("us-east-1")
BUSY = Serving("sagerelay-churn", "ml.m5.large", 1)


def test_jobs_are_forecast_by_how_much_of_the_month_is_gone() -> None:
    assert jobs("runs", [2.1], NOW).forecast == pytest.approx(3.0)
    assert jobs("checks", [0.1, None], NOW).so_far is None


def test_an_endpoint_is_counted_from_its_creation_and_to_the_month_s_end() -> None:
    one = endpoint(BUSY, NOW - timedelta(days=2), 50_000_000, KNOWN, NOW)
    assert one.so_far == pytest.approx(48 * 0.115)
    assert one.forecast == pytest.approx((48 + 9 * 24) * 0.115)
    assert one.todo == ""
    old = endpoint(BUSY, NOW - timedelta(days=90), 50_000_000, KNOWN, NOW)
    assert old.so_far == pytest.approx(21 * 24 * 0.115)
    assert endpoint(BUSY, NOW, 1, Prices("eu-west-3"), NOW).so_far is None
    assert endpoint(Serving("s", "", 0), NOW, 1, KNOWN, NOW).so_far == 0


def test_what_nobody_asks_is_named_with_the_command_that_ends_it() -> None:
    idle = endpoint(BUSY, NOW, 0, KNOWN, NOW)
    assert "`aws sagemaker delete-endpoint --region us-east-1 --endpoint-name sagerelay-churn`" in idle.todo
    seldom = endpoint(BUSY, NOW, 7000, KNOWN, NOW)
    assert "At 30,417 requests a month a serverless endpoint costs about 0.24 USD" in seldom.todo
    assert "not known" in endpoint(BUSY, NOW, None, KNOWN, NOW).todo


class Deployment(Aws):
    """One dataset with one run of this month, one of the last, a check that has ended and one that goes on."""

    def __init__(self) -> None:
        super().__init__(**{"sagerelay-churn": ("ml.m5.large", 1, 1)})
        runs = {
            "churn-1a2b3c4d": run(Stage.LIVE, id="churn-1a2b3c4d", started=NOW - timedelta(days=3)),
            "churn-00000000": run(Stage.LIVE, id="churn-00000000", started=NOW - timedelta(days=40)),
            "churn-99999999": run(Stage.LIVE, id="churn-99999999", dataset="churn-eu", started=NOW),
        }
        self.items = {f"run#{name}": codec.to_document(one) for name, one in runs.items()}
        self.items["dataset#churn"] = codec.to_document(Dataset("churn"))
        self.listed, self.of = runs, ""

    class meta:  # noqa: N801 (boto3's)
        region_name = "us-east-1"

    def get_object(self, **_: Any) -> dict[str, Any]:
        raise error("NoSuchKey")

    def get_item(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        document = self.items.get(Key["id"]["S"])
        return {"Item": {"document": {"S": document}, "version": {"N": "1"}}} if document else {}

    def get_paginator(self, operation: str) -> Any:
        self.of = operation
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        if self.of == "list_objects_v2":
            found = ["datasets/churn/"] if asked["Prefix"] == "datasets/" else [f"runs/{name}/" for name in self.listed]
            return [{"CommonPrefixes": [{"Prefix": one} for one in found]}]
        if self.of == "list_processing_jobs":
            names = ("churn-drift-1-1f3a9c-1", "churn-1a2b3c4d-prepare-1", "other-drift-1-1f3a9c-1")
            return [{"ProcessingJobSummaries": [{"ProcessingJobName": name} for name in names]}]
        return super().paginate(**asked)

    def describe_processing_job(self, **_: Any) -> dict[str, Any]:
        return {
            "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1}},
            "ProcessingStartTime": NOW,
            "ProcessingEndTime": NOW + timedelta(minutes=6),
        }

    def describe_endpoint(self, *, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        return super().describe_endpoint(EndpointName=EndpointName) | {"CreationTime": NOW - timedelta(days=1)}

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        assert asked["Dimensions"][0] == {"Name": "EndpointName", "Value": "sagerelay-churn"}
        return {"Datapoints": [{"Sum": 0.0}]}

    def target(self, table: str | None = "t") -> Target:
        return Target(self.client, "b", "arn:t", table, "sagerelay", on_laptop=False)


def test_everything_of_a_deployment_is_found_and_nothing_of_others() -> None:
    found = look(Deployment().target(), NOW)
    assert [one.what for one in found] == ["sagerelay-churn (1 x ml.m5.large)", "1 runs of churn", "1 checks of churn"]
    endpoint_, runs, checks = found
    assert endpoint_.so_far == pytest.approx(24 * 0.115)
    assert runs.so_far == pytest.approx(3 * 0.23 / 60 + 2 * 0.115 / 60)
    assert checks.so_far == pytest.approx(0.0115)
    so_far, _ = total(found)
    document = json.loads(json.dumps(as_document(found, NOW)))
    assert (document["month"], document["usd"]) == ("2026-11", so_far)
    console = Console(width=200, record=True)
    console.print(as_table(found, NOW))
    assert "Nobody has asked it for 7 days" in console.export_text()
    with pytest.raises(OpsError, match="--table"):
        look(Deployment().target(table=None), NOW)
