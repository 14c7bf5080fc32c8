"""Many histories, on all processors, and what they come to."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.simulation.history import Result, live

AT_A_TIME = 25


@dataclass
class Summary:
    """What many histories come to."""

    histories: int = 0
    runs: int = 0
    mails: int = 0
    repeated: int = 0
    hours: float = 0.0
    mishaps: int = 0
    seconds: float = 0.0
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    """Seed, rule and what was wrong."""
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    """In how many histories something befell an operation."""
    befallen: Counter[str] = field(default_factory=Counter)
    """How many histories contain a kind of misfortune or meeting at all."""

    def __str__(self) -> str:
        each = 1000 * self.seconds / max(1, self.histories)
        return (
            f"{self.histories:,} histories in {self.seconds:,.0f} s ({each:.0f} ms each): {self.hours:,.0f} simulated "
            f"hours, {self.runs:,} runs, {self.mishaps:,} deviations, {self.mails:,} mails of which {self.repeated:,} "
            f"repeated one that SNS had taken unnoticed; {len({seed for seed, _, _ in self.broken})} histories broke "
            "a rule"
        )


def summary(seeds: Iterable[int], processes: int | None = None) -> Summary:
    """Live through the histories of these seeds."""
    began, total = time.monotonic(), Summary()
    for result in _results(seeds, processes or os.cpu_count() or 1):
        total.histories += 1
        total.runs += result.runs
        total.mails += result.mails
        total.repeated += result.repeated
        total.hours += result.hours
        total.mishaps += len(result.deviations)
        total.broken += [(result.seed, rule, what) for rule, what in result.problems]
        total.seen.update(result.seen)
        total.befallen.update(_kinds(result))
    total.seconds = time.monotonic() - began
    return total


def _kinds(result: Result) -> set[str]:
    """What a history contains: `lost` of "lost: event ...", `failure` of "failure of ...", and so on."""
    kinds = {deviation.partition(":")[0].partition(" of ")[0] for deviation in result.deviations}
    kinds |= {what for _, what in result.seen}
    return kinds | ({"several at once"} if result.at_once > 1 else set())


def _results(seeds: Iterable[int], processes: int) -> Iterator[Result]:
    if processes == 1:
        yield from map(live, seeds)
        return
    # Not forked: a history has threads of its own.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as several:
        yield from several.map(live, seeds, chunksize=AT_A_TIME)
