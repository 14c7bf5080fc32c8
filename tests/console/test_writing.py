"""The sweep writes the console when something has changed, and only then, over whatever lies there instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from chalicelib import console
from chalicelib.console import document
from chalicelib.names import Kind, Step
from chalicelib.runtime.console import COSTS_EVERY, Console, page
from tests.relay.world import World, drop


def shown(here: World) -> dict[str, Any]:
    return document.of_script(here.s3.body(console.DATA))


@pytest.fixture
def live(here: World) -> str:
    """A dataset with a live model; gives its run."""
    run = drop(here)
    here.relay(run, here.runtime.receive)
    here.runtime.sweep()
    return run


def test_the_page_and_its_data_appear_with_the_first_sweep(here: World) -> None:
    here.runtime.sweep()
    assert here.s3.body(console.PAGE) == page()
    assert "".join(text for text, _ in shown(here)["sentence"]).startswith("There is no dataset yet")


def test_a_sweep_that_finds_nothing_new_writes_nothing(here: World, live: str) -> None:
    before = here.s3.body(console.DATA)
    here.runtime.sweep()
    here.runtime.sweep()
    assert here.s3.body(console.DATA) == before


def test_a_live_model_has_the_figures_of_its_mail(here: World, live: str) -> None:
    mail = next(mail for mail in here.sns.mails if mail.machine["kind"] == "promoted")
    [row] = shown(here)["datasets"]
    entry = shown(here)["runs"][live]
    assert row["live"]["run"] == live
    assert row["health"]["word"] == "all right"
    assert entry["stage"] == "live"
    for metric in entry["metrics"]:
        assert metric["told"] in mail.text
        assert metric["reach"] in mail.text
    assert entry["verdict"]["reason"] in " ".join(mail.text.split())


def test_a_run_under_way_is_followed(here: World) -> None:
    run = drop(here)
    here.runtime.sweep()
    assert shown(here)["runs"][run]["stage"] == "preparing"
    here.runtime.receive(here.end(run, Step.PREPARE))
    here.runtime.sweep()
    assert shown(here)["runs"][run]["stage"] == "tuning"
    assert shown(here)["datasets"][0]["health"]["word"] == "training"
    assert shown(here)["datasets"][0]["next"] == [f"{run} is tuning."]


def test_a_run_that_failed_has_its_reason(here: World) -> None:
    run = drop(here)
    here.runtime.receive(here.end(run, Step.PREPARE, failure="[no-target] jan.csv: there is no column y"))
    here.runtime.sweep()
    [row] = shown(here)["datasets"]
    assert row["health"]["word"] == "failed"
    assert "there is no column y" in row["health"]["because"][0]


def test_versions_that_the_records_forget_stay(here: World, live: str) -> None:
    runs = [live]
    for number in range(4):
        run = drop(here, f"train/{number}.csv", f"a,b\n{number},2\n".encode())
        here.relay(run, here.runtime.receive)
        here.runtime.sweep()
        runs.append(run)
    assert shown(here)["datasets"][0]["versions"] == runs[::-1]
    assert set(shown(here)["runs"]) == set(runs)


@pytest.mark.parametrize(
    "instead",
    [
        b"",
        b"alert(1)",
        b"window.SAGERELAY = {",
        b'window.SAGERELAY = {"version": 99};\n',
        b'window.SAGERELAY = {"version": 1, "datasets": [7], "runs": {}};\n',
        b'window.SAGERELAY = {"version": 1, "datasets": [], "runs": {"a": 3}};\n',
        b'window.SAGERELAY = {"version": 1, "datasets": [{"name": "churn", "versions": 3}], "runs": {}};\n',
        b'window.SAGERELAY = {"version": 1, "datasets": [{"name": "churn", "versions": [{}]}], "runs": {}};\n',
        b'window.SAGERELAY = {"version": 1, "datasets": [], "runs": {"a": {"started": "", "trials": 3}}};\n',
        b'window.SAGERELAY = {"version": 1, "datasets": [], "runs": {}, "costs": [1]};\n',
    ],
)
def test_what_somebody_else_has_written_is_written_over(here: World, live: str, instead: bytes) -> None:
    before = {**shown(here), "written": None, "costs": None}
    here.s3.put(console.DATA, instead)
    here.runtime.sweep()
    assert {**shown(here), "written": None, "costs": None} == before


def test_a_record_that_cannot_be_read_keeps_no_other_from_being_shown(here: World, live: str) -> None:
    here.put("train/jan.csv", dataset="odd")
    here.runtime.receive(here.uploaded(dataset="odd"))
    table = here.runtime.executor.deployment.table
    broken = {"id": {"S": "dataset#odd"}, "document": {"S": "{"}, "version": {"N": "1"}, "stage": {"S": ""}}
    here.dynamodb.put_item(TableName=table, Item=broken)
    here.runtime.sweeping.console.write()
    assert shown(here)["unread"] == ["odd"]
    assert [row["name"] for row in shown(here)["datasets"]] == ["churn"]


def broken(here: World) -> dict[str, Any]:
    """The dataset's item, broken; gives what it was."""
    table = here.runtime.executor.deployment.table
    item: dict[str, Any] = here.dynamodb.get_item(
        TableName=table, Key={"id": {"S": "dataset#churn"}}, ConsistentRead=True
    )["Item"]
    here.dynamodb.put_item(TableName=table, Item={**item, "document": {"S": "{"}})
    return item


