"""Entries of drift.json that the drift check itself makes of real columns, the odd ones among them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.documents.drift import Finding
from jobs.drift.findings import findings, thresholds
from jobs.profiles.counts import Counts
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference

Plain = dict[str, Any]
_WORDS = np.array(["basic", "plus", "family", "student"], dtype=object)


def real_features(learned: int = 6_000, seen: int = 2_000) -> list[Finding]:
    """The features of a check over made-up columns of all kinds: drifted, stable and undefined ones."""
    pairs = []
    for column, values in zip(_columns(learned, 0, 0.0), _columns(seen, 1, 1.0), strict=True):
        reference = Reference.read(describe([column])[0])
        pairs.append((reference, Counts.empty(reference).add(values.values)))
    return findings(pairs, thresholds({}, pairs), {"age": 0.4, "plan": 0.2})


def _columns(rows: int, seed: int, moved: float) -> list[Column]:
    rng = np.random.default_rng(seed)
    shares = np.array([0.5, 0.3, 0.15, 0.05]) + moved * np.array([-0.15, 0.1, 0.05, 0.0])
    plan = rng.choice(_WORDS, rows, p=shares)
    plan[rng.random(rows) < 0.03 * moved] = "<b>new</b>"
    return [
        Column("age", "numeric", rng.normal(40, 12, rows) + 6 * moved),
        Column("income", "numeric", rng.lognormal(10 + 0.3 * moved, 0.8, rows)),
        Column("visits", "numeric", np.where(rng.random(rows) < 0.4, 0, rng.poisson(5, rows)).astype(float)),
        Column("height", "numeric", _with_gaps(rng, rng.normal(170, 9, rows), 0.01 + 0.1 * moved)),
        Column("far", "numeric", rng.uniform(0, 1, rows) * (1 + 0.05 * moved)),
        Column("fixed", "numeric", np.full(rows, 7.0)),
        Column("nothing", "numeric", np.full(rows, np.nan)),
        Column("plan", "categorical", plan),
        Column("member", "boolean", rng.choice(np.array(["no", "yes"], dtype=object), rows)),
        Column("signed", "date", _words_with_gaps(rng, "2026-01-01", rows, 0.02 + 0.1 * moved)),
    ]


def _with_gaps(rng: np.random.Generator, values: npt.NDArray[np.float64], share: float) -> npt.NDArray[np.float64]:
    return np.where(rng.random(len(values)) < share, np.nan, values)


def _words_with_gaps(rng: np.random.Generator, word: str, rows: int, share: float) -> npt.NDArray[np.object_]:
    words = np.full(rows, word, dtype=object)
    words[rng.random(rows) < share] = None
    return words
