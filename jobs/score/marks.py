"""Rows that are flagged, and why, in the words that stand beside them in the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

UNREAD, UNLIKE = "not read", "unlike training"
_NOTHING = pa.scalar(None, pa.string())

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Mark:
    """Some rows (a mask over all), and what is said of each. `unread`: the model is not asked about them.

    `column` is None where it is no column's matter. `told`: the sentence as it may leave the user's own file, for a
    mail, where it is another one. `rank`: where it stands among those of its column.
    """

    rows: Mask
    sentence: str
    column: str | None = None
    unread: bool = False
    told: str | None = None
    rank: int = 0


LAST = 1 << 30
"""The rank of what is found when the model is asked."""


def any_of(marks: Sequence[Mark], count: int, *, unread: bool) -> Mask:
    """The rows that at least one mark of a sort names."""
    found = np.zeros(count, np.bool_)
    for mark in marks:
        if mark.unread == unread:
            found |= mark.rows
    return found


def flags(marks: Sequence[Mark], block: slice) -> tuple[pa.Array, pa.Array]:
    """Of the rows of a block: the flag, and the reasons; null where nothing is to be said."""
    count = block.stop - block.start
    within = [replace(mark, rows=mark.rows[block]) for mark in marks]
    within = [mark for mark in within if mark.rows.any()]
    if not within:
        return pa.nulls(count, pa.string()), pa.nulls(count, pa.string())
    unread, unlike = (any_of(within, count, unread=sort) for sort in (True, False))
    flag = pc.if_else(pa.array(unread), UNREAD, pc.if_else(pa.array(unlike), UNLIKE, _NOTHING))
    said = pa.nulls(count, pa.string())
    for mark in within:
        more = pc.binary_join_element_wise(pc.fill_null(said, ""), mark.sentence, "; ")
        said = pc.if_else(pa.array(mark.rows), pc.if_else(said.is_null(), mark.sentence, more), said)
    return flag, said
