"""What of a table is the user's data, so that a test can look for it where only names and numbers may stand.

Names are the headers, the classes of the target and the words of SageRelay's own lists (NA, yes, %). Everything else
that stands in a cell is data, if it is long enough not to turn up by chance.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from jobs.prepare.truths import FALSE_WORDS, TRUE_WORDS
from jobs.tables.words import ALWAYS_MISSING, MAYBE_MISSING

OWN_WORDS = TRUE_WORDS | FALSE_WORDS | ALWAYS_MISSING | MAYBE_MISSING
ROWS_OF_A_CLASS = 5
_SHORTEST = 3
_TOLD_AS_NUMBERS = re.compile(r"\d{1,3}(,\d{3})*|\d{1,4}|[\d.,]{1,5}")
"""Counts, row numbers and shares stand in every sentence; a cell that looks like one cannot be told from them."""


def cells(content: bytes | str) -> Iterator[tuple[list[str], list[str]]]:
    """(header, cells) of each row, however the file is packed or delimited; nothing where it is no table."""
    data = content.encode() if isinstance(content, str) else content
    if data.startswith(b"PAR1"):
        try:
            frame = pd.read_parquet(io.BytesIO(data))
        except (OSError, ValueError):
            return
        for cells in frame.astype(str).itertuples(index=False):
            yield list(map(str, frame.columns)), list(cells)
        return
    try:
        text = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode("utf-8", "replace")
    except (EOFError, OSError):
        return
    lines = io.StringIO(text.replace("\0", "").replace("\r", "\n"))
    rows = list(csv.reader(lines, delimiter=";" if text.count(";") > 60 else ","))
    for row in rows[1:]:
        yield rows[0], row


def quoted(files: Mapping[str, bytes | str], target: str, told: str, names: Collection[str] = ()) -> set[str]:
    """The cells of the files that `told` quotes, although they are data; `names` are names all the same."""
    found: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    headers: set[str] = set(names)
    for content in files.values():
        for header, row in cells(content):
            headers.update(header)
            for name, cell in zip(header, row, strict=False):
                (classes if name == target else found)[cell.strip()] += 1
    known = {word for word, rows in classes.items() if rows >= ROWS_OF_A_CLASS} | headers
    data = {word for word in (*found, *classes) if word not in known and word.casefold() not in OWN_WORDS}
    return {word for word in data if _is_telling(word) and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", told)}


def _is_telling(word: str) -> bool:
    return len(word) >= _SHORTEST and not _TOLD_AS_NUMBERS.fullmatch(word) and not word.isspace()
