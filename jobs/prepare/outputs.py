"""Everything prepare leaves behind, in the shapes of docs/formats.md; nothing is decided here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from jobs.prepare.baseline import is_numeric
from jobs.prepare.target import Target
from jobs.prepare.typed import Typed
from jobs.profiles.trained_rows import row_hashes, written
from jobs.schema import TrainedRows

Rows = npt.NDArray[np.int64]
_EXACT_INTEGER = 2.0**53


@dataclass(frozen=True)
class Part:
    """Some rows of the table, typed: what an algorithm writes its own rows from."""

    columns: tuple[Typed, ...]
    target: Target
    rows: Rows

    @cached_property
    def labels(self) -> npt.NDArray[Any]:
        """A class's place as an integer, or the number."""
        labels = self.target.labels[self.rows]
        return labels if self.target.classes is None else labels.astype(np.int64)

    def frame(self, start: int = 0, stop: int | None = None) -> pd.DataFrame:
        """The used columns of the rows, or of some of them, typed as the encoder wants them."""
        rows, used = self.rows[start:stop], [column for column in self.columns if column.used]
        return pd.DataFrame({column.name: self._typed(column, rows) for column in used}, copy=False)

    def _typed(self, column: Typed, rows: Rows) -> Any:
        if column.kind == "categorical":
            assert column.words is not None  # noqa: S101  what the kind says
            return pd.Categorical.from_codes(column.words.codes[rows], dtype=self._dtypes[column.name])
        values = column.moments if column.kind == "date" else column.numbers
        assert values is not None  # noqa: S101  what the kind says
        return values[rows]

    @cached_property
    def _dtypes(self) -> dict[str, pd.CategoricalDtype]:
        """The words of each column, taken over once, however often some of the rows are asked for."""
        words = {column.name: column.words for column in self.columns if column.used and column.kind == "categorical"}
        return {name: pd.CategoricalDtype(found.words.to_pylist()) for name, found in words.items() if found}


def write_trained_rows(
    folder: Path, columns: Sequence[Typed], target: Target, trained: Rows, held_out: Rows
) -> TrainedRows:
    """Which rows are learned from, as hashes; answers what schema.json says of the file."""
    file, about = written(hashed(columns, target, trained), hashed(columns, target, held_out))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / about["file"]).write_bytes(file)
    return about


def write_test(path: Path, columns: Sequence[Typed], target: Target, names: Sequence[str], rows: Rows) -> None:
    """The raw held-out rows, all columns in the order of `names`, numbers normalised, missing cells empty."""
    by_name = {column.name: column for column in columns}
    cells = [_target_cells(target, rows) if name == target.name else _cells(by_name[name], rows) for name in names]
    path.parent.mkdir(parents=True, exist_ok=True)
    arrow_csv.write_csv(pa.Table.from_arrays(cells, list(names)), path)


def hashed(columns: Sequence[Typed], target: Target, rows: Rows) -> npt.NDArray[np.uint64]:
    """A hash a row, of the used columns and the answer."""
    used = [_cells(column, rows) for column in columns if column.used]
    return row_hashes([*used, _target_cells(target, rows)])


def _target_cells(target: Target, rows: Rows) -> pa.Array:
    labels = target.labels[rows]
    if target.classes is None:
        return _number_cells(labels)
    return pa.array(list(target.classes), pa.string()).take(pa.array(labels.astype(np.int64)))


def _cells(column: Typed, rows: Rows) -> pa.Array:
    if is_numeric(column):
        assert column.numbers is not None  # noqa: S101  what is_numeric says
        return _number_cells(column.numbers[rows])
    assert column.words is not None  # noqa: S101  a column has numbers or words
    codes = column.words.codes[rows]
    return column.words.words.take(pa.array(codes, mask=codes < 0)).cast(pa.string())


def _number_cells(numbers: npt.NDArray[np.float64]) -> pa.Array:
    missing = np.isnan(numbers)
    filled = np.where(missing, 0.0, numbers)
    if np.all(filled == np.floor(filled)) and np.all(np.abs(filled) < _EXACT_INTEGER):
        return pa.array(filled.astype(np.int64), mask=missing)
    return pa.array(numbers, mask=missing)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """A document as people may open it: indented, with their own letters, without NaN."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8")


def write_compact(path: Path, document: Mapping[str, Any]) -> None:
    """A document of many numbers, for programs: on one line, where size is what counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    path.write_text(text, encoding="utf-8")
