"""How a text file is laid out: delimiter, lines before the table, header or none. Decided on its first records.

A header is recognised against the rows below it: a word above numbers is a name, a number above numbers is data. Where
nothing speaks for a header and something against it, the file is refused: a first row lost as names, or names trained
as a category, would go unnoticed.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from jobs.encoding.mask import mask
from jobs.refusals import shown
from jobs.settings import FileSettings
from jobs.tables.notes import refusal
from jobs.tables.words import ALWAYS_MISSING

_DELIMITERS = ",;\t|"
_BASKETS = 0.1
"""The share of rows with several cells from which a file is one of lists of different length, and no single column."""
_SAMPLE_BYTES = 1 << 18
_SAMPLE_RECORDS = 200
_NUMBER = re.compile(r"^[(+\-−]?\s*[$€£¥]?\s*[+\-]?(\d[\d.,' ]*|[.,]\d+)([eE][+-]?\d+)?\s*[%€$£)]?$")
_DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?$")
_YEAR = re.compile(r"^(19|20)\d\d$")
_SEPARATOR_LINE = re.compile(rb"^\"?sep=(.)\"?\r?\n", re.IGNORECASE)
_COMMENT = re.compile(r"^#(?:[^NDVR]|$|N[^/AUM]|N$|D[^I]|D$|V[^A]|V$|R[^E]|R$)")
"""What a comment begins with, and not a spreadsheet error (#N/A, #NUM!, #NAME?, #DIV/0!, #VALUE!, #REF!)."""
csv.field_size_limit(1 << 30)

Record = list[str]


@dataclass(frozen=True)
class Dialect:
    """`before`: records above the header (or above the first row), `titles`: those with something in them that is no
    comment; `comments`: whether a line of another width that begins with # is a comment, and not a spoiled row beside
    others that begin so."""

    delimiter: str
    header: bool
    names: tuple[str, ...]
    before: int = 0
    comments: bool = False
    titles: int = 0

    @property
    def width(self) -> int:
        return len(self.names)

    def is_comment(self, record: Record) -> bool:
        """Whether a record below the header is a comment. One with the header's number of cells is a row, whatever it
        begins with, but for a remark that a spreadsheet padded with empty cells."""
        if record[0][:1] != "#" or not _COMMENT.match(record[0]):
            return False
        if len(record) == 1:
            return True
        if len(record) == self.width:
            return self.width > 2 and not any(cell.strip() for cell in record[1:])
        return self.comments


def check_width(width: int, most: int, file: str) -> None:
    """Refuse more than `most` columns, before anything is done per column."""
    if width > most:
        raise refusal("too-many-columns", f"{file}: {width:,} columns; at most {most:,} are read.")


def find_dialect(data: bytes, layout: FileSettings, most: int, file: str) -> Dialect:
    """The layout of UTF-8 text; `layout` are the file settings, which win. Raises Refusal for a single column, for more
    than `most`, and for a header that is none."""
    delimiter, header = layout.get("delimiter"), layout.get("header")
    before = 0
    if line := _SEPARATOR_LINE.match(data):
        delimiter, before, data = delimiter or line[1].decode(), 1, data[line.end() :]
    sample = _sample(data)
    delimiter = delimiter or _delimiter(sample)
    records = _records(sample, delimiter)
    width = _width(records)
    several = [len(record) for record in records if sum(1 for cell in record if cell.strip()) > 1]
    if width < 2 and len(several) > _BASKETS * len(records):
        sentence = f"{file}: rows have from 1 to {max(several):,} cells (delimiter {shown(delimiter)}), most of them 1."
        raise refusal("ragged-rows", sentence)
    if width < 2:
        raise refusal("one-column", f"{file}: only one column was found (delimiter {shown(delimiter)}).")
    check_width(width, most, file)
    first = next(i for i, record in enumerate(records) if len(record) == width)
    start = next((i for i, record in enumerate(records) if _is_table(record, width)), first)
    start += _remarks(records[start:], width)
    names, body = records[start], records[start + 1 :]
    if len(names) == width - 1 and _are_row_names([record for record in body if len(record) == width]):
        names = ["", *names]  # R writes row names without a name above them
    while len(names) > width and not names[-1].strip():  # a delimiter too many, in the header only
        names.pop()
    hashes = any(record[0].startswith("#") for record in body if len(record) == len(names))
    above = records[:start]
    titles = sum(1 for record in above if any(record) and not record[0].startswith("#"))
    rows = [record for record in body if len(record) == len(names)]
    if header is None:
        header = _has_header(names, rows, file)
    if not header:
        names = [f"column {i + 1}" for i in range(width)]
    return Dialect(delimiter, header, tuple(names), before + start, not hashes, titles)


def _sample(data: bytes) -> str:
    end = data.find(b"\n", _SAMPLE_BYTES)
    return (data if end < 0 else data[: end + 1]).decode("utf-8", "ignore")


def _records(sample: str, delimiter: str) -> list[Record]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    return list(islice(reader, _SAMPLE_RECORDS))


def _delimiter(sample: str) -> str:
    """The delimiter that cuts most records into the same number of cells, more than one; the comma when none does."""

    def score(delimiter: str) -> tuple[float, bool, int]:
        records = [record for record in _records(sample, delimiter) if any(record)]
        filled = [record for record in records if not record[0].startswith("#")] or records
        widths = Counter(len(record) for record in filled)
        wide = [(count, width) for width, count in widths.items() if width > 1]
        if not wide:
            return (0.0, False, 0)
        count, width = max(wide)
        return (round(count / len(filled), 1), len(filled[0]) > 1, width)  # decimal commas are not in the header

    return max(_DELIMITERS, key=score)


def _width(records: Sequence[Record]) -> int:
    widths = Counter(len(record) for record in records if any(cell.strip() for cell in record))
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _is_table(record: Record, width: int) -> bool:
    """Whether the table begins here: not a title, not blank, not a comment."""
    if record and record[0].startswith("#") and len(record) < width:
        return False
    filled = sum(1 for cell in record if cell.strip())
    return len(record) >= max(2, width - 1) and filled > (1 if width > 2 else 0)


def _remarks(records: Sequence[Record], width: int) -> int:
    """How many records of the table's width at its beginning are comments that hold as many delimiters by chance: the
    header below them has names above numbers, and is no number itself."""
    marked = next((i for i, record in enumerate(records) if not record or not record[0].startswith("#")), 0)
    rest = [record for record in records[marked:] if len(record) == width]
    if not marked or len(rest) < 2 or any(_is_value(cell.strip()) for cell in rest[0]):
        return 0
    numeric = sum(1 for record in rest[1:] if any(_is_value(cell.strip()) for cell in record))
    return marked if numeric >= 0.8 * (len(rest) - 1) else 0


def _are_row_names(records: Sequence[Record]) -> bool:
    """Distinct words or a running number; anything else, and a last cell always empty, is a delimiter too many."""
    if not any(record[-1].strip() for record in records):
        return False
    cells = [record[0] for record in records]
    numbers = [int(cell) for cell in cells if cell.isdigit()]
    running = len(numbers) == len(cells) and all(b == a + 1 for a, b in pairwise(numbers))
    return bool(cells) and len(set(cells)) == len(cells) and (running or not any(_is_value(cell) for cell in cells))


def _has_header(names: Record, rows: Sequence[Record], file: str) -> bool:
    columns = list(zip(*rows, strict=False)) if rows else []
    above_numbers = below_number = recurring = 0
    for name, cells in zip(names, columns, strict=False):
        filled = [cell.strip() for cell in cells if cell.strip()]
        numeric = sum(1 for cell in filled if _is_value(cell))
        if not name.strip() or name.strip().lower() in ALWAYS_MISSING:
            continue
        if filled and numeric >= 0.8 * len(filled):
            is_name = not _is_value(name.strip()) or _is_year_above(name.strip(), filled)
            above_numbers += is_name
            below_number += not is_name
        else:
            recurring += name.strip() in filled
    against = 0 if _are_positions(names) else below_number
    if above_numbers > against or not (below_number or recurring):
        return True
    what = ", ".join(mask(name) for name in names[:4])
    raise refusal("no-header", f"{file}: row 1 (cells like {what}) looks like data, not like names of columns.")


def _are_positions(names: Record) -> bool:
    """Whether the figures among the names count up by one, as pandas names columns that have none."""
    figures = [name.strip() for name in names if _is_value(name.strip())]
    if len(figures) < 2 or not all(figure.isdecimal() for figure in figures):
        return False
    return all(int(after) == int(before) + 1 for before, after in pairwise(figures))


def _is_year_above(name: str, cells: list[str]) -> bool:
    """A year as a name, as pivot tables have it: above cells that are no years."""
    return bool(_YEAR.match(name)) and sum(1 for cell in cells if _YEAR.match(cell)) < 0.1 * len(cells)


def _is_value(cell: str) -> bool:
    return bool(_NUMBER.match(cell) or _DATE.match(cell))
