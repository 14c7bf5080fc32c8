"""What happens to orphans: whatever carries the deployment's tag and belongs to nothing any more is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TypeVar

from chalicelib import names, orphans
from chalicelib.aws.performer import Performer
from chalicelib.orphans import GRACE, Resource, Tagged
from chalicelib.runtime.side_by_side import each
from chalicelib.runtime.telemetry import count, log

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Tidying:
    """The orphans of this deployment."""

    performer: Performer
    now: Callable[[], datetime]
    at_once: int
    """How many records are read side by side."""

    def tidy(self) -> None:
        """Look for orphans, and delete those that are old enough.

        One that cannot be deleted does not keep the others; its error is raised at the end.
        """
        problems: list[Exception] = []
        for thing in self._orphans():
            try:
                self._remove(thing)
            except Exception as problem:  # noqa: BLE001 (collected, and raised below)
                log.exception("an orphan could not be deleted", extra={"kind": thing.kind, "orphan": thing.name})
                problems.append(problem)
        if problems:
            raise ExceptionGroup("orphans that could not be deleted", problems)

    def _orphans(self) -> list[Tagged]:
        """In the order in which they can be deleted."""
        things = list(self.performer.tags.things())
        runs = self._read(self.performer.store.run, (thing.run for thing in things if thing.run))
        datasets = self._read(self.performer.store.dataset, (thing.dataset for thing in things))
        serving = cache(self._serving)
        found = [
            thing
            for thing in things
            if orphans.is_orphan(thing, datasets[thing.dataset], runs.get(thing.run or ""))
            # Records may be wrong (somebody went back to an older model by hand): what serves is left alone.
            and not any(orphans.is_behind(thing, config) for config in serving(thing.dataset))
        ]
        return sorted(found, key=lambda thing: list(Resource).index(thing.kind))

    def _read(self, read: Callable[[str], Record], of: Iterable[str]) -> dict[str, Record]:
        """The records of these names, each read once."""
        wanted = list(dict.fromkeys(of))
        return dict(zip(wanted, each(read, wanted, self.at_once), strict=True))

    def _serving(self, dataset: str) -> frozenset[str]:
        return self.performer.sagemaker.used_configs(names.live_endpoint(self.performer.deployment.prefix, dataset))

    def _remove(self, thing: Tagged) -> None:
        created = self.performer.sagemaker.created(thing.kind, thing.name)
        if created is None or self.now() - created < GRACE:
            return
        log.warning("an orphan is deleted", extra={"kind": thing.kind, "orphan": thing.name, "since": str(created)})
        self.performer.sagemaker.remove(thing.kind, thing.name)
        count("OrphanRemoved")
