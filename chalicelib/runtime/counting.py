"""How often live models are asked, counted once a day; and what follows from that for how they are served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from chalicelib.aws.store import ConflictError
from chalicelib.costs import crossing
from chalicelib.costs.prices import Prices
from chalicelib.mails import cheaper
from chalicelib.records import idleness
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import LiveModel, Run
from chalicelib.records.sleeping import SleepAsked
from chalicelib.records.traffic import Day, Traffic, begins, counted
from chalicelib.runtime import pricing, serving
from chalicelib.runtime.asked import asked_for
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.telemetry import log
from chalicelib.serving_mode import Mode, resolve
from chalicelib.settings.stored import Settings

EVERY = timedelta(days=1)


@dataclass(frozen=True, eq=False, repr=False)
class Counting:
    """The traffic of this deployment's live models."""

    executor: Executor
    now: Callable[[], datetime]
    sleep: Callable[[str, SleepAsked], None]
    """Takes away an endpoint that is not needed."""

    def count(self, name: str) -> None:
        """Count a live model's traffic, unless that was done of late, and tell its owner where another mode costs less.

        Raises:
            UnsentError: the mail is kept, and the next look sees the same.
        """
        store, now = self.executor.store, self.now()
        before = store.traffic(name)
        if before.counted and now - before.counted < EVERY / 2:
            return
        record = store.dataset(name)
        live = record.live
        if live is None or live.mode is Mode.BATCH or record.asleep:
            return
        asked, run = asked_for(self.executor, name, now), store.run(live.run)
        since = idleness.looked_back(asked.settings["endpoint"], now) if asked else begins(now)
        days = self.executor.figures.by_day(live.endpoint, since, now)
        if days is None:
            log.warning("traffic cannot be counted", extra={"dataset": name})
            return
        after = counted(before, live.mode, days, now)
        if run and asked:
            self._tell_its_end(record, live, run, asked.settings, days)
            after = self._with_proposal(after, live, run, asked.settings)
        else:
            after = replace(after, proposed=None)
        try:
            store.save_traffic(after)
        except ConflictError:
            log.info("counted by somebody else", extra={"dataset": name})

    def _tell_its_end(
        self, record: Dataset, live: LiveModel, run: Run, settings: Settings, days: Sequence[Day]
    ) -> None:
        """Write to the owner of an endpoint that nobody asks, or that expires; and take it away where that is asked."""
        name, since = record.name, datetime.fromisoformat(live.since)
        since = max(since, record.woken) if record.woken else since
        found = idleness.found(settings["endpoint"], since, days, self.now())
        if found is None:
            return
        from chalicelib.mails import idle

        message = idle.about(
            name, found, (live, run), settings["endpoint"], self._prices(settings), self.executor.deployment
        )
        self.executor.outbox.send(f"{name}#{found.key}", message, self.now())
        if idleness.is_to_go(settings["endpoint"], found) and not run.open:  # which may still set its alarms
            self.sleep(name, SleepAsked(live.run, str(found.why), self.now()))

    def _with_proposal(self, traffic: Traffic, live: LiveModel, run: Run, settings: Settings) -> Traffic:
        """The record with the mode in which the model had better be served; a mail first where that is news."""
        if not self._may_change(run, settings, live.mode):
            return replace(traffic, proposed=None)
        choice, known = cheaper.choice_of(replace(run, settings=settings)), self._prices(settings)
        found = crossing.costs(traffic, choice, known)
        if found is None:
            return traffic
        proposed = crossing.proposed(traffic, found)
        if proposed is None or proposed is traffic.proposed:
            return replace(traffic, proposed=proposed)
        news = replace(traffic, proposed=proposed, crossings=traffic.crossings + 1)
        message = cheaper.about(news, choice, found, known, self.executor.deployment)
        self.executor.outbox.send(f"{news.dataset}#cheaper#{news.crossings}", message, self.now())
        return news

    def _may_change(self, run: Run, settings: Settings, mode: Mode) -> bool:
        """Whether the mode is nobody's choice, and there is another one."""
        if settings["endpoint"]["mode"] != "auto":
            return False
        if mode is Mode.SERVERLESS:
            return True
        here = replace(
            serving.circumstances(self.executor, run), live=None, refused=self.executor.store.refusal(self.now())
        )
        return resolve("auto", here).mode is Mode.SERVERLESS

    def _prices(self, settings: Settings) -> Prices:
        return self._known.with_written(settings["prices"])

    @cached_property
    def _known(self) -> Prices:
        """Read once for all models that are counted."""
        return pricing.known(self.executor.deployment, self.executor.objects)
