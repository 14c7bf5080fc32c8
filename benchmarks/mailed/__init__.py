"""Which mails an owner gets of a series of checks: the monitor itself decides, nothing is imitated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.monitoring.commands import Tell
from chalicelib.monitoring.facts import DriftRead, QualityRead
from chalicelib.monitoring.findings import on_drift, on_quality
from chalicelib.monitoring.record import Check, Monitor
from chalicelib.names import Kind
from chalicelib.records.commands import Mail
from chalicelib.settings.dataset import DatasetSettings

IN_SHORT = {
    Mail.DRIFT_FOUND: "found",
    Mail.DRIFT_OVER: "over",
    Mail.QUALITY: "measured",
    Mail.QUALITY_FELL: "fell",
    Mail.QUALITY_RECOVERED: "recovered",
    Mail.RELATION_CHANGED: "other outcomes",
}


@dataclass(frozen=True)
class Looked:
    """A drift check: when, what drifted, and the estimated loss in its words (`certain`, `possible`, `none`, or None)
    and in times of what is allowed."""

    when: datetime
    drifted: tuple[str, ...]
    loss: str | None = None
    lost: float = 1.0


@dataclass(frozen=True)
class Labelled:
    """A quality check: when, its state (`fell`, `kept`), what was lost in times of what is allowed, and whether the
    same inputs are said to have other outcomes."""

    when: datetime
    state: str
    lost: float
    changed: bool


def mails(checks: Sequence[Looked | Labelled]) -> list[str]:
    """By check its mail in short, "" of none: `found`, or what is new of it. Nobody acts on any of them, and relay.yaml
    says nothing."""
    read = DatasetSettings.model_validate({}).as_stored()
    monitor = Monitor("series", settings={"monitoring": read["monitoring"], "retraining": read["retraining"]})
    told = []
    for ordinal, check in enumerate(checks):
        monitor = _after(monitor, check, ordinal)
        told.append(", ".join(_in_short(command) for command in monitor.pending if isinstance(command, Tell)))
        monitor = replace(monitor, pending=())
    return told


def _after(monitor: Monitor, one: Looked | Labelled, ordinal: int) -> Monitor:
    if isinstance(one, Labelled):
        seen = QualityRead(ordinal, one.state, changed=one.changed, worse=one.changed, lost=one.lost)
        return on_quality(monitor, Check(Kind.QUALITY, ordinal, one.when, "run"), seen, one.when)
    state, since = "drifted" if one.drifted else "stable", f"{one.when:%Y-%m-%d}"
    found = DriftRead(Kind.DRIFT, ordinal, state, one.drifted, one.loss, since, lost=one.lost)
    return on_drift(monitor, Check(Kind.DRIFT, ordinal, one.when, "run"), found, one.when)


def _in_short(told: Tell) -> str:
    also = " with other outcomes" if told.mail is Mail.QUALITY_FELL and told.note else ""
    return (told.news or IN_SHORT[told.mail]) + also
