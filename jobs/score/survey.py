"""The first way through a file in pieces: what the reading of a column has to know of all of its cells.

How one cell is read may depend on every other of its column: which sign divides decimals, whether a minus is an answer,
whether all numbers are whole. These facts add up over pieces. A column of numbers that Arrow cannot read is kept as
the shapes of its words, every figure but 0 a 1: the rules of `jobs.tables.conventions` look at nothing else, so that
they decide about the shapes as they would about the cells.

What the second way through needs is in `Read.columns`. Whatever is to be refused, and whatever would leave rows out,
raises NeedsAllError: then the file is read as a whole, and the reason told is the right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.evaluate.odd_cells import unreadable
from jobs.evaluate.uploaded_rows import are_whole
from jobs.schema import Column as Entry
from jobs.tables.columns import FLOAT32_MAX
from jobs.tables.conventions import GROUPED
from jobs.tables.footers import may_be_subtotals
from jobs.tables.numbers import written
from jobs.tables.spool import NeedsAllError
from jobs.tables.words import Words, among, matching, to_words

Floats = npt.NDArray[np.float64]
_SHAPES_AT_MOST = 300_000
MARKS = (".", ",")
FIRST_CELLS = 1_000


@dataclass
class Numbers:
    """What numbers add up to; of a column that is one, or of one that may be, by its decimal mark."""

    beyond: int = 0
    first_beyond: int = 0
    whole: bool = True
    total: float = 0.0
    last: float = np.nan

    def add(self, numbers: Floats, row: int) -> None:
        beyond = np.abs(numbers) > FLOAT32_MAX
        if beyond.any():
            self.first_beyond = self.first_beyond if self.beyond else row + int(np.argmax(beyond))
            self.beyond += int(beyond.sum())
            numbers = np.where(beyond, np.nan, numbers)
        kept = numbers[~np.isnan(numbers)]
        self.whole = self.whole and are_whole(kept)
        self.total += float(kept.sum())
        self.last = float(numbers[-1])

    @property
    def may_be_total(self) -> bool:
        """Whether the last one may be the sum of all above."""
        return not np.isnan(self.last) and self.last != 0 and bool(np.isclose(self.total / 2, self.last, rtol=1e-5))


@dataclass
class Plain:
    """A column that Arrow reads as numbers, so far."""

    numbers: Numbers = field(default_factory=Numbers)
    first: pa.ChunkedArray | None = None
    cells: int = 0
    pointed: int = 0
    grouped: bool = True
    """Whether every cell with a point may be thousands."""

    def add(self, cells: pa.ChunkedArray, numbers: Floats, row: int) -> None:
        if self.first is None:
            self.first = cells.slice(0, FIRST_CELLS)
        self.cells += len(cells) - cells.null_count
        self.numbers.add(numbers, row)
        if self.grouped:
            pointed = cells.filter(pc.match_substring(cells, "."))
            self.pointed += len(pointed)
            self.grouped = pc.all(pc.match_substring_regex(pointed, GROUPED), min_count=0).as_py()

    def may_be_thousands(self, mark: str | None, delimiter: str) -> bool:
        """As `conventions.may_be_thousands` says of the cells."""
        if not delimiter or mark == "." or not self.pointed or not self.grouped:
            return False
        return mark == "," or delimiter == ";" or self.pointed < self.cells


@dataclass
class Shapes:
    """The words of a column that may be one of numbers, by their shape: in how many rows, and in which first."""

    rows: dict[str, list[int]] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)
    by_mark: dict[str, Numbers] = field(default_factory=lambda: {mark: Numbers() for mark in MARKS})
    height: int = 0

    def add(self, words: Words, row: int) -> None:
        self.missing.update(dict.fromkeys(words.taken_as_missing))
        taken = written(words.words)
        for mark, numbers in self.by_mark.items():
            numbers.add(np.append(taken.values(mark), np.nan)[words.codes], row)
        codes = shapes(words.words).dictionary_encode()
        lookup = np.append(codes.indices.to_numpy(zero_copy_only=False), -1)[words.codes]
        places, first, counts = np.unique(lookup, return_index=True, return_counts=True)
        names = codes.dictionary.to_pylist()
        for at in np.argsort(first).tolist():
            if places[at] >= 0:
                known = self.rows.setdefault(names[places[at]], [row + int(first[at]), 0])
                known[1] += int(counts[at])
        if len(self.rows) > _SHAPES_AT_MOST:
            raise NeedsAllError("a column of numbers holds too many different words")
        self.height += len(words.codes)

    @property
    def words(self) -> Words:
        """A row a shape, as if it were the column."""
        counts = np.array([count for _, count in self.rows.values()], np.int64)
        codes = np.arange(len(self.rows), dtype=np.int32)
        return Words(codes, pa.array(list(self.rows), pa.string()), counts, tuple(self.missing))

    @property
    def first_rows(self) -> npt.NDArray[np.int64]:
        return np.array([first for first, _ in self.rows.values()], np.int64)


def shapes(words: pa.Array) -> pa.Array:
    """Words with their figures made alike.

    >>> shapes(pa.array(["1.204,50 €", "n/a"])).to_pylist()
    ['1.101,10 €', 'n/a']
    """
    return pc.replace_substring_regex(words, "[1-9]", "1")


@dataclass
class Spoken:
    """A column of words."""

    entry: Entry | None
    """schema.json's, of a column whose words are looked at one by one."""
    missing: dict[str, None] = field(default_factory=dict)
    plus: bool = False
    minus: bool = False
    present: int = 0
    odd: int = 0
    pointed: bool = True

    def add(self, words: Words) -> None:
        self.missing.update(dict.fromkeys(words.taken_as_missing))
        self.plus = self.plus or bool(among(words.words, ["+"]).any())
        self.minus = self.minus or "-" in words.taken_as_missing
        if may_be_subtotals(words.words):
            raise NeedsAllError("a row may be a total")
        if self.entry is None:
            return
        self.present += words.present
        odd = unreadable(words, self.entry)
        self.odd += int(words.counts[odd].sum())
        if self.pointed:
            self.pointed = bool(matching(words.words, r"^-?[0-9]+\.0$")[(words.counts > 0) & ~odd].all())


