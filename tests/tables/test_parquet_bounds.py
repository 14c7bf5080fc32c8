"""What a small Parquet file can hold is counted before it takes memory."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.refusals import Refusal
from jobs.tables.contents import Limits
from jobs.tables.parquet import read_parquet

LIMITS = Limits(unpacked=50 << 20, ratio_from=20 << 20)


def written(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, store_schema=False, **options)
    return out.getvalue()


def repeated(word: str, rows: int) -> pa.Table:
    words = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([word]))
    return pa.table({"a": words, "b": ["y", "z"] * (rows // 2)})


@pytest.mark.parametrize(
    "data",
    [
        written(repeated("x" * 900_000, 3_000)),
        written(
            pa.table({"a": ["x" * 900_000] * 64, "b": ["y"] * 64}),
            use_dictionary=False,
            column_encoding={"a": "DELTA_BYTE_ARRAY", "b": "PLAIN"},
        ),
    ],
    ids=["a dictionary", "deltas"],
)
def test_few_bytes_that_mean_many_are_refused_before_they_take_memory(data: bytes) -> None:
    assert len(data) < 100_000
    before = pa.default_memory_pool().max_memory()

    with pytest.raises(Refusal, match="decompression-bomb"):
        read_parquet(data, "a.parquet", 10, LIMITS)

    assert pa.default_memory_pool().max_memory() < max(before, 200 << 20)


def test_more_cells_than_the_job_can_read_are_refused() -> None:
    data = written(pa.table({"a": pa.array(range(4_000_000), pa.int64()), "b": pa.nulls(4_000_000, pa.int64())}))

    with pytest.raises(Refusal, match="file-too-large"):
        read_parquet(data, "a.parquet", 10, LIMITS)


def test_few_words_in_many_rows_are_no_bomb() -> None:
    grid = read_parquet(written(repeated("basic", 2_000_000)), "a.parquet", 10, Limits(ratio_from=1))

    assert grid.height == 2_000_000
    assert grid.columns[0][-1].as_py() == "basic"
    assert grid.columns[1].slice(0, 3).to_pylist() == ["y", "z", "y"]
