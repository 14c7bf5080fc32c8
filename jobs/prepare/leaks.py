"""Columns that are the answer in disguise: a copy of the target, or one to one with it, or missing exactly with it.

A model that finds one is perfect in the test and useless in life, because the column is only known once the target is.
Only copies are looked for, not strong predictors: each class must go with one value and each value with one class, but
for a few slips of the hand, which small classes feel more.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.prepare.target import Target
from jobs.prepare.typed import Typed

_ONE_TO_ONE, _OF_EACH_CLASS = 0.99, 0.95
_SAME = 0.99
_LINEAR = 0.999_99
_SPARE_VALUES = 5

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def leak_of(column: Typed, target: Target) -> str | None:
    """Why the column gives the target away, or None."""
    if target.classes is None:
        return _linear(column, target.labels)
    labelled = target.labelled
    classes = target.labels[labelled].astype(np.int64)
    codes = _values(column, len(target.classes))
    if codes is not None and _one_to_one(codes[labelled], classes, len(target.classes)):
        return "its values and the target's go together one to one"
    if column.missing and len(target.classes) == 2:
        absent = _absent(column)[labelled].astype(np.int64)
        if _one_to_one(absent, classes, 2):
            return "it is filled in for one class and empty for the other"
    return None


def _values(column: Typed, classes: int) -> Codes | None:
    """A small number a row for its value, missing included; None where there are too many for a copy."""
    if column.distinct > classes + _SPARE_VALUES:
        return None
    if column.words is not None:
        return column.words.codes.astype(np.int64) + 1
    if column.numbers is None:
        return None
    encoded = pa.array(column.numbers, from_pandas=True).dictionary_encode()
    codes: Codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    return codes


def _absent(column: Typed) -> npt.NDArray[np.bool_]:
    if column.numbers is not None:
        return np.isnan(column.numbers)
    if column.moments is not None:
        return np.isnat(column.moments)
    assert column.words is not None  # noqa: S101  a column has one of the three
    return column.words.codes < 0


def _one_to_one(codes: Codes, classes: Codes, count: int) -> bool:
    if not len(codes):
        return False
    table = np.bincount(codes * count + classes, minlength=(int(codes.max()) + 1) * count).reshape(-1, count)
    values = table.argmax(axis=0)
    if len(set(values.tolist())) < count:
        return False
    together = table[values, np.arange(count)]
    of_class = together / np.maximum(1, table.sum(axis=0))
    of_value = together / np.maximum(1, table[values].sum(axis=1))
    return bool(min(of_class.min(), of_value.min()) >= _OF_EACH_CLASS and together.sum() >= _ONE_TO_ONE * table.sum())


def _linear(column: Typed, labels: Floats) -> str | None:
    if column.numbers is None or column.distinct < 3:
        return None
    both = ~np.isnan(column.numbers) & ~np.isnan(labels)
    if np.count_nonzero(both) < 0.5 * np.count_nonzero(~np.isnan(labels)):
        return None
    x, y = column.numbers[both], labels[both]
    same = float(np.mean(x == y))
    if same >= _SAME and len(np.unique(y)) > _SPARE_VALUES:
        return f"it equals the target in {same:.1%} of the rows"
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    r = float(np.corrcoef(x, y)[0, 1])
    return f"it follows the target on a straight line (correlation {r:.6f})" if abs(r) >= _LINEAR else None
