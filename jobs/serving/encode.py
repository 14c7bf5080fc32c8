"""First container of the pipeline: raw rows in, the algorithm's CSV out. Loaded by the XGBoost container as a user
script.

It always answers header-less CSV, whatever `accept` says: its reader is the algorithm container, and SageMaker does not
document which Accept header reaches the inner containers of a pipeline. The container decodes CSV and JSON bodies to
text before calling, other types arrive as bytes; it runs several worker processes, each with its own `model_fn`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from jobs.encoding import Encoder, UnreadableCellError
from jobs.serving.refusal import UnexpectedError, response
from jobs.serving.rows import Refused, read_table

_WORTH_ARROW = 32  # rows; below, setting pyarrow up takes longer than writing


@dataclass(frozen=True)
class Model:
    """The fitted encoder, and the request's columns (the schema's without the target)."""

    encoder: Encoder
    columns: list[str]
    target: str


def model_fn(model_dir: str) -> Model:
    """Read encoder.json and schema.json, which lie in the model archive."""
    schema = json.loads(Path(model_dir, "schema.json").read_text(encoding="utf-8"))
    columns = [column["name"] for column in schema["columns"] if column["kind"] != "target"]
    encoder = Encoder.from_json(Path(model_dir, "encoder.json").read_text(encoding="utf-8"))
    return Model(encoder, columns, schema["target"])


def transform_fn(model: Model, data: str | bytes, content_type: str, accept: str) -> Any:  # noqa: ARG001
    """(CSV text, "text/csv"), or a Flask response with status 400 or 415 that names row and column."""
    try:
        table = read_table(data, content_type, model.columns, model.target)
        return to_csv(model.encoder.encode_rows(table.columns, table.rows)), "text/csv"
    except UnreadableCellError as error:
        return response(Refused(str(error)))
    except Refused as refused:
        return response(refused)
    except Exception as error:  # noqa: BLE001 - whatever it is, the container would log its message
        raise UnexpectedError(error) from None


def to_csv(matrix: npt.NDArray[np.float32]) -> str:
    """Rows as text that reads back to the same float32, missing as `nan`, no newline at the end (the reader minds)."""
    if len(matrix) < _WORTH_ARROW:
        pattern = ",".join(["%.9g"] * matrix.shape[1])
        return "\n".join([pattern % tuple(row) for row in matrix.tolist()])
    columns = [pa.array(column) for column in np.ascontiguousarray(matrix.T)]
    out = pa.BufferOutputStream()
    table = pa.table(columns, names=[str(place) for place in range(len(columns))])
    arrow_csv.write_csv(table, out, arrow_csv.WriteOptions(include_header=False, quoting_style="none"))
    text: str = out.getvalue().to_pybytes().decode()
    return text.removesuffix("\n")
