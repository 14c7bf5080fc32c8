"""How large a regression's errors are on which rows, learned of what the ensemble said out of fold: errors.json.

Of many times more rows than the test rows are, and of none of them: those are left to say what it is worth
(jobs/error_estimation). Columns are given to it as a check will read them of captured requests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.documents.answers import ErrorModel
from jobs.encoding.fitting import used_columns
from jobs.ensemble.training import Ended, Table, folds_of
from jobs.error_estimation.features import Features
from jobs.error_estimation.model import MOST_CELLS, learn

if TYPE_CHECKING:
    from jobs.schema import Column

FEWEST = 100
Columns = Mapping[str, Any]


def learned(table: Table, ended: Ended, seed: int) -> ErrorModel | None:
    """None of classes, of too few rows, and where nothing was ever off."""
    judged = folds_of(table, seed).judged
    if table.classes or len(judged) < FEWEST:
        return None
    order = np.argsort(judged, kind="stable")
    most = max(MOST_CELLS // max(len(table.schema["columns"]), 1), 1_000)
    if len(order) > most:
        order = order[np.sort(np.random.default_rng(seed).choice(len(order), most, replace=False))]
    said, spread = ended.built.margins[order, 0], ended.unit.spread
    missed = (ended.judged[order] - said) * spread
    if not missed.any():
        return None
    columns = dict(_columns(table, judged[order]))
    features = Features.of(columns)
    matrix = features.matrix(columns, said * spread + ended.unit.centre)
    return learn(features, matrix, missed).sizes.to_document()


def _columns(table: Table, rows: Any) -> Iterator[tuple[str, Any]]:
    """The columns of some rows (ascending) but dates."""
    frame = _frame(table, rows)
    for column in used_columns(table.schema):
        if column["kind"] != "date":
            yield column["name"], _cells(frame[column["name"]], column)


def _frame(table: Table, rows: Any) -> Any:
    if table.pieces is None:
        return table.frame.iloc[rows]
    start, found = 0, []
    for piece in table.pieces():
        inside = rows[(rows >= start) & (rows < start + len(piece))] - start
        found.append(piece.iloc[inside])
        start += len(piece)
    return pd.concat(found)


def _cells(values: Any, column: Column) -> Any:
    """Numbers, or words as an Arrow array; a boolean's are the first of its spellings, as a check knows them."""
    if column["kind"] == "numeric":
        return values.to_numpy(np.float64)
    if column["kind"] == "boolean":
        words = [(column.get("false_words") or ["false"])[0], (column.get("true_words") or ["true"])[0]]
        given = values.to_numpy(np.float64)
        missing = np.isnan(given)
        places = np.where(missing, 0, given).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(places, mask=missing), pa.array(words, pa.string()))
    return pa.array(values).cast(pa.string()).dictionary_encode()
