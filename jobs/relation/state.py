"""relation.json (docs/formats.md): what a quality check leaves to the next one of the same model."""

from __future__ import annotations

import json
from typing import TypedDict

import numpy as np

from jobs.relation.bets import SIZES, Bets
from jobs.relation.counted import Counted, CountedRows
from jobs.relation.evidence import Evidence, Swing
from jobs.relation.following import State
from jobs.relation.promises import Floats, Promises

VERSION = 1
_FIGURES = 8
"""Of each bet's run."""


class StoredSwing(TypedDict):
    """How much neighbours differ."""

    count: float
    total: float
    last: list[float | None]


class RelationFile(TypedDict):
    """The whole document. `bands` and `bets` count what the model's promises amount to: another count, another one."""

    version: int
    run: str
    check: str
    bands: int
    bets: int
    blocks: int
    wealth: list[list[float]]
    learned: list[list[float]]
    runs: list[list[list[float]]]
    of_blocks: StoredSwing
    of_checks: StoredSwing
    changed: list[int] | None
    found: str | None
    rows: int
    new: int
    counted: CountedRows


def written(state: State, run: str, check: str) -> str:
    """The document as text; floats in full, so that the next check goes on from exactly here."""
    evidence = state.evidence
    document: RelationFile = {
        "version": VERSION,
        "run": run,
        "check": check,
        "bands": len(evidence.learned),
        "bets": len(evidence.wealth),
        "blocks": evidence.blocks,
        "wealth": evidence.wealth.tolist(),
        "learned": evidence.learned.tolist(),
        "runs": evidence.runs.tolist(),
        "of_blocks": _swing(evidence.of_blocks),
        "of_checks": _swing(evidence.of_checks),
        "changed": None if evidence.changed is None else list(evidence.changed),
        "found": state.found,
        "rows": state.rows,
        "new": state.new,
        "counted": state.counted.written(),
    }
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def read(text: bytes | None, run: str, promised: Promises, bet: Bets) -> State | None:
    """What `written` wrote about the same model; None for anything else, and where there is nothing."""
    try:
        stored = json.loads(text or b"")
        if (stored["version"], stored["run"]) != (VERSION, run):
            return None
        shape = len(bet.patterns), len(SIZES)
        changed = stored["changed"]
        evidence = Evidence(
            _array(stored["wealth"], shape),
            _array(stored["learned"], (len(promised.share), 2)),
            _array(stored["runs"], (*shape, _FIGURES)),
            int(stored["blocks"]),
            _swung(stored["of_blocks"]),
            _swung(stored["of_checks"]),
            None if changed is None else (range(shape[0])[changed[0]], range(shape[1])[changed[1]]),
        )
        found = stored["found"]
        counted = Counted.read(stored["counted"])
        return State(evidence, counted, int(stored["rows"]), int(stored["new"]), None if found is None else str(found))
    except (ValueError, LookupError, TypeError, RecursionError, OverflowError):
        return None


def _swing(swing: Swing) -> StoredSwing:
    return {"count": swing.count, "total": swing.total, "last": list(swing.last)}


def _swung(stored: StoredSwing) -> Swing:
    last = tuple(None if one is None else float(one) for one in stored["last"])
    return Swing(float(stored["count"]), float(stored["total"]), last)


def _array(stored: object, shape: tuple[int, ...]) -> Floats:
    found = np.array(stored, np.float64)
    if found.shape != shape or not np.isfinite(found).all():
        raise ValueError("not what this model's promises amount to")
    return found
