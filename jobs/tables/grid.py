"""Text to a grid of strings: every cell as written, an empty one null, and each row's number in the file.

Two ways to the same grid. The fast one is Arrow's reader, for files without blank lines, comments, odd quotation marks
or ragged rows: nothing is done per row in Python. Whatever it does not like goes the careful way, record by record,
which also finds the row to name. Rows are counted as a spreadsheet shows them: a record is a row, however many lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from jobs.refusals import counted
from jobs.tables.dialect import Dialect
from jobs.tables.notes import Notes, refusal

_BLOCK = 1 << 23
_CHUNK_ROWS = 50_000
_FOOTER_ROWS = 3
FIELD_LIMIT = 1_000_000
_NOTHING = pa.scalar(None, pa.string())
_QUOTE, _LINE_END = ord('"'), ord("\n")

Record = list[str]
RowNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Columns of strings by position. `rows[i]` is the row number of record i; None: `first_row` + i.

    `unusable`: columns, empty here, whose cells are no plain values, and what they hold instead.
    """

    names: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    first_row: int = 2
    rows: RowNumbers | None = None
    unusable: Mapping[str, str] = field(default_factory=dict)

    @property
    def height(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def row(self, index: int) -> int:
        """The row number, as a person counts, of the record at `index`."""
        return int(self.rows[index]) if self.rows is not None else self.first_row + int(index)

    def kept(self, keep: npt.NDArray[np.bool_]) -> Grid:
        """The same grid without some rows; the others keep their numbers."""
        if keep.all():
            return self
        rows = self.rows if self.rows is not None else np.arange(self.height, dtype=np.int64) + self.first_row
        mask = pa.array(keep)
        return replace(self, columns=tuple(column.filter(mask) for column in self.columns), rows=rows[keep])


def read_grid(data: bytes, dialect: Dialect, file: str, notes: Notes, ragged: set[int] | None = None) -> Grid:
    """The grid of a text file in UTF-8. Raises Refusal with the row for what is no table.

    `ragged`: is given the numbers of rows of another width, which are kept then, filled up or their last cells in one;
    without it they are refused.
    """
    while data.endswith(b"\n\n"):
        data = data[:-1]
    if dialect.titles:
        notes.warn(
            "preamble",
            f"{file}: {counted(dialect.titles, 'line above the header was', 'lines above the header were')} left out.",
            file=file,
            row=1,
        )
    grid = None if _needs_care(data, dialect) else _fast(data, dialect)
    return grid or _fast_without_gaps(data, dialect, file, notes) or _careful(data, dialect, file, notes, ragged)


def read_plain(data: bytes, dialect: Dialect) -> Grid | None:
    """The grid of text that the fast way reads; None for anything else. So for a piece of a file, cut at a line's end,
    as for all of it, but for blank lines at the end."""
    return None if b"\n\n" in data or _needs_care(data, dialect) else _fast(data, dialect)


def _needs_care(data: bytes, dialect: Dialect) -> bool:
    if dialect.before or data.startswith(b"\n") or b"\r" in data or _has_long_line(data):
        return True
    return b'"' in data and (b"\n\n" in data or not _is_well_quoted(data, dialect.delimiter))


def _is_well_quoted(data: bytes, delimiter: str) -> bool:
    """Whether every quotation mark opens a cell, closes one or is doubled inside. Arrow forgives what is not so, and
    two forgotten marks then swallow the rows between them without a word."""
    text = np.frombuffer(data, dtype=np.uint8)
    marks = np.flatnonzero(text == _QUOTE)
    if len(marks) % 2:
        return False
    edges = np.array([ord(delimiter), _LINE_END, _QUOTE], dtype=np.uint8)
    before = np.where(marks[::2] > 0, text[marks[::2] - 1], _LINE_END)
    after = text[np.minimum(marks[1::2] + 1, len(text) - 1)]
    return bool(np.isin(before, edges).all() and np.isin(after, edges).all())


def _passed_over(grid: Grid, data: bytes, dialect: Dialect) -> bool:
    """Whether the fast way left out blank lines or read comments as rows. Counting line ends is cheaper than looking
    for two in a row, and right where no cell holds one; files with quotation marks were looked through before."""
    if b'"' not in data:
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        if lines != grid.height + dialect.header:
            return True
    marked = pc.fill_null(pc.starts_with(grid.columns[0], "#"), False)  # noqa: FBT003
    for column in grid.columns[1:]:  # what has a word in another cell is a row
        if not pc.any(marked).as_py():
            return False
        marked = pc.and_(marked, column.is_null())
    return dialect.width > 2 and bool(pc.any(marked).as_py())


def _has_long_line(data: bytes) -> bool:
    """Whether a stretch without a line end is long enough to look for a cell of a megabyte in it."""
    step = FIELD_LIMIT // 2
    return any(data.find(b"\n", start, start + step) < 0 for start in range(0, len(data) - step, step))


def _fast(data: bytes, dialect: Dialect) -> Grid | None:
    places = [f"c{i}" for i in range(dialect.width)]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(data),
            read_options=arrow_csv.ReadOptions(
                block_size=_BLOCK, column_names=places, skip_rows_after_names=1 if dialect.header else 0
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=b'"' in data),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:  # ragged, or a record larger than a block: the careful way says where
        return None
    grid = Grid(dialect.names, tuple(table.columns), 2 if dialect.header else 1)
    return None if _passed_over(grid, data, dialect) else grid


def _fast_without_gaps(data: bytes, dialect: Dialect, file: str, notes: Notes) -> Grid | None:
    """The fast way once more without blank lines and comments, where no quotation mark can hold a line end."""
    if b'"' in data or b"\r" in data or dialect.titles or _has_long_line(data):
        return None
    text = np.frombuffer(data if data.endswith(b"\n") else data + b"\n", dtype=np.uint8)
    ends = np.flatnonzero(text == _LINE_END)
    starts = np.concatenate(([0], ends[:-1] + 1))
    comments = []
    for i in np.flatnonzero(text[starts] == ord("#")).tolist():
        record = data[starts[i] : ends[i]].decode("utf-8", "replace").split(dialect.delimiter)
        if i < dialect.before or (i > dialect.before and dialect.is_comment(record)):
            comments.append(i)
    gone = ends == starts
    gone[comments] = True
    if not gone.any() or gone.all() or int(np.argmin(gone)) != dialect.before:
        return None  # the header itself may begin with #
    lines = np.flatnonzero(~gone) + 1
    cleaned = text[np.repeat(~gone, ends - starts + 1)].tobytes()
    grid = _fast(cleaned, replace(dialect, before=0))
    if grid is None:
        return None
    _tell_comments([i + 1 for i in comments], file, notes)
    return Grid(grid.names, grid.columns, rows=lines[1 if dialect.header else 0 :])


def _tell_comments(rows: list[int], file: str, notes: Notes) -> None:
    if rows:
        lines = counted(len(rows), "line beginning with # was", "lines beginning with # were")
        sentence = f"{file}: {lines} left out, the first is row {rows[0]:,}."
        notes.warn("comment-lines", sentence, file=file, row=rows[0])


def _careful(data: bytes, dialect: Dialect, file: str, notes: Notes, ragged: set[int] | None) -> Grid:
    kept, rows, odd = _sorted_out(data, dialect, file, notes, ragged)
    if odd:
        _judge_ragged(odd, rows[-1] if rows else 0, dialect.width, file, notes)
    columns = tuple(
        pa.chunked_array([chunk[i] for chunk in kept], pa.string()) if kept else pa.chunked_array([], pa.string())
        for i in range(dialect.width)
    )
    return Grid(dialect.names, columns, rows=np.array(rows, dtype=np.int64))


def _sorted_out(
    data: bytes, dialect: Dialect, file: str, notes: Notes, ragged: set[int] | None
) -> tuple[list[list[pa.Array]], list[int], list[tuple[int, Record]]]:
    """Chunks of whole records, their row numbers, and the records of another width with theirs."""
    chunks: list[list[pa.Array]] = []
    pending: list[Record] = []
    rows: list[int] = []
    odd: list[tuple[int, Record]] = []
    comments: list[int] = []
    width = dialect.width
    for row, record in _table_records(data, dialect, file):
        if not record or (len(record) == 1 and not record[0].strip()):
            continue
        if len(record) != width:
            record = _trimmed(record, width)  # noqa: PLW2901
        if dialect.is_comment(record):
            comments.append(row)
            continue
        if len(record) != width and ragged is None:
            odd.append((row, record))
            continue
        if len(record) != width and ragged is not None:
            ragged.add(row)
            record = _fitted(record, dialect)  # noqa: PLW2901
        pending.append(record)
        rows.append(row)
        if len(pending) == _CHUNK_ROWS:
            chunks.append(_to_arrow(pending))
            pending = []
    if pending:
        chunks.append(_to_arrow(pending))
    _tell_comments(comments, file, notes)
    return chunks, rows, odd


def _table_records(data: bytes, dialect: Dialect, file: str) -> Iterator[tuple[int, Record]]:
    """The records below the header with their row numbers."""
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), delimiter=dialect.delimiter, strict=True,
        skipinitialspace=True,
    )  # fmt: skip
    row = 0
    skipped = dialect.before + dialect.header
    try:
        for row, record in enumerate(reader, start=1):
            if row > skipped:
                yield row, record
    except csv.Error as error:
        raise refusal("broken-quotes", f"{file}: row {row + 1:,}: {error}.") from None


