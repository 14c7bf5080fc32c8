"""What a file would cost: counted, told from the past or from its size, and shown without anything being started."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib import codec
from chalicelib.costs.estimate import Size
from chalicelib.costs.prices import Prices
from chalicelib.records.run import Stage
from chalicelib.serving_mode import Mode
from chalicelib.settings import relay_yaml
from ops.cli.commands import app
from ops.costs import plan
from ops.target import OpsError, Target
from tests.relay.builders import NOW, run

ROWS = 'a;b;c\n1;"x\ny";3\n4;5;6\n'


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_rows_and_columns_are_counted_as_they_are_read(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(gzip.compress(ROWS.encode()) if name.endswith("gz") else ROWS.encode())
    assert plan.counted(file) == (2, 3)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="There is no file"):
        plan.counted(tmp_path / "none.csv")


def test_the_past_of_the_dataset_counts_where_there_is_one() -> None:
    size = Size(100, 5, 20)
    chosen = relay_yaml.read_settings(b"").as_stored()
    first = plan.planned(size, chosen, Prices("us-east-1"), 1000)
    again = plan.planned(size, chosen, Prices("us-east-1"), 1000, [run(Stage.LIVE)])
    assert (first.after, again.after) == ("", run().id)
    assert first.mode is Mode.SERVERLESS
    assert again.mode is Mode.REALTIME  # as it is served now
    assert [one.low for one in again.run if one.what == "prepare"] == pytest.approx([45.0])


def test_each_of_several_algorithms_is_planned_for() -> None:
    chosen = relay_yaml.read_settings(b"algorithm: [auto, xgboost]").as_stored()
    size = plan.size_of(1000, 5, chosen)
    assert (size.folded, size.others) == (True, (False,))
    found = plan.planned(size, chosen, Prices("us-east-1"), 1000)
    parts = [one.what for one in found.run]
    assert parts == ["prepare", "tune", "train", "tune", "train", "compare", "pack", "evaluate"]
    ours, theirs = (one.high for one in found.run if one.what == "tune")
    assert ours > theirs
    assert found.mode is Mode.SERVERLESS  # one of them is served by three containers


def test_the_command_says_it_as_json_and_as_a_table(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(ROWS)
    told: Any = CliRunner().invoke(app, ["plan-run", str(file), "--region", "us-east-1", "--json"])
    found = json.loads(told.stdout)
    assert (found["rows"], found["columns"], found["trials"], found["after"]) == (2, 3, 20, None)
    assert found["run"]["usd"][0] < found["run"]["usd"][1]
    assert found["month"]["usd"] < 1
    shown: Any = CliRunner().invoke(app, ["plan-run", "--rows", "1000", "--columns", "5", "--region", "eu-west-3"])
    assert "not known" in shown.stdout
    assert CliRunner().invoke(app, ["plan-run"]).exit_code == 2


def test_the_newest_runs_of_the_dataset_with_a_model_are_the_past() -> None:
    runs = {
        f"churn-{number:08x}": run(Stage.LIVE, id=f"churn-{number:08x}", started=NOW + timedelta(days=number))
        for number in range(7)
    }
    runs["churn-ffffffff"] = run(Stage.PREPARING, id="churn-ffffffff", started=NOW + timedelta(days=9))
    runs["churn-eeeeeeee"] = run(Stage.LIVE, id="churn-eeeeeeee", dataset="churn-eu", started=NOW + timedelta(days=9))

    class Client:
        def get_paginator(self, operation: str) -> Client:
            assert operation == "list_objects_v2"
            return self

        def paginate(self, **asked: Any) -> list[dict[str, Any]]:
            assert asked["Prefix"] == "runs/churn-"
            return [{"CommonPrefixes": [{"Prefix": f"runs/{name}/"} for name in runs]}]

        def get_item(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
            one = runs[Key["id"]["S"].removeprefix("run#")]
            return {"Item": {"document": {"S": codec.to_document(one)}, "version": {"N": "1"}}}

    client = Client()
    target = Target(lambda _service: client, "b", "arn:t", "t", "sagerelay", on_laptop=False)
    assert [one.id[-1] for one in plan.past_runs(target, "churn")] == ["6", "5", "4", "3", "2"]
    assert plan.past_runs(Target(lambda _service: client, "b", "arn:t", None, "sagerelay", on_laptop=False), "x") == []
