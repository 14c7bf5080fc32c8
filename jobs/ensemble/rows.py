"""The rows that are learned from, as numbers: all at once where they are few, in pieces where they are many.

A million rows of eighty features are 320 MB, and XGBoost needs a quarter of that to learn from them. So many rows are
read and encoded again whenever somebody asks for some of them, and nobody holds more than a piece beside what it takes
out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from jobs.encoding.columns import Floats
from jobs.encoding.encoder import Encoder
from jobs.encoding.in_pieces import Tables, encode_pieces

Places = npt.NDArray[np.int64]


class Rows(Protocol):
    """Encoded rows in their order, (rows, all features), as often as asked."""

    def pieces(self) -> Iterator[Floats]: ...


class Encoded(Rows, Protocol):
    """The same, of an encoder of which a part may do."""

    def narrowed(self, encoder: Encoder, columns: npt.NDArray[np.bool_]) -> Encoded:
        """Some of the features, those of `encoder`; `columns`: which of all they are."""


@dataclass(frozen=True)
class Whole:
    """In one piece, held."""

    matrix: Floats

    def pieces(self) -> Iterator[Floats]:
        yield self.matrix

    def narrowed(self, encoder: Encoder, columns: npt.NDArray[np.bool_]) -> Whole:  # noqa: ARG002
        return Whole(self.matrix[:, columns])


@dataclass(frozen=True)
class InPieces:
    """`frames`: the typed table in pieces, from the first row again at each call."""

    encoder: Encoder
    frames: Callable[[], Iterator[Any]]
    tables: Tables = field(default_factory=dict, repr=False)

    def pieces(self) -> Iterator[Floats]:
        return encode_pieces(self.encoder, self.frames(), self.tables)

    def narrowed(self, encoder: Encoder, columns: npt.NDArray[np.bool_]) -> InPieces:  # noqa: ARG002
        return InPieces(encoder, self.frames)


def chosen(rows: Rows, wanted: Places, columns: Places) -> Iterator[tuple[slice, Floats]]:
    """The `wanted` rows, ascending, and the columns of them: for each piece which of the wanted, and their numbers."""
    start, done = 0, 0
    for piece in rows.pieces():
        end = int(np.searchsorted(wanted, start + len(piece)))
        if end > done:
            yield slice(done, end), piece[np.ix_(wanted[done:end] - start, columns)]
        start, done = start + len(piece), end
        if done == len(wanted):
            return


def gathered(rows: Rows, wanted: Places, columns: Places) -> Floats:
    """The same as one matrix."""
    found = np.empty((len(wanted), len(columns)), dtype=np.float32, order="F")
    for block, piece in chosen(rows, wanted, columns):
        found[block] = piece
    return found


def surveyed(rows: Rows, wanted: Places, width: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The `wanted` rows, ascending, with all columns, and for each column whether any row at all lacks it."""
    found = np.empty((len(wanted), width), dtype=np.float32, order="F")
    lacking, start, done = np.zeros(width, dtype=bool), 0, 0
    for piece in rows.pieces():
        end = int(np.searchsorted(wanted, start + len(piece)))
        found[done:end] = piece[wanted[done:end] - start]
        lacking |= np.isnan(piece).any(axis=0)
        start, done = start + len(piece), end
    return found, lacking
