"""The labels of one file: what is left once everything that cannot be used is counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.encoding.mask import mask
from jobs.ground_truth.problems import Problems
from jobs.schema import Schema, classes_of
from jobs.tables.grid import Grid
from jobs.tables.labels import EMPTY, UNREADABLE, class_codes, number_values, trimmed
from jobs.tables.notes import Notes


@dataclass(frozen=True)
class Source:
    """Where labels come from: the file, what it calls its rows, and its delimiter ("" where it has none)."""

    file: str
    unit: str = "row"
    delimiter: str = ""


@dataclass(frozen=True)
class Entries:
    """The usable labels of one file. `values`: a class's position, or a number; `rows`: as a person counts them.

    `read` is how many labels the file holds, usable or not.
    """

    file: str
    ids: pa.Array
    values: npt.NDArray[np.float64]
    rows: npt.NDArray[np.int64]
    read: int


def usable(
    grid: Grid, places: tuple[int, int], source: Source, schema: Schema, problems: Problems, notes: Notes
) -> Entries:
    """The labels of a grid whose columns of ids and of labels stand at `places`.

    Raises Refusal where two ways of writing numbers stand in one file.
    """
    ids, cells = (trimmed(grid.columns[place]) for place in places)
    if schema["task"] == "regression":
        column = Grid(("label",), (pa.chunked_array([cells]),), grid.first_row, grid.rows)
        values, codes = number_values(column, source.file, source.delimiter, notes)
    else:
        codes = class_codes(pa.chunked_array([cells]), classes_of(schema))
        values = codes.astype(np.float64)
    rows = grid.rows if grid.rows is not None else np.arange(grid.height, dtype=np.int64) + grid.first_row
    has_id = ids.is_valid().to_numpy(zero_copy_only=False)
    blank = ~has_id & (codes == EMPTY)
    for code, which in (
        ("no-id", ~has_id & ~blank),
        ("empty-label", has_id & (codes == EMPTY)),
        ("not-a-number" if schema["task"] == "regression" else "unknown-class", has_id & (codes == UNREADABLE)),
    ):
        if which.any():
            first = int(np.argmax(which))
            word = "" if code in ("empty-label", "no-id") else f" (a word like {mask(cells[first].as_py())})"
            problems.count(code, int(which.sum()), f"{source.file}, {source.unit} {int(rows[first]):,}{word}")
    kept = has_id & (codes >= 0)
    return Entries(source.file, ids.filter(pa.array(kept)), values[kept], rows[kept], int((~blank).sum()))
