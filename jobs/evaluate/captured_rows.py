"""A model in this process asked about captured rows, which callers wrote: what it does not take is left out, counted.

A model of another training may know a column as numbers where this row has a word; its endpoint would refuse the whole
request.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.encoding.text import UnreadableCellError, composed
from jobs.evaluate.best import Model, UnfitError
from jobs.evaluate.live import request_columns
from jobs.metrics.confusion import FloatArray
from jobs.refusals import shown

AT_ONCE, MOST_REFUSED = 1_000, 50


@dataclass(frozen=True)
class Asked:
    """The rows that it takes, by their places, its scores of them, and how many it does not take, by column."""

    places: npt.NDArray[np.int64]
    scores: FloatArray
    refused: Counter[str]


def asked(model: Model, cells: pa.Table) -> Asked:
    """`cells`: text by column, null where empty; a column that is not there is missing.

    Raises UnfitError for a model that refuses many.
    """
    names = [name for name in request_columns(model.schema) if name in cells.column_names]
    kept, scores, refused = list[int](), list[FloatArray](), Counter[str]()
    for start in range(0, cells.num_rows, AT_ONCE):
        rows = list(range(start, min(start + AT_ONCE, cells.num_rows)))
        some = cells.slice(start, len(rows))
        texts = [[composed(cell or "") for cell in some[name].to_pylist()] for name in names]
        block = [list(row) for row in zip(*texts, strict=True)]
        while block:
            try:
                scores.append(model.scores(names, block))
                break
            except UnreadableCellError as error:
                refused[error.column] += 1
                del block[error.row - 1], rows[error.row - 1]
                if refused.total() > MOST_REFUSED:
                    raise UnfitError(_refuses(refused, start + len(block) + refused.total())) from None
        kept += rows
    found = np.concatenate(scores) if scores else np.zeros((0, 1))
    return Asked(np.array(kept, np.int64), found, refused)


def _refuses(refused: Counter[str], rows: int) -> str:
    column, count = refused.most_common(1)[0]
    return f"It refuses {refused.total():,} of {rows:,} rows, {count:,} for a cell in the column {shown(column)}."
