"""Rows that repeat another: the same caller asked the same thing again, and its outcome is no new one.

Two rows with the same inputs are taken for a repetition, unless so few different inputs are possible that independent
rows are often the same, too: how often is foretold from how often the values of each column are, as if columns had
nothing to do with each other. Where they have, rows are rather taken for repetitions than not, which costs evidence and
makes none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]
CHANCE = 0.1
"""Rows that each row may be the same as by chance before sameness says nothing."""


def inputs(cells: pa.Table, used: Sequence[str]) -> Hashes | None:
    """A hash of each row's inputs; None where equal ones say nothing. `used`: the columns that the model looks at."""
    rows = cells.num_rows
    if not rows or not used:
        return None
    alike = 1.0
    whole = np.zeros(rows, np.uint64)
    for name in used:
        column = cells[name].combine_chunks().dictionary_encode()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0)
        codes = column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)
        alike *= float(((np.bincount(codes) / rows) ** 2).sum())
        words = [digest(f"{name}\0{word}") for word in column.dictionary.to_pylist()]
        known = np.array([*words, digest(f"{name}\0\0")], np.uint64)
        whole = _mixed(whole ^ known[codes])
    return None if alike * rows >= CHANCE and alike < 1 else whole


def digest(text: str) -> int:
    """64 bits of a text, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _mixed(values: Hashes) -> Hashes:
    """The same bits well shuffled, so that the order of columns matters (splitmix64)."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(values ^ (values >> np.uint64(31)))
