"""Rows as their columns are, not yet numbers, in Parquet: what prepare leaves for a training that encodes by itself.

First the label (a class's place, or the number), then the used columns of schema.json in its order: numbers and yes/no
as float64, words as dictionary of strings, dates as timestamp in nanoseconds; null where missing. Columns go by
position, because one of the user's may be named `label`, too. A row group holds at most 65,536 rows, and both ways hold
one at a time beside what they were given or give. Never imported while serving.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.encoding.fitting import used_columns

if TYPE_CHECKING:
    from jobs.schema import Column, Schema

ROW_GROUP = 65_536
Labels = npt.NDArray[Any]
Group = tuple[Labels, pd.DataFrame]
_NUMBERS, _WORDS, _MOMENTS = pa.float64(), pa.dictionary(pa.int32(), pa.string()), pa.timestamp("ns")
_TYPES = {"numeric": _NUMBERS, "boolean": _NUMBERS, "categorical": _WORDS, "date": _MOMENTS}


class UnfitRowsError(ValueError):
    """Rows that are not what the schema says, in a sentence that quotes none of their cells."""


def write_typed(path: Path, groups: Iterable[Group], schema: "Schema") -> None:
    """One file; a group is the labels of some rows, `ROW_GROUP` at most, and their columns as `Encoder` takes them."""
    columns = used_columns(schema)
    fields = [pa.field("label", _NUMBERS), *(pa.field(column["name"], _TYPES[column["kind"]]) for column in columns)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, pa.schema(fields), compression="snappy", write_statistics=False) as writer:
        for labels, frame in groups:
            arrays = [pa.array(labels.astype(np.float64)), *(_array(frame[column["name"]]) for column in columns)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), row_group_size=ROW_GROUP)


def _array(series: Any) -> pa.Array:
    if not isinstance(series.dtype, pd.CategoricalDtype):
        values = series.to_numpy()
        return pa.array(values.astype("datetime64[ns]") if values.dtype.kind == "M" else values, from_pandas=True)
    codes = series.cat.codes.to_numpy()
    used, places = np.unique(codes, return_inverse=True)  # a row group's own words, and not all of the column's
    if len(used) and used[0] < 0:
        used, places = used[1:], places - 1
    words = pa.array(series.cat.categories.to_numpy()[used], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32), mask=codes < 0), words)


def count_rows(folders: Path | Sequence[Path]) -> int:
    """Rows of one or more channels."""
    return sum(file.metadata.num_rows for file in _files(folders))


def read_typed(folders: Path | Sequence[Path], schema: "Schema", kinds: Sequence[str] = tuple(_TYPES)) -> Group:
    """All rows of one or more channels, in their order: labels (rows,), and the columns as `Encoder` takes them, those
    of the given kinds.

    The categories of words are those of the schema, in its order, whatever rows are read. Raises `UnfitRowsError` where
    a file is not what the schema says.
    """
    columns, files = used_columns(schema), _files(folders)
    categories = _categories(columns)
    rows = sum(file.metadata.num_rows for file in files)
    labels = np.empty(rows)
    kept = [column for column in columns if column["kind"] in kinds]
    cells = [np.empty(rows, _dtype(column, categories)) for column in kept]
    start = 0
    for found, *arrays in _groups(files, columns, categories):
        block = slice(start, start + len(found))
        labels[block] = found
        wanted = (part for part, column in zip(arrays, columns, strict=True) if column["kind"] in kinds)
        for whole, part in zip(cells, wanted, strict=True):
            whole[block] = part
        start = block.stop
    return labels, _frame(kept, cells, categories)


def iterate_typed(folders: Path | Sequence[Path], schema: "Schema") -> Iterator[Group]:
    """The same row group by row group, where the whole does not fit into the memory."""
    columns = used_columns(schema)
    categories = _categories(columns)
    for labels, *arrays in _groups(_files(folders), columns, categories):
        yield labels, _frame(columns, arrays, categories)


def _files(folders: Path | Sequence[Path]) -> list[pq.ParquetFile]:
    several = [folders] if isinstance(folders, Path) else folders
    return [pq.ParquetFile(path) for folder in several for path in sorted(folder.glob("*.parquet"))]


def _categories(columns: Sequence["Column"]) -> dict[str, pd.CategoricalDtype]:
    of_words = [column for column in columns if column["kind"] == "categorical"]
    return {column["name"]: pd.CategoricalDtype(pd.Index(column["categories"], dtype=object)) for column in of_words}


def _dtype(column: "Column", categories: dict[str, pd.CategoricalDtype]) -> Any:
    if column["kind"] == "categorical":
        return np.min_scalar_type(-2 - len(categories[column["name"]].categories))  # as pandas holds its codes
    return "datetime64[ns]" if column["kind"] == "date" else np.float64


def _groups(
    files: Sequence[pq.ParquetFile], columns: Sequence["Column"], categories: dict[str, pd.CategoricalDtype]
) -> Iterator[list[npt.NDArray[Any]]]:
    """The labels and the columns' values of each row group, words as their places among the categories."""
    for file in files:
        if file.metadata.num_columns != 1 + len(columns):
            raise UnfitRowsError(
                f"the rows have {file.metadata.num_columns - 1} columns; the schema uses {len(columns)}"
            )
        for place in range(file.num_row_groups):
            labels, *cells = file.read_row_group(place).columns
            yield [
                labels.to_numpy(),
                *(_values(one, column, categories) for one, column in zip(cells, columns, strict=True)),
            ]


def _values(cells: pa.ChunkedArray, column: "Column", categories: dict[str, pd.CategoricalDtype]) -> npt.NDArray[Any]:
    wanted = _TYPES[column["kind"]]
    if cells.type != wanted:
        raise UnfitRowsError(f'column "{column["name"]}" is {cells.type}; {column["kind"]} columns are {wanted}')
    if column["kind"] != "categorical":
        values: npt.NDArray[Any] = cells.to_numpy()
        return values
    encoded = cells.unify_dictionaries().combine_chunks()
    places = categories[column["name"]].categories.get_indexer(pd.Index(encoded.dictionary.to_pylist(), dtype=object))
    if (places < 0).any():
        raise UnfitRowsError(f'column "{column["name"]}" holds words that are not among its categories in the schema')
    codes: npt.NDArray[np.int32] = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    lookup: npt.NDArray[Any] = np.append(places, -1).astype(_dtype(column, categories))
    return lookup[codes]


def _frame(
    columns: Sequence["Column"], cells: Sequence[npt.NDArray[Any]], categories: dict[str, pd.CategoricalDtype]
) -> pd.DataFrame:
    found = {
        column["name"]: pd.Categorical.from_codes(values, dtype=categories[column["name"]])
        if column["kind"] == "categorical"
        else values
        for column, values in zip(columns, cells, strict=True)
    }
    return pd.DataFrame(found, copy=False)
