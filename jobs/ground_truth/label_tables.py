"""Label files that are tables (CSV in any usual dialect, gzip, Parquet) to ids and labels.

Dialect, encoding and numbers are prepare's business; here only the two columns are found and every row that cannot be
used is counted. One difference to training data: a row with too many cells spoils that row, not the file, since a label
stands for itself while a shifted training row would be believed.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from jobs.encoding.text import composed
from jobs.ground_truth.entries import Entries, Source, usable
from jobs.ground_truth.problems import Problems
from jobs.refusals import Refusal, listed, shown
from jobs.schema import Schema
from jobs.tables.decoding import to_utf8
from jobs.tables.dialect import Dialect, find_dialect
from jobs.tables.grid import Grid, read_grid
from jobs.tables.notes import Notes, refusal
from jobs.tables.parquet import read_parquet

ID_NAMES = ("inference_id", "inferenceid", "inference id", "id", "event_id", "eventid", "event id")
LABEL_NAMES = ("label", "ground_truth", "actual")
_MOST_COLUMNS = 2_000
_RAGGED = frozenset({"ragged-rows", "broken-quotes", "huge-field"})


def read_table(data: bytes, file: str, schema: Schema, problems: Problems, notes: Notes) -> Entries:
    """The usable labels of one file. Raises Refusal for a file that is no table or lacks the columns."""
    if data.startswith(b"PAR1"):
        grid = read_parquet(data, file, _MOST_COLUMNS)
        return usable(grid, _places(grid.names, file, schema["target"]), Source(file), schema, problems, notes)
    text, _ = to_utf8(data, None, file, notes)
    dialect = find_dialect(text, {"header": True}, _MOST_COLUMNS, file)
    places = _places(dialect.names, file, schema["target"])
    try:
        grid = read_grid(text, dialect, file, notes)
    except Refusal as refused:
        if refused.code not in _RAGGED:
            raise
        grid = _forgiving(text, dialect, file, problems)
    if not grid.height:
        raise refusal("header-only", f"{file}: there is a header and no row below it.")
    return usable(grid, places, Source(file, "row", dialect.delimiter), schema, problems, notes)


def _places(names: Sequence[str], file: str, target: str) -> tuple[int, int]:
    """Where ids and labels stand."""
    plain = [composed(name.strip()).casefold() for name in names]
    ids = next((plain.index(name) for name in ID_NAMES if name in plain), None)
    wanted = (LABEL_NAMES[0], composed(target.strip()).casefold(), *LABEL_NAMES[1:])
    labels = next((plain.index(name) for name in wanted if name in plain and plain.index(name) != ids), None)
    if ids is None or labels is None:
        lacks = "ids (inference_id)" if ids is None else f"labels (label, or {shown(target)})"
        raise refusal("label-columns", f"{file}: there is no column of {lacks}; it has {listed(names)}.")
    return ids, labels


def _forgiving(text: bytes, dialect: Dialect, file: str, problems: Problems) -> Grid:
    """Line by line: rows of the header's width, the others counted. A quotation mark that nobody closed spoils its own
    line only; in exchange a cell with a line break spoils its row."""
    kept: list[list[str]] = []
    rows: list[int] = []
    odd: list[int] = []
    for row, line in enumerate(text.decode("utf-8", "replace").split("\n"), start=1):
        if row <= dialect.before + 1 or not line.strip():
            continue
        try:
            record = next(csv.reader([line], delimiter=dialect.delimiter), [])
        except csv.Error:  # a carriage return alone in the middle of a line, a cell without an end
            record = []
        if len(record) == dialect.width:
            kept.append(record)
            rows.append(row)
        else:
            odd.append(row)
    if odd:
        problems.count("ragged-label", len(odd), f"{file}, row {odd[0]:,}")
    cells = zip(*kept, strict=True) if kept else [()] * dialect.width
    columns = tuple(pa.chunked_array([pa.array(column, pa.string())]) for column in cells)
    return Grid(dialect.names, columns, rows=np.array(rows, np.int64))
