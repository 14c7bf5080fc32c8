"""What a deployment has cost this month, from its records and from SageMaker: for the weekly mail and `ops costs`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.aws.sagemaker import SageMaker
from chalicelib.aws.store import Store
from chalicelib.aws.tagged import Tags
from chalicelib.codec import UnreadableError
from chalicelib.costs import spent
from chalicelib.costs.prices import Prices
from chalicelib.mails import so_far
from chalicelib.mails.so_far import COUNTED_WITHIN, Spent
from chalicelib.records import used
from chalicelib.records.orphans import Resource
from chalicelib.records.run import Run
from chalicelib.records.traffic import Traffic
from chalicelib.runtime import hours


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Spending:
    """Where the figures come from. Only reads."""

    store: Store
    sagemaker: SageMaker
    tags: Tags
    known: Prices
    now: datetime

    def look(self, datasets: Sequence[str]) -> list[Spent]:
        """Every line: each endpoint, then runs and checks by dataset, those that cost nothing left out."""
        endpoints = [
            replace(line, dataset=of)
            for name, of in self._endpoints()
            for line in self._read(name, self._endpoint, name, of)
        ]
        lines = [replace(line, dataset=name) for name in datasets for line in self._read(name, self._jobs, name)]
        return [*endpoints, *(line for line in lines if line.so_far != 0)]

    def _read(self, about: str, lines: Callable[..., Iterator[Spent]], *named: str) -> list[Spent]:
        """The lines; one that says so where a record of it cannot be read, of which another mail tells."""
        try:
            return list(lines(*named))
        except UnreadableError:
            return [Spent(about, None, None, "Its record cannot be read.")]

    def _endpoints(self) -> list[tuple[str, str]]:
        """Name and dataset of each, candidates among them."""
        return sorted((one.name, one.dataset) for one in self.tags.things() if one.kind is Resource.ENDPOINT)

    def _endpoint(self, name: str, dataset: str) -> Iterator[Spent]:
        record = self.store.dataset(dataset)
        live, since = record.live, hours.began(record)
        run = self.store.run(live.run) if live and live.endpoint == name else None
        for standing in self.sagemaker.standing(name):
            captured = run.settings["endpoint"]["capture_percentage"] / 100 if run else 0.0
            traffic = self._traffic(dataset) if run else None
            one = replace(standing, captured=captured, billed_since=since if run else None)
            yield so_far.endpoint(one, traffic, self._priced(run), self.now)

    def _traffic(self, dataset: str) -> Traffic | None:
        traffic = self.store.traffic(dataset)
        return traffic if traffic.counted and self.now - traffic.counted <= COUNTED_WITHIN else None

    def _jobs(self, name: str) -> Iterator[Spent]:
        record = self.store.dataset(name)
        names = [record.active, record.live.run if record.live else None, record.last.run if record.last else None]
        run = next((one for one in map(self._run, names) if one), None)
        known, ran = self._priced(run), used.of_month(record.used, self.now)
        if run is not None and record.active == run.id:
            ran = used.with_job(ran, spent.billed(run), self.now)
        yield so_far.jobs(f"run{'s' * (ran.jobs != 1)} of {name}", ran, known, self.now)
        ended = used.of_month(record.served, self.now)
        yield so_far.hours(name, ended, known)
        checks = used.of_month(self.store.monitor(name).used, self.now)
        yield so_far.jobs(f"check{'s' * (checks.jobs != 1)} of {name}", checks, known, self.now)

    def _run(self, name: str | None) -> Run | None:
        return self.store.run(name) if name else None

    def _priced(self, run: Run | None) -> Prices:
        return self.known.with_written(run.settings["prices"]) if run else self.known
