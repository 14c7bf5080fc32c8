"""What the sweep does for the accounts: traffic counted once a day, and what the month has cost mailed once a week."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.mails import so_far
from chalicelib.records.sleeping import SleepAsked
from chalicelib.records.sweep import Sweep
from chalicelib.runtime import pricing
from chalicelib.runtime.counting import EVERY, Counting
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.side_by_side import each
from chalicelib.runtime.spending import Spending
from chalicelib.runtime.telemetry import log

LONGEST = timedelta(seconds=60)
"""After this no model's traffic is begun to be counted any more, in the Lambda that has looked after all records."""

Problem = tuple[tuple[str, str], Exception]
"""Kind and name of what it is about, and what went wrong."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Accounts:
    """The accounts of this deployment."""

    executor: Executor
    now: Callable[[], datetime]
    sleep: Callable[[str, SleepAsked], None]
    """Takes away an endpoint that is not needed."""
    at_once: int
    """How many models are looked at side by side."""

    def keep(self, last: Sweep, live: Sequence[str]) -> tuple[Sweep, list[Problem]]:
        """Do what is due; gives the sweep with what was done, and what could not be. `live`: datasets with a model."""
        counted, problems = self._count(last, live)
        try:
            return self._mail(counted), problems
        except Exception as problem:  # noqa: BLE001 (told and raised by the caller)
            log.exception("the month so far cannot be told")
            return counted, [*problems, (("mail", "costs"), problem)]

    def _count(self, last: Sweep, live: Sequence[str]) -> tuple[Sweep, list[Problem]]:
        until, problems = self.now() + LONGEST, list[Problem]()
        if last.counted and self.now() - last.counted < EVERY:
            return last, problems
        counting = Counting(self.executor, self.now, self.sleep)

        def count(name: str) -> bool:
            if self.now() > until:
                return False
            try:
                counting.count(name)
            except Exception as problem:  # noqa: BLE001 (told and raised by the caller)
                log.exception("traffic could not be counted", extra={"dataset": name})
                problems.append((("traffic", name), problem))
            return True

        # Who was counted is left out for half a day: those there was no time for have it in the next sweep.
        whole = all(each(count, live, self.at_once))
        return (replace(last, counted=self.now()) if whole else last), problems

    def _mail(self, last: Sweep) -> Sweep:
        """The weekly mail, where it is worth one. That it is sent once, its id sees to, whoever else sweeps."""
        now = self.now()
        week = week_of(now)
        if last.week == week:
            return last
        executor, above = self.executor, self.executor.deployment.mails_costs_above
        known = pricing.known(executor.deployment, executor.objects)
        found = Spending(executor.store, executor.sagemaker, executor.tags, known, now).look(
            executor.objects.datasets()
        )
        if so_far.is_worth_a_mail(found, above):
            executor.outbox.send(f"costs#{week}", so_far.about(found, above, now), now)
        return replace(last, week=week)


def week_of(now: datetime) -> str:
    """
    >>> week_of(datetime(2026, 11, 30)), week_of(datetime(2027, 1, 1))
    ('2026-W49', '2026-W53')
    """
    year, week, _ = now.isocalendar()
    return f"{year}-W{week:02d}"
