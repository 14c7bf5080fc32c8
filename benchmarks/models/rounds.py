"""The loop: split by split over all sets, ours first, because others get its seconds; what is known is left.

Split by split, so that a measurement can be stopped at any time and leaves whole rounds.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.models.entrants import ENTRANTS, OURS
from benchmarks.models.results import Results, Run
from benchmarks.models.runs import LEAST_SECONDS, run
from benchmarks.models.sets import DataSet
from benchmarks.models.splits import Pair, pair


@dataclass(frozen=True)
class Order:
    """What is to be measured. `again`: entrants that are measured although their results are there. `stretch`: what the
    peers' limits are multiplied by, where the machine is more crowded than it was when ours was measured.
    """

    sets: Sequence[DataSet]
    splits: Sequence[int]
    entrants: Sequence[str]
    cores: int
    trials: int | None
    few: bool = False
    again: frozenset[str] = frozenset()
    stretch: float = 1.0


def measure(order: Order, results: Results) -> None:
    """Every run of the order that `results` lacks, added to it.

    Raises:
        LookupError: an entrant gets the seconds that ours took, and ours was neither asked for nor measured before.
    """
    for number in order.splits:
        for of in order.sets:
            missing = list(missing_of(order, results, of.name, number))
            if missing:
                folder = peers.cache() / "models" / "splits" / f"{of.name}-{'few-' if order.few else ''}{number}"
                _measure(order, results, pair(of, number, folder, few=order.few), missing)


def missing_of(order: Order, results: Results, name: str, number: int) -> Iterable[str]:
    """The entrants to run, ours first; who failed is tried again."""
    for entrant in sorted(order.entrants, key=lambda one: one != OURS):
        known = results.runs.get((name, number, entrant, order.few))
        if entrant in order.again or known is None or known.failed:
            yield entrant


def _measure(order: Order, results: Results, chosen: Pair, entrants: Sequence[str]) -> None:
    for name in entrants:
        ours = results.runs.get((chosen.of.name, chosen.number, OURS, order.few))
        limit = ours.seconds * order.stretch if ours and not ours.failed else None
        if ENTRANTS[name].limited and limit is None:
            raise LookupError(f"{name} gets the seconds that ours took on {chosen.of.name}, which are not known")
        facts = {"trials": order.trials, "keep": str(artifact(chosen))} if name == OURS else {}
        found = _run_with_patience(name, chosen, order.cores, limit, facts)
        results.add(found)
        told = found.failed.strip().splitlines()[-1] if found.failed else f"loss {found.scores['loss']:.5g}"
        where = f"{chosen.of.name}{' (200 rows)' if order.few else ''} split {chosen.number}"
        print(f"{where:<28} {name:<17} {told}  {found.seconds:.0f} s", file=sys.stderr, flush=True)


def _run_with_patience(name: str, chosen: Pair, cores: int, limit: float | None, facts: dict[str, Any]) -> Run:
    """Who ends with no model within the seconds that ours took gets twice and four times as many."""
    found = run(name, chosen, cores, limit, facts)
    for times in (2, 4):
        if found.failed and found.limit is not None and limit is not None:
            found = run(name, chosen, cores, times * max(limit, LEAST_SECONDS), facts)
    return found


def artifact(chosen: Pair) -> Path:
    """Where ours keeps the model that it trained on this pair."""
    few = "few-" if chosen.few else ""
    return peers.cache() / "models" / "artifacts" / f"{chosen.of.name}-{few}{chosen.number}"