def test_a_record_that_was_unreadable_for_a_while_has_lost_no_history(here: World, live: str) -> None:
    runs = [live]
    for number in range(4):
        run = drop(here, f"train/{number}.csv", f"a,b\n{number},2\n".encode())
        here.relay(run, here.runtime.receive)
        here.runtime.sweep()
        runs.append(run)
    item = broken(here)
    here.runtime.sweeping.console.write()
    assert shown(here)["unread"] == ["churn"]
    assert shown(here)["datasets"][0]["versions"] == runs[::-1]
    here.dynamodb.put_item(TableName=here.runtime.executor.deployment.table, Item=item)
    here.runtime.sweeping.console.write()
    assert shown(here)["unread"] == []
    assert shown(here)["datasets"][0]["versions"] == runs[::-1]


def test_a_number_that_is_none_keeps_one_dataset_from_being_shown_and_no_other(here: World, live: str) -> None:
    here.capture("2026/11/22/12/x.jsonl")
    here.runtime.receive({"detail-type": "Check Requested", "detail": {"dataset": "churn"}, "id": "1"})
    odd = {"version": 1, "state": "stable", "window": {"rows": 200}, "drifted": [], "history": []}
    features = [{"name": "age", "verdict": "stable", "score": float("nan"), "threshold": 0.05, "sentence": ""}]
    here.runtime.receive(here.end_check(Kind.DRIFT, {**odd, "features": features}))
    here.put("train/jan.csv", dataset="other")
    here.runtime.receive(here.uploaded(dataset="other"))
    here.runtime.sweep()
    assert shown(here)["unread"] == ["churn"]
    assert {row["name"] for row in shown(here)["datasets"]} == {"churn", "other"}  # the first as it was


def test_the_course_of_the_checks_is_that_of_the_newest_drift_json(here: World, live: str) -> None:
    here.capture("2026/11/22/12/x.jsonl")
    here.runtime.receive({"detail-type": "Check Requested", "detail": {"dataset": "churn"}, "id": "1"})
    drifted: dict[str, Any] = {
        "version": 1,
        "state": "drifted",
        "window": {"from": None, "to": None, "rows": 200},
        "drifted": ["age"],
        "features": [
            {"name": "fee", "verdict": "stable", "score": 0.01, "threshold": 0.05, "sentence": "as before"},
            {
                "name": "age",
                "verdict": "drifted",
                "score": 0.2,
                "threshold": 0.05,
                "sentence": "median 34 -> 41",
                "bins": {"labels": ["18 - 22"], "baseline": [1.0], "current": [0.5]},
            },
        ],
        "history": [{"check": "churn-drift-1", "at": "2026-11-22T12:00:00Z", "state": "drifted", "rows": 200}],
    }
    here.runtime.receive(here.end_check(Kind.DRIFT, drifted))
    here.runtime.sweep()
    [row] = shown(here)["datasets"]
    assert row["health"]["word"] == "drifted"
    assert [one["name"] for one in row["features"]] == ["age", "fee"]
    assert row["features"][0]["bins"] == {"baseline": [1.0], "current": [0.5]}
    assert [one["state"] for one in row["checks"]] == ["drifted"]


def test_the_month_is_added_up_when_something_has_ended_and_else_now_and_then(here: World, live: str) -> None:
    first = shown(here)["costs"]
    here.runtime.sweep()
    assert shown(here)["costs"] == first
    here.time += COSTS_EVERY
    here.runtime.sweep()
    assert shown(here)["costs"]["at"] > first["at"]


class Refused:
    """A console that cannot be written."""

    def write(self) -> bool:
        raise PermissionError(console.DATA)


def test_a_console_that_cannot_be_written_is_said_after_all_else_is_done(here: World) -> None:
    run = drop(here)
    here.end(run, Step.PREPARE)  # and its event is lost
    sweeping = replace(here.runtime.sweeping, console=cast("Console", Refused()))
    with pytest.raises(ExceptionGroup) as raised:
        sweeping.sweep()
    assert [type(problem) for problem in raised.value.exceptions] == [PermissionError]
    assert here.stage(run) == "tuning"
