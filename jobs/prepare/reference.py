"""The training part as later traffic is compared with it: baseline.json, of the used columns alone.

After a retraining the training part may hold captured rows. Where there are enough of them they alone are the baseline:
the model has learned the newer world, and monitoring that kept comparing with the older one would raise the same alarm
for ever. Which rows are counted is decided here; how, in jobs/drift.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.documents.baseline import Baseline
from jobs.prepare.moments import moments_of
from jobs.prepare.typed import Typed
from jobs.profiles import clock, reach
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference
from jobs.profiles.training import dependence
from jobs.tables.table import Table

MOST_BYTES = 1_900_000
"""Of the columns and what their blocks reach; the whole document stays under 2 MB."""
ENOUGH_TRAFFIC = 500
"""Captured rows in the training part from which on they are the baseline: fewer describe a column's tails too poorly
(0.2 % of new traffic lies outside the range of 500 rows by chance already)."""

Rows = npt.NDArray[np.int64]


def baseline(
    run: str,
    columns: Sequence[Typed],
    table: Table,
    rows: Rows,
    captured: Collection[str],
    in_order: Sequence[str] = (),
) -> Baseline:
    """baseline.json of the training `rows`; `captured`: the files that hold captured traffic; `in_order`: the columns
    by whose time the table's rows are in order, none where that is not known."""
    of, counted = rows_compared(table, rows, captured)
    time = [next(column for column in columns if column.name == name) for name in in_order]
    ordered = _in_time(counted, time)
    values = [_column(column, ordered) for column in columns if column.used]
    described = describe(values, MOST_BYTES - (reach.BYTES + clock.BYTES if in_order else 0))
    references = [Reference.read(column) for column in described]
    return {
        "version": 1,
        "run": run,
        "of": of,
        "rows": len(counted),
        "columns": described,
        "dependence": dependence(
            references, {column.name: column.values for column in values}, in_order, _seconds(time, ordered)
        ),
    }


def _in_time(rows: Rows, time: Sequence[Typed]) -> Rows:
    """The rows in the order of their time, those without one where they are; as they stand where no time is known."""
    if not time:
        return rows
    moments = moments_of(time)[rows]
    known = ~np.isnan(moments)
    ordered = rows.copy()
    ordered[known] = rows[known][np.argsort(moments[known], kind="stable")]
    return ordered


def _seconds(time: Sequence[Typed], rows: Rows) -> npt.NDArray[np.float64] | None:
    """Since 1970, where the rows' time is that of a column of dates."""
    if len(time) != 1 or time[0].moments is None:
        return None
    moments = time[0].moments[rows]
    return np.where(np.isnat(moments), np.nan, moments.astype("datetime64[us]").astype(np.int64) / 1e6)


def rows_compared(table: Table, rows: Rows, captured: Collection[str]) -> tuple[str, Rows]:
    """Whether the baseline is of the "training" part or of the "traffic" in it, and its rows."""
    traffic = rows[_is_captured(table, rows, captured)]
    return ("traffic", traffic) if len(traffic) >= ENOUGH_TRAFFIC else ("training", rows)


def captured_at_the_end(table: Table, rows: Rows, captured: Collection[str]) -> int:
    """How many of these rows, the last ones, are captured traffic: that is how they lie, its files being read last.

    The answers to them are what the answers to later traffic are compared with, where the baseline is of traffic, too.
    """
    which = _is_captured(table, rows, captured)
    return int(which.sum()) if not np.any(np.diff(which.astype(np.int8)) < 0) else 0


def _is_captured(table: Table, rows: Rows, captured: Collection[str]) -> npt.NDArray[np.bool_]:
    by_row: npt.NDArray[np.bool_] = np.concatenate(
        [np.full(part.grid.height, part.file in captured) for part in table.files]
    )
    return by_row[rows]


def _column(column: Typed, rows: Rows) -> Column:
    if column.kind == "boolean":
        return Column(column.name, column.kind, _truths(column, rows))
    if column.kind == "categorical":
        assert column.words is not None  # noqa: S101  what the kind says
        codes = column.words.codes[rows]
        return Column(
            column.name,
            column.kind,
            pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), column.words.words),
        )
    values = column.moments if column.kind == "date" else column.numbers
    assert values is not None  # noqa: S101  what the kind says
    return Column(column.name, column.kind, values[rows])


def _truths(column: Typed, rows: Rows) -> pa.DictionaryArray:
    """Yes and no in one spelling each, the first of the schema's: traffic is read into the same two words."""
    assert column.numbers is not None  # noqa: S101  what the kind says
    facts = column.facts
    words = [(facts.get("false_words") or ["false"])[0], (facts.get("true_words") or ["true"])[0]]
    numbers = column.numbers[rows]
    missing = np.isnan(numbers)
    return pa.DictionaryArray.from_arrays(pa.array((numbers == 1).astype(np.int32), mask=missing), pa.array(words))
