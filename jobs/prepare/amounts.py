"""Whether the numbers of a target are amounts (regression) or names of classes. Decided where no task is set.

Numbers with decimals, more than twenty different ones, and whole numbers in equal steps above one (100, 105, 110) are
amounts; two values are two classes, and 0, 1, 2 or ratings are classes. A "class" of a few rows says that the numbers
are counts with a tail, and amounts; unless all others are 0 and 1, among which it is a slip.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.refusals import shown
from jobs.schema import Schema
from jobs.tables.notes import Notes
from jobs.tables.table import Series

CLASSES_FROM_INTEGERS = 20
CLASSES_AT_MOST = 100
ROWS_PER_CLASS = 5
RARE_SHARE = 0.01
"""The share of the rows, at most, that classes too small to be learned may have together to be left out."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Amounts:
    """Whether so many different numbers are amounts, and what to tell of it ("3 whole numbers"): "" for nothing."""

    values: int
    are_amounts: bool
    told: str


def are_amounts(series: Series, task: str, live: Schema | None, notes: Notes) -> bool:
    """Whether a target holds amounts rather than names of classes; which of both it was for the live model, it stays.

    Tells what was decided about numbers that might be the other.
    """
    if task != "auto" or series.numbers is None or series.zeros is not None:
        return task == "regression"
    numbers = series.numbers[~np.isnan(series.numbers)]
    if len(numbers) < series.stray_count:
        return False
    found = judge(numbers, plain=not series.strays)
    before = live["task"] if live is not None and live["target"] == series.name else None
    if before == "regression" and len(numbers) and not series.strays:
        return True
    amounts = found.are_amounts
    if before is not None and found.told and found.values <= CLASSES_AT_MOST:
        amounts = False
    if found.told:
        taken, other, task = ("amounts", "classes", "multiclass") if amounts else ("classes", "amounts", "regression")
        sentence = (
            f"Column {shown(series.name)}: {found.told} were taken for {taken}; set task: {task} if they are {other}."
        )
        notes.warn(f"numbers-as-{taken}", sentence, column=series.name)
    return amounts


def judge(numbers: Floats, *, plain: bool = True) -> Amounts:
    """Judge the numbers present. `plain`: all cells hold numbers, so that no other word is a class beside them.

    >>> judge(np.array([100.0, 105.0, 115.0] * 9))
    Amounts(values=3, are_amounts=True, told='3 whole numbers in steps of 5')
    >>> judge(np.array([1.0, 2.0, 3.0] * 9))
    Amounts(values=3, are_amounts=False, told='3 whole numbers')
    """
    values, counts = _counted(numbers)
    if len(values) <= 2:
        usual = len(values) < 2 or (values[1] - values[0] in (1, 2) and abs(values).max() <= 2)
        return Amounts(len(values), are_amounts=False, told="" if usual else _many(values))
    if np.any(values != np.floor(values)):
        return Amounts(len(values), are_amounts=True, told="")
    if len(values) > CLASSES_FROM_INTEGERS:
        return Amounts(len(values), are_amounts=True, told=_many(values) if len(values) <= CLASSES_AT_MOST else "")
    if not plain:
        return Amounts(len(values), are_amounts=False, told="")
    step = int(np.gcd.reduce(np.diff(values).astype(np.int64)))
    if step > 1:
        return Amounts(len(values), are_amounts=True, told=f"{_many(values)} in steps of {step:,}")
    rare = counts < ROWS_PER_CLASS
    if rare.any() and not _is_slip(values, counts, rare):
        few = f"{rare.sum():,} of them in fewer than {ROWS_PER_CLASS} rows"
        return Amounts(len(values), are_amounts=True, told=f"{_many(values)}, {few},")
    return Amounts(len(values), are_amounts=False, told=_many(values))


def _counted(numbers: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The different numbers in order, and how often each is there: counted, for sorting a million takes longer."""
    encoded = pa.array(numbers).dictionary_encode()
    values: Floats = encoded.dictionary.to_numpy()
    order = np.argsort(values)
    return values[order], np.bincount(encoded.indices.to_numpy(), minlength=len(values))[order]


def _many(values: Floats) -> str:
    whole = "whole " if np.all(values == np.floor(values)) else ""
    return f"{len(values):,} {whole}numbers"


def _is_slip(values: Floats, counts: npt.NDArray[np.int64], rare: npt.NDArray[np.bool_]) -> bool:
    return values[~rare].tolist() == [0, 1] and bool(counts[rare].sum() <= RARE_SHARE * counts.sum())
