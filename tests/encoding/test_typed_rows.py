"""Typed rows in Parquet: what is read is what was written, by row group or as a whole."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.encoding.typed_rows import iterate_typed, read_typed, write_typed

WORDS = ["plus", "basic", "", "Ünïted", "a,b\n", "никто"]
KINDS = {"age": "numeric", "label": "boolean", "plan": "categorical", "since": "date"}
"""One of the columns is called as the label is."""


def described(**categories: list[str]) -> Any:
    columns = [
        {"name": name, "kind": kind, "used": True, **({"categories": WORDS} if kind == "categorical" else {})}
        for name, kind in KINDS.items()
    ]
    for column in columns:
        if column["name"] in categories:
            column["categories"] = categories[str(column["name"])]
    unused = {"name": "id", "kind": "identifier", "used": False}
    return {"columns": [unused, *columns, {"name": "churned", "kind": "target", "used": False}]}


def framed(rows: list[tuple[Any, Any, Any, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(KINDS))
    frame["plan"] = pd.Categorical(frame["plan"], categories=pd.Index(WORDS, dtype=object))
    frame["since"] = pd.to_datetime(frame["since"]).astype("datetime64[ns]")
    return frame.astype({"age": float, "label": float})


numbers = st.none() | st.floats(allow_nan=False)
moments = st.none() | st.datetimes(pd.Timestamp("1678-01-01"), pd.Timestamp("2262-01-01"))
row = st.tuples(numbers, st.sampled_from([None, 0.0, 1.0]), st.none() | st.sampled_from(WORDS), moments)
groups = st.lists(st.lists(row, min_size=1, max_size=5), max_size=4)


@settings(max_examples=60, deadline=None)
@given(groups, st.integers(0, 3))
def test_what_is_read_is_what_was_written(cut: list[list[tuple[Any, Any, Any, Any]]], apart: int) -> None:
    frames = [framed(rows) for rows in cut]
    labels = [np.arange(len(frame)) * 1.5 - apart for frame in frames]
    whole = pd.concat([framed([]), *frames], ignore_index=True)
    with TemporaryDirectory() as folder:
        one, other = Path(folder) / "train", Path(folder) / "validation"
        pairs = list(zip(labels, frames, strict=True))
        write_typed(one / "train.parquet", iter(pairs[:apart]), described())
        write_typed(other / "validation.parquet", iter(pairs[apart:]), described())
        found, frame = read_typed([one, other], described())
        parts = list(iterate_typed([one, other], described()))
        alone = read_typed(one, described())[1]

    pd.testing.assert_frame_equal(frame, whole)
    np.testing.assert_array_equal(found, np.concatenate([np.empty(0), *labels]))
    assert [len(part) for part, _ in parts] == [len(part) for part in labels]
    for (part_labels, part), (expected, expected_frame) in zip(parts, pairs, strict=True):
        np.testing.assert_array_equal(part_labels, expected)
        pd.testing.assert_frame_equal(part, expected_frame)
    pd.testing.assert_frame_equal(alone, pd.concat([framed([]), *frames[:apart]], ignore_index=True))


def test_the_file_is_what_the_contract_says(tmp_path: Path) -> None:
    frame = framed([(1.5, 1.0, "basic", pd.Timestamp("2020-01-02 03:04:05")), (None, None, None, None)])
    write_typed(tmp_path / "train.parquet", [(np.array([1, 0]), frame)], described())
    file = pq.ParquetFile(tmp_path / "train.parquet")
    assert file.schema_arrow.names == ["label", "age", "label", "plan", "since"]
    assert list(map(str, file.schema_arrow.types)) == [
        "double", "double", "double", "dictionary<values=string, indices=int32, ordered=0>", "timestamp[ns]",
    ]  # fmt: skip
    group = file.read_row_group(0)
    assert [column.null_count for column in group.columns] == [0, 1, 1, 1, 1]
    assert group.column(3).chunk(0).dictionary.to_pylist() == ["basic"]  # and not every word that the column has


def test_many_categories_keep_their_places(tmp_path: Path) -> None:
    for count in (126, 127, 40_000):
        words = [f"w{place}" for place in range(count)]
        schema = described(plan=words)
        frame = framed([(1.0, 0.0, None, None)] * 3)
        frame["plan"] = pd.Categorical.from_codes([count - 1, -1, 0], pd.Index(words, dtype=object))
        write_typed(tmp_path / "train.parquet", [(np.zeros(3), frame)], schema)
        pd.testing.assert_frame_equal(read_typed(tmp_path, schema)[1], frame)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"columns": described()["columns"][:3]}, "the rows have 4 columns; the schema uses 2"),
        (described(plan=["basic"]), '"plan" holds words that are not among its categories'),
    ],
)
def test_rows_of_another_schema_are_refused(tmp_path: Path, changed: Any, problem: str) -> None:
    write_typed(tmp_path / "train.parquet", [(np.zeros(1), framed([(1.0, 1.0, "plus", None)]))], described())
    with pytest.raises(ValueError, match=problem):
        read_typed(tmp_path, changed)


def test_a_column_of_another_type_is_refused(tmp_path: Path) -> None:
    cells = pa.table([pa.array([1.0])] * 5, names=["label", *KINDS])
    pq.write_table(cells, tmp_path / "train.parquet")
    with pytest.raises(ValueError, match='"plan" is double; categorical columns are dictionary'):
        read_typed(tmp_path, described())
