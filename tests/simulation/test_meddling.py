"""People who delete and change what lies below runs/ and monitoring/: nothing stands still, and a mail says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.aws.objects import DOCUMENT_LIMIT
from tests.memory_cloud.bucket import Version
from tests.memory_cloud.refusals import refused
from tests.simulation.history import Result, live
from tests.simulation.weather import HOUR
from tests.simulation.world import World

CALM = frozenset[str]()
SEED = 48
"""In its scenario the first model is good."""
OF_A_RUN = ("inputs.json", "schema.json", "trials.json", "context.json", "evaluation.json", "report.html")
OF_A_CHECK = ("window.json", "drift.json", "quality.json")


def _nested(_document: Any) -> bytes:
    return b'{"sagerelay":' * 50_000


def _emptied(value: Any) -> Any:
    """Every value of another type."""
    if isinstance(value, dict):
        return {key: _emptied(inner) for key, inner in value.items()}
    return "x" if not isinstance(value, str) else 7


def _lower_half(document: Any) -> bytes:
    """Half of the keys."""
    return json.dumps(
        {key: document[key] for key in list(document)[::2]} if isinstance(document, dict) else []
    ).encode()


def _without_figures(document: Any) -> bytes:
    """All there, and every number null."""

    def null(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: null(inner) for key, inner in value.items()}
        return None if isinstance(value, float) else value

    return json.dumps(null(document)).encode()


WAYS: dict[str, Callable[[Any], bytes | None]] = {
    "deleted": lambda _document: None,
    "empty": lambda _document: b"",
    "not JSON": lambda _document: b"{not json",
    "a list": lambda _document: b"[]",
    "null": lambda _document: b"null",
    "not UTF-8": lambda _document: b"\xff\xfe\x00{",
    "other types": lambda document: json.dumps(_emptied(document)).encode(),
    "half": _lower_half,
    "no figures": _without_figures,
    "nested": _nested,
    "huge": lambda _document: b'{"sagerelay": "' + b"x" * DOCUMENT_LIMIT + b'"}',
    "denied": lambda _document: b"{}",
}
ALLOWED = {"what a job reads is there", "a run fails only for what befell it", "a change is told"}
"""Rules about what happens when nobody meddles."""


def meddled(document: str, way: str) -> tuple[World, Result]:
    """A scenario in which somebody changes the first run's or checks' document of this name as soon as it is there."""
    worlds: list[World] = []
    changed: list[str] = []

    def begin(world: World) -> None:
        worlds.append(world)
        world.weather = replace(world.weather, storm=6 * HOUR, latency=0.05, skew=0.0)
        usual, get = world.bucket.put, world.bucket.get_object
        denied: set[str] = set()

        def guarded(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
            if Key in denied:
                raise refused("AccessDenied", "Access Denied")
            return get(Bucket, Key)

        world.bucket.get_object = guarded

        def put(key: str, body: bytes, name: str | None = None) -> Version:
            version = usual(key, body, name)
            run = key.split("/")[1] if key.startswith("runs/") else "check"
            if key.endswith(f"/{document}") and (not changed or run in changed):
                changed.append(run)
                spoiled = WAYS[way](json.loads(body) if key.endswith(".json") else None)
                if spoiled is None:
                    world.bucket.delete(key)
                else:
                    usual(key, spoiled)
                if way == "denied":
                    denied.add(key)
            return version

        world.bucket.put = put
        settings = b"monitoring: {schedule: rate(30 minutes)}\n"
        deeds = (
            *((0, "relay.yaml", settings), (10, "train/jan.csv", b"jan"), (9_000, "test/jan.csv", b"t")),
            *((9_060, "labels/jan.csv", b"l"), (12_000, "train/feb.csv", b"feb")),
        )
        for when, name, text in deeds:
            world.scheduler.at(when, partial(world.upload, f"datasets/churn/{name}", text))
        for when in range(5_000, 20_000, 600):
            world.scheduler.at(when, lambda: _called(world))

    result = live(SEED, CALM, begin=begin)
    assert changed, f"{document} was never written"
    return worlds[0], result


def test_what_is_deleted_of_the_live_model_stops_neither_the_next_run_nor_the_monitor_for_ever() -> None:
    worlds: list[World] = []

    def begin(world: World) -> None:
        worlds.append(world)
        world.weather = replace(world.weather, storm=6 * HOUR, latency=0.05, skew=0.0)
        settings = b"monitoring: {schedule: rate(30 minutes)}\n"
        deeds = ((0, "relay.yaml", settings), (10, "train/jan.csv", b"jan"), (12_000, "train/feb.csv", b"feb"))
        late = ((15_000, "labels/jan.csv", b"l"), (15_100, "test/jan.csv", b"t"))
        for when, name, text in (*deeds, *late):
            world.scheduler.at(when, partial(world.upload, f"datasets/churn/{name}", text))
        world.scheduler.at(9_000, lambda: _delete_runs(world))
        for when in range(5_000, 20_000, 600):
            world.scheduler.at(when, lambda: _called(world))

    result = live(SEED, CALM, begin=begin)
    first, second = worlds[0].begun
    told = [line for _, line in result.protocol if line.startswith("MAIL")]
    assert [problem for problem in result.problems if problem[0] != "a change is told"] == []
    assert not [line for _, line in result.protocol if " fails: " in line or line.startswith("dead letter")]
    assert any(f"promoted {first}" in line for line in told)
    assert any(f"approval-needed {second}" in line for line in told), told
    assert sum("check-failed" in line and "-drift-" in line for line in told) == 1, told
    checks = [
        line for at, line in result.protocol if "churn-drift" in line and "begins" in line and 9_500 < at < 12_000
    ]
    assert checks == []


def _delete_runs(world: World) -> None:
    """Delete all of runs/, when no job is reading there."""
    if any(job.ended is None for job in world.jobs.jobs.values()):
        world.later(30.0, lambda: _delete_runs(world))
        return
    for key in world.bucket.under("runs/"):
        world.bucket.delete(key)


def _called(world: World) -> None:
    hour = f"{world.clock():%Y/%m/%d/%H}"
    world.bucket.put(f"capture/sagerelay-churn/AllTraffic/{hour}/{world.now:.0f}.jsonl", b"{}")


DOCUMENTS = (*OF_A_RUN, *OF_A_CHECK)
CASES = [
    pytest.param(document, way, marks=() if (row + column) % 5 == 0 else pytest.mark.slow)
    for row, document in enumerate(DOCUMENTS)
    for column, way in enumerate(WAYS)
]


@pytest.mark.parametrize(("document", "way"), CASES)
def test_what_is_changed_ends_with_a_mail_and_stops_nothing(document: str, way: str) -> None:
    world, result = meddled(document, way)

    assert [problem for problem in result.problems if problem[0] not in ALLOWED] == []
    told = [line for _, line in result.protocol if line.startswith("MAIL")]
    assert not [line for _, line in result.protocol if " fails: " in line or line.startswith("dead letter")]
    runs = list(world.begun)
    assert len(runs) >= 2
    for run in runs:
        assert any(run in line for line in told), f"nothing was said about {run}: {told}"
    assert " live" in str([line for _, line in result.protocol if runs[-1] in line]), "newer data is trained"
