"""What a column looked like when the model learned from it: the "columns" of baseline.json and answers.json.

A reference is counts and nothing else, so that a check never reads the training data again. Numbers are counted on a
grid around a centre (jobs/profiles/grid.py), whose cells are joined into bins of about equal counts; a value that many
rows share gets a bin of its own. Words are counted by name while they are frequent and short; of the rare ones only a
short hash is kept, which is enough to tell a rare word from one never seen. Dates, free text and identifiers move on by
themselves: of these only what is missing is counted.

How it is made stands in jobs/profiles/describe.py; this module is the layout and must not look at raw values.
The layout of one column:

    numeric               missing, centre, edges (as distances from the centre; bin i begins at edges[i], the last ends
                          at high), counts (a bin each), low, high, mean, std_dev, integer
    categorical, boolean  missing, values (most frequent first), counts, others {hashes or null, count}, seen_once,
                          seen_twice (how many words stood in one row, in two)
    date text identifier  missing, present
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.documents.baseline import DescribedColumn
from jobs.profiles.grid import keys, table

NUMERIC, WORDS = ("numeric",), ("categorical", "boolean")


@dataclass(frozen=True)
class Column:
    """One column of raw values. What `values` may be stands in `jobs.profiles.counts.Counts.add`."""

    name: str
    kind: str
    values: Any


@dataclass(frozen=True)
class Reference:
    """One column of a baseline, parsed. Fields that its kind does not have are empty.

    `counts` are rows by bin (numbers) or by word (`values`); `others` are rows of words that have only a hash.
    `hashes` is None where even the hashes would not fit: then a word never seen cannot be told from a rare one.
    """

    name: str
    kind: str
    missing: int
    counts: tuple[int, ...] = ()
    centre: float = 0.0
    edges: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    std_dev: float | None = None
    integer: bool = False
    values: tuple[str, ...] = ()
    others: int = 0
    hashes: frozenset[str] | None = frozenset()
    seen_once: int = 0
    seen_twice: int = 0

    @classmethod
    def read(cls, column: DescribedColumn) -> Reference:
        """A column of baseline.json or answers.json. Raises KeyError naming what its kind should have and lacks."""
        name, kind, missing = str(column["name"]), str(column["kind"]), int(column["missing"])
        if kind in NUMERIC:
            return cls._numeric(column)
        if kind in WORDS:
            others = column["others"]
            return cls(
                name=name,
                kind=kind,
                missing=missing,
                counts=tuple(column["counts"]),
                values=tuple(column["values"]),
                others=int(others["count"]),
                hashes=None if others["hashes"] is None else frozenset(others["hashes"]),
                seen_once=int(column["seen_once"]),
                seen_twice=int(column["seen_twice"]),
            )
        return cls(name=name, kind=kind, missing=missing, others=int(column["present"]))

    @classmethod
    def _numeric(cls, column: DescribedColumn) -> Reference:
        return cls(
            name=str(column["name"]),
            kind=str(column["kind"]),
            missing=int(column["missing"]),
            counts=tuple(column["counts"]),
            centre=float(column["centre"]),
            edges=tuple(map(float, column["edges"])),
            low=column["low"],
            high=column["high"],
            mean=column["mean"],
            std_dev=column["std_dev"],
            integer=bool(column["integer"]),
        )

    @property
    def present(self) -> int:
        """Rows with a value."""
        return sum(self.counts) + self.others

    @property
    def rows(self) -> int:
        return self.present + self.missing

    @property
    def is_numeric(self) -> bool:
        return self.kind in NUMERIC

    @property
    def is_words(self) -> bool:
        return self.kind in WORDS

    @cached_property
    def keys(self) -> npt.NDArray[np.int64]:
        """The grid's first key of every bin."""
        return keys(np.array(self.edges), 0.0)

    @cached_property
    def table(self) -> npt.NDArray[np.uint8]:
        """The bin of every code of the grid, 64 kB."""
        return table(self.keys.tolist())

    @cached_property
    def places(self) -> dict[str, int]:
        """The bin of every word that is known by name."""
        return {word: place for place, word in enumerate(self.values)}


def hash_of(word: str) -> str:
    """32 bits of a word: of 100,000 rare words, one new word in 40,000 is taken for an old one."""
    return hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()[:8]
