"""The "relation" of quality.json: whether the same inputs still have the same outcomes, since when not, and how
much."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from jobs.documents.quality import Relation, Shift
from jobs.relation import words
from jobs.relation.bets import Bets, Pattern
from jobs.relation.evidence import (
    ALPHA,
    AT_BLOCK,
    OFF,
    PROMISED,
    ROWS,
    SINCE,
    SPREAD,
    TOLERATED,
    VALUE,
    start_weight,
    tempered,
)
from jobs.relation.following import State
from jobs.relation.promises import Promises

CHANGED, UNCHANGED = "changed", "unchanged"
_LEVEL, _EARLY, _OF_REFERENCE = 0.05, 10.0, 2.0
_MOST = 1e12


def undefined(why: str) -> Relation:
    """Where nothing can be held against anything."""
    return {**_EMPTY, "undefined": why, "sentence": why}


_EMPTY: Relation = {
    "state": None,
    "undefined": None,
    "sentence": "",
    "evidence": None,
    "needed": 1 / ALPHA,
    "tolerated": TOLERATED,
    "dependence": 1.0,
    "rows": 0,
    "new_rows": 0,
    "found": None,
    "since": None,
    "worse": None,
    "shift": None,
}


def document(state: State, promised: Promises, bet: Bets) -> Relation:
    """What is told of a state."""
    evidence = state.evidence
    e_value = float(min(np.exp(min(evidence.log_wealth(bet), 700.0)), _MOST))
    found: Relation = {
        **_EMPTY,
        "evidence": float(f"{e_value:.4g}"),
        "dependence": round(tempered(evidence), 3),
        "rows": state.rows,
        "new_rows": state.new,
    }
    if evidence.changed is None:
        return {**found, "state": UNCHANGED, "sentence": words.unchanged(state.rows, e_value, 1 / ALPHA)}
    pattern = bet.patterns[evidence.changed[0]]
    since = datetime.fromtimestamp(float(evidence.runs[evidence.changed][SINCE]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = shift(state, promised, bet)
    return {
        **found,
        "state": CHANGED,
        "found": state.found,
        "since": since,
        "worse": is_worse(pattern),
        "shift": told,
        "sentence": words.changed(pattern, told, promised.classes, since),
    }


def is_worse(pattern: Pattern) -> bool:
    """Whether the model serves its callers worse than it promised. An outcome that has become more frequent is no
    better nor worse for every answer, but no probability holds any more."""
    if pattern.what in {"answers", "third", "class"}:
        return pattern.sign < 0
    return pattern.what not in {"errors", "third-of-errors"} or pattern.sign > 0


def shift(state: State, promised: Promises, bet: Bets) -> Shift:
    """How large the change is, with an interval that holds whenever one looks, wherever the change began, and
    whatever it is of: a confidence sequence (a normal mixture, its variance that of rows as dependent as they have
    been seen to be), and two standard errors of the held-out rows."""
    evidence = state.evidence
    assert evidence.changed is not None  # noqa: S101  what the caller knows
    place = evidence.changed[0]
    run, pattern = evidence.runs[evidence.changed], bet.patterns[place]
    rows = run[ROWS]
    variance = run[SPREAD] * tempered(evidence)
    level = _LEVEL * start_weight(int(run[AT_BLOCK])) * float(bet.weight[place].sum())
    reach = np.sqrt((variance + _EARLY) * (np.log((variance + _EARLY) / _EARLY) - 2 * np.log(level))) / rows
    held_out = float(promised.rows[bet.direction[place] != 0].sum())
    reach += _OF_REFERENCE * np.sqrt(run[SPREAD] / rows / held_out)
    seen, said = run[VALUE] / rows, run[PROMISED] / rows
    return {
        "what": pattern.what,
        "which": words.which(pattern, promised.classes),
        "sign": pattern.sign,
        "rows": round(rows),
        "promised": round(float(said), 6),
        "seen": round(float(seen), 6),
        "difference": round(float(seen - said), 6),
        "low": round(max(float(seen - said - reach), -1.0), 6),
        "high": round(min(float(seen - said + reach), 1.0), 6),
        "amount": None if promised.classes is not None else float(f"{run[OFF] / rows:.6g}"),
    }
