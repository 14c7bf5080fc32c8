"""A column's rows in a few groups: enough to see how rows hang together, and small enough to keep a row at a time.

Numbers fall into groups of about equal weight in the training data, joined from the bins of the baseline; of words the
most frequent have a group each and all others share the last one. A missing value has the code MISSING. The group of a
row depends on the baseline and the row alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from jobs.profiles.grid import codes
from jobs.profiles.profile import Reference

GROUPS = 20
MISSING = GROUPS
Codes = npt.NDArray[np.uint8]


def by_bin(reference: Reference) -> Codes:
    """The group of every bin; of words one entry more, for those without a name. One group of kinds without bins."""
    if reference.is_words:
        return np.minimum(np.arange(len(reference.counts) + 1), GROUPS - 1).astype(np.uint8)
    if not reference.is_numeric:
        return np.zeros(1, dtype=np.uint8)
    rows = np.array(reference.counts, dtype=np.float64)
    middle = np.cumsum(rows) - rows / 2
    return (middle * (GROUPS / max(1.0, float(rows.sum())))).astype(np.int64).clip(0, GROUPS - 1).astype(np.uint8)


def codes_of(reference: Reference, values: Any) -> Codes:
    """The group of every value; `values` as in `jobs.profiles.counts.Counts.add`."""
    if reference.is_numeric:
        group = np.append(by_bin(reference), np.uint8(MISSING))
        found: Codes = group[reference.table[codes(_floats(values), reference.centre)]]
        return found
    if not reference.is_words:
        return np.where(_is_missing(values), np.uint8(MISSING), np.uint8(0))
    encoded = _encoded(values)
    places = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    groups, rest = by_bin(reference), len(reference.counts)
    by_place = np.full(len(encoded.dictionary) + 1, MISSING, dtype=np.uint8)
    used = np.flatnonzero(np.bincount(places, minlength=len(by_place))[:-1])
    words = encoded.dictionary.take(pa.array(used)).to_pylist()
    by_place[used] = [MISSING if word is None else groups[reference.places.get(word, rest)] for word in words]
    of_words: Codes = by_place[places]
    return of_words


def _floats(values: Any) -> npt.NDArray[np.float64]:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False))
    if isinstance(values, pd.Series):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(values, dtype=np.float64)


def _is_missing(values: Any) -> npt.NDArray[np.bool_]:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return np.asarray(values.is_null().to_numpy(zero_copy_only=False))
    return np.asarray(pd.isna(values))


def _encoded(values: Any) -> Any:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not isinstance(values, pa.Array):
        values = pa.array(values, pa.string(), from_pandas=True)
    return values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
