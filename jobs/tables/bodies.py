"""The held-out rows as request bodies: text in, text out, nothing interpreted.

The endpoint must see what a user would send, so fields are passed on as they stand in test.csv; only the target is left
out. Every body begins with a header line, so that the order of the columns is never a matter of luck.
Rows are numbered as a person counts them in the file: the header is row 1.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.encoding.text import composed
from jobs.metrics.confusion import IntArray

FIRST_ROW = 2
MOST_BYTES = 1_500_000  # an endpoint takes 5 to 6 MB, and the answer must fit as well
MOST_ROWS = 1_000
_MOST_NUMBERS = 100_000  # in one answer: at most 2 MB of text


@dataclass(frozen=True)
class Body:
    """One request: `rows` rows of test.csv from row number `first` on, as CSV text with a header."""

    first: int
    rows: int
    text: str


def write_bodies(path: Path, columns: Sequence[str], folder: Path, *, numbers_per_row: int = 1) -> None:
    """The rows of test.csv as files, a request body each, for a batch transform, which takes each as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, body in enumerate(request_bodies(path, columns, numbers_per_row=numbers_per_row)):
        (folder / body_name(number)).write_text(body.text, encoding="utf-8")


def body_name(number: int) -> str:
    """
    >>> body_name(7)
    '00007.csv'
    """
    return f"{number:05d}.csv"


class _Lines(list[str]):
    write = list.append


def read_target(path: Path, target: str) -> list[str]:
    """The target column of test.csv, as text. Raises ValueError when the file has no such column or no rows."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = _reader(file)
        header = next(reader, [])
        if target not in header:
            raise ValueError(f'{path.name} has no column "{target}", the target named by schema.json')
        place = header.index(target)
        values = [row[place] for row in reader if row]
    if not values:
        raise ValueError(f"{path.name} has a header but no rows: there is nothing to evaluate on")
    return values


def read_cells(path: Path, columns: Sequence[str], places: IntArray) -> list[list[str]]:
    """The cells of some rows of test.csv (`places` count from 0, ascending), in the order of `columns`, composed as a
    request's are. A column the file lacks is empty."""
    return list(rows_of_cells(path, columns, places))


def rows_of_cells(path: Path, columns: Sequence[str], places: IntArray) -> Iterator[list[str]]:
    """The same row by row, for who cannot hold them all."""
    wanted = set(places.tolist())
    with path.open(encoding="utf-8", newline="") as file:
        reader = _reader(file)
        header = next(reader)
        at = [header.index(column) if column in header else None for column in columns]
        for number, row in enumerate(row for row in reader if row):
            if number in wanted:
                yield ["" if place is None else composed(row[place]) for place in at]


def request_bodies(path: Path, columns: Sequence[str], *, numbers_per_row: int = 1) -> Iterator[Body]:
    """The rows of test.csv with exactly `columns`, in that order, in request-sized bodies.

    A column the file lacks is sent empty, which the endpoint reads as missing. `numbers_per_row` is how many numbers
    the endpoint answers for a row, which bounds a body too. Raises ValueError for a row no request can hold.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = _reader(file)
        header = next(reader)
        places = [header.index(column) if column in header else None for column in columns]
        rows = (["" if place is None else row[place] for place in places] for row in reader if row)
        yield from bodies(columns, rows, path.name, numbers_per_row=numbers_per_row)


def bodies(
    columns: Sequence[str], rows: Iterable[Sequence[str]], source: str, *, numbers_per_row: int = 1
) -> Iterator[Body]:
    """Rows, each with a cell a column, in request-sized bodies. Raises ValueError, which names the `source`, for one
    that no request can hold."""
    most_rows = max(1, min(MOST_ROWS, _MOST_NUMBERS // max(numbers_per_row, 1)))
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    head = lines.pop()
    size, first = 0, FIRST_ROW
    for number, row in enumerate(rows, FIRST_ROW):
        writer.writerow(row)
        length = len(lines[-1].encode())
        if length > 2 * MOST_BYTES:
            raise ValueError(f"row {number} of {source} has {length:,} bytes; an endpoint takes at most 5 MB")
        if len(lines) > 1 and (len(lines) > most_rows or size + length > MOST_BYTES):
            last = lines.pop()
            yield Body(first, len(lines), head + "".join(lines))
            lines[:], size, first = [last], 0, number
        size += length
    if lines:
        yield Body(first, len(lines), head + "".join(lines))


def _reader(file: Iterator[str]) -> Iterator[list[str]]:
    csv.field_size_limit(sys.maxsize)  # a person may have put a whole document into one field
    return csv.reader(file)
