"""Encoded rows as files of a channel, in the forms that algorithms read: label first, columns by position."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

PARQUET = "application/x-parquet"
_FEW_VALUES_SAMPLE = 1_000


def write_parquet(path: Path, labels: npt.NDArray[np.float64], matrix: npt.NDArray[np.float32]) -> None:
    """One Parquet file: label first, float32, missing is null. Columns are named by position."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [pa.array(labels.astype(np.float32))]
    columns += [pa.array(np.ascontiguousarray(matrix[:, i]), from_pandas=True) for i in range(matrix.shape[1])]
    names = ["label", *(f"f{i}" for i in range(matrix.shape[1]))]
    head = matrix[:_FEW_VALUES_SAMPLE]
    repeated = [name for i, name in enumerate(names[1:]) if len(np.unique(head[:, i])) <= 0.1 * len(head)]
    table = pa.Table.from_arrays(columns, names)
    pq.write_table(table, path, compression="snappy", use_dictionary=["label", *repeated], write_statistics=False)
