"""What happens to a dataset's record: uploads are looked at, runs begun and ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.aws.errors import DeniedError, RefusedError
from chalicelib.aws.store import ConflictError
from chalicelib.monitoring.record import Monitor
from chalicelib.names import RunKeys
from chalicelib.records import dataset, own_code
from chalicelib.records.commands import (
    Begin,
    Command,
    Follow,
    GoBack,
    LookAgain,
    Retire,
    Sleep,
    TellRollback,
    TrainAgain,
    Wake,
)
from chalicelib.records.dataset import Dataset, RunEnded
from chalicelib.records.events import NewerDataArrived, ResultUnusable
from chalicelib.records.going_back import RollbackAsked
from chalicelib.records.inputs import InputObject, InputsSeen
from chalicelib.records.run import LiveModel, Run, Stage
from chalicelib.records.sleeping import SleepAsked, WakeAsked
from chalicelib.records.training_again import TrainingAsked
from chalicelib.relay import best, deciding
from chalicelib.runtime import hours, serving
from chalicelib.runtime.asked import Asked, asked_for
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.going_back import Rollbacks
from chalicelib.runtime.looking import Looking
from chalicelib.runtime.monitors import Monitors
from chalicelib.runtime.runs import MAX_RACES, MAX_STEPS, Runs
from chalicelib.runtime.sleeping import Sleepers
from chalicelib.runtime.telemetry import log
from chalicelib.settings import fingerprints, max_loss


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Datasets:
    """The datasets of this deployment."""

    executor: Executor
    now: Callable[[], datetime]
    runs: Runs
    monitors: Monitors
    looking: Looking

    def sweep(self, name: str) -> None:
        """Do what a crash left undone."""
        self._work(self.executor.store.dataset(name))

    def look_after(self, name: str) -> None:
        """Answer what somebody asked and nobody has looked at."""
        self.look(name, asks=False)

    def active_run(self, name: str) -> Run | None:
        """The run under way for a dataset, if any."""
        run_id = self.executor.store.dataset(name).active
        return self.executor.store.run(run_id) if run_id else None

    def release(self, run: Run) -> None:
        """A run has ended: remember what serves now, and start what waited for it."""
        from chalicelib.requests.training import past_tuning  # and with it every hyperparameter: no start needs it

        algorithm = self.executor.deployment.algorithms.if_offered(run.settings)
        tuned = past_tuning(run, algorithm) if algorithm else None
        live = self._live_model(run)
        from chalicelib.costs.spent import billed  # and prices, which no start needs

        best_now = best.after(run, live) if live else None
        ended = RunEnded(run.id, run.stage, live, tuned, best_now, tuple(billed(run)), self.now())
        for _ in range(MAX_RACES):
            before = self.executor.store.dataset(run.dataset)
            served = hours.served(self.executor.store, before, self.now()) if live else None
            decision = dataset.decide(before, replace(ended, served=served))
            if decision.ignored:
                return
            try:
                record = self.executor.store.save_dataset(decision.dataset)
            except ConflictError:
                continue
            self._work(record, ended=run)
            self.monitors.work(run.dataset)  # a training may have waited for this run
            return
        raise ConflictError(f"dataset {run.dataset} changes faster than it can be read")

    def _live_model(self, run: Run) -> LiveModel | None:
        return serving.live_model(self.executor.deployment, run) if run.stage is Stage.LIVE else None

    def look(self, name: str, *, asks: bool = True) -> bool:
        """Compare what lies in a dataset's train/ with what was trained last, and start a run if there is news.

        Whoever comes while somebody else looks leaves that to them. `asks`: whether there is something new to look at,
        and not only a look that may have been left undone. False when relay.yaml cannot be used: its owner has a mail,
        and the mended one is looked at when it comes.
        """
        usable = True

        def look(before: Dataset) -> bool:
            nonlocal usable
            usable = self.compare(before)
            return True

        self.looking.each(name, look, asks=asks)
        return usable

    def compare(self, before: Dataset) -> bool:
        """Look once; False when relay.yaml cannot be used. Raises ConflictError, as `go_on`."""
        asked = asked_for(self.executor, before.name, self.now())
        if asked is None:
            return False
        monitor = self.monitors.settings(before.name, asked)
        seen = self.seen(before, asked, monitor)
        decision = dataset.decide(before, seen)
        noted = {"dataset": before.name, "ignored": decision.ignored, "active": decision.dataset.active}
        log.info("looked", extra=noted)
        after = self.go_on(before, decision.dataset, seen)
        if after.active and (after.queued or after.resettled):
            self.runs.advance(after.active, NewerDataArrived(makes_a_model=after.queued))
        elif after.active and before.active and any(asked.settings["budget"].values()):
            self.runs.ask_again(after.active)
        return True

    def seen(self, before: Dataset, asked: Asked, monitor: Monitor) -> InputsSeen:
        """What a run would be made of that began now."""
        there = self.executor.objects.training_data(before.name)
        if there and own_code.script(asked.settings):
            there = (*self.executor.objects.code(before.name), *there)
        traffic: tuple[InputObject, ...] = ()
        if asked.settings["retraining"]["labelled_traffic"]:
            traffic = self.monitors.checks.labelled_traffic(monitor)
        former = self._former(before, asked)
        how = max_loss.meant(asked.written, asked.settings["gate"], former)
        before_that, deployment = former.settings if former else None, self.executor.deployment.id
        settings = asked.as_monitored(monitor.settings)
        return InputsSeen(there, settings, traffic, deployment, asked.written, before_that, how)

    def _former(self, before: Dataset, asked: Asked) -> Run | None:
        """The last run, where the dataset's own record does not say all that is asked of it."""
        last = before.last
        if last is None:
            return None
        is_of_0_1_0 = fingerprints.parsed(last.fingerprint) is None  # once after an upgrade
        may_be_old = last.max_loss is not max_loss.Meant.SHARE and max_loss.is_written(asked.written)
        return self.executor.store.run(last.run) if is_of_0_1_0 or may_be_old else None

    def go_on(self, before: Dataset, after: Dataset, seen: InputsSeen) -> Dataset:
        """Save what was decided of what lies there, do what is pending, and give the record as it was saved.

        Raises:
            ConflictError: somebody has written it since it was read.
        """
        saved = self._save(before, after, seen)
        self._work(saved, seen if dataset.is_begun(before, saved) else None)
        return saved

    def _save(self, before: Dataset, after: Dataset, seen: InputsSeen) -> Dataset:
        if after == before:  # which says nothing unless it is the record still; see `looking.py`
            if self.executor.store.dataset(before.name).version != before.version:
                raise ConflictError(f"dataset {before.name} was changed while it was looked at")
            return before
        if dataset.is_begun(before, after):
            # Before the record names them: it must never point at inputs nobody can read. And only for a run that is
            # new: the inputs of one that is under way are pinned.
            after = self._pinned(after, seen)
        return self.executor.store.save_dataset(after)

    def _pinned(self, after: Dataset, seen: InputsSeen) -> Dataset:
        """The dataset with its new run's inputs written down, under an id that is no other run's."""
        for _ in range(MAX_RACES):
            if after.last and self._pin(after.last.run, after.name, seen):
                return after
            if self.executor.store.dataset(after.name).version != after.version:
                raise ConflictError(f"dataset {after.name} was changed by whoever began that run")
            after = dataset.begun_otherwise(after, seen)
        raise ConflictError(f"no id is left for a run of dataset {after.name}")

    def _pin(self, run_id: str, name: str, seen: InputsSeen) -> bool:
        """Write inputs.json unless it is another run's, of this dataset or of one whose id is the same."""
        from chalicelib.relay import documents

        if self.executor.store.run(run_id) is not None:
            return False
        key, objects = RunKeys(run_id).inputs, (*seen.objects, *seen.traffic)
        document = documents.inputs(run_id, name, self.executor.deployment.bucket, objects, seen.on_machines.settings)
        if self.executor.objects.create(key, document):
            return True
        if documents.dataset_of(self.executor.objects.read(key) or b"") != name:
            return False
        self.executor.objects.write(key, document)  # left by a Lambda that died, or lost a race, before it saved
        return True

    def _work(self, record: Dataset, pinned: InputsSeen | None = None, ended: Run | None = None) -> None:
        """Do what is pending. `pinned`: the inputs of the run to begin, where they were written just now. `ended`: the
        run whose end brought us here.
        """
        for _ in range(MAX_STEPS):
            if not record.pending:
                return
            after = self._execute(dataset.next_command(record), record, pinned, ended)
            if after is None:
                return
            try:
                record = self.executor.store.save_dataset(after)
            except ConflictError:
                return  # whoever wrote it goes on with its list

    def _execute(
        self, command: Command, record: Dataset, pinned: InputsSeen | None, ended: Run | None
    ) -> Dataset | None:
        """The dataset after its next command; None when nothing is left to do for now."""
        match command:
            case Begin(run_id):
                self._begin(run_id, record, pinned)
            case Retire():
                self.executor.retire(command)
            case Follow():
                self._follow(command, record, ended)
            case TellRollback():
                self.rollbacks.tell(command, record.name)
            case GoBack():
                return self.rollbacks.go_on(record)  # if not yet, the endpoint's event or the next sweep goes on
            case TrainAgain():
                from chalicelib.runtime import training_again  # hardly any event needs it

                return training_again.go_on(command, record, self)
            case Sleep() | Wake():
                return Sleepers(self.executor, self.now).go_on(command, record)
            case LookAgain() if self.look(record.name):
                return None  # what it saved has struck this off
        return dataset.without(record, command)

    def wish(self, name: str, wished: RollbackAsked | SleepAsked | WakeAsked | TrainingAsked) -> None:
        """Somebody wants something of a live model's endpoint, or another model."""
        self._work(self.rollbacks.ask(name, wished))

    def wake_for(self, name: str, upload: str) -> None:
        """Somebody has uploaded data of a dataset: where its model sleeps, they need it."""
        if self.executor.store.dataset(name).asleep:
            self.wish(name, WakeAsked(upload))

    @property
    def rollbacks(self) -> Rollbacks:
        """What executes rollbacks."""
        return Rollbacks(self.executor, self.now)

    def _follow(self, command: Follow, record: Dataset, ended: Run | None) -> None:
        run = ended if ended and ended.id == command.run else self.executor.store.run(command.run)
        if run is not None:
            self.monitors.follow(run, record.live, command.retraining)

    def _begin(self, run_id: str, record: Dataset, pinned: InputsSeen | None) -> None:
        try:
            seen, lost = pinned.as_pinned if pinned else self.executor.inputs(run_id), ""
        except (RefusedError, DeniedError) as refused:
            from chalicelib.settings import relay_yaml

            offered = self.executor.deployment.algorithms
            seen, lost = InputsSeen((), relay_yaml.read_settings(None, offered).as_stored()), str(refused)
        run = dataset.run_of(record, seen, self.now())
        run = replace(run, best=run.best or serving.as_best(self.executor.store, record.live))
        with suppress(DeniedError):  # a later step will be refused the same, and tells it
            run = replace(run, live=self.executor.still_there(run.live))
        run = serving.with_mode(self.executor, run, self.now())
        try:
            run = self.executor.store.save_run(run if lost else deciding.begin(run))
        except ConflictError:
            return  # begun before
        if lost:  # its inputs, before it began: it ends at once, with a mail, and its dataset can go on
            self.runs.advance(run.id, ResultUnusable(lost))
        else:
            self.runs.work(run)
