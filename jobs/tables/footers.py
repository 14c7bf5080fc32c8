"""Rows that are no observations: blank ones, the header once more, totals and notes below the table.

Only the last rows can be a footer, and only with a reason: a word like "Total" that stands nowhere else in its column
beside empty cells, a single filled cell, or numbers that are the sums of everything above them. Subtotals between the
rows are left out where the word stands beside cells that are filled in every other row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.refusals import counted
from jobs.tables.grid import Grid
from jobs.tables.notes import Notes
from jobs.tables.parts import Column
from jobs.tables.words import matching

_FOOTER_ROWS = 20
_ROWS_BELOW = 3
TAIL = 64
"""Rows that are enough to see whether a footer can be below a table."""
_ENOUGH_ABOVE = 10
_TOTAL = re.compile(
    r"^\W*((grand|sub)[ -]?)?"
    r"((totals?|totale?s?|totaal|sum|summen?|somme|suma|soma|gesamt\w*|insgesamt|averages?|avg|mean|mittelwert"
    r"|durchschnitt|moyenne|media|promedio)\b|(count|anzahl|min|minimum|max|maximum|median|std|stdev)\W*$|итого|всего|合計|总计|總計|합계)",
    re.IGNORECASE,
)
_SUBTOTAL = r"(?i)^\W*((grand|sub|zwischen)[ -]?)?(totals?|sum|summen?|somme|suma|gesamt(summe)?)\b"
_SUBTOTALS_AT_MOST = 0.25
_GAPS_AT_MOST = 0.02
_TOTALS = ("row is a total among the others and was left out", "rows are totals among the others and were left out")
Keep = npt.NDArray[np.bool_]


def observations(grid: Grid, file: str, notes: Notes) -> Grid:
    """The grid without blank rows, repeated headers and a footer."""
    grid = _without(
        grid, _blank(grid), "blank-rows", ("empty row was left out", "empty rows were left out"), file, notes
    )
    grid = _without(
        grid, _header_again(grid), "repeated-header", ("row repeats the header", "rows repeat the header"), file, notes
    )
    return without_footer(grid, _footer_start(grid), file, notes)


def may_have_others(grid: Grid) -> bool:
    """Whether rows of a piece of a table may be no observations: blank, or the header again."""
    return any(found is not None and found.any() for found in (_blank(grid), _header_again(grid)))


def may_end_in_footer(tail: Grid) -> bool:
    """Whether the table with these last rows (some more than are looked at) may end in totals or notes."""
    return _footer_start(tail) is not None


def may_be_subtotals(words: pa.Array) -> bool:
    """Whether some of a column's words may name a total among the rows."""
    return bool(matching(words, _SUBTOTAL).any())


def without_footer(grid: Grid, start: int | None, file: str, notes: Notes) -> Grid:
    """The grid cut off above record `start`."""
    if start is None:
        return grid
    row = grid.row(start)
    sentence = f"{file}: row {row:,} and below is a total or a note and was left out."
    notes.warn("footer", sentence, file=file, row=row)
    return grid.kept(np.arange(grid.height) < start)


def totals_row(columns: Sequence[Column], height: int) -> int | None:
    """The last record, where its numbers are the sums of all above it in two columns or more."""
    if height <= _ENOUGH_ABOVE:
        return None
    sums = 0
    for column in columns:
        if column.numbers is None:
            continue
        above, last = float(np.nansum(column.numbers[:-1])), float(column.numbers[-1])
        if np.isnan(last) or last == 0:
            continue
        if not np.isclose(above, last, rtol=1e-6):
            return None
        sums += 1
    return height - 1 if sums >= 2 else None


def subtotals(columns: Sequence[Column], height: int) -> Keep | None:
    """The rows that say Total (or the like) and leave a cell empty that the others fill; None where there are none."""
    if height <= _ENOUGH_ABOVE:
        return None
    named = np.zeros(height, dtype=np.bool_)
    for column in columns:
        if column.words is not None and (is_total := matching(column.words.words, _SUBTOTAL)).any():
            named |= np.append(is_total, False)[column.words.codes]
    if not named.any() or named.mean() > _SUBTOTALS_AT_MOST:
        return None
    gaps = np.zeros(height, dtype=np.bool_)
    for column in columns:
        missing = _missing(column)
        if missing[~named].mean() <= _GAPS_AT_MOST:
            gaps |= missing
    found = named & gaps
    return found if found.any() else None


def _missing(column: Column) -> Keep:
    if column.words is not None:
        return column.words.codes < 0
    assert column.numbers is not None  # noqa: S101  a column has words or numbers
    return np.isnan(column.numbers)


def without_subtotals(grid: Grid, found: Keep, file: str, notes: Notes) -> Grid:
    return _without(grid, found, "subtotals", _TOTALS, file, notes)


def _without(grid: Grid, gone: Keep | None, code: str, what: tuple[str, str], file: str, notes: Notes) -> Grid:
    if gone is None or not gone.any():
        return grid
    row, count = grid.row(int(np.argmax(gone))), int(gone.sum())
    sentence = f"{file}: {counted(count, *what)}, {'the first is ' if count > 1 else ''}row {row:,}."
    notes.warn(code, sentence, file=file, row=row)
    return grid.kept(~gone)


def _blank(grid: Grid) -> Keep | None:
    blank: Keep | None = None
    for column in grid.columns:
        if not column.null_count:
            return None
        nothing = column.is_null().to_numpy()
        blank = nothing if blank is None else blank & nothing
        if not blank.any():
            return None
    return blank


def _header_again(grid: Grid) -> Keep | None:
    again: Keep | None = None
    for name, column in zip(grid.names, grid.columns, strict=True):
        same = pc.fill_null(pc.equal(column, name), False).to_numpy()  # noqa: FBT003
        again = same if again is None else again & same
        if not again.any():
            return None
    return again


def _footer_start(grid: Grid) -> int | None:
    height = grid.height
    if height <= _ENOUGH_ABOVE:
        return None
    first = max(_ENOUGH_ABOVE, height - _FOOTER_ROWS)
    tail = list(zip(*[column.slice(first).to_pylist() for column in grid.columns], strict=True))
    is_footer = [_is_footer(grid, index, first, record) for index, record in enumerate(tail, start=first)]
    if not any(is_footer[-_ROWS_BELOW:]):
        return None
    start = is_footer.index(True, len(is_footer) - min(_ROWS_BELOW, len(is_footer)))
    while start and is_footer[start - 1]:
        start -= 1
    return first + start


def _is_footer(grid: Grid, index: int, first: int, record: tuple[str | None, ...]) -> bool:
    filled = [place for place, cell in enumerate(record) if cell and cell.strip()]
    above = slice(max(0, first - 20), first)
    if len(filled) == 1 and len(record) > 2:
        others = [column[above] for place, column in enumerate(grid.columns) if place != filled[0]]
        return all(column.null_count <= 0.2 * len(column) for column in others)
    for place in filled:
        if _TOTAL.match(record[place] or "") and _is_alone(grid.columns[place], record[place], index):
            return len(filled) < len(record) or _is_number_column(grid.columns[place][above])
    return False


def _is_alone(column: pa.ChunkedArray, word: str | None, index: int) -> bool:
    return not pc.any(pc.equal(column.slice(0, index), word)).as_py()


def _is_number_column(cells: pa.ChunkedArray) -> bool:
    written = [cell for cell in cells.to_pylist() if cell]
    return bool(written) and all(re.match(r"^[^A-Za-z]*[0-9][^A-Za-z]*$", cell) for cell in written)
