"""labelled.csv: captured rows with their labels, as prepare reads them beside the files of train/."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from jobs.ground_truth.joining import Floats, Joined

_EXACT_INTEGER = 2.0**53


def write_labelled(
    path: Path, joined: Joined, names: Sequence[str], target: str, classes: Sequence[str] | None
) -> None:
    """The columns of the schema in order (`names`), the target among them; cells as the caller of the endpoint wrote
    them, labels in the model's own words."""
    labels = _words(joined.actual, classes)
    columns = [labels if name == target else joined.cells[name] for name in names]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        arrow_csv.write_csv(pa.table(columns, names=list(names)), file)


def _words(actual: Floats, classes: Sequence[str] | None) -> pa.Array:
    if classes is not None:
        return pa.array(list(classes), pa.string()).take(pa.array(actual.astype(np.int64)))
    if np.all(actual == np.floor(actual)) and np.all(np.abs(actual) < _EXACT_INTEGER):
        return pa.array(actual.astype(np.int64))
    return pa.array(actual)
