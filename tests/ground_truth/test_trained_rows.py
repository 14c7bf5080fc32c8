"""Test files with rows that the model was trained on: counted, told first, and not praised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jobs.evaluate.uploaded_rows import read_uploaded
from jobs.profiles.trained_rows import Hashes, is_telling, overlap, row_hashes, written
from jobs.tables.notes import Notes
from tests.evaluate.trained import Trained
from tests.ground_truth.uploads import BUCKET, KEY, codes, evaluated, text
from tests.prepare import tables


def hashed(frame: pd.DataFrame, schema: dict[str, Any]) -> Hashes:
    names = [column["name"] for column in schema["columns"] if column["used"]]
    return row_hashes([pa.array(frame[name].astype(str)) for name in (*names, schema["target"])])


def test_rows_that_the_model_was_trained_on_are_told_first_and_not_praised(
    s3: Any, model: Trained, tmp_path: Path
) -> None:
    rows = len(model.test)
    others = hashed(model.test, model.schema) ^ np.uint64(1)
    file, about = written(hashed(model.test[: rows // 2], model.schema), others)
    s3.put_object(Bucket=BUCKET, Key="runs/x/prepared/trained_rows.npy", Body=file)
    seen = replace(model, schema=model.schema | {"trained_rows": about})

    found = evaluated(s3, tmp_path, seen, {KEY: text(model.test)}, trained_rows="runs/x/prepared/trained_rows.npy")

    assert found["warnings"][0]["code"] == "test-rows-trained-on"
    assert found["warnings"][0]["first"]
    assert f"{rows // 2} of the {rows} rows equal" in found["warnings"][0]["sentence"]
    assert found["at_promotion"]["sentence"].startswith("No test of the model: it was trained on")
    assert found["uploaded"]["trained_on"] == rows // 2


@pytest.mark.parametrize("key", [None, "runs/x/prepared/gone.npy", "runs/x/prepared/spoiled.npy"])
def test_where_nobody_knows_what_was_trained_on_nothing_is_said(
    s3: Any, model: Trained, tmp_path: Path, key: str | None
) -> None:
    s3.put_object(Bucket=BUCKET, Key="runs/x/prepared/spoiled.npy", Body=b"no array")
    about = {"file": "trained_rows.npy", "one_in": 1, "held_out": 9, "held_out_found": 0}
    seen = model if key is None else replace(model, schema=model.schema | {"trained_rows": about})

    found = evaluated(s3, tmp_path, seen, {KEY: text(model.test)}, trained_rows=key)

    assert "test-rows-trained-on" not in codes(found)
    assert found["uploaded"]["trained_on"] is None


def test_prepare_and_the_test_job_know_a_row_again(tmp_path: Path) -> None:
    """Numbers, dates, words, truths, gaps, and an identifier that is another in the test file."""
    rows = [
        [f"id{i:05d}", f"{i * 37 % 1009 / 8}", str(i), f"{1 + i % 28:02d}.0{1 + i % 9}.2024", "abé"[i % 3],
         "" if i % 7 == 0 else "yes" if i % 2 else "No", "x" if i % 4 else "y"]
        for i in range(300)
    ]  # fmt: skip
    names = ("id", "size", "count", "day", "plan", "member", "churned")
    prepared = tables.prepared(tmp_path, {"a.csv": tables.text(rows, names)}, target="churned")
    schema = tables.schema(prepared)
    again = [[f"new{i}", *row[1:]] for i, row in enumerate(reversed(rows))]
    path = tmp_path / "again.csv"
    path.write_text(tables.text(again, names, delimiter=";"), encoding="utf-8")

    uploaded = read_uploaded([("again.csv", path)], schema, {}, Notes())
    file = (prepared / schema["trained_rows"]["file"]).read_bytes()
    found = overlap(row_hashes(uploaded.columns(schema)), file, schema["trained_rows"])

    assert found.trained == schema["rows"]["train"] + schema["rows"]["validation"]
    assert found.by_chance == 0
    assert is_telling(found, schema["trained_rows"])
