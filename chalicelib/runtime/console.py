"""The console written: every dataset looked at, and the page's data replaced where anything of it has changed.

Only the sweep does this, after all else, so that whatever goes wrong here keeps nothing else waiting. It reads three
small records a dataset, and of runs those that had not ended when it last wrote: what has ended does not change.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from chalicelib import console, json_files
from chalicelib.aws.errors import UNUSABLE
from chalicelib.codec import UnreadableError
from chalicelib.console import costs, datasets, document, runs
from chalicelib.console.datasets import Seen
from chalicelib.costs.prices import Prices
from chalicelib.names import RunKeys
from chalicelib.records.run import Run
from chalicelib.runtime import pricing
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.side_by_side import each
from chalicelib.runtime.spending import Spending
from chalicelib.runtime.telemetry import log

COSTS_EVERY = timedelta(hours=6)
"""How often the month so far is added up for the page: each time SageMaker is asked about every endpoint."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Console:
    """The console of this deployment."""

    executor: Executor
    now: Callable[[], datetime]
    at_once: int
    """How many datasets are looked at side by side."""

    def write(self) -> bool:
        """Bring the console up to date, and say whether anything had to be written."""
        objects, now = self.executor.objects, self.now()
        before = document.of_script(objects.read(console.DATA))
        earlier = {row["name"]: row for row in before.get("datasets", [])}
        names, ended = objects.datasets(), _ended(before.get("runs", {}))
        looked = each(lambda name: self._look(name, earlier.get(name, {}), ended), names, self.at_once)
        known = pricing.known(self.executor.deployment, objects)
        entries = {**before.get("runs", {}), **self._entries(filter(None, looked), before, known)}
        rows = {name: self._row(name, seen, earlier, entries) for name, seen in zip(names, looked, strict=True)}
        unread = [name for name in names if rows[name] is None]
        shown = [row for name in names if (row := rows[name] or earlier.get(name))]
        month = self._costs(before.get("costs") if _ended(entries) == ended else None, names, known, now)
        after = document.of(shown, entries, unread, month, self.executor.deployment, page(), now)
        if not document.is_news(after, before):
            return False
        if before.get("page") != after["page"]:
            objects.write(console.PAGE, page(), "text/html; charset=utf-8")
        objects.write(console.DATA, document.as_script(after), "text/javascript; charset=utf-8")
        return True

    def _look(self, name: str, earlier: Mapping[str, Any], ended: Container[str]) -> Seen | None:
        """A dataset's records; None where one cannot be read, of which the sweep's mail tells.

        Args:
            earlier: its row of the writing before.
            ended: the runs that the page knows as ended.
        """
        store = self.executor.store
        try:
            dataset, monitor, traffic = store.dataset(name), store.monitor(name), store.traffic(name)
            last = dataset.last and dataset.last.run
            named = [run for run in datasets.named_runs(dataset) if run not in ended or run == last]
            found = tuple(run for run in map(store.run, named) if run)
        except UnreadableError:
            return None
        checked, checks = monitor.last_drift, earlier.get("checks") or [{}]
        is_new = checked is not None and checks[-1].get("check") != checked.name
        drift = json_files.mapping(self.executor.objects.read(checked.result)) if checked and is_new else None
        return Seen(dataset, monitor, traffic, found, drift)

    def _row(
        self, name: str, seen: Seen | None, earlier: Mapping[str, Any], entries: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """A dataset's row; None where nothing can be made of it, which keeps no other from being shown."""
        try:
            return document.row(seen, earlier.get(name, {}), entries, self.now()) if seen else None
        except UNUSABLE:
            log.exception("a dataset cannot be shown", extra={"dataset": name})
            return None

    def _entries(self, found: Iterable[Seen], before: Mapping[str, Any], known: Prices) -> dict[str, dict[str, Any]]:
        """The runs that were read, in the page's form."""
        made = {run.id: self._entry(run, before, known) for seen in found for run in seen.runs}
        return {run: entry for run, entry in made.items() if entry}

    def _entry(self, run: Run, before: Mapping[str, Any], known: Prices) -> dict[str, Any] | None:
        trials = before.get("runs", {}).get(run.id, {}).get("trials") or []
        if run.trials and not trials:
            trials = runs.trial_values(json_files.mapping(self.executor.objects.read(RunKeys(run.id).trials)))
        try:
            return runs.entry(run, trials, known.with_written(run.settings["prices"]), self.executor.deployment)
        except UNUSABLE:
            log.exception("a run cannot be shown", extra={"run": run.id})
            return None

    def _costs(self, last: dict[str, Any] | None, names: list[str], known: Prices, now: datetime) -> dict[str, Any]:
        """The month so far, added up again where the `last` sum is some time ago, or none holds any more."""
        if last and now - _moment(last.get("at")) < COSTS_EVERY:
            return last
        executor = self.executor
        spent = Spending(executor.store, executor.sagemaker, executor.tags, known, now).look(names)
        return costs.entry(spent, names, now)


@cache
def page() -> bytes:
    """The page of this release."""
    return document.page(resources.files("chalicelib.console").joinpath("page.html").read_text(encoding="utf-8"))


def _ended(entries: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {run for run, entry in entries.items() if entry.get("ended")}


def _moment(text: Any) -> datetime:
    """A moment of the document; long ago where somebody has changed it."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return datetime.fromisoformat("2000-01-01T00:00:00Z")
