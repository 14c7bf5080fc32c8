"""Parquet of every writer is read: each Arrow type has its reading, and no column costs the file."""

from __future__ import annotations

import datetime
import decimal
import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.refusals import Refusal
from jobs.tables.notes import Notes
from jobs.tables.parquet import read_parquet
from tests.prepare import tables
from tests.prepare.cases import FRAME

WRITTEN_BY = Path(__file__).parent / "written_by"
WORDS = ["north", "süd", None]
SHUFFLED = pd.Index([i * 7 % 60 for i in range(60)])
DAY = datetime.datetime(2024, 2, 29)  # noqa: DTZ001  naive, as dates are here


def written(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def cells(array: pa.Array) -> list[str | None]:
    table = pa.table([array, pa.array(range(len(array))), pa.array(range(len(array)))], names=["a", "b", "c"])
    grid = read_parquet(written(table), "a.parquet", 10)
    assert grid.columns[0].type == pa.string()
    found: list[str | None] = grid.columns[0].to_pylist()
    return found


@pytest.mark.parametrize(
    ("file", "kinds", "warned"),
    [
        ("delta", {"region": "categorical", "since": "date", "tags": "empty"}, {"unusable-column"}),
        (
            "duckdb",
            {"region_bytes": "categorical", "token": "identifier", "exact": "numeric", "seen": "date", "span": "empty"},
            {"unusable-column", "identifier-column"},
        ),
        (
            "pandas3",
            {"region": "categorical", "region_category": "categorical", "waited": "numeric", "range": "empty"},
            {"unusable-column", "durations", "pandas-index"},
        ),
        (
            "polars",
            {"region": "categorical", "region_category": "categorical", "region_bytes": "categorical",
             "waited": "numeric", "both": "empty", "picture": "empty", "nothing": "empty"},
            {"unusable-column", "durations", "empty-column"},
        ),
    ],
)  # fmt: skip
def test_what_other_writers_write_is_read(file: str, kinds: dict[str, str], warned: set[str], tmp_path: Path) -> None:
    content = (WRITTEN_BY / f"{file}.parquet").read_bytes()
    judged = tables.judged(tmp_path, {"a.parquet": content})
    assert judged.target.classes == ("no", "yes")
    found = {column.name: column.kind for column in judged.columns}
    assert found | kinds == found
    assert found["x"] == "numeric"
    assert {warning.code for warning in judged.notes.warnings} - {"time-order"} == warned


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view(),
        pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.large_string()),
    ],
    ids=str,
)  # fmt: skip
def test_words_are_words_in_every_type_that_holds_them(kind: pa.DataType, tmp_path: Path) -> None:
    array = pa.array([WORDS[i % 3] for i in range(90)]).cast(kind)
    assert cells(array)[:3] == WORDS
    table = pa.table({"x": [i * 7 % 41 for i in range(90)], "region": array, "label": array})
    judged = tables.judged(tmp_path, {"a.parquet": written(table)}, target="label")
    assert set(judged.target.classes or ()) == {"north", "süd"}


@pytest.mark.parametrize(
    ("array", "wanted"),
    [
        (pa.array([1.5, None], pa.float16()), ["1.5", None]),
        (pa.array([0.1, None], pa.float32()), ["0.1", None]),
        (pa.array([decimal.Decimal("1.25"), None], pa.decimal128(9, 2)), ["1.25", None]),
        (pa.array([decimal.Decimal("1.25"), None], pa.decimal256(50, 2)), ["1.25", None]),
        (pa.array([True, None]), ["true", None]),
        (pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, None], pa.int8())), ["true", None]),
        (pa.array([7, None]).dictionary_encode(), ["7", None]),
        (pa.nulls(2), [None, None]),
        (pa.array([DAY.date(), None], pa.date32()), ["2024-02-29", None]),
        (pa.array([DAY.date(), None], pa.date64()), ["2024-02-29", None]),
        (pa.array([DAY, None], pa.timestamp("s")), ["2024-02-29", None]),
        (pa.array([DAY, None], pa.timestamp("ns")), ["2024-02-29", None]),
        (pa.array([DAY, None], pa.timestamp("us", "Asia/Tokyo")), ["2024-02-29", None]),
        (pa.array([DAY.replace(hour=5), None], pa.timestamp("ms")), ["2024-02-29 05:00:00", None]),
        (pa.array([datetime.time(5, 30), None], pa.time64("ns")), ["05:30:00", None]),
        (pa.array([datetime.time(5, 30, 0, 500_000), None], pa.time32("ms")), ["05:30:00.500", None]),
        (pa.array([90_500, None], pa.duration("ms")), ["90.5", None]),
        (pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=7).bytes, None], pa.binary(16))),
         ["00000000-0000-0000-0000-000000000007", None]),
        (pa.array([b"DE", None], pa.binary(2)), ["DE", None]),
        (pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"a": 1}', None])), ['{"a": 1}', None]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)  # fmt: skip
def test_values_are_written_as_a_person_would(array: pa.Array, wanted: list[str | None]) -> None:
    assert cells(array) == wanted


