"""Dataset: what stays true between runs, and its own decisions.

An upload is only a hint to look: the decision compares what lies in `train/` *now*, and the settings, with what the
last run was made of. So the same file uploaded again starts nothing, any number of uploads during a run become one run
after it, and a lost or duplicated upload event changes nothing in the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib import codec
from chalicelib.algorithms import FORMER, called
from chalicelib.records import going_back, sleeping, training_again, used
from chalicelib.records.commands import Begin, Command, Follow, GoBack, LookAgain, Retire, Sleep, TrainAgain, Wake
from chalicelib.records.defaults_changed import instead_of
from chalicelib.records.going_back import GoingBack, RollbackAsked, RollbackEnded, RollbackEvent, RollbackTried
from chalicelib.records.inputs import InputsSeen
from chalicelib.records.legs import legs_of
from chalicelib.records.run import BestModel, LiveModel, PastTuning, Run, Stage
from chalicelib.records.sleeping import Asleep, SleepAsked, SleepEvent, Slept, WakeAsked, Woken
from chalicelib.records.training_again import TrainingAsked, TrainingSeen
from chalicelib.records.used import Billed, Used
from chalicelib.settings import fingerprints
from chalicelib.settings.max_loss import Meant


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The dataset's run has come to an end."""

    run: str
    stage: Stage
    live: LiveModel | None
    """The model now in service, if the run went live."""
    tuning: PastTuning | None
    """Its tuning job, from which the next one can start warm."""
    best: BestModel | None = None
    """The best model there has been, if the run went live."""
    billed: tuple[Billed, ...] = ()
    """What its jobs are billed by."""
    ended: datetime | None = None
    """When; without it nothing is counted."""
    served: Billed | None = None
    """What the endpoint of the model before was billed by the hour, where another takes over."""


@dataclass(frozen=True, slots=True)
class RetrainingAsked:
    """The monitor wants a run on what lies there now, even if it is the same as before.

    `number` tells a first time from a repetition; `because` is for the mails of the run.
    """

    seen: InputsSeen
    number: int
    because: str


