"""The columns of a split by time as one number a row that ascends with time, NaN where it is not known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.prepare.typed import Typed
from jobs.refusals import shown
from jobs.tables.notes import refusal

Floats = npt.NDArray[np.float64]


def moments_of(columns: Sequence[Typed]) -> Floats:
    """One column's dates or numbers; of several (year, month, day) the place in the order of all of them together.

    Raises Refusal for a column that has no order.
    """
    single = [_values(column) for column in columns]
    if len(single) == 1:
        return single[0]
    unknown = np.any([np.isnan(values) for values in single], axis=0)
    place = np.zeros(len(unknown), dtype=np.int64)
    for values in single:
        _, ranks = np.unique(values, return_inverse=True)
        _, place = np.unique(place * (int(ranks.max(initial=0)) + 1) + ranks, return_inverse=True)
    return np.where(unknown, np.nan, place)


def _values(column: Typed) -> Floats:
    if column.moments is not None:
        moments = column.moments.astype("datetime64[ns]").astype(np.int64).astype(np.float64)
        return np.where(np.isnat(column.moments), np.nan, moments)
    if column.numbers is not None and column.kind != "boolean":
        return column.numbers
    sentence = f"The split by time needs dates or numbers; {shown(column.name)} is {column.kind}."
    raise refusal("split-impossible", sentence)
