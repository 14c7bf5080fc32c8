"""A scoring request's body as a matrix, read as the container reads it.

CSV: the delimiter is guessed from the first 512 characters (a comma, where there is one), no header, empty is
missing; quotes mean nothing. Large bodies go through pyarrow, ten times faster than the container's own loop, which
still decides whatever pyarrow does not take.
"""

import csv
import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as arrow
import pyarrow.csv as arrow_csv
from scipy.sparse import csr_matrix

from local.containers.errors import UserError
from local.containers.xgboost.channels import CONTENT_TYPES, CSV, LIBSVM

Matrix = npt.NDArray[np.float32]
_WORTH_ARROW = 2_000  # characters; below, setting pyarrow up takes longer than reading


def read_payload(body: bytes, content_type: str | None) -> Any:
    """A float32 array (CSV) or a sparse matrix (libsvm), one row a row. Raises `UserError`, which is status 415."""
    media = (content_type or "text/libsvm").partition(";")[0].strip().lower()
    data_format = CONTENT_TYPES.get(media)
    if data_format is None:
        raise UserError(f"{content_type} is not an accepted ContentType: {', '.join(CONTENT_TYPES)}.")
    try:
        text = body.strip().decode()
        if data_format == CSV:
            return _finite(_csv(text))
        if data_format == LIBSVM:
            return _libsvm(text)
    except (ValueError, csv.Error) as error:
        raise UserError(
            f"Loading {data_format} data failed with Exception, please ensure data is in {data_format} format:\n"
            f" {type(error)}\n {error}"
        ) from error
    raise UserError(f"Content-type {content_type} is not supported.")


def _csv(text: str) -> npt.NDArray[np.float64]:
    delimiter = _delimiter(text.partition("\n")[0][:512])
    if len(text) >= _WORTH_ARROW and len(delimiter) == 1:
        try:
            return _by_arrow(text, delimiter)
        except (arrow.ArrowInvalid, UnicodeEncodeError):
            pass  # the loop below reads more, or says what is wrong in the container's words
    rows = [[float(cell or "nan") for cell in line.split(delimiter)] for line in text.split("\n")]
    return np.array(rows, dtype=np.float64)


def _delimiter(line: str) -> str:
    if "," in line and '"' not in line and "'" not in line:
        return ","  # what the sniffer prefers, without its 100 microseconds
    found = csv.Sniffer().sniff(line).delimiter
    return "," if found.isalnum() else found


def _by_arrow(text: str, delimiter: str) -> npt.NDArray[np.float64]:
    names = [str(place) for place in range(text.partition("\n")[0].count(delimiter) + 1)]
    table = arrow_csv.read_csv(
        io.BytesIO(text.encode()),
        arrow_csv.ReadOptions(column_names=names, use_threads=False),
        arrow_csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, arrow.float64()),
            null_values=["", "nan", "NaN"],
            quoted_strings_can_be_null=False,
        ),
    )
    return np.column_stack([column.to_numpy() for column in table.columns])


def _finite(values: npt.NDArray[np.float64]) -> Matrix:
    with np.errstate(over="ignore"):
        matrix = values.astype(np.float32)
    if np.isinf(matrix).any():
        raise ValueError("Input data contains `inf` or a value too large, while `missing` is not set to `inf`")
    return matrix


def _libsvm(text: str) -> Any:
    rows, columns, values = [], [], []
    for row, line in enumerate(text.split("\n")):
        for cell in line.split(" "):
            column, colon, value = cell.partition(":")
            if colon:
                rows.append(row)
                columns.append(int(column))
                values.append(float(value))
    first = 1 if columns and min(columns) >= 1 else 0  # counted from 1, or from 0
    return csr_matrix((values, (rows, [column - first for column in columns])))
