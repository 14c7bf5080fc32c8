"""The rows of a user's file as the endpoint takes them: CSV, with or without a header. Cells stay as they are.

What is wrong with a row the endpoint says, in its own words; here is only found out whether there is a header, because
a part of the file needs it too.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ops.target import OpsError

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Rows:
    """`columns`: the names of the cells; `headed`: whether the file has them, in an order of its own."""

    columns: Sequence[str]
    rows: Sequence[Row]
    headed: bool

    def body(self, first: int, count: int) -> str:
        """A request of some rows, the first of which is 0."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([*([self.columns] if self.headed else []), *self.rows[first : first + count]])
        return text.getvalue()


def of_lines(lines: Iterable[str], columns: Sequence[str], target: str, most: int) -> Rows:
    """At most `most` rows. `columns`: those of a request, of which a header names most; `target` may stand in it.

    >>> of_lines(["b,a", "2,1", "", "4,3"], ["a", "b"], "y", 9)
    Rows(columns=['b', 'a'], rows=[['2', '1'], ['4', '3']], headed=True)
    >>> of_lines(["1,2"], ["a", "b"], "y", 9)
    Rows(columns=['a', 'b'], rows=[['1', '2']], headed=False)
    """
    found = (line for line in csv.reader(lines) if any(cell.strip() for cell in line))
    first = next(found, None)
    if first is None:
        return Rows(columns, [], headed=False)
    names = [name.strip() for name in first]
    known = sum(name in {*columns, target} for name in names)
    if known == len(names) or (known > 1 and 2 * known > len(names)):
        return Rows(names, list(islice(found, most)), headed=True)
    return Rows(columns, [first, *islice(found, most - 1)], headed=False)


def of_file(path: Path, columns: Sequence[str], target: str, most: int) -> Rows:
    """The first rows of a CSV file, also gzip's.

    Raises:
        OpsError: it cannot be read, or holds no row.
    """
    try:
        found = of_lines(_lines(path), columns, target, most)
    except UnicodeDecodeError:
        raise OpsError(f"{path} is not UTF-8. Files of other encodings are answered in score/ (README.md).") from None
    except (OSError, EOFError, csv.Error) as error:
        raise OpsError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if not found.rows:
        raise OpsError(f"{path} holds no row.")
    return found


def _lines(path: Path) -> Iterator[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from file
