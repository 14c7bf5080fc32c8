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
import pyarrow.parquet as pq

from jobs.algorithms import Part, Written
from jobs.encoding import Encoder, write_artifact
from jobs.schema import Schema

PARQUET = "application/x-parquet"
_FEW_VALUES_SAMPLE = 1_000

Write = Callable[[Path, npt.NDArray[Any], npt.NDArray[np.float32]], None]
"""Of a channel's folder, labels and encoded rows."""


def write_encoded(prepared: Path, train: Part, validation: Part, schema: Schema, write: Write) -> Written:
    """Both parts encoded and written, one while the other is encoded; the encoder's archive is written at the end."""
    encoder, matrix = Encoder.fit_encode(train.frame(), schema, train.labels)
    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(write, prepared / "train", train.labels, matrix)
        write(prepared / "validation", validation.labels, encoder.encode_frame(validation.frame()))
        writing.result()
    return Written(
        {"features": encoder.features, "feature_columns": encoder.feature_columns},
        lambda complete: write_artifact(encoder, complete, prepared / "encoder" / "model.tar.gz"),
    )


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
