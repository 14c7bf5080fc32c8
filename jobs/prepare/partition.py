"""The split as the settings want it, on the labelled rows, and what it means for the column it goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.prepare import split
from jobs.prepare.notes import Notes, refusal
from jobs.prepare.target import Target
from jobs.prepare.typed import Typed
from jobs.refusals import listed, shown

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Partition:
    """Row indices of the table, ascending, and how they were chosen."""

    train: Rows
    validation: Rows
    test: Rows
    how: str
    column: str | None
    seed: int


def partition(
    columns: Sequence[Typed], target: Target, settings: Mapping[str, Any], notes: Notes
) -> tuple[Partition, list[Typed]]:
    """The parts, and the columns with the group column set aside. Raises Refusal for a split that cannot be."""
    how, name = settings.get("how") or "stratified", settings.get("column")
    test, validation = float(settings.get("test") or 0.15), float(settings.get("validation") or 0.15)
    seed = int(settings.get("seed", 7))
    rows = np.flatnonzero(target.labelled)
    classes = None if target.classes is None else target.labels[rows].astype(np.int64)
    if how == "stratified" and classes is None:
        how = "random"
    if how in ("time", "group") and name is None:
        raise refusal("split-impossible", f"The split by {how} needs split.column.")
    columns = list(columns)
    by = next((column for column in columns if column.name == name), None)
    if how == "time":
        parts = split.by_time(_moments(by, name)[rows], test, validation)
    elif how == "group":
        parts = split.by_group(_groups(by, name)[rows], classes, test, validation, seed)
        columns = [_set_aside(column) if column is by else column for column in columns]
    elif how == "stratified" and classes is not None:
        parts = split.stratified(classes, test, validation, seed)
    else:
        parts = split.at_random(len(rows), test, validation, seed)
    _check(parts, classes, target, how, notes)
    train, validated, tested = (rows[parts == part] for part in (split.TRAIN, split.VALIDATION, split.TEST))
    return Partition(train, validated, tested, how, name if how in ("time", "group") else None, seed), columns


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


def _moments(column: Typed | None, name: str | None) -> npt.NDArray[np.float64]:
    if column is not None and column.moments is not None:
        moments = column.moments.astype("datetime64[ns]").astype(np.int64).astype(np.float64)
        return np.where(np.isnat(column.moments), np.nan, moments)
    if column is not None and column.numbers is not None and column.kind != "boolean":
        return column.numbers
    kind = column.kind if column is not None else "the target"
    raise refusal("split-impossible", f"The split by time needs dates or numbers; {shown(name)} is {kind}.")


def _groups(column: Typed | None, name: str | None) -> Rows:
    if column is None:
        raise refusal("split-impossible", f"The target {shown(name)} cannot be the group of the split.")
    if column.words is not None:
        return column.words.codes.astype(np.int64)
    assert column.numbers is not None  # noqa: S101  a column has words or numbers
    _, groups = np.unique(column.numbers, return_inverse=True)
    return groups.astype(np.int64)


def _set_aside(column: Typed) -> Typed:
    if not column.used:
        return column
    return column.unused("identifier", "it names the groups of the split, which no test row shares with training")
