"""Endpoints taken away because nobody asks them, and made again when somebody does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib import requests
from chalicelib.aws.errors import BusyError, DeniedError, RefusedError
from chalicelib.records import dataset
from chalicelib.records.commands import Sleep, Wake
from chalicelib.records.dataset import Dataset
from chalicelib.records.going_back import Seen
from chalicelib.records.orphans import Resource
from chalicelib.records.run import LiveModel, Run
from chalicelib.records.sleeping import Slept, Woken
from chalicelib.requests import alarms
from chalicelib.runtime import hours
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.outbox import UnsentError
from chalicelib.runtime.telemetry import log

_FAILED = frozenset({"Failed", "OutOfService"})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sleepers:
    """The datasets of this deployment whose endpoints come and go."""

    executor: Executor
    now: Callable[[], datetime]

    def go_on(self, command: Sleep | Wake, record: Dataset) -> Dataset | None:
        """Do what is next; gives the dataset when it is over, None while that goes on."""
        live = record.live
        if live is None or record.asleep is None:
            return dataset.without(record, command)
        try:
            happened = self._sleep(record, live) if isinstance(command, Sleep) else self._wake(record, live)
        except BusyError as busy:
            log.warning("must wait", extra={"dataset": record.name, "reason": str(busy)})
            return None
        except (RefusedError, DeniedError) as refused:
            if isinstance(command, Sleep):
                raise  # the sweep tries again, and tells of a permission that is missing
            happened = Woken(self.now(), str(refused))
        if isinstance(happened, Woken):
            self._tell(record, live, happened)
        return dataset.decide(record, happened).dataset if happened else None

    def _sleep(self, record: Dataset, live: LiveModel) -> Slept:
        seen = self.executor.sagemaker.seen(live.endpoint)
        if seen and seen.status not in _FAILED and seen.config != live.config:
            return Slept(kept=True)
        self.executor.fleets.release(live)
        # Its configuration costs nothing and stays, as its model does: it brings both back, also from a successor.
        self.executor.sagemaker.remove(Resource.ENDPOINT, live.endpoint)
        self.executor.alarms.drop(alarms.names_of_live_endpoint(record.name, self.executor.deployment))
        return Slept(at=self.now(), served=hours.served(self.executor.store, record, self.now()))

    def _wake(self, record: Dataset, live: LiveModel) -> Woken | None:
        run = self.executor.store.run(live.run)
        if run is None:
            return Woken(self.now(), f"the record of {live.run} is not there any more")
        seen = self.executor.sagemaker.seen(live.endpoint)
        if seen is None:
            from chalicelib.runtime.budgets import Budgets  # and all prices: no start needs them

            Budgets(self.executor, self.now()).bounded_wake(record.name, run)
            self.executor.sagemaker.ensure(requests.come_back(live, record.name, self.executor.deployment))
            return None  # its event, or the next sweep, goes on
        return self._settled(seen, live, run)

    def _settled(self, seen: Seen, live: LiveModel, run: Run) -> Woken | None:
        if seen.status in _FAILED:
            self.executor.sagemaker.remove(Resource.ENDPOINT, live.endpoint)
            return Woken(self.now(), seen.reason or f"the endpoint is {seen.status}")
        if seen.status != "InService":
            return None
        self.executor.alarms.put(alarms.of_live_endpoint(run, self.executor.deployment))
        if live.scaling:
            self.executor.fleets.settle(live, self.now())
        return Woken(self.now())

    def _tell(self, record: Dataset, live: LiveModel, woken: Woken) -> None:
        from chalicelib.mails import idle

        wish = (record.asleep.wish if record.asleep else None) or ""
        message = idle.woken(record.name, live, wish, woken.problem, self.executor.deployment)
        try:
            self.executor.outbox.send(f"{record.name}#woken#{wish}", message, self.now())
        except UnsentError as unsent:  # it is kept, and the sweep sends it
            log.error("a mail could not be sent", extra={"dataset": record.name, "reason": str(unsent)})
