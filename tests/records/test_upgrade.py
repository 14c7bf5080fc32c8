"""A deployment of an earlier release is upgraded in the midst of its work, and goes on as if nothing had happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import codec, monitoring
from chalicelib.codec import Record
from chalicelib.monitoring.record import Monitor
from chalicelib.names import Kind, RunKeys
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import STEP_OF, Run, Stage
from tests.monitoring.living import drift
from tests.records.states import GOLDEN, kept, put_back, scenarios
from tests.relay.invariants import problems_with
from tests.relay.world import World, drop

RELEASES = sorted(path.name for path in GOLDEN.iterdir())
KINDS = {"run": Run, "dataset": Dataset, "watch": Monitor}
each_scenario = pytest.mark.parametrize(
    ("release", "scenario"), [(release, scenario) for release in RELEASES for scenario in scenarios(release)]
)


def records(state: dict[str, Any]) -> Iterator[tuple[type[Record], int, str]]:
    """Kind, version and text of every record in a state."""
    for item in state["table"]:
        kind = item["id"]["S"].partition("#")[0]
        if kind in KINDS:
            yield KINDS[kind], int(item["version"]["N"]), item["document"]["S"]


def holds(now: Any, then: Any) -> bool:
    """Whether everything stored then is still there, under its name; more may be."""
    if isinstance(then, dict):
        return all(name in now and holds(now[name], value) for name, value in then.items())
    if isinstance(then, list):
        return len(now) == len(then) and all(map(holds, now, then))
    return bool(now == then)


def finished(here: World) -> list[str]:
    """Let everything that is under way come to its end, by sweeps alone. Gives every mail's kind, in order."""
    for _ in range(40):
        active = here.active()
        checks = here.monitor().checks
        if active is None and not checks and not here.monitor().pending:
            return [mail["kind"] for mail in here.mails()]
        if active:
            record = here.runtime.executor.store.run(active)
            assert record is not None
            if record.stage is Stage.AWAITING_APPROVAL:
                here.sagemaker.packages[active] = "Approved"
            elif record.stage in STEP_OF and not record.pending:
                here.end(active, STEP_OF[record.stage], attempt=record.attempt)
        for check in checks:
            here.end_check(check.kind, drift("stable"))
        here.time += timedelta(minutes=40)
        here.runtime.sweep()
    active = here.active() or ""
    raise AssertionError(f"{active} is {here.stage(active)}")


@each_scenario
def test_every_record_is_read_and_written_as_it_was(release: str, scenario: str) -> None:
    for kind, version, text in records(kept(release, scenario)):
        record: Any = codec.from_document(kind, text, version)

        assert record.foreign == {}
        assert holds(json.loads(codec.to_document(record)), json.loads(text))
        if isinstance(record, Run):
            assert problems_with(record) == []
        if isinstance(record, Monitor):
            assert monitoring.record.problems_with(record) == []


@each_scenario
def test_what_was_under_way_comes_to_its_end_and_nothing_else_begins(here: World, release: str, scenario: str) -> None:
    put_back(here, kept(release, scenario))
    newest = here.active()

    kinds = finished(here)

    if newest:
        assert here.stage(newest) == "live"
        assert "promoted" in kinds
    assert {record[0] for record in here.runtime.executor.store.open_records()} <= {"watch"}
    before = list(here.sagemaker.calls)
    for name in ("train/jan.csv", "relay.yaml", "train/jan.csv"):  # nothing is new in them
        here.runtime.receive(here.uploaded(name))
    here.runtime.sweep()
    assert here.active() is None
    assert here.sagemaker.calls == before
    assert len(before) == len(set(before))


@pytest.mark.parametrize("scenario", ["live", "replaced", "failed"])
def test_news_makes_the_next_run(here: World, scenario: str) -> None:
    put_back(here, kept("0.1.0", scenario))

    run_id = drop(here, "train/later.csv", b"a,b\n3,4\n")

    assert run_id
    assert finished(here)[-1] == "promoted"
    assert here.stage(run_id) == "live"
    assert here.sagemaker.endpoints["sagerelay-churn"] == f"{run_id}-live-1"


def test_a_live_model_of_the_release_before_is_monitored(here: World) -> None:
    put_back(here, kept("0.1.0", "live"))
    live = here.monitor().live
    assert live is not None
    monitored = RunKeys(live.run)
    for document in (
        "baseline",
        "constraints",
    ):  # which that release's preparation wrote, and its scenario only tells of
        here.s3.put(f"{monitored.prepared}/{document}.json", b'{"version": 1}')
    here.capture("2026/11/22/13/b.jsonl")
    here.time += timedelta(days=1)

    here.runtime.sweep()
    assert here.monitor().in_flight(Kind.DRIFT)
    here.end_check(Kind.DRIFT, drift("drifted", "age"))
    here.runtime.sweep()

    assert [mail["kind"] for mail in here.mails()] == ["drift-found"]


def test_a_mail_that_the_release_before_did_not_get_out_is_sent(here: World) -> None:
    put_back(here, kept("0.1.0", "mails/unsent-mail"))

    for _ in range(4):
        here.time += timedelta(minutes=6)
        here.runtime.sweep()

    [mail] = here.mails()
    assert mail["kind"] == "failed"
    assert list(here.runtime.executor.store.open_records()) == []
