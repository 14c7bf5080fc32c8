"""Monitor: the durable record of what is known of a live model. Only data; what follows is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib import codec
from chalicelib.monitoring.commands import MonitorCommand
from chalicelib.monitoring.episodes import Episode
from chalicelib.names import CheckKeys, CheckName, Kind
from chalicelib.records.run import LiveModel
from chalicelib.records.used import Used
from chalicelib.settings import defaults, stored
from chalicelib.settings.max_loss import Meant, unread
from chalicelib.transform_names import Part

REMEMBERED_UPLOADS = 50
MOST_WANTED = 20
"""Wishes that a record keeps; files beyond wait in the table, each in an item of its own."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A job that several datasets' checks have together, or that is one check's own."""

    job: str
    checks: int
    """How many they are; 0 in one's own."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check in flight."""

    kind: Kind
    ordinal: int
    began: datetime
    run: str
    """The live model it is about."""
    attempt: int = 1
    """Of its jobs, whose names it is part of: those that follow each other count on."""
    subject: str | None = None
    not_before: datetime | None = None
    """Its job is not started before this time."""
    unseen: datetime | None = None
    """Since when SageMaker shows no job of it."""
    part: Part = codec.later(default=Part.WHOLE)
    shared: Shared | None = codec.later(default=None)
    """The job of its first attempt, once that is settled: a check that is due by its schedule may have one with others.
    Settled before any is begun, so that no two are."""

    @property
    def is_shared(self) -> bool:
        """Whether its job is others', too."""
        return self.shared is not None and self.shared.checks > 0

    @property
    def is_unsettled(self) -> bool:
        """Whether the sweep has yet to say with which others it shares a job, if with any."""
        return self.kind is Kind.DRIFT and self.attempt == 1 and self.shared is None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A check that waits for the one of its kind in flight."""

    kind: Kind
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What was last seen, and since when it is so."""

    state: str = "unknown"
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Retraining:
    """Trainings that the monitor asked for."""

    number: int = 0
    began: datetime | None = None
    run: str | None = None
    """The newest of them."""
    tries: int = 0
    """How many since things were last in order."""
    under_way: bool = False
    """Whether the newest was asked for and has not ended."""
    stopped: bool = False
    """Whether it has given up, until new data arrives."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """How a dataset's live model is monitored."""

    dataset: str
    settings: stored.Monitored = field(
        default_factory=stored.Monitored, metadata=codec.read_by(defaults.filled_for_monitor)
    )
    """relay.yaml's `monitoring` and `retraining`, every default filled in."""
    live: LiveModel | None = None
    ordinal: int = 0
    checks: tuple[Check, ...] = ()
    """In flight, at most one of a kind."""
    wanted: tuple[Wanted, ...] = ()
    checked: datetime | None = None
    """The time of the schedule that was last served."""
    watermark: CheckKeys | None = None
    """The newest drift check that counted its traffic; its window.json says up to where."""
    last_drift: CheckKeys | None = None
    last_quality: CheckKeys | None = None
    drift: Condition = field(default_factory=Condition)
    quality: Condition = field(default_factory=Condition)
    enough_traffic: datetime | None = None
    """When there was last enough of it."""
    open_alerts: tuple[str, ...] = field(default=(), metadata=codec.stored_as("told"))
    """Troubles the owner knows of and that are not over: `no-traffic`, `check-failed`, `unreadable-traffic`, …"""
    labels_arrived: datetime | None = None
    """When labels were last uploaded."""
    labels_missing: bool = False
    """Whether some labels' rows may be captured yet."""
    labelled: CheckKeys | None = None
    """The newest quality check that left rows with labels to learn from."""
    uploads: tuple[str, ...] = ()
    """Files of test/ and score/ already dealt with."""
    signals: tuple[str, ...] = ()
    """Why a retraining is wanted, each reason once."""
    retraining: Retraining = field(default_factory=Retraining)
    max_loss: Meant | None = codec.later(default=None)
    """How monitoring.max_loss is meant. Records of releases that took it for an amount say nothing."""
    drifting: Episode | None = codec.later(default=None)
    """What was told of the drift that is under way, or was of late. Records of earlier releases do not say."""
    fallen: Episode | None = codec.later(default=None)
    """The same of a quality that has fallen."""
    used: Used | None = codec.later(default=None)
    """What this month's checks that have ended were billed by."""
    pending: tuple[MonitorCommand, ...] = ()
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """What only another release understands, kept for it (`codec.py`)."""
    version: int = 0

    @property
    def enabled(self) -> bool:
        return self.monitoring["enabled"]

    @property
    def monitoring(self) -> stored.Monitoring:
        return self.settings.get("monitoring", defaults.DEFAULTS["monitoring"])

    @property
    def meant(self) -> Meant:
        """How a check takes monitoring.max_loss."""
        return self.max_loss or unread(self.monitoring)

    @property
    def policy(self) -> stored.Retraining:
        return self.settings.get("retraining", defaults.DEFAULTS["retraining"])

    @property
    def open(self) -> bool:
        """Whether the sweep has to look after it: as long as a model is live, its checks fall due."""
        return bool(self.pending or self.checks) or (self.live is not None and bool(self.settings))

    @property
    def is_full(self) -> bool:
        """Whether further files of test/ and score/ have to wait elsewhere."""
        return len(self.wanted) >= MOST_WANTED

    def keys(self, check: Check) -> CheckKeys:
        """Where the files of a check in flight lie."""
        return CheckKeys(self.dataset, check.kind, check.ordinal, check.began)

    def job(self, check: Check) -> CheckName:
        """The name of the job of a check in flight."""
        shared = CheckName.parse(check.shared.job) if check.shared else None
        return shared or self.keys(check).job(check.attempt)

    def alone(self, check: Check) -> Check:
        """A check with a job of its own."""
        return replace(check, shared=Shared(str(self.keys(check).job(1)), 0)) if check.is_unsettled else check

    def check(self, kind: Kind, ordinal: int) -> Check | None:
        """The check in flight of this kind and ordinal."""
        return next((check for check in self.checks if check.kind is kind and check.ordinal == ordinal), None)

    def in_flight(self, kind: Kind) -> bool:
        return any(check.kind is kind for check in self.checks)

    def then(self, *commands: MonitorCommand) -> Monitor:
        """This monitor with more to be done."""
        return replace(self, pending=(*self.pending, *commands))

    def with_check(self, check: Check) -> Monitor:
        """This monitor with what is known of a check in flight now."""
        return replace(self, checks=tuple(check if one.ordinal == check.ordinal else one for one in self.checks))

    def without(self, check: Check) -> Monitor:
        """This monitor when the check has ended."""
        return replace(self, checks=tuple(other for other in self.checks if other.ordinal != check.ordinal))


def problems_with(monitor: Monitor) -> list[str]:
    """The invariants this record breaks: empty for every record that `decide` can reach."""
    kinds = [check.kind for check in monitor.checks]
    rules = {
        "at most one check of a kind is in flight": len(kinds) == len(set(kinds)),
        "checks are about a live model": not monitor.checks or monitor.live is not None,
        "ordinals are given once": len({check.ordinal for check in monitor.checks}) == len(monitor.checks),
        "a signal is kept once": len(set(monitor.signals)) == len(monitor.signals),
        "a trouble is told once": len(set(monitor.open_alerts)) == len(monitor.open_alerts),
        "the record survives being stored": codec.is_stable(monitor),
    }
    return [rule for rule, holds in rules.items() if not holds]
