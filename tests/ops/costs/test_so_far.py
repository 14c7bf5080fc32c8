"""The month so far, asked for from outside: what is found of a deployment, and how it is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from chalicelib import codec
from chalicelib.mails.so_far import as_document, total
from chalicelib.monitoring.record import Monitor
from chalicelib.records.dataset import Dataset, LastRun
from chalicelib.records.run import LiveModel, Stage
from chalicelib.records.traffic import Traffic
from chalicelib.records.used import Used
from chalicelib.serving_mode import Mode
from ops.costs.so_far import as_table, look
from ops.target import OpsError, Target
from tests.ops.doctor.test_money import Aws
from tests.ops.world import error
from tests.relay.builders import run

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RUN = run(Stage.TUNING, id="churn-1a2b3c4d")
LIVE = LiveModel("churn-00000000", "sagerelay-churn", 1, "2026-11-20T09:12:00Z")
RUNS = Used("2026-11", 2, {"training ml.m5.large": 7200, "processing ml.m5.large": 3600})
CHECKS = Used("2026-11", 1, {"processing ml.m5.large": 360})
TRAFFIC = Traffic("churn", Mode.REALTIME, counted=NOW - timedelta(hours=9), month="2026-11")


class Deployment(Aws):
    """One dataset with a live model, two runs of this month and one under way, and a check; and one that rests."""

    def __init__(self) -> None:
        super().__init__(**{"sagerelay-churn": ("ml.m5.large", 1, 1)})
        dataset = Dataset("churn", active=RUN.id, live=LIVE, last=LastRun(RUN.id, 1, "2:a:b:c:d", "v"), used=RUNS)
        self.items = {
            f"run#{RUN.id}": codec.to_document(RUN),
            "run#churn-00000000": codec.to_document(replace(RUN, id="churn-00000000", stage=Stage.LIVE)),
            "dataset#churn": codec.to_document(dataset),
            "watch#churn": codec.to_document(Monitor("churn", live=LIVE, used=CHECKS)),
            "traffic#churn": codec.to_document(TRAFFIC),
            "dataset#old": codec.to_document(Dataset("old", used=replace(RUNS, month="2026-10"))),
        }
        self.of = ""

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
            return [{"CommonPrefixes": [{"Prefix": one} for one in ("datasets/churn/", "datasets/old/")]}]
        [page] = super().paginate(**asked)
        tags = [{"Key": "sagerelay:dataset", "Value": "churn"}]
        return [{"ResourceTagMappingList": [one | {"Tags": tags} for one in page["ResourceTagMappingList"]]}]

    def describe_endpoint(self, *, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        return super().describe_endpoint(EndpointName=EndpointName) | {"CreationTime": NOW - timedelta(days=10)}

    def target(self, table: str | None = "t") -> Target:
        return Target(self.client, "b", "arn:t", table, "sagerelay", on_laptop=False)


def test_everything_of_a_deployment_is_found_and_nothing_of_others() -> None:
    found = look(Deployment().target(), NOW)
    assert [one.what for one in found] == ["sagerelay-churn (1 x ml.m5.large)", "3 runs of churn", "1 check of churn"]
    endpoint, runs, checks = found
    assert endpoint.so_far == pytest.approx(10 * 24 * 0.115)
    assert endpoint.forecast == pytest.approx(19 * 24 * 0.115)
    assert endpoint.idle
    assert runs.so_far is not None
    assert 3 * 0.115 < runs.so_far < 3 * 0.115 + 0.01  # what was billed of the run under way
    assert checks.so_far == pytest.approx(0.0115)
    so_far, _ = total(found)
    document = json.loads(json.dumps(as_document(found, NOW)))
    assert (document["month"], document["usd"], document["lines"][0]["idle"]) == ("2026-11", so_far, True)
    console = Console(width=200, record=True)
    console.print(as_table(found, NOW))
    assert "Nobody has asked it for 7 days" in console.export_text()
    with pytest.raises(OpsError, match="--table"):
        look(Deployment().target(table=None), NOW)


def test_a_record_that_cannot_be_read_is_a_line_that_says_so() -> None:
    deployment = Deployment()
    deployment.items["watch#churn"] = "{"
    found = look(deployment.target(), NOW)
    assert [(one.what, one.so_far) for one in found][1:] == [("churn", None)]
    assert "cannot be read" in found[1].todo
