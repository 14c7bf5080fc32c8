"""A check asked for from outside, and its result told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.names import CheckKeys, Kind
from ops import checks, live
from ops.checks import LAPTOP, Checks
from ops.findings import as_lines
from ops.target import OpsError
from tests.ops.world import NOW, World

FOUND: dict[str, Any] = {
    "check": "churn-drift-12",
    "state": "drifted",
    "window": {
        "rows": 1200,
        "files": 24,
        "from": "2026-11-22T09:00:00Z",
        "to": "2026-11-22T10:00:00Z",
        "left_out": {"evaluation": 3, "earlier-model": 0, "drill": 250},
    },
    "thresholds": {"min_rows": 100},
    "features": [
        {"name": "age", "verdict": "drifted", "score": 0.2104, "sentence": "median 34 -> 41"},
        {"name": "plan", "verdict": "stable", "score": 0.01, "sentence": "as before"},
    ],
    "predictions": [{"name": "p(yes)", "verdict": "drifted", "score": 0.1, "sentence": "median 0.2 -> 0.3"}],
    "estimate": {"sentence": "F1 is estimated at 0.70."},
    "problems": [{"sentence": "3 records are cut off."}],
}


class Ticking:
    """A clock that goes on when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[str] = []

    def pause(self, seconds: float) -> None:
        self.now += seconds


def wait(world: World) -> tuple[str, Any]:
    time = Ticking()
    monitored = Checks(world.target(), "churn", Kind.DRIFT, NOW)
    return checks.wait_for_result(monitored, (), LAPTOP, pause=time.pause, clock=lambda: time.now, say=time.told.append)


def test_a_check_asked_for_gives_its_result() -> None:
    world = World(lambda _drill, _rows: {"state": "stable"})
    checks.ask(world.target(), "churn", Kind.DRIFT)
    assert world.asked == [{"deployment": "sagerelay", "dataset": "churn", "kind": "drift"}]
    folder, found = wait(world)
    assert (folder, found["state"]) == ("monitoring/churn/2026-11-22T10-30-01Z-drift-1", "stable")


def test_an_older_check_and_one_of_another_kind_are_not_taken_for_it() -> None:
    world = World(lambda _drill, _rows: {})
    old = CheckKeys("churn", Kind.DRIFT, 1, NOW)
    for keys in (old, replace(old, kind=Kind.DRILL, ordinal=2)):
        world.objects[keys.result] = json.dumps({"state": "stable"}).encode()
    monitored = Checks(world.target(), "churn", Kind.DRIFT, NOW)
    time, known = Ticking(), frozenset(monitored.look())
    assert known == {old.root}
    with pytest.raises(OpsError, match="No check began within 30 s"):
        checks.wait_for_result(monitored, known, LAPTOP, pause=time.pause, clock=lambda: time.now, say=time.told.append)


def test_a_check_in_flight_is_waited_for() -> None:
    world = World(lambda _drill, _rows: {})
    busy = CheckKeys("churn", Kind.DRIFT, 1, NOW)
    world.objects[busy.window] = b"{}"
    time, monitored = Ticking(), Checks(world.target(), "churn", Kind.DRIFT, NOW)

    def pause(seconds: float) -> None:
        time.pause(seconds)
        if time.now > LAPTOP.begin + 5:
            world.objects[replace(busy, ordinal=2).result] = b'{"state": "drifted"}'

    folder, found = checks.wait_for_result(
        monitored, {busy.root}, LAPTOP, pause=pause, clock=lambda: time.now, say=time.told.append
    )
    assert (folder, found) == (replace(busy, ordinal=2).root, {"state": "drifted"})


@pytest.mark.parametrize(
    ("dataset", "percentage", "why"),
    [
        ("wine", 100, '"wine" has no live model: there is no endpoint sagerelay-wine.*ops status'),
        ("churn", 0, "sagerelay-churn captures no traffic.*capture_percentage"),
    ],
)
def test_what_cannot_be_checked_is_said_at_once(dataset: str, percentage: int, why: str) -> None:
    world = World(lambda _drill, _rows: {}, percentage=percentage)
    with pytest.raises(OpsError, match=why):
        live.ensure_monitored(world.target(), dataset)


def test_a_live_endpoint_that_captures_can_be_checked() -> None:
    live.ensure_monitored(World(lambda _drill, _rows: {}).target(), "churn")


def test_a_check_without_result_is_said() -> None:
    world = World(lambda _drill, _rows: {})
    world.objects[CheckKeys("churn", Kind.DRIFT, 3, NOW).window] = b"{}"
    with pytest.raises(OpsError, match=r"drift-3 left no drift\.json within 120 s"):
        wait(world)


def test_an_event_that_is_not_taken_is_said() -> None:
    world = World(lambda _drill, _rows: {})
    refused = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slower"}
    world.put_events = lambda **_: {"FailedEntryCount": 1, "Entries": [refused]}
    with pytest.raises(OpsError, match="ThrottlingException: slower"):
        checks.ask(world.target(), "churn", Kind.DRIFT)


def test_what_was_found_is_told_in_lines() -> None:
    assert as_lines(FOUND, report="s3://b/report.html") == [
        ("churn-drift-12: DRIFTED; 1,200 rows in 24 capture files, 2026-11-22T09:00:00Z to 2026-11-22T10:00:00Z"),
        "  left out, records: 3 of evaluations, 250 of drills",
        "  age  0.2104  median 34 -> 41",
        "  answers: p(yes)  0.1000  median 0.2 -> 0.3",
        "  F1 is estimated at 0.70.",
        "  3 records are cut off.",
        "  report: s3://b/report.html",
    ]
    few = FOUND | {"state": "not-enough-traffic", "features": [], "predictions": [], "estimate": None, "problems": []}
    assert "  a verdict needs 100 rows (monitoring.min_rows)" in as_lines(few, report="r")
