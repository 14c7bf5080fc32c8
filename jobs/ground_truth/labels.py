"""All labels of a check: one value an id, or a reason why an id has none.

Equal labels for one id are one label. Different ones contradict each other, and none of them is used: neither the order
of files nor that of rows says which is right, and a wrong label counted as right would blame the model. The sentence
names the id's places, so that the wrong one can be taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.ground_truth.entries import Entries
from jobs.ground_truth.problems import Problems

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Labels:
    """One value an id, ids in order; `places[i]` says where the label of `ids[i]` stands."""

    ids: pa.Array
    values: Floats
    files: tuple[str, ...]
    file_of: Rows
    row_of: Rows
    read: int

    def __len__(self) -> int:
        return len(self.ids)

    def place(self, index: int) -> str:
        """File and row of a label, as a sentence names it: the id may be a person's and stays in the file."""
        file = self.files[int(self.file_of[index])]
        return f"{file}, row {int(self.row_of[index]):,}"


def settled(entries: Sequence[Entries], problems: Problems) -> Labels:
    """The labels of all files together; whatever the order of the files, the same ones are used."""
    entries = sorted(entries, key=lambda one: one.file)
    ids = pa.chunked_array([one.ids for one in entries], pa.string()).combine_chunks().dictionary_encode()
    if isinstance(ids, pa.ChunkedArray):
        ids = ids.chunk(0)
    codes = ids.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    joined = Labels(
        ids=ids.dictionary,
        values=np.concatenate([np.zeros(0), *(one.values for one in entries)]),
        files=tuple(one.file for one in entries),
        file_of=np.repeat(np.arange(len(entries)), [len(one.values) for one in entries]),
        row_of=np.concatenate([np.zeros(0, np.int64), *(one.rows for one in entries)]),
        read=sum(one.read for one in entries),
    )
    return _one_each(joined, codes, problems)


def _one_each(joined: Labels, codes: Rows, problems: Problems) -> Labels:
    """`codes[i]` is the place of label i's id in `joined.ids`; the other arrays are still one entry a label."""
    known = len(joined.ids)
    low, high = np.full(known, np.inf), np.full(known, -np.inf)
    np.minimum.at(low, codes, joined.values)
    np.maximum.at(high, codes, joined.values)
    counts = np.bincount(codes, minlength=known)
    _, first = np.unique(codes, return_index=True)
    at_odds = low != high
    again = np.setdiff1d(np.arange(len(codes)), first)
    for code, rows, number in (
        ("duplicate-label", again[~at_odds[codes[again]]], int((counts - 1)[~at_odds].sum())),
        ("conflicting-labels", again[at_odds[codes[again]]], int(counts[at_odds].sum())),
    ):
        if number:
            row = int(rows[0])
            other = _at(joined, int(first[codes[row]]))
            beside = f" (the other in {other})" if code == "conflicting-labels" else ""
            problems.count(code, number, f"{_at(joined, row)}{beside}")
    order = pc.sort_indices(joined.ids).to_numpy(zero_copy_only=False)
    order = order[~at_odds[order]]
    kept = first[order]
    return Labels(
        joined.ids.take(pa.array(order)),
        joined.values[kept],
        joined.files,
        joined.file_of[kept],
        joined.row_of[kept],
        joined.read,
    )


def _at(joined: Labels, row: int) -> str:
    return f"{joined.files[int(joined.file_of[row])]}, row {int(joined.row_of[row]):,}"
