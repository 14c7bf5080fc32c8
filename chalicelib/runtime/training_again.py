"""A training that a person or the monitor asks for, begun: on what lies there now, whether or not it is news."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chalicelib.aws.store import ConflictError
from chalicelib.mails.messages import Refusal
from chalicelib.monitoring.facts import RetrainingBegan, RetrainingRefused
from chalicelib.monitoring.record import Monitor
from chalicelib.names import DatasetKeys
from chalicelib.records import dataset, training_again
from chalicelib.records.commands import TrainAgain
from chalicelib.records.dataset import Dataset, RetrainingAsked
from chalicelib.records.training_again import TrainingSeen
from chalicelib.runtime.asked import asked_for
from chalicelib.runtime.telemetry import log

if TYPE_CHECKING:
    from chalicelib.runtime.datasets import Datasets

Answer = RetrainingBegan | RetrainingRefused | None
"""What the monitor is told; None while it has to wait."""


def go_on(command: TrainAgain, record: Dataset, datasets: Datasets) -> Dataset | None:
    """The dataset without the wish, where nothing can be made of it; None where it waits, or its run is under way."""
    if training_again.must_wait(record):
        return None
    executor, now = datasets.executor, datasets.now()
    asked = asked_for(executor, record.name, now)
    if asked is None:  # its owner has a mail
        return dataset.without(record, command)
    seen = datasets.seen(record, asked, datasets.monitors.settings(record.name, asked))
    if not seen.objects:
        train = DatasetKeys(record.name).train
        nothing = Refusal(train, ("A training was asked for, but nothing lies there.",))
        executor.outbox.send_refusal(record.name, nothing, command.request, now)
        return dataset.without(record, command)
    decision = dataset.decide(record, TrainingSeen(seen, command.request, command.because))
    log.info("trains again", extra={"dataset": record.name, "ignored": decision.ignored})
    with suppress(ConflictError):  # whoever wrote it goes on with its list
        datasets.go_on(record, decision.dataset, seen)
    return None


def for_monitor(datasets: Datasets, monitor: Monitor, number: int, because: str) -> Answer:
    """Begin the run that the monitor asks for; None while it has to wait."""
    answer: Answer = None
    asked = False

    def look(before: Dataset) -> bool:
        nonlocal answer, asked
        if asked:  # somebody else's question, which came before or meanwhile
            datasets.compare(before)
            return True
        answer, asked = _for_monitor(datasets, before, monitor, number, because), True
        return False

    datasets.looking.each(monitor.dataset, look, asks=False)
    return answer


def _for_monitor(datasets: Datasets, before: Dataset, monitor: Monitor, number: int, because: str) -> Answer:
    keys = DatasetKeys(before.name)
    settings = asked_for(datasets.executor, before.name, datasets.now())
    if settings is None:
        return RetrainingRefused(number, f"{keys.settings} cannot be used; another mail says why")
    asked = RetrainingAsked(datasets.seen(before, settings, monitor), number, because)
    if not asked.seen.objects:
        return RetrainingRefused(number, f"nothing lies in {keys.train}")
    decision = dataset.decide(before, asked)
    log.info("retraining", extra={"dataset": before.name, "ignored": decision.ignored, "because": because})
    if decision.ignored:
        return _begun(before, number)
    return _begun(datasets.go_on(before, decision.dataset, asked.seen), number)


def _begun(record: Dataset, number: int) -> RetrainingBegan | None:
    last = record.last
    return RetrainingBegan(number, last.run) if last and last.retraining == number else None