@pytest.mark.parametrize(
    "array",
    [
        pa.array([[1], [2, 3], None] * 20),
        pa.array([["a"], [], None] * 20, pa.large_list(pa.large_string())),
        pa.array([[1, 2], [3, 4], [5, 6]] * 20, pa.list_(pa.int64(), 2)),
        pa.array([[("a", 1)], [], None] * 20, pa.map_(pa.string(), pa.int64())),
        pa.array([{"a": 1, "b": "x"}, {"a": None, "b": "y"}, None] * 20),
        pa.array([[{"a": [1]}], [], None] * 20),
        pa.array([b"\xff\xd8\xff", b"\x00", None] * 20),
        pa.array([bytes(12), bytes(12), None] * 20, pa.binary(12)),
    ],
    ids=lambda array: str(array.type),
)
def test_a_column_of_no_plain_values_is_set_aside_and_not_the_file(array: pa.Array, tmp_path: Path) -> None:
    table = pa.table({**{name: FRAME[name] for name in ("age", "plan")}, "odd": array, "churned": FRAME["churned"]})
    for changes in ({}, {"ignore": ["odd"]}, {"columns": {"odd": "text"}}):
        judged = tables.judged(tmp_path, {"a.parquet": written(table)}, target="churned", **changes)
        assert [(column.name, column.used) for column in judged.columns] == [
            ("age", True), ("plan", True), ("odd", False),
        ]  # fmt: skip
        told = [warning for warning in judged.notes.warnings if warning.column == "odd"]
        assert [warning.code for warning in told] == ["unusable-column"]
    assert tables.prepared(tmp_path, {"a.parquet": written(table)}, target="churned").exists()
    with pytest.raises(Refusal, match="target-no-values"):
        tables.judged(tmp_path, {"a.parquet": written(table)}, target="odd")
    last = pa.table({**{name: FRAME[name] for name in ("age", "churned")}, "odd": array})
    assert tables.judged(tmp_path, {"a.parquet": written(last)}).target.name == "churned"


def test_a_column_whose_name_looks_like_the_inside_of_another_is_read_as_itself(tmp_path: Path) -> None:
    table = pa.table({"a": [{"b": i} for i in range(3)], "a.b": ["x", "y", "z"], "c": [1, 2, 3]})
    grid = read_parquet(written(table), "a.parquet", 10)
    assert grid.names == ("a", "a.b", "c")
    assert [column.to_pylist() for column in grid.columns[1:]] == [["x", "y", "z"], ["1", "2", "3"]]


@pytest.mark.parametrize("change", [
    lambda frame: frame.assign(plan=frame["plan"].astype("category")),
    lambda frame: frame.assign(age=frame["age"].astype("int8"), plan=frame["plan"].astype("string[pyarrow]")),
    lambda frame: frame.assign(age=frame["age"].astype("float32")),
    lambda frame: frame.assign(age=frame["age"].astype("Int64")),
])  # fmt: skip
def test_files_that_differ_in_types_are_one_table(
    change: Callable[[pd.DataFrame], pd.DataFrame], tmp_path: Path
) -> None:
    other = pa.Table.from_pandas(change(FRAME), preserve_index=False)
    place = other.schema.get_field_index("churned")
    other = other.set_column(place, "churned", other.column(place).cast(pa.large_string()))
    files = {"a.parquet": written(pa.Table.from_pandas(FRAME)), "b.parquet": written(other)}
    judged = tables.judged(tmp_path, files, target="churned")
    alone = tables.judged(tmp_path, {"a.parquet": files["a.parquet"]}, target="churned")
    assert [(column.name, column.kind) for column in judged.columns] == [
        (column.name, column.kind) for column in alone.columns
    ]
    assert [column.facts.get("categories") for column in judged.columns] == [
        column.facts.get("categories") for column in alone.columns
    ]
    assert judged.target.classes == alone.target.classes


def indexed(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("frame", "index"),
    [
        (FRAME[FRAME["age"] > 21], ["__index_level_0__"]),
        (FRAME.set_index(pd.date_range("2024-01-01", periods=60)), ["__index_level_0__"]),
        (FRAME.set_index(SHUFFLED.rename("who")), ["who"]),
        (FRAME.set_index([SHUFFLED, SHUFFLED.rename("b")]), ["__index_level_0__", "b"]),
    ],
    ids=["rows", "dates", "named", "two"],
)
def test_the_index_of_pandas_is_no_data(frame: pd.DataFrame, index: list[str], tmp_path: Path) -> None:
    content = indexed(frame.rename(columns={"churned": "left"}))
    judged = tables.judged(tmp_path, {"a.parquet": content})
    assert judged.target.name == "left"
    assert [column.name for column in judged.columns] == ["age", "plan", "income"]
    told = [warning.sentence for warning in judged.notes.warnings if warning.code == "pandas-index"]
    assert len(told) == 1
    assert all(name in told[0] for name in index)


@pytest.mark.parametrize("changes", [{"columns": {"day": "date"}}, {"split": {"how": "time", "column": "day"}}])
def test_an_index_that_the_settings_name_is_data(changes: dict[str, Any], tmp_path: Path) -> None:
    content = indexed(FRAME.set_index(pd.date_range("2024-01-01", periods=60, name="day")))
    judged = tables.judged(tmp_path, {"a.parquet": content}, target="churned", **changes)
    assert [column.name for column in judged.columns] == ["age", "plan", "income", "day"]
    assert not [warning for warning in judged.notes.warnings if warning.code == "pandas-index"]


@pytest.mark.parametrize(
    "metadata", [b"", b"[]", b"{}", b'{"index_columns": 5}', b'{"index_columns": [["age"]]}', b"\xff"]
)
def test_what_somebody_wrote_as_the_word_of_pandas_breaks_nothing(metadata: bytes) -> None:
    table = pa.table({"age": [1], "plan": ["a"]}).replace_schema_metadata({b"pandas": metadata})
    grid = read_parquet(written(table), "a.parquet", 10, notes=Notes(), index_kept=())
    assert grid.names == ("age", "plan")


def test_an_encrypted_file_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"\[broken-parquet\].*encrypted"):
        tables.judged(tmp_path, {"a.parquet": b"PARE" + bytes(range(200)) + b"PARE"})
