"""What the training rows look like at each hour of the day and on each day of the week: what a window is to be held
against that has only some of them.

Kept are rows by hour and by weekday, and of each the rows by group of every column. A window of nights is compared with
training rows weighed as its own hours are; with what is left of them, when some hours weigh much and had few rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.documents.baseline import Clock
from jobs.profiles.grouping import GROUPS, MISSING, by_bin, codes_of
from jobs.profiles.profile import Reference

HOURS, WEEKDAYS = 24, 7
BYTES = 300_000
FEWEST = 30
KNOWN = 0.9
APART = 0.1
_DAY = 86_400.0
_THURSDAY = 3  # 1 January 1970
Table = npt.NDArray[np.float64]
Seconds = npt.NDArray[np.float64]
NAMES = ("hour of day", "day of week")


def clock(references: Sequence[Reference], values: Mapping[str, Any], column: str, seconds: Seconds) -> Clock | None:
    """`column` says when, `seconds` since 1970 a row, NaN where missing. None where it says no hours and no weekdays,
    or where columns are too many to keep all this of each."""
    known = ~np.isnan(seconds)
    units = _units(seconds[known])
    if all(len(np.unique(unit)) < 2 for unit in units):
        return None
    found: Clock = {"column": column, "hours": [], "weekdays": [], "columns": {}}
    found["hours"], found["weekdays"] = (
        np.bincount(unit, minlength=size).tolist() for unit, size in zip(units, (HOURS, WEEKDAYS), strict=True)
    )
    for one in references:
        codes = codes_of(one, values[one.name])[known].astype(np.int64)
        tables = [
            np.bincount(unit * (GROUPS + 1) + codes, minlength=size * (GROUPS + 1)).reshape(size, -1).tolist()
            for unit, size in zip(units, (HOURS, WEEKDAYS), strict=True)
        ]
        found["columns"][one.name] = {"hours": tables[0], "weekdays": tables[1]}
    return found if len(json.dumps(found, separators=(",", ":")).encode()) <= BYTES else None


def _units(seconds: Seconds) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The hour and the weekday (Monday is 0) of each."""
    days = np.floor(seconds / _DAY)
    return ((seconds - days * _DAY) // 3600).astype(np.int64), ((days + _THURSDAY) % WEEKDAYS).astype(np.int64)


def hour_of(seconds: Seconds) -> npt.NDArray[np.int64]:
    """The hour of the day of each, UTC."""
    return _units(seconds)[0]


def shares_by_hour(known: Clock, name: str) -> Table | None:
    """Of a column, the shares of its groups at each hour, as in all rows together where an hour has few; None where the
    column has none or all rows are of one hour."""
    by_unit = known["columns"].get(name)
    if by_unit is None or np.count_nonzero(known["hours"]) < 2:
        return None
    table = np.array(by_unit["hours"], dtype=np.float64)
    rows, whole = table.sum(axis=1, keepdims=True), table.sum(axis=0)
    return np.where(rows >= FEWEST, table / np.maximum(rows, 1.0), whole / max(1.0, float(whole.sum())))


@dataclass(frozen=True)
class Season:
    """A window's hours or weekdays where they are others than the training's: by unit of the clock the weight of each
    of its training rows' shares. `names` says which units these are."""

    known: Clock
    weights: tuple[tuple[str, Table], ...]

    @property
    def names(self) -> str:
        return " and ".join(NAMES[("hours", "weekdays").index(unit)] for unit, _ in self.weights)

    def of(self, reference: Reference) -> Reference | None:
        """The training rows as they are at such times, as many as they then amount to."""
        by_unit = self.known["columns"].get(reference.name)
        if by_unit is None:
            return None
        whole = np.array(by_unit["hours"], dtype=np.float64).sum(axis=0)
        plain = whole / max(1.0, whole.sum())
        shares, rows = plain.copy(), float(whole.sum())
        for unit, weight in self.weights:
            table = np.array(by_unit["hours" if unit == "hours" else "weekdays"], dtype=np.float64)
            held = np.maximum(table.sum(axis=1), 1.0)
            shares += weight @ (table / held[:, None]) - plain
            rows = min(rows, 1 / float((np.square(weight) / held).sum()))
        shares = np.maximum(shares, 0.0) / max(float(np.maximum(shares, 0.0).sum()), 1e-12)
        return _with(reference, shares, plain, rows)


def season(known: Clock, seconds: Seconds) -> Season | None:
    """None where the window's times are not known, are as the training's, or are times of which training had none."""
    present = seconds[~np.isnan(seconds)]
    if len(present) < KNOWN * len(seconds) or not len(present):
        return None
    weights = []
    hours, weekdays = _units(present)
    for unit, values, rows in (("hours", hours, known["hours"]), ("weekdays", weekdays, known["weekdays"])):
        trained = np.array(rows, dtype=np.float64)
        now = np.bincount(values, minlength=len(trained)) / len(values)
        if np.abs(now - trained / max(1.0, trained.sum())).sum() / 2 < APART or np.count_nonzero(trained) < 2:
            continue
        judged = np.where(trained >= FEWEST, now, 0.0)
        if judged.sum() < KNOWN:
            return None
        weights.append((unit, judged / judged.sum()))
    return Season(known, tuple(weights)) if weights else None


def _with(reference: Reference, shares: Table, plain: Table, rows: float) -> Reference:
    """The reference with other shares of its groups, each group's bins in the proportion they have, of so many rows."""
    factor = np.divide(shares, plain, out=np.zeros_like(shares), where=plain > 0) * (rows / max(1, reference.rows))
    group = by_bin(reference)
    counts = np.array([*reference.counts, reference.others] if not reference.is_numeric else reference.counts)
    scaled = [*(counts * factor[group]), reference.missing * factor[MISSING]]
    *bins, missing = np.diff(np.rint(np.concatenate([[0.0], np.cumsum(scaled)]))).astype(np.int64).tolist()
    others = 0 if reference.is_numeric else bins.pop()
    fewer = rows / max(1, reference.rows)
    once, twice = (round(seen * min(1.0, fewer)) for seen in (reference.seen_once, reference.seen_twice))
    return replace(reference, counts=tuple(bins), others=others, missing=missing, seen_once=once, seen_twice=twice)
