"""The split as the settings want it, on the labelled rows, and what it means for the column it goes by.

Where nobody asked for another split and the rows are in order of time, that is told, with the split that measures it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.prepare import split
from jobs.prepare.moments import moments_of
from jobs.prepare.target import Target
from jobs.prepare.time_order import time_columns
from jobs.prepare.typed import Typed
from jobs.refusals import in_yaml, listed, shown
from jobs.settings import SPLIT, SplitSettings, split_columns
from jobs.tables.notes import Notes, refusal

Rows = npt.NDArray[np.int64]
_MOST_TESTED = 0.6


@dataclass(frozen=True)
class Partition:
    """Row indices of the table, ascending, and how they were chosen."""

    train: Rows
    validation: Rows
    test: Rows
    how: str
    column: str | list[str] | None
    seed: int
    in_order: tuple[str, ...] = ()
    """The columns by whose time the rows are in order, however they were split."""


def partition(
    columns: Sequence[Typed],
    target: Target,
    settings: SplitSettings,
    notes: Notes,
    files: Sequence[tuple[str, int]],
) -> tuple[Partition, list[Typed]]:
    """The parts, and the columns with the group column set aside. Raises Refusal for a split that cannot be.

    `files`: key and rows of each, in the table's order.
    """
    how, names = settings.get("how") or SPLIT["how"], split_columns(settings)
    asked = how
    test = float(settings.get("test") or SPLIT["test"])
    validation = float(settings.get("validation") or SPLIT["validation"])
    seed = int(settings.get("seed", SPLIT["seed"]))
    rows = np.flatnonzero(target.labelled)
    classes = None if target.classes is None else target.labels[rows].astype(np.int64)
    if how == "stratified" and classes is None:
        how = "random"
    if how in ("time", "group") and not names:
        raise refusal("split-impossible", f"The split by {how} needs split.column.")
    columns = list(columns)
    by = [column for name in names for column in columns if column.name == name]
    if how in ("time", "group") and len(by) < len(names):
        raise refusal("split-impossible", f"The target {shown(target.name)} cannot be what the split goes by.")
    if how == "time":
        parts = split.by_time(moments_of(by)[rows], test, validation)
    elif how == "group":
        parts = split.by_group(_groups(by[0])[rows], classes, test, validation, seed)
        columns = [_set_aside(column) if column is by[0] else column for column in columns]
    elif how == "stratified" and classes is not None:
        parts = split.stratified(classes, test, validation, split.lots(files, seed)[rows])
    else:
        parts = split.at_random(len(rows), test, validation, split.lots(files, seed)[rows])
    _check(parts, classes, target, how, notes)
    train, validated, tested = (rows[parts == part] for part in (split.TRAIN, split.VALIDATION, split.TEST))
    in_order = time_columns(columns, rows)
    if in_order and asked == "stratified":
        _tell_order([c for name in in_order for c in columns if c.name == name], rows, classes, test, validation, notes)
    column = None if how in ("stratified", "random") else names[0] if len(names) == 1 else names
    return Partition(train, validated, tested, how, column, seed, in_order), columns


def _tell_order(
    by: Sequence[Typed], rows: Rows, classes: Rows | None, test: float, validation: float, notes: Notes
) -> None:
    """Say that a split by time would measure the future; nothing where the rows have too few moments for one."""
    parts = split.by_time(moments_of(by)[rows], test, validation)
    sizes = np.bincount(parts, minlength=3) / len(parts)
    if not sizes.all() or sizes[split.TEST] > _MOST_TESTED:
        return
    names = ", ".join(in_yaml(column.name) for column in by)
    todo = f"set split: {{how: time, column: {f'[{names}]' if len(by) > 1 else names}}} in relay.yaml"
    if classes is not None and len(np.unique(classes[parts == split.TRAIN])) < len(np.unique(classes)):
        todo = "the earlier rows would have to hold every class that the later ones hold"
    order = f"The rows are in order of {listed([column.name for column in by])} and were split at random"
    sentence = f"{order}; to be measured on the future, {todo}."
    notes.warn("time-order", sentence, column=by[0].name)


def _check(parts: split.Parts, classes: Rows | None, target: Target, how: str, notes: Notes) -> None:
    sizes = np.bincount(parts, minlength=3)
    if not sizes.all():
        told = ", ".join(f"{size:,} to {what}" for size, what in zip(sizes, ("train", "validate", "test"), strict=True))
        raise refusal("split-impossible", f"The split ({how}) leaves a part without rows: {told}.")
    if classes is not None and target.classes is not None:
        absent = split.check_classes(parts, classes, target.classes)
        if absent:
            sentence = f"The split ({how}) leaves the classes {listed(absent)} out of validation or test."
            notes.warn("class-absent", sentence)


def _groups(column: Typed) -> Rows:
    if column.words is not None:
        return column.words.codes.astype(np.int64)
    assert column.numbers is not None  # noqa: S101  a column has words or numbers
    _, groups = np.unique(column.numbers, return_inverse=True)
    return groups.astype(np.int64)


def _set_aside(column: Typed) -> Typed:
    if not column.used:
        return column
    return column.unused("identifier", "it names the groups of the split, which no test row shares with training")