DatasetEvent = InputsSeen | RetrainingAsked | RunEnded | RollbackEvent | SleepEvent | TrainingAsked | TrainingSeen


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the last run was made of, and how it ended (None while it is under way)."""

    run: str
    generation: int
    fingerprint: str
    versions: str
    stage: Stage | None = None
    retraining: int | None = None
    """The number the monitor gave it, if the monitor asked for it."""
    because: str | None = None
    asked: str | None = codec.later(default=None)  # why, if a person asked for it
    algorithm: str = codec.later(default=FORMER)
    instead_of: str | None = codec.later(default=None)
    max_loss: Meant = codec.later(default=Meant.AMOUNT)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is true of a dataset between runs."""

    name: str
    active: str | None = None
    queued: bool = False
    resettled: bool = codec.later(default=False)
    """Settings that make no model were changed since the run under way began. They count if it comes to no verdict."""
    last: LastRun | None = None
    live: LiveModel | None = None
    previous: LiveModel | None = None
    """The live model's predecessor, kept for rollback."""
    best: BestModel | None = codec.later(default=None)
    """What candidates are held against beside the live model. None: as good as the live one, as far as is known."""
    tuning: PastTuning | None = None
    used: Used | None = codec.later(default=None)
    """What this month's runs that have ended were billed by."""
    served: Used | None = codec.later(default=None)
    """What this month's real-time hours were billed by that have ended: with a model, a mode, or the endpoint."""
    going_back: GoingBack | None = codec.later(default=None)
    rollbacks: tuple[str, ...] = codec.later(default=())
    """The newest requests to go back, done or not."""
    trainings: tuple[str, ...] = codec.later(default=())
    """The newest requests of people to train again."""
    asleep: Asleep | None = codec.later(default=None)
    """That no endpoint serves the live model, because nobody asked it."""
    woken: datetime | None = codec.later(default=None)
    """When its endpoint was last made again."""
    pending: tuple[Command, ...] = ()
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """What only another release understands, kept for it (`codec.py`)."""
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether the sweep still has to look after this dataset."""
        return bool(self.pending or self.foreign)


class Decision(NamedTuple):
    """The dataset as it is now, its pending list holding what is to be done; or why nothing changed."""

    dataset: Dataset
    ignored: str | None = None


def decide(dataset: Dataset, event: DatasetEvent) -> Decision:
    """What is true after this event, and what is to be done. Total and pure, as `relay.decide`."""
    match event:
        case InputsSeen():
            return _on_inputs(dataset, event)
        case RetrainingAsked():
            return _on_retraining(dataset, event)
        case RunEnded():
            return _on_run_ended(dataset, event)
        case RollbackAsked():
            return Decision(*going_back.asked(dataset, event))
        case SleepAsked() | WakeAsked() | Slept() | Woken():
            return Decision(*sleeping.decide(dataset, event))
        case TrainingAsked():
            return Decision(*training_again.asked(dataset, event))
        case TrainingSeen():
            return _on_training(dataset, event)
        case RollbackTried():
            return Decision(going_back.tried(dataset))
        case RollbackEnded():
            return Decision(going_back.ended(dataset, event))


def run_of(dataset: Dataset, event: InputsSeen, now: datetime) -> Run:
    """The record of the run that `Begin` asks for."""
    assert dataset.last is not None  # noqa: S101 (set together with Begin)
    return Run(
        id=dataset.last.run,
        dataset=dataset.name,
        settings=event.on_machines.settings,
        started=now,
        updated=now,
        inputs=len(event.objects),
        live=dataset.live,
        best=dataset.best,
        max_loss=dataset.last.max_loss,
        because=dataset.last.because,
        asked=dataset.last.asked,
        instead_of=dataset.last.instead_of,
        warm_start=dataset.tuning if event.settings["tuning"]["warm_start"] else None,
        legs=legs_of(event.settings),
    )


def is_begun(before: Dataset, after: Dataset) -> bool:
    """Whether another run is under way than before."""
    return after.last is not None and (before.last is None or after.last.run != before.last.run)


def next_command(dataset: Dataset) -> Command:
    """What to execute next: what takes its time at an endpoint, and then a training, keep nothing else waiting."""
    last = (GoBack, Sleep, Wake, TrainAgain)
    return min(dataset.pending, key=lambda one: last.index(type(one)) if isinstance(one, last) else -1)


def without(dataset: Dataset, command: Command) -> Dataset:
    """The dataset with this command struck off, once."""
    place = dataset.pending.index(command)
    return replace(dataset, pending=(*dataset.pending[:place], *dataset.pending[place + 1 :]))


def begun_otherwise(dataset: Dataset, seen: InputsSeen) -> Dataset:
    """The same beginning under the next generation's id: the one drawn first turned out to be a run's already. Ids hold
    eight digits of a fingerprint and the beginning of a name, so that two may meet, of one dataset or of two."""
    assert dataset.last is not None  # noqa: S101 (set together with Begin)
    generation = dataset.last.generation + 1
    run = seen.run(dataset.name, generation)
    pending = tuple(Begin(run) if command == Begin(dataset.last.run) else command for command in dataset.pending)
    last = replace(dataset.last, run=run, generation=generation)
    return replace(dataset, active=run, last=last, pending=pending)


def _on_inputs(dataset: Dataset, seen: InputsSeen) -> Decision:
    # What was to be looked at has been seen, whatever follows from it.
    still = tuple(command for command in dataset.pending if not isinstance(command, LookAgain))
    return _compare(replace(dataset, pending=still), seen)


def _compare(dataset: Dataset, seen: InputsSeen) -> Decision:
    if not seen.objects:
        return Decision(dataset, ignored="nothing lies in train/ yet")
    last = dataset.last and _in_todays_form(dataset.last, seen)
    if last and not is_news(last, seen):
        resettled = dataset.active is not None and not seen.is_same_in_all(last.fingerprint)
        same = replace(dataset, last=last, queued=False, resettled=resettled)
        return Decision(same, ignored=f"the same data and settings as run {last.run}")
    if dataset.active or dataset.going_back or sleeping.is_changing(dataset):
        return Decision(replace(dataset, queued=True))
    return _begin(dataset, seen)


def is_news(last: LastRun, seen: InputsSeen) -> bool:
    """Whether what lies there now makes another model than the last run did, or might save it from its end."""
    then = fingerprints.parsed(last.fingerprint)
    if then is None or not then.same_model(seen.fingerprint):
        return True
    same, fresh = then.same_in_all(seen.fingerprint), not seen.are_versions(last.versions)
    match last.stage:
        case Stage.FAILED | Stage.CANCELLED:  # by any setting, or by a person; the same contents uploaded: try again
            return fresh or not same
        case Stage.SUPERSEDED:  # what overtook it is gone again: it made no model
            return True
        case Stage.REJECTED:  # by a gate that is another now, if somebody wants its model after all
            return fresh and not same
    return False


def _in_todays_form(last: LastRun, seen: InputsSeen) -> LastRun:
    if fingerprints.parsed(last.fingerprint):
        return last
    upgraded = seen.was_in_0_1_0(last.generation, last.fingerprint)
    return replace(last, fingerprint=str(upgraded)) if upgraded else last


def _on_retraining(dataset: Dataset, asked: RetrainingAsked) -> Decision:
    if not asked.seen.objects:
        return Decision(dataset, ignored="nothing lies in train/")
    if dataset.last and dataset.last.retraining == asked.number:
        return Decision(dataset, ignored=f"retraining {asked.number} was begun before")
    if dataset.active:
        return Decision(dataset, ignored=f"run {dataset.active} is under way")
    if dataset.pending or dataset.going_back:
        return Decision(dataset, ignored="the end of the last run, or a rollback, is still being dealt with")
    return _begin(dataset, asked.seen, retraining=asked.number, because=asked.because)


def _on_training(dataset: Dataset, asked: TrainingSeen) -> Decision:
    if not asked.seen.objects or training_again.must_wait(dataset):
        return Decision(dataset, ignored="nothing lies in train/, or something else is under way")
    return _begin(dataset, asked.seen, asked=asked.because)


def _begin(dataset: Dataset, seen: InputsSeen, **asked_for: Any) -> Decision:
    # Every run has a generation of its own: settings that are changed and changed back make a third run and not the
    # first one's id again, whose jobs' names are taken.
    generation = dataset.last.generation + 1 if dataset.last else 1
    run = seen.run(dataset.name, generation)
    last = LastRun(run, generation, str(seen.fingerprint), seen.versions, max_loss=seen.max_loss, **asked_for)
    algorithm, written = called(seen.settings["algorithm"]), seen.settings if seen.written is None else seen.written
    last = replace(last, algorithm=algorithm, instead_of=instead_of(dataset.last, algorithm, written))
    free = training_again.without(dataset)
    return _then(replace(free, active=run, queued=False, resettled=False, last=last), Begin(run))


def _on_run_ended(dataset: Dataset, ended: RunEnded) -> Decision:
    if dataset.active != ended.run:
        return Decision(dataset, ignored=f"{ended.run} is not the run under way ({dataset.active})")
    last = replace(dataset.last, stage=ended.stage) if dataset.last else None
    # A run may end while the Lambda that began it has not struck that off yet.
    still = tuple(command for command in dataset.pending if command != Begin(ended.run))
    now = replace(dataset, active=None, queued=False, resettled=False, last=last, pending=still)
    now = replace(now, tuning=ended.tuning or dataset.tuning)
    if ended.ended is not None:
        hours = used.with_hours(dataset.served, ended.served, ended.ended)
        now = replace(now, used=used.with_job(dataset.used, ended.billed, ended.ended), served=hours)
    after: list[Command] = [Follow(ended.run, last.retraining if last and last.run == ended.run else None)]
    if ended.live:
        now = replace(now, live=ended.live, previous=dataset.live, best=ended.best or dataset.best)
        if dataset.previous:
            after.append(Retire(dataset.previous.run, dataset.previous.attempt))
    if dataset.queued or (dataset.resettled and ended.stage in {Stage.FAILED, Stage.SUPERSEDED, Stage.CANCELLED}):
        after.append(LookAgain())
    over = going_back.run_ended(_then(now, *after).dataset)
    return Decision(sleeping.run_ended(over, live=ended.live is not None))


def _then(dataset: Dataset, *after: Command) -> Decision:
    still = tuple(command for command in dataset.pending if command not in after)
    return Decision(replace(dataset, pending=(*still, *after)))
