"""A live model whose schema was deleted or changed is no reason to refuse new data: it is told, and not compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.prepare.pipeline import prepare
from jobs.schema import read_live
from jobs.settings import Inputs
from tests.prepare import tables

SCHEMA: dict[str, Any] = {
    "version": 1, "run": "churn-1", "task": "binary", "target": "churned", "classes": ["no", "yes"],
    "columns": [{"name": "age", "kind": "numeric", "used": True}, {"name": "churned", "kind": "target"}],
}  # fmt: skip
COLUMN = SCHEMA["columns"][0]
GARBLED: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"{not json",
    "cut off": json.dumps(SCHEMA).encode()[:40],
    "a list": b"[]",
    "null": b"null",
    "a number": b"1e999",
    "not UTF-8": b"\xff\xfe\x00{",
    "nested": b'{"columns":' * 50_000,
    "an empty object": b"{}",
    **{f"no {name}": json.dumps({**SCHEMA, name: None}).encode() for name in ("run", "task", "target", "columns")},
    "columns of another kind": json.dumps({**SCHEMA, "columns": {"age": "numeric"}}).encode(),
    "a column that is a name": json.dumps({**SCHEMA, "columns": ["age"]}).encode(),
    "a column without a name": json.dumps({**SCHEMA, "columns": [{**COLUMN, "name": 7}]}).encode(),
    "a column without a kind": json.dumps({**SCHEMA, "columns": [{"name": "age"}]}).encode(),
    "classes that are a word": json.dumps({**SCHEMA, "classes": "no, yes"}).encode(),
    "classes that are numbers": json.dumps({**SCHEMA, "classes": [0, [1]]}).encode(),
    "a task that is a list": json.dumps({**SCHEMA, "task": ["binary"]}).encode(),
    "classification without classes": json.dumps({**SCHEMA, "classes": None}).encode(),
}


@pytest.mark.parametrize("way", GARBLED)
def test_what_is_no_schema_is_not_taken_for_one(way: str, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_bytes(GARBLED[way])
    live = read_live(path)
    assert live.schema is None
    assert "schema.json" in live.lost


def test_a_schema_that_is_not_there_is_told_and_no_live_model_is_nothing(tmp_path: Path) -> None:
    assert "missing" in read_live(tmp_path / "schema.json").lost
    assert read_live(None).lost == ""


def test_a_schema_is_read_whatever_else_it_says(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    for schema in (SCHEMA, SCHEMA | {"news": 1}, SCHEMA | {"task": "regression", "classes": None}):
        path.write_text(json.dumps(schema))
        live = read_live(path)
        assert (live.schema, live.lost) == (schema, "")


def test_new_data_is_prepared_without_it_and_its_owner_is_told(tmp_path: Path) -> None:
    files = tables.laid_down(tmp_path, {"a.csv": tables.text()})
    inputs: Inputs = {"version": 1, "run": "r", "dataset": "churn", "objects": [], "settings": tables.settings()}
    lost = read_live(tmp_path / "schema.json").lost
    prepare(inputs, files, None, tmp_path / "prepared", lost)
    told = [warned for warned in tables.schema(tmp_path / "prepared")["warnings"] if "live" in warned["code"]]
    assert [warned["code"] for warned in told] == ["live-schema-lost"]
    assert told[0]["first"]
    assert "not checked" in told[0]["sentence"]
    assert "earlier versions" in told[0]["sentence"]
