"""The labelled rows of a check, and the state that the check before left, to the next state.

A function of both and of nothing else: a check that is made again, by a retry or because its event came twice, starts
from the same predecessor (window.json pins it) and ends in the same state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.relation import alike
from jobs.relation.bets import Bets
from jobs.relation.counted import Counted, Hashes
from jobs.relation.evidence import Evidence, after_check
from jobs.relation.promises import Floats, Observed, Promises


@dataclass(frozen=True)
class Rows:
    """Labelled rows that the live model answered, as `Joined` has them; `used`: the columns that the model looks at."""

    ids: pa.Array
    actual: Floats
    predicted: Floats
    probability: Floats | None
    seconds: Floats
    cells: pa.Table
    used: Sequence[str]


@dataclass(frozen=True)
class State:
    """What one check leaves to the next. `rows`: that have counted in the model's life; `new`: in the last check;
    `found`: the check that called the relation changed."""

    evidence: Evidence
    counted: Counted
    rows: int = 0
    new: int = 0
    found: str | None = None

    @classmethod
    def nothing(cls, promised: Promises, bet: Bets) -> State:
        """A model that was promoted just now."""
        return cls(Evidence.nothing(promised, bet), Counted.none())


def follow(state: State, promised: Promises, bet: Bets, rows: Rows, check: str) -> State:
    """With the rows of `rows` that have not counted yet, in the order of their time."""
    ids = np.array([alike.digest(name) for name in rows.ids.to_pylist()], np.uint64)
    fresh = np.flatnonzero(state.counted.fresh(ids, rows.seconds))
    fresh = fresh[np.lexsort((ids[fresh], rows.seconds[fresh]))]
    if not len(fresh):
        return replace(state, new=0)
    inputs = alike.inputs(rows.cells.take(pa.array(fresh)), rows.used)
    seen = promised.observe(
        rows.actual[fresh],
        rows.predicted[fresh],
        None if rows.probability is None else rows.probability[fresh],
    )
    seconds = rows.seconds[fresh]
    hashes = np.zeros(len(fresh), np.uint64)
    if inputs is not None:
        hashes = inputs
        seen, seconds = _once(seen, seconds, inputs, state.counted.repeated(inputs))
    evidence = state.evidence
    if len(seconds):
        evidence = after_check(evidence, promised, bet, seen, seconds)
    return State(
        evidence,
        state.counted.more(ids[fresh], hashes, rows.seconds[fresh]),
        state.rows + len(seconds),
        len(seconds),
        state.found or (check if evidence.changed is not None else None),
    )


def _once(seen: Observed, seconds: Floats, inputs: Hashes, before: npt.NDArray[np.bool_]) -> tuple[Observed, Floats]:
    """Rows of the same inputs as one, with the mean of what they showed, where the first of them stood; none of inputs
    that have counted in an earlier check."""
    _, first, cluster = np.unique(inputs, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty(len(first), np.int64)
    place[order] = np.arange(len(first))
    of_row, size = place[cluster], np.bincount(place[cluster])
    streams = len(seen.value) // len(seconds)  # observations a row
    value, off = (
        np.stack([np.bincount(of_row, part[stream::streams]) / size for stream in range(streams)], axis=1)
        for part in (seen.value, seen.off)
    )
    firsts = first[order]
    kept = ~before[firsts]
    at = (firsts[kept][:, None] * streams + np.arange(streams)).ravel()
    once = Observed(
        np.repeat(np.arange(int(kept.sum())), streams),
        value[kept].ravel(),
        seen.band[at],
        seen.shape[at],
        off[kept].ravel(),
    )
    return once, seconds[firsts[kept]]
