"""Which mails an owner gets of a series of drift checks: the monitor itself decides, nothing is imitated."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.monitoring.commands import Tell
from chalicelib.monitoring.facts import DriftRead
from chalicelib.monitoring.findings import on_drift
from chalicelib.monitoring.record import Check, Monitor
from chalicelib.names import Kind
from chalicelib.settings.dataset import DatasetSettings


def mails(checks: Sequence[tuple[datetime, bool, str | None]]) -> list[tuple[str, ...]]:
    """By check the kinds of its mails. `checks`: when, whether anything drifted, and the estimated loss in its words
    (`certain`, `possible`, `none`, or None). Nobody acts on any of them, and relay.yaml says nothing."""
    read = DatasetSettings.model_validate({}).as_stored()
    monitor = Monitor("series", settings={"monitoring": read["monitoring"], "retraining": read["retraining"]})
    told = []
    for ordinal, (when, drifted, loss) in enumerate(checks):
        found = DriftRead(Kind.DRIFT, ordinal, "drifted" if drifted else "stable", loss=loss, since=f"{when:%Y-%m-%d}")
        monitor = on_drift(monitor, Check(Kind.DRIFT, ordinal, when, "run"), found, when)
        told.append(tuple(str(command.mail) for command in monitor.pending if isinstance(command, Tell)))
        monitor = replace(monitor, pending=())
    return told
