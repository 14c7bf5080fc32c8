"""Which rows a model was trained on, as a sorted array of hashes: so that nobody is praised for answers it has learned.

prepare writes the hashes of the training and validation rows beside the schema; the evaluation of a user's test file
looks its rows up. A hash is of the used columns and the answer, each cell as it stands in test.csv, where 1 and 1.0 are
one number: it must be the same in two jobs and two releases, and whatever numbers the rows. Eight bytes a row, and of
more than MOST rows one in so many, chosen by the hash itself, so that both sides choose the same.

Rows of few possible values are equal without being the same: how often is known from the run's own held-out rows.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from jobs.schema import TrainedRows

MOST = 1 << 22
_FILE = "trained_rows.npy"
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MISSING, _NUMBER = np.uint64(0xD6E8FEB86659FD93), np.uint64(0xA0761D6478BD642F)

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Overlap:
    """Of `rows` rows, about how many equal a row the model was trained on, and how many would by chance."""

    rows: int
    trained: int
    by_chance: int


def row_hashes(cells: Sequence[pa.Array]) -> Hashes:
    """A hash a row of columns of text or numbers, null where missing; the order of the columns counts."""
    hashes = np.zeros(len(cells[0]), dtype=np.uint64)
    for column in cells:
        hashes = (hashes ^ _cell_hashes(column)) * _SPREAD
        hashes ^= hashes >> np.uint64(29)
    return hashes


def _cell_hashes(column: pa.Array) -> Hashes:
    if not (pa.types.is_string(column.type) or pa.types.is_dictionary(column.type) or pa.types.is_null(column.type)):
        numbers = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy(zero_copy_only=False)
        return _of_numbers(numbers)
    encoded = column.cast(pa.string()) if pa.types.is_null(column.type) else column
    encoded = encoded if pa.types.is_dictionary(encoded.type) else encoded.dictionary_encode()
    words = np.array(encoded.dictionary.to_pylist(), dtype=object)
    numbers = pd.to_numeric(pd.Series(words, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    numeric = np.isfinite(numbers)
    by_word = np.append(np.where(numeric, _of_numbers(numbers), _of_words(words)), _MISSING)
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    found: Hashes = by_word[codes]
    return found


def _of_words(words: npt.NDArray[Any]) -> Hashes:
    hashes: Hashes = pd.util.hash_array(words, categorize=False).astype(np.uint64)
    return hashes


def _of_numbers(numbers: npt.NDArray[np.float64]) -> Hashes:
    bits = np.where(numbers == 0, 0.0, numbers).view(np.uint64) * _NUMBER  # -0 is 0
    return np.where(np.isnan(numbers), _MISSING, bits ^ (bits >> np.uint64(31)))


def written(trained: Hashes, held_out: Hashes) -> tuple[bytes, TrainedRows]:
    """The file, and what schema.json says about it."""
    distinct = np.unique(trained)
    one_in = max(1, -(-len(distinct) // MOST))
    kept = distinct[distinct % np.uint64(one_in) == 0]
    out = io.BytesIO()
    np.save(out, kept, allow_pickle=False)
    found = _in(distinct, held_out)
    return out.getvalue(), {"file": _FILE, "one_in": one_in, "held_out": len(held_out), "held_out_found": found}


def overlap(hashes: Hashes, file: bytes, about: TrainedRows) -> Overlap:
    """How many of these rows are in a file that `written` made."""
    kept = np.lib.format.read_array(io.BytesIO(file), allow_pickle=False)  # type: ignore[no-untyped-call]
    one_in = int(about["one_in"])
    looked_up = hashes[hashes % np.uint64(one_in) == 0]
    trained = min(len(hashes), _in(kept, looked_up) * one_in)
    share = int(about["held_out_found"]) / max(1, int(about["held_out"]))
    return Overlap(len(hashes), trained, round(share * len(hashes)))


def _in(ascending: Hashes, hashes: Hashes) -> int:
    """How many of the hashes are among the ascending ones."""
    if not len(ascending):
        return 0
    places = np.minimum(np.searchsorted(ascending, hashes), len(ascending) - 1)
    return int(np.count_nonzero(ascending[places] == hashes))


def is_telling(found: Overlap, about: TrainedRows) -> bool:
    """Whether so many are surely more than the held-out rows show by chance."""
    share = (int(about["held_out_found"]) + 1) / (int(about["held_out"]) + 2)
    return found.trained > found.rows * share + 3 * math.sqrt(found.rows * share * (1 - share))
