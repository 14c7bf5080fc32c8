"""Many seeded checks of one kind: how many raised anything, and how many named exactly the feature that changed.

A cell is one square of the printed table. Its n-th check is drawn from the cell's seeds and n alone, so that every tool
judges the very same tables, a square can be drawn again by itself, and no two squares share their tables. Each check
has a baseline of its own: checks that share one are not independent, and the binomial interval of their share would be
too narrow.
"""

import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.made_up.families import FAMILIES, NOTHING, Change, Feature, Numbers, Words, table

Values = Mapping[str, Numbers | Words]
# The names of the features a tool calls drifted, of a baseline and a current table.
Judge = Callable[[tuple[Feature, ...], Values, Values], set[str]]


@dataclass(frozen=True)
class Cell:
    """At most `checks` checks, and no new one begins after `seconds`; the feature at `changed` changes."""

    family: str
    baseline_rows: int
    rows: int
    checks: int
    seconds: float = 3600.0
    changed: int | None = None
    change: Change = NOTHING
    seed: int = 1

    def seeds(self) -> tuple[int, ...]:
        place = 0 if self.changed is None else self.changed + 1
        amounts = repr((self.family, self.change)).encode()
        return self.seed, self.baseline_rows, self.rows, place, zlib.crc32(amounts)

    def written(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Cell":
        return cls(**{**written, "change": Change(**written["change"])})


@dataclass(frozen=True)
class Outcome:
    """Of `checks` checks, `raised` flagged some feature and `named` flagged the changed one and no other."""

    checks: int
    raised: int
    named: int
    seconds: float


def run(cell: Cell, judge: Judge) -> Outcome:
    """Draw the cell's checks one after the other and let `judge` say what has drifted."""
    features = FAMILIES[cell.family]
    wanted = set() if cell.changed is None else {features[cell.changed].name}
    changes = dict.fromkeys(wanted, cell.change)
    raised = named = checks = 0
    started = time.perf_counter()
    while checks < cell.checks and (checks == 0 or time.perf_counter() - started < cell.seconds):
        generator = np.random.default_rng([*cell.seeds(), checks])
        baseline = table(features, generator, cell.baseline_rows)
        flagged = judge(features, baseline, table(features, generator, cell.rows, changes))
        checks += 1
        raised += bool(flagged)
        named += flagged == wanted
    return Outcome(checks, raised, named, time.perf_counter() - started)
