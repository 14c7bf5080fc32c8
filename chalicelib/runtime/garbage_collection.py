"""What happens to orphans: whatever carries the deployment's tag and belongs to nothing any more is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chalicelib import names
from chalicelib.codec import UnreadableError
from chalicelib.records import orphans
from chalicelib.records.orphans import GRACE, Resource, Tagged
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.side_by_side import each
from chalicelib.runtime.telemetry import count, log

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GarbageCollection:
    """The orphans of this deployment."""

    executor: Executor
    now: Callable[[], datetime]
    at_once: int
    """How many records are read side by side."""

    def collect(self) -> None:
        """Look for orphans, and delete those that are old enough.

        One that cannot be deleted, or not be told from what is in use, does not keep the others; its error is raised
        at the end. A record that cannot be read is told of, and what may be its own is left alone.
        """
        problems: list[Exception] = []
        for thing in self._orphans(problems):
            try:
                self._remove(thing)
            except Exception as problem:  # noqa: BLE001 (collected, and raised below)
                log.exception("an orphan could not be deleted", extra={"kind": thing.kind, "orphan": thing.name})
                problems.append(problem)
        if problems:
            raise ExceptionGroup("orphans that could not be deleted", problems)

    def _orphans(self, problems: list[Exception]) -> list[Tagged]:
        """In the order in which they can be deleted."""
        things = list(self.executor.tags.things())
        runs = self._read("run", self.executor.store.run, (thing.run for thing in things if thing.run))
        datasets = self._read("dataset", self.executor.store.dataset, (thing.dataset for thing in things))
        serving: dict[str, frozenset[str] | None] = {}
        found = []
        for thing in things:
            dataset = datasets[thing.dataset]
            if dataset is None or not orphans.is_orphan(thing, dataset, runs.get(thing.run or "")):
                continue
            if thing.dataset not in serving:
                serving[thing.dataset] = self._serving(thing.dataset, problems)
            configs = serving[thing.dataset]
            # Records may be wrong (somebody went back to an older model by hand): what serves is left alone.
            if configs is not None and not any(orphans.is_behind(thing, config) for config in configs):
                found.append(thing)
        return sorted(found, key=lambda thing: list(Resource).index(thing.kind))

    def _read(self, kind: str, read: Callable[[str], Record | None], of: Iterable[str]) -> dict[str, Record | None]:
        """The records of these names, each read once; None for one that is not there, or cannot be read."""
        wanted = list(dict.fromkeys(of))

        def attempt(name: str) -> Record | None:
            try:
                return read(name)
            except UnreadableError as problem:  # not raised: it would be met again and again, and stop every sweep
                log.error("left alone: its record cannot be read", extra={"record": f"{kind}#{name}"})
                count("RecordFailed")
                self.executor.outbox.send_unreadable(kind, name, problem, self.now())
                return None

        return dict(zip(wanted, each(attempt, wanted, self.at_once), strict=True))

    def _serving(self, dataset: str, problems: list[Exception]) -> frozenset[str] | None:
        """The configurations behind a dataset's endpoint; None when that cannot be told."""
        endpoint = names.live_endpoint(self.executor.deployment.prefix, dataset)
        try:
            return self.executor.sagemaker.used_configs(endpoint)
        except Exception as problem:  # noqa: BLE001 (collected, and raised by the caller)
            log.exception("what serves cannot be told", extra={"dataset": dataset})
            problems.append(problem)
            return None

    def _remove(self, thing: Tagged) -> None:
        created = self.executor.sagemaker.created(thing.kind, thing.name)
        if created is None or self.now() - created < GRACE:
            return
        log.warning("an orphan is deleted", extra={"kind": thing.kind, "orphan": thing.name, "since": str(created)})
        self.executor.remove(thing.kind, thing.name)
        count("OrphanRemoved")
