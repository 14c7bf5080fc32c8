"""One codec for all records: what another release wrote is read, and what it alone understands is kept for it."""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.codec import Record, UnreadableError, is_foreign
from chalicelib.monitoring.commands import ReadResult, Tell
from chalicelib.monitoring.record import Check, Condition, Monitor
from chalicelib.names import CheckKeys, Kind, Step
from chalicelib.records.commands import Begin, Mail, Notify, Start
from chalicelib.records.dataset import Dataset, LastRun
from chalicelib.records.run import LiveModel, Run, Stage
from chalicelib.settings import defaults
from tests.relay.builders import LIVE, NOW, run

FULL = replace(run(Stage.TRAINING), pending=(Start(Step.TRAIN), Notify(Mail.WAITING)), live=LIVE, unseen=NOW)
LAST = LastRun("churn-1a2b3c4d", 3, "f" * 16, "v1", Stage.FAILED)
DATASET = Dataset("churn", LAST.run, last=LAST, live=LIVE, pending=(Begin(LAST.run),))
KEYS = CheckKeys("churn", Kind.DRIFT, 4, NOW)
MONITOR = Monitor(
    "churn",
    defaults.filled_for_monitor({"monitoring": {"enabled": False}}),
    LIVE,
    4,
    (Check(Kind.DRIFT, 4, NOW, LIVE.run),),
    watermark=KEYS,
    drift=Condition("drifted", "2026-11-22"),
    open_alerts=("no-traffic",),
    pending=(ReadResult(KEYS), Tell(Mail.DRIFT_FOUND, KEYS)),
)
RECORDS = [FULL, DATASET, MONITOR]
each_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)


def members(record: Any) -> tuple[Field[Any], ...]:
    return fields(record)


def changed(record: Record, **values: Any) -> Any:
    """The record as a release wrote it that does these things otherwise."""
    stored = json.loads(codec.to_document(record)) | values
    return codec.from_document(type(record), json.dumps(stored), record.version)


def written(record: Record) -> dict[str, Any]:
    return json.loads(codec.to_document(record))


def key(member: Field[Any]) -> str:
    """What a field is stored under."""
    return str(member.metadata.get("key", member.name))


def test_a_field_is_stored_under_the_key_it_has_always_had() -> None:
    stored = written(MONITOR)
    assert stored["told"] == ["no-traffic"]
    assert "open_alerts" not in stored
    assert changed(MONITOR, told=["unreadable"]).open_alerts == ("unreadable",)


@each_record
def test_nothing_is_lost_by_storing(record: Record) -> None:
    assert codec.is_stable(record)


@each_record
def test_the_text_holds_every_field_under_its_key(record: Record) -> None:
    blank = {key(member) for member in members(record) if member.metadata.get("later")}

    assert written(record).keys() == {key(member) for member in members(record)} - {"foreign", "version"} - blank


@each_record
def test_unknown_keys_are_ignored_at_every_depth(record: Record) -> None:
    assert changed(record, invented={"a": 1}) == record
    assert written(changed(record, invented={"a": 1})) == written(record)
    assert changed(record, live=written(record)["live"] | {"invented": 1}) == record


@each_record
def test_what_is_missing_takes_the_default(record: Record) -> None:
    stored = written(record)
    for member in members(record):
        default = member.default if member.default_factory is MISSING else member.default_factory()
        if default is MISSING or member.name in {"foreign", "version"}:
            continue
        less = {name: value for name, value in stored.items() if name != key(member)}

        read = codec.from_document(type(record), json.dumps(less), record.version)

        assert getattr(read, member.name) == default


@each_record
def test_what_a_record_cannot_be_without_is_named(record: Record) -> None:
    needed = next(member.name for member in members(record) if member.default is MISSING)
    less = {name: value for name, value in written(record).items() if name != needed}

    with pytest.raises(UnreadableError, match=needed):
        codec.from_document(type(record), json.dumps(less), 1)


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "null", "7", '"run"', "{"])
def test_what_is_no_record_says_so(text: str) -> None:
    with pytest.raises(UnreadableError):
        codec.from_document(Run, text, 1)


@pytest.mark.parametrize(
    "item",
    [
        {"command": "WarmUp", "step": "tune"},
        {"command": "Start", "step": "distil", "attempt": 1},
        {"command": "Notify", "mail": "distilled"},
        {"command": "CollectTrials"},
        {"step": "tune"},
        "WarmUp",
        None,
        7,
    ],
)
def test_a_command_of_another_release_is_kept_for_it(item: object) -> None:
    """It stays out of the way of every decision, and is written back as it was."""
    pending = written(FULL)["pending"]

    read = changed(FULL, pending=[item, *pending])

    assert read.pending == FULL.pending
    assert read.open
    assert written(replace(read, pending=()))["pending"] == [item]
    assert written(read)["pending"] == [*pending, item]
    assert codec.is_stable(read)


def test_a_check_of_another_release_is_kept_for_it() -> None:
    other = written(MONITOR)["checks"][0] | {"kind": "bias", "ordinal": 5}

    read = changed(MONITOR, checks=[*written(MONITOR)["checks"], other])

    assert read.checks == MONITOR.checks
    assert written(replace(read, checks=()))["checks"] == [other]


def test_only_what_is_not_understood_is_kept_aside() -> None:
    assert FULL.foreign == changed(FULL).foreign == {}


@pytest.mark.parametrize(("stored", "of"), [(7, "live"), ("churn-00000000-tune-1", "warm_start"), ({}, "verdict")])
def test_a_value_of_another_type_counts_as_not_known_and_is_written_back(stored: object, of: str) -> None:
    read = changed(FULL, **{of: stored})

    assert getattr(read, of) is None
    assert written(read)[of] == stored
    newer = replace(read, live=LIVE)
    assert written(newer)["live"] == written(FULL)["live"]


def test_a_stage_of_another_release_stays_what_it_is() -> None:
    read = changed(FULL, stage="distilling")

    assert is_foreign(read.stage)
    assert (str(read.stage), read.stage.ended, read.open) == ("distilling", False, True)
    assert read.stage not in set(Stage)
    assert written(read)["stage"] == "distilling"
    assert codec.is_stable(read)
    assert not is_foreign(FULL.stage)


def test_how_a_run_of_another_release_ended_is_not_forgotten() -> None:
    read = changed(DATASET, last=written(DATASET)["last"] | {"stage": "archived"})

    assert read.last == replace(LAST, stage=read.last.stage)
    assert written(read)["last"]["stage"] == "archived"


@dataclass(frozen=True, slots=True)
class Grown:
    """A record to which a release after 0.1.0 added a field."""

    name: str
    live: LiveModel | None = None
    since: datetime | None = None
    paused: bool = codec.later(default=False)
    foreign: dict[str, Any] = field(default_factory=dict)
    version: int = 0


def test_a_later_field_is_written_only_when_it_says_something() -> None:
    assert written(Grown("churn")) == {"name": "churn", "live": None, "since": None}
    assert written(Grown("churn", paused=True))["paused"] is True
    assert codec.is_stable(Grown("churn"))
    assert codec.is_stable(Grown("churn", paused=True))
