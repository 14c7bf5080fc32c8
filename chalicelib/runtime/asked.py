"""What a person asks for in a dataset's relay.yaml, read from S3; where it cannot be used, its owner is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib import names
from chalicelib.aws.objects import TooLargeError
from chalicelib.mails.messages import Refusal
from chalicelib.names import DatasetKeys
from chalicelib.records import own_code
from chalicelib.runtime.executor import Executor
from chalicelib.settings import max_loss
from chalicelib.settings.stored import Monitored, Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for in relay.yaml."""

    settings: Settings
    """With every default filled in."""
    written: dict[str, Any]

    @property
    def writes_monitors_loss(self) -> bool:
        """Whether monitoring.max_loss is given."""
        return max_loss.is_written(self.written, "monitoring")

    @property
    def writes_feature_metrics(self) -> bool:
        """The same of monitoring.feature_metrics."""
        return "feature_metrics" in (self.written.get("monitoring") or {})

    def as_monitored(self, monitored: Monitored) -> Settings:
        """The settings with what the monitor does, which keeps metrics of columns that a dataset had: what a run's
        mails tell of is true."""
        kept = monitored["monitoring"]["feature_metrics"] if "monitoring" in monitored else False
        if self.writes_feature_metrics or not kept:
            return self.settings
        return {**self.settings, "monitoring": {**self.settings["monitoring"], "feature_metrics": True}}


def asked_for(executor: Executor, name: str, now: datetime) -> Asked | None:
    """What a dataset's relay.yaml says; None where it cannot be used, with a mail once for each version of it."""
    from chalicelib.settings import relay_yaml  # pydantic's models and YAML: only uploads need them

    key = DatasetKeys(name).settings
    try:
        text = executor.objects.read(key, relay_yaml.MAX_BYTES)
    except TooLargeError as much:
        text = much.head  # which is one byte too long for the sentence below, too
    try:
        read = relay_yaml.read_settings(text, executor.deployment.algorithms)
        asked = Asked(read.as_stored(), read.model_dump(mode="json", exclude_unset=True))
        problems = _beyond_all(executor, name, asked)
    except relay_yaml.SettingsError as mistake:
        problems = tuple(mistake.problems)
    if problems:
        version = names.fingerprint([], {"text": repr(text)}, 0)
        executor.outbox.send_refusal(name, Refusal(key, problems), version, now)
        return None
    return asked


def uses_code(executor: Executor, name: str, now: datetime) -> bool:
    """Whether a dataset's relay.yaml names a script; also where it cannot be read, which is told, or is still to come:
    whoever begins with the code shall not be told that it is for nothing."""
    asked = asked_for(executor, name, now)
    if asked is None or own_code.script(asked.settings) is not None:
        return True
    return executor.objects.find(DatasetKeys(name).settings) is None


def _beyond_all(executor: Executor, name: str, asked: Asked) -> tuple[str, ...]:
    """That monitoring.max_loss allows anything. Only the monitor's record knows whether the number is a share."""
    monitoring = asked.settings["monitoring"]
    metric = max_loss.unit_of(monitoring)
    if metric is None:
        return ()
    wrong = max_loss.beyond_all("monitoring", monitoring["max_loss"], f"{metric.title} at promotion")
    if wrong is None:
        return ()
    then = executor.store.monitor(name)
    how = max_loss.carried_on(
        monitoring, then.settings.get("monitoring"), then.max_loss, written=asked.writes_monitors_loss
    )
    return (wrong,) if how is max_loss.Meant.SHARE else ()
