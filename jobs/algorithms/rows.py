"""Encoded rows as files of a channel, in the forms that algorithms read: label first, columns by position.

The encoder, fitted on the training part alone, serves with the model, in an archive of its own.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from jobs.algorithms import Part, Written
from jobs.encoding import Encoder, write_artifact
from jobs.schema import Schema

PARQUET = "application/x-parquet"
CSV = "text/csv"
_FEW_VALUES_SAMPLE = 1_000

Write = Callable[[Path, npt.NDArray[Any], npt.NDArray[np.float32]], None]
"""Of a channel's folder, labels and encoded rows."""


def write_encoded(
    prepared: Path, train: Part, validation: Part, schema: Schema, write: Write, *, whole: bool = False
) -> Written:
    """Both parts encoded and written, one while the other is encoded; the encoder's archive is written at the end.

    `whole`: no feature is ever missing, here nor in a request; its training rows' median stands in for it.
    """
    encoder, matrix = Encoder.fit_encode(train.frame(), schema, train.labels)
    if whole:
        encoder = encoder.completed(_medians(matrix), np.zeros(matrix.shape[1], dtype=np.bool_))
        encoder.complete(matrix)
    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(write, prepared / "train", train.labels, matrix)
        write(prepared / "validation", validation.labels, encoder.encode_frame(validation.frame()))
        writing.result()
    return Written(
        {"features": encoder.features, "feature_columns": encoder.feature_columns},
        lambda complete: write_artifact(encoder, complete, prepared / "encoder" / "model.tar.gz"),
    )


def _medians(matrix: npt.NDArray[np.float32]) -> list[float]:
    """Of each feature; 0 of one that no row has."""
    known = (column[~np.isnan(column)] for column in matrix.T)
    return [float(np.median(column)) if column.size else 0.0 for column in known]


def write_csv(path: Path, labels: npt.NDArray[Any], matrix: npt.NDArray[np.float32]) -> None:
    """One CSV file without a header: label first, then numbers that read back to the same float32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    integral = np.issubdtype(labels.dtype, np.integer)
    columns = [pa.array(labels if integral else labels.astype(np.float32))]
    columns += [pa.array(np.ascontiguousarray(matrix[:, i])) for i in range(matrix.shape[1])]
    table = pa.Table.from_arrays(columns, [str(place) for place in range(len(columns))])
    pa_csv.write_csv(table, path, pa_csv.WriteOptions(include_header=False, quoting_style="none"))


def write_parquet(path: Path, labels: npt.NDArray[Any], matrix: npt.NDArray[np.float32]) -> None:
    """One Parquet file: label first, float32, missing is null. Columns are named by position."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [pa.array(labels.astype(np.float32))]
    columns += [pa.array(np.ascontiguousarray(matrix[:, i]), from_pandas=True) for i in range(matrix.shape[1])]
    names = ["label", *(f"f{i}" for i in range(matrix.shape[1]))]
    head = matrix[:_FEW_VALUES_SAMPLE]
    repeated = [name for i, name in enumerate(names[1:]) if len(np.unique(head[:, i])) <= 0.1 * len(head)]
    table = pa.Table.from_arrays(columns, names)
    pq.write_table(table, path, compression="snappy", use_dictionary=["label", *repeated], write_statistics=False)