def _trimmed(record: Record, width: int) -> Record:
    """Without the empty cells that a trailing delimiter makes."""
    return record[:width] if len(record) > width and not any(cell.strip() for cell in record[width:]) else record


def _fitted(record: Record, dialect: Dialect) -> Record:
    """A record of another width in the header's: filled up, or its last cells in one, as they stood."""
    width = dialect.width
    return [*record[: width - 1], dialect.delimiter.join(record[width - 1 :]), *[""] * (width - len(record) - 1)][
        :width
    ]


def _to_arrow(records: list[Record]) -> list[pa.Array]:
    columns = [pa.array(cells, pa.string()) for cells in zip(*records, strict=True)]
    return [pc.if_else(pc.equal(column, ""), _NOTHING, column) for column in columns]


def _judge_ragged(odd: list[tuple[int, Record]], last: int, width: int, file: str, notes: Notes) -> None:
    """A few shorter records below the table are its footer; any other is a row that cannot be trusted."""
    if len(odd) <= _FOOTER_ROWS and odd[0][0] > last > 0 and all(len(record) < width for _, record in odd):
        row, _ = odd[0]
        sentence = f"{file}: row {row:,} and below is not part of the table and was left out."
        notes.warn("footer", sentence, file=file, row=row)
        return
    row, record = odd[0]
    sentence = f"{file}: row {row:,} has {counted(len(record), 'cell')}, the header has {width} names"
    more = f" ({len(odd):,} such rows)." if len(odd) > 1 else "."
    raise refusal("ragged-rows", sentence + more)
