"""Names of columns: kept as the user wrote them, checked for what makes them useless as names.

A name is data, never interpreted: HTML, brackets and line breaks stay as they are, because callers of the endpoint will
send them so. Only what leaves no way to tell two columns apart is refused.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pyarrow as pa

from jobs.encoding.text import composed
from jobs.refusals import listed, shown
from jobs.tables.grid import Grid
from jobs.tables.notes import Notes, refusal

NAME_LIMIT = 300


def named(grid: Grid, file: str, notes: Notes) -> Grid:
    """The grid with one distinct, non-blank name a column."""
    names, columns = _named_all(grid, file, notes)
    places = defaultdict(list)
    for place, name in enumerate(names):
        places[name].append(place)
    dropped = {extra for name, found in places.items() for extra in _copies(name, found, columns, file, notes)}
    kept = [place for place in range(len(names)) if place not in dropped]
    if len(kept) < 2:
        raise refusal(
            "one-column", f"{file}: only the column {listed([names[place] for place in kept])} holds anything."
        )
    unusable = {composed(name.strip()): why for name, why in grid.unusable.items()}
    return replace(
        grid, names=tuple(names[p] for p in kept), columns=tuple(columns[p] for p in kept), unusable=unusable
    )


def _named_all(grid: Grid, file: str, notes: Notes) -> tuple[list[str], list[pa.ChunkedArray]]:
    names, columns = [], []
    for place, (written, cells) in enumerate(zip(grid.names, grid.columns, strict=True), start=1):
        name = composed(written.strip())
        if len(name) > NAME_LIMIT:
            sentence = f"{file}: row 1: the name of column {place} has {len(name):,} characters."
            raise refusal("header-too-long", sentence)
        if not name and cells.null_count == len(cells):
            sentence = f"{file}: column {place} has neither a name nor any cell and was left out."
            notes.warn("blank-header", sentence, file=file, row=1)
            continue
        if not name:
            name = f"column {place}"
            notes.warn("blank-header", f"{file}: column {place} has no name.", file=file, row=1, column=name)
        names.append(name)
        columns.append(cells)
    return names, columns


def _copies(name: str, places: list[int], columns: list[pa.ChunkedArray], file: str, notes: Notes) -> list[int]:
    first, *others = places
    for other in others:
        if not columns[other].equals(columns[first]):
            sentence = f"{file}: row 1: columns {first + 1} and {other + 1} are both called {shown(name)}, but differ."
            raise refusal("duplicate-headers", sentence)
        notes.warn(
            "duplicate-column",
            f"{file}: column {other + 1} repeats the column {shown(name)} and was left out.",
            file=file, row=1, column=name,
        )  # fmt: skip
    return others
