"""Stores, outboxes and executors that are broken on purpose, for `mutants.py`."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from chalicelib.aws.errors import RefusedError
from chalicelib.aws.store import ConflictError, Store
from chalicelib.mails.messages import Message
from chalicelib.monitoring.commands import Tell
from chalicelib.monitoring.record import Condition, Monitor
from chalicelib.records.commands import Command, Mail, Retire
from chalicelib.records.dataset import Dataset
from chalicelib.records.events import EvaluationRead, RunEvent
from chalicelib.records.inputs import InputsSeen
from chalicelib.records.run import Run
from chalicelib.requests import Call
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.outbox import Outbox
from tests.relay.builders import evaluation

# --- stores


class WithoutVersions(Store):
    """The last one to write a record wins."""

    def _put(self, key: str, document: str, version: int, *, is_open: bool, stage: str) -> None:
        there = self._get(key)
        found = int(there["version"]["N"]) if there else 0
        Store._put(self, key, document, max(version, found), is_open=is_open, stage=stage)


class Impatient(Store):
    """A mail that was claimed and not noted is claimed again at once: its sender must be dead."""

    def claim_mail(self, mail_id: str, document: str, now: datetime) -> bool:
        claimed = Store.claim_mail(self, mail_id, document, now)
        if claimed:
            self.release_mail(mail_id)
        return claimed


class ForgetsData(Store):
    """That data came during a run is not kept."""

    def save_dataset(self, dataset: Dataset) -> Dataset:
        return Store.save_dataset(self, replace(dataset, queued=False))


class ForgetsRefusals(Store):
    """That AWS takes no serverless endpoint is not noted for later runs."""

    def remember_refusal(self, reason: str, now: datetime) -> None:  # noqa: ARG002
        return


class ForgetsTheBest(Store):
    """Every model that goes live is taken for the best there was."""

    def save_dataset(self, dataset: Dataset) -> Dataset:
        newest = replace(dataset.best, run=dataset.live.run) if dataset.best and dataset.live else None
        return Store.save_dataset(self, replace(dataset, best=newest))


class ForgetsThatItCameBack(Store):
    """A model that callers were taken back to looks as if it had been promoted."""

    def save_dataset(self, dataset: Dataset) -> Dataset:
        return Store.save_dataset(
            self, replace(dataset, live=replace(dataset.live, back=None) if dataset.live else None)
        )


class ForgetsWishes(Store):
    """A check that has to wait for another is not kept."""

    def save_monitor(self, monitor: Monitor) -> Monitor:
        return Store.save_monitor(self, replace(monitor, wanted=()))


class KeepsAnswersToItself(Store):
    """Files of rows are answered, and nobody is told."""

    def save_monitor(self, monitor: Monitor) -> Monitor:
        told = tuple(one for one in monitor.pending if getattr(one, "mail", None) is not Mail.SCORED)
        return Store.save_monitor(self, replace(monitor, pending=told))


class TellsOnce(Store):
    """What goes on is not told again, however much worse it gets."""

    def save_monitor(self, monitor: Monitor) -> Monitor:
        kept = tuple(one for one in monitor.pending if not (isinstance(one, Tell) and one.news))
        return Store.save_monitor(self, replace(monitor, pending=kept))


class ForgivesAtOnce(Store):
    """The first check that finds nothing ends a drift."""

    def save_monitor(self, monitor: Monitor) -> Monitor:
        if monitor.drifting is not None and monitor.drifting.quiet:
            monitor = replace(monitor, drift=Condition("stable"), drifting=None)
        return Store.save_monitor(self, monitor)


# --- outboxes


class Chatty(Outbox):
    """Mails are sent without asking whether they were sent before."""

    def send(self, mail_id: str, message: Any, now: datetime) -> None:
        with contextlib.suppress(ConflictError):
            self.store.claim_mail(mail_id, "{}", now)
        self._publish(mail_id, message, now)


class Silent(Outbox):
    """A mail is noted as sent before it is."""

    def _publish(self, mail_id: str, message: Any, now: datetime) -> None:
        self.store.mail_sent(mail_id, now, "none")
        self.store.mail_sent(mail_id, now, self.topic.publish(message))


class KeepsBack(Outbox):
    """Mails of some kinds are never sent."""

    kinds: ClassVar[frozenset[Mail]] = frozenset()

    def send(self, mail_id: str, message: Message, now: datetime) -> None:
        if message.attributes["kind"] not in self.kinds:
            Outbox.send(self, mail_id, message, now)


class SaysNothingOfWaits(KeepsBack):
    kinds = frozenset({Mail.WAITING})


class SaysNothingOfRefusals(KeepsBack):
    kinds = frozenset({Mail.REFUSED})


class SaysNothingOfRollbacks(KeepsBack):
    kinds = frozenset({Mail.ROLLED_BACK, Mail.ROLLBACK_FAILED})


class SaysNothingOfMonitoring(KeepsBack):
    kinds = frozenset(
        {
            *(Mail.DRIFT_FOUND, Mail.DRIFT_OVER, Mail.QUALITY, Mail.QUALITY_FELL, Mail.QUALITY_RECOVERED),
            *(Mail.CHECK_FAILED, Mail.NO_TRAFFIC, Mail.ENDPOINT_GONE, Mail.RETRAINING_STOPPED),
            Mail.RELATION_CHANGED,
        }
    )


# --- executors


class LeavesBehind(Executor):
    """What a candidate needed is left behind."""

    def _remove(self, *_of_an_attempt: Any) -> None:
        return


class Lenient(Executor):
    """Every candidate passes."""

    def execute(self, command: Command, run: Run, now: datetime) -> RunEvent | None:
        read = Executor.execute(self, command, run, now)
        return EvaluationRead(evaluation()) if isinstance(read, EvaluationRead) else read


class AsksForWhatIsLost(Executor):
    """Jobs are given all of the live model, whatever has become of it."""

    def begin(self, call: Call) -> None:
        self.sagemaker.ensure(call)


class TripsOverChanges(Executor):
    """A document that somebody has changed is an error that is raised, and raised again."""

    def inputs(self, run_id: str) -> InputsSeen:
        try:
            return Executor.inputs(self, run_id)
        except RefusedError as refused:
            raise OSError(str(refused)) from refused


class RetiresTooMuch(Executor):
    """With what is two promotions old goes what is one."""

    def retire(self, command: Retire) -> None:
        Executor.retire(self, command)
        previous = self.store.dataset(self.store.run(command.run).dataset).previous  # type: ignore[union-attr]
        if previous:
            Executor.retire(self, Retire(previous.run, previous.attempt))
