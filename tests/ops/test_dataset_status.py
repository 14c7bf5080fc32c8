"""How datasets stand: records in, a table and JSON out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from chalicelib import codec
from chalicelib.monitoring.record import Check, Condition, Monitor
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.dataset import Dataset, LastRun
from chalicelib.records.run import LiveModel, Stage
from chalicelib.records.sleeping import Asleep
from chalicelib.records.traffic import Traffic
from chalicelib.serving_mode import Mode
from chalicelib.settings.defaults import filled_for_monitor
from ops.dataset_status import DatasetStatus, as_document, as_table, look
from ops.target import OpsError, Target
from tests.ops.world import error
from tests.relay.builders import run

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIVE = LiveModel("churn-1a2b3c4d", "sagerelay-churn", 1, "2026-11-20T09:12:00+00:00")
LAST = run(Stage.LIVE, id="churn-5e6f7a8b")
DATASET = Dataset("churn", active=LAST.id, live=LIVE, last=LastRun(LAST.id, 2, "2:a:b:c:d", "v"))
MONITOR = Monitor(
    "churn",
    settings=filled_for_monitor({"monitoring": {}, "retraining": {}}),
    live=LIVE,
    checks=(Check(Kind.DRILL, 13, NOON, LIVE.run, subject="d1"),),
    drift=Condition("drifted", "2026-11-21T09:00:00Z"),
    last_drift=CheckKeys("churn", Kind.DRIFT, 12, NOON),
    open_alerts=("few-labels",),
)


class Records:
    """S3's list of datasets, and the table's items."""

    def __init__(self) -> None:
        self.items = {"dataset#churn": codec.to_document(DATASET), "watch#churn": codec.to_document(MONITOR)}
        self.items[f"run#{LAST.id}"] = codec.to_document(LAST)
        self.items[f"run#{LIVE.run}"] = codec.to_document(run(Stage.LIVE, id=LIVE.run))

    def client(self, _service: str) -> Any:
        return self

    @property
    def meta(self) -> Any:
        return SimpleNamespace(region_name="us-east-1")

    def get_object(self, **_: Any) -> dict[str, Any]:
        raise error("NoSuchKey")

    def get_paginator(self, _operation: str) -> Any:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"CommonPrefixes": [{"Prefix": f"datasets/{name}/"} for name in ("churn", "new", "No Name")]}]

    def get_item(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803 (boto3's spelling)
        document = self.items.get(Key["id"]["S"])
        return {} if document is None else {"Item": {"document": {"S": document}, "version": {"N": "1"}}}

    def target(self, table: str | None = "t") -> Target:
        return Target(self.client, "b", "arn:t", table, "sagerelay", on_laptop=True)


def test_every_dataset_of_the_bucket_or_those_asked_for() -> None:
    target = Records().target()
    assert [one.dataset.name for one in look(target, ())] == ["churn", "new"]
    assert [one.dataset.name for one in look(target, ["new"])] == ["new"]
    with pytest.raises(OpsError, match="--table"):
        look(Records().target(table=None), ())


def test_the_table_says_what_the_monitor_saw_and_since_when() -> None:
    console = Console(width=200, record=True)
    console.print(as_table(look(Records().target(), ())))
    text = console.export_text()
    for part in (
        "churn-1a2b3c4d",
        "churn-5e6f7a8b",
        "drifted",
        "since 2026-11-21 09:00 UTC",
        "drift-12",
        "few-labels",
        "0.017 USD",
        "prepare: ml.m5.xlarge, 0.23 USD an hour",
        "84 USD a month at 1,000 requests a day",
    ):
        assert part in text
    assert "Quality" not in text  # nobody has one yet


def test_many_troubles_of_one_kind_are_read_as_words() -> None:
    stopped = replace(MONITOR.retraining, stopped=True)
    told = replace(MONITOR, open_alerts=("labels:no-id,unknown-id", "few-labels"), retraining=stopped)
    console = Console(width=200, record=True)
    console.print(as_table([DatasetStatus(DATASET, told, "sagerelay-churn")]))
    assert "labels: no-id, unknown-id; few-labels; retraining stopped" in console.export_text()


def test_the_same_as_json() -> None:
    churn, new = (json.loads(json.dumps(as_document(one))) for one in look(Records().target(), ()))
    assert churn["live"] == {
        "run": LIVE.run,
        "endpoint": "sagerelay-churn",
        "promoted": LIVE.promoted,
        "mode": "realtime",
    }
    assert churn["watch"]["drift"] == {"state": "drifted", "since": "2026-11-21T09:00:00Z"}
    assert churn["watch"]["last_check"] == "monitoring/churn/2026-11-22T12-00-00Z-drift-12/"
    assert churn["watch"]["in_flight"] == ["churn-drill-13"]
    assert new["live"] is None
    assert churn["last_run"]["run"] == LAST.id
    assert churn["last_run"]["cost"]["usd"] == pytest.approx(3 * 0.23 / 60 + 3 * 0.115 / 60)
    assert churn["last_run"]["machines"]["evaluate"] == {"instance": "ml.m5.large", "usd_an_hour": 0.115}
    assert new["last_run"] is None
    assert (new["traffic"], churn["traffic"]) == (None, None)
    assert churn["month"] == {"requests_a_day": 1000, "usd": pytest.approx(84.4, abs=0.5)}
    assert new["month"] is None


@pytest.mark.parametrize(
    ("evaluated", "told", "again"),
    [(True, "next: 0.15 USD to 0.25 USD", [0.15, 0.25]), (False, "0.2 USD until now", None)],
)
def test_a_run_under_way_says_nothing_of_the_next(*, evaluated: bool, told: str, again: list[float] | None) -> None:
    cost = {"usd": 0.2, "parts": [{"what": "prepare", "usd": 0.2}]}
    one = DatasetStatus(DATASET, MONITOR, "sagerelay-churn", cost, evaluated=evaluated)
    console = Console(width=200, record=True)
    console.print(as_table([one]))
    assert told in console.export_text()
    assert as_document(one)["next_run_usd"] == (again and pytest.approx(again))


def test_how_often_it_is_asked_and_that_another_mode_would_cost_less() -> None:
    counted = Traffic("churn", Mode.REALTIME, counted=datetime(2026, 11, 22, tzinfo=UTC), requests=7.0)
    one = DatasetStatus(DATASET, MONITOR, "sagerelay-churn", traffic=replace(counted, proposed=Mode.SERVERLESS))
    assert as_document(one)["traffic"] == {
        "counted": "2026-11-22T00:00:00Z",
        "requests": 7.0,
        "days": 30,
        "cheaper": "serverless",
    }
    console = Console(width=200, record=True)
    console.print(as_table([one]))
    assert "serverless would cost less" in console.export_text()


def test_it_says_why_an_endpoint_sleeps() -> None:
    sleeps = replace(DATASET, asleep=Asleep(NOON, "idle"))
    one = DatasetStatus(sleeps, MONITOR, "")
    assert (as_document(one)["asleep"], as_document(one)["asleep_because"]) == ("2026-11-22T12:00:00Z", "idle")
    console = Console(width=200, record=True)
    console.print(as_table([one]))
    assert "asleep (idle) since 2026-11-22 12:00" in console.export_text()
