"""Is the verdict right where rows hang together? False alarms of repeats, customers and waves, and what is found.

`python -m benchmarks dependent_checks` prints the first table of "Rows that hang together" in docs/drift.md: 400 checks
a family without a change, half of 300 rows and half of 1,000, and changes in as many rows as amount to a thousand
independent ones. Every check has a baseline of its own, of 10,000 rows of the same family. The known tools judge ten of
the tables of 1,000 rows. `python -m benchmarks.dependent_checks 0.1` makes a tenth of the checks, and `… 1 ours` leaves
the tools out.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import binomtest

from benchmarks import peers
from benchmarks.drift_checks import share
from benchmarks.made_up.dependent import (
    BASELINE,
    CHANGES,
    DAY,
    FAMILIES,
    FEATURES,
    NUMBERS,
    Column,
    Family,
    Table,
    changed,
    start_of,
    tables,
)
from jobs.drift.dependence import besides
from jobs.drift.findings import findings, thresholds
from jobs.profiles.counts import Counts
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column as Described
from jobs.profiles.profile import Reference
from jobs.profiles.row_sample import RowSample
from jobs.profiles.training import dependence

WINDOWS, QUIET, CHANGED, EFFECTIVE, THEIRS = (300, 1_000), 400, 40, 1_000, 10
NAMES = tuple(f"feature {place}" for place in range(FEATURES))
Judge = Callable[[Family, Table, Table, float], set[str]]


def measure(scale: float = 1.0, tools: tuple[str, ...] = peers.DEPENDENT) -> dict[str, Any]:
    """Shares by family, for the table of targets. Prints the table."""
    print("| | raised without drift | " + " | ".join(CHANGES) + " |" + "".join(f" {tool} |" for tool in tools))
    print("|---|---|" + "---|" * len(CHANGES) + "---|" * len(tools))
    quiet, found = [], []
    for family in FAMILIES:
        raised, checks = _quiet(family, judge, max(1, round(QUIET * scale)))
        named = {change: _found(family, change, max(1, round(CHANGED * scale))) for change in CHANGES}
        theirs = [_theirs(family, tool, max(1, round(THEIRS * scale))) for tool in tools]
        cells = [share(raised, checks), *(f"{hits} of {all_}" for hits, all_ in (*named.values(), *theirs))]
        print(f"| {family.name} | {' | '.join(cells)} |", flush=True)
        quiet.append(binomtest(raised, checks).proportion_ci(0.9).high)
        found += [hits / all_ for hits, all_ in named.values()]
    return {"highest_bound_of_false_alarms": max(quiet), "lowest_share_found": min(found)}


def judge(family: Family, baseline: Table, current: Table, start: float) -> set[str]:
    """What the drift job calls drifted. `start`: at what share of a day the window begins."""
    kinds = dict(zip(NAMES, ["numeric"] * NUMBERS + ["categorical"] * (FEATURES - NUMBERS), strict=True))
    trained, now = (dict(zip(NAMES, map(_column, table), strict=True)) for table in (baseline, current))
    described = describe([Described(name, kind, trained[name]) for name, kind in kinds.items()])
    references = [Reference.read(one) for one in described]
    known = dependence(references, trained, *((["time"], _seconds(BASELINE)) if family.in_order else ()))
    rows = len(current[0])
    seconds = _seconds(rows, start)
    sample = RowSample.none(references, known["many_valued"]).add(rows, now, seconds, lambda places: seconds[places])
    pairs = [(one, Counts.empty(one).add(now[one.name])) for one in references]
    found = findings(pairs, thresholds({}, pairs), {}, besides(known, sample))
    return {one["name"] for one in found if one["verdict"] == "drifted"}


def _seconds(rows: int, start: float = 0.0) -> NDArray[np.float64]:
    return (start + np.arange(rows) / DAY) * 86_400


def _column(values_: Column) -> Any:
    if values_.dtype != np.int32:
        return values_
    words = [f"word {code}" for code in range(int(values_.max()) + 1)]
    return pa.DictionaryArray.from_arrays(pa.array(values_), pa.array(words))


def _quiet(family: Family, judged: Judge, checks: int) -> tuple[int, int]:
    raised = 0
    for check in range(checks):
        baseline, current, _ = tables(family, WINDOWS[check % len(WINDOWS)], check)
        raised += bool(judged(family, baseline, current, start_of(check)))
    return raised, checks


def _found(family: Family, change: str, checks: int) -> tuple[int, int]:
    hits = 0
    for check in range(checks):
        baseline, current, generator = tables(family, round(EFFECTIVE * family.effect), 10_000 + check)
        of_words = change == "category +15 points"
        place = NUMBERS + check % (FEATURES - NUMBERS) if of_words else check % NUMBERS
        now = changed(current, change, place, baseline[place], generator)
        hits += judge(family, baseline, now, start_of(10_000 + check)) == {NAMES[place]}
    return hits, checks


def _theirs(family: Family, tool: str, checks: int) -> tuple[int, int]:
    question = {"tool": tool, "dependent": family.name, "rows": WINDOWS[-1], "checks": checks}
    return peers.raised(question), checks


if __name__ == "__main__":
    wanted = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print(measure(wanted, () if sys.argv[2:] == ["ours"] else peers.DEPENDENT))
