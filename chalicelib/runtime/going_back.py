"""Rollbacks executed: a wish written down, the live endpoint brought back to the model before it, its owner told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib import json_files, requests
from chalicelib.aws.errors import BusyError, DeniedError, RefusedError
from chalicelib.aws.store import ConflictError
from chalicelib.records import dataset, going_back
from chalicelib.records.commands import GoBack, TellRollback
from chalicelib.records.dataset import Dataset
from chalicelib.records.events import RollbackRequested
from chalicelib.records.going_back import GoingBack, Move, RollbackAsked, RollbackEnded, RollbackTried
from chalicelib.records.run import LiveModel, Run, Stage
from chalicelib.records.sleeping import SleepAsked, WakeAsked
from chalicelib.records.training_again import TrainingAsked
from chalicelib.requests import Call
from chalicelib.runtime import hours, serving
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.outbox import UnsentError
from chalicelib.runtime.runs import MAX_RACES
from chalicelib.runtime.telemetry import log
from chalicelib.serving_mode import Mode


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rollbacks:
    """The rollbacks of this deployment's datasets."""

    executor: Executor
    now: Callable[[], datetime]

    def ask(self, name: str, asked: RollbackAsked | SleepAsked | WakeAsked | TrainingAsked) -> Dataset:
        """Write down what somebody wants of a dataset; gives the dataset's record."""
        for _ in range(MAX_RACES):
            decision = dataset.decide(self.executor.store.dataset(name), asked)
            log.info(type(asked).__name__, extra={"dataset": name, "wish": str(asked), "ignored": decision.ignored})
            with suppress(ConflictError):
                return decision.dataset if decision.ignored else self.executor.store.save_dataset(decision.dataset)
        raise ConflictError(f"dataset {name} changes faster than it can be read")

    def go_on(self, record: Dataset) -> Dataset | None:
        """Do what is next; gives the dataset when its rollback is over, None while that goes on."""
        if record.going_back is None:
            return dataset.without(record, GoBack())
        happened = self._go_on(record.going_back)
        if isinstance(happened, RollbackTried):
            # Not looked at again at once: SageMaker may show the update a moment late.
            with suppress(ConflictError):
                self.executor.store.save_dataset(dataset.decide(record, happened).dataset)
        if isinstance(happened, RollbackEnded):
            served = None if happened.problem else hours.served(self.executor.store, record, self.now())
            ended = replace(happened, at=json_files.moment(self.now()), served=served)
            return dataset.decide(record, ended).dataset
        return None

    def wished(self, hint: RollbackRequested) -> RollbackAsked:
        """What somebody wants, with the model that they name, if they name one."""
        run = self.executor.store.run(hint.to) if hint.to else None
        to = serving.live_model(self.executor.deployment, run) if run and _has_served(run, hint.dataset) else None
        hindered = f"no model of run {hint.to} has served {hint.dataset}" if hint.to and to is None else ""
        return RollbackAsked(hint.request, hint.leave, hint.because, to, hindered)

    def tell(self, told: TellRollback, name: str) -> None:
        """Write to the owner how it ended."""
        from chalicelib.mails import rollback

        message = rollback.about(told, name, self.executor.deployment)
        try:
            self.executor.outbox.send(f"{name}#rollback#{told.request}", message, self.now())
        except UnsentError as unsent:  # it is kept, and the sweep sends it
            log.error("a mail could not be sent", extra={"dataset": name, "reason": str(unsent)})

    def _go_on(self, plan: GoingBack) -> RollbackTried | RollbackEnded | None:
        seen = self.executor.sagemaker.seen(plan.leave.endpoint)
        move = going_back.next_move(plan, seen, (plan.leave.config, plan.to.config))
        if isinstance(move, RollbackEnded):
            return move if self._is_scaled(plan.to if move.problem is None else plan.leave, plan) else None
        if move is Move.WAIT:
            return None
        try:
            with self.executor.fleets.paused(plan.leave, self.now()):
                for call in self._calls(plan):
                    self.executor.sagemaker.ensure(call)
        except BusyError as busy:
            log.warning("must wait", extra={"rollback": plan.request, "reason": str(busy)})
            return None
        except (RefusedError, DeniedError) as refused:
            return RollbackEnded(str(refused)) if self._is_scaled(plan.leave, plan) else None
        return RollbackTried()

    def _calls(self, plan: GoingBack) -> list[Call]:
        run = self.executor.store.run(plan.to.run) if plan.made_again else None
        again = requests.made_again(run, plan.to.attempt, self.executor.deployment) if run else []
        back = [] if plan.to.mode is Mode.BATCH else [requests.go_back(plan.to, plan.leave.scaling)]
        return [*again, *back]

    def _is_scaled(self, serves: LiveModel, plan: GoingBack) -> bool:
        """Whether autoscaling has the endpoint again, as the model wants it that serves there now."""
        if serves.mode is Mode.BATCH or not (plan.leave.scaling or plan.to.scaling):
            return True
        try:
            self.executor.fleets.settle(serves, self.now())
        except BusyError as busy:
            log.warning("must wait", extra={"rollback": plan.request, "reason": str(busy)})
            return False
        return True


def _has_served(run: Run, dataset: str) -> bool:
    return run.dataset == dataset and run.stage is Stage.LIVE and run.artifact is not None