@dataclass
class Surveyed:
    """What is known of a file's columns after one way through."""

    plain: dict[str, Plain] = field(default_factory=dict)
    shapes: dict[str, Shapes] = field(default_factory=dict)
    words: dict[str, Spoken] = field(default_factory=dict)
    height: int = 0


@dataclass(frozen=True)
class Plan:
    """Which columns are read how: `tried` as numbers, `known` by words; `odd` are those of `tried` that Arrow cannot
    read, `signed` those with a plus among their words."""

    tried: Sequence[str]
    known: Mapping[str, Entry | None]
    odd: frozenset[str] = frozenset()
    signed: frozenset[str] = frozenset()


class Again(Exception):  # noqa: N818  no error
    """The file has to be gone through once more, by a better plan."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("once more")
        self.plan = plan


def words_of(cells: pa.ChunkedArray, name: str, plan: Plan) -> Words:
    """The words of a piece of a column."""
    return to_words(cells, with_plus=name in plan.signed)


def numbers_of(cells: pa.ChunkedArray) -> Floats | None:
    """The numbers of a piece of a column, as Arrow reads them; None where it cannot."""
    try:
        numbers: Floats = pc.cast(cells, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return None
    return None if int(np.count_nonzero(np.isnan(numbers))) > cells.null_count else numbers


def look(found: Surveyed, columns: Mapping[str, pa.ChunkedArray], row: int, plan: Plan) -> Iterator[str]:
    """Take in a piece of the file, whose first row is `row`; the names of columns that are odd after all."""
    for name, cells in columns.items():
        if name in plan.known:
            found.words.setdefault(name, Spoken(plan.known[name])).add(words_of(cells, name, plan))
        elif name in plan.odd:
            words = words_of(cells, name, plan)
            found.shapes.setdefault(name, Shapes()).add(words, row)
            signs = found.words.setdefault(name, Spoken(None))
            signs.add(words)
        else:
            numbers = numbers_of(cells)
            if numbers is None:
                yield name
            else:
                found.plain.setdefault(name, Plain()).add(cells, numbers, row)
    found.height += len(next(iter(columns.values())))
