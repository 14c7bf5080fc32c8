"""A file in, the whole of prepared/ out: in the shapes of docs/formats.md, readable by those who come after."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from jobs.encoding import Encoder
from tests.prepare import tables

DATES = [f"2024-0{1 + i % 9}-1{i % 10}" for i in range(200)]
TABLE = [
    [
        str(i * 7 % 41),
        "" if i % 9 == 0 else tables.PLANS[i * 5 // 7 % 3],
        "Yes" if i % 3 else "no",
        DATES[i],
        f"{i % 17}.5",
        "yes" if i % 4 == 0 else "no",
    ]
    for i in range(200)
]
NAMES = ("age", "plan", "member", "signup", "score", "churned")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    return tables.prepared(folder, {"datasets/churn/train/a.csv": tables.text(TABLE, NAMES)})


def test_every_file_is_there_and_no_other(output: Path) -> None:
    found = {str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()}
    assert found == {
        "train/train.parquet",
        "validation/validation.parquet",
        "test/test.csv",
        "encoder/model.tar.gz",
        "baseline.json",
        "trained_rows.npy",
        "schema.json",
        "statistics.json",
        "constraints.json",
    }


def test_the_schema_says_what_the_columns_are(output: Path) -> None:
    schema = tables.schema(output)
    assert {column["name"]: column["kind"] for column in schema["columns"]} == {
        "age": "numeric",
        "plan": "categorical",
        "member": "boolean",
        "signup": "date",
        "score": "numeric",
        "churned": "target",
    }
    assert schema["task"] == "binary"
    assert schema["classes"] == ["no", "yes"]
    assert schema["positive_class"] == "yes"
    assert schema["class_counts"] == {"no": 150, "yes": 50}
    assert sum(schema["rows"][part] for part in ("train", "validation", "test")) == 200
    assert {w["code"] for w in schema["warnings"]} <= {"target-assumed", "duplicate-rows", "time-order"}


def test_training_rows_are_label_first_and_float32_with_nulls(output: Path) -> None:
    schema = tables.schema(output)
    table = pq.read_table(output / "train" / "train.parquet")
    assert table.column_names[0] == "label"
    assert {str(field.type) for field in table.schema} == {"float"}
    assert table.num_columns == 1 + len(schema["features"])
    assert set(table["label"].to_pylist()) == {0.0, 1.0}
    assert table.num_rows == schema["rows"]["train"]


def test_test_rows_served_by_the_artifact_read_like_the_training_rows(output: Path, tmp_path: Path) -> None:
    schema = tables.schema(output)
    with tarfile.open(output / "encoder" / "model.tar.gz") as archive:
        member = archive.extractfile("encoder.json")
        assert member is not None
        encoder = Encoder.from_json(member.read().decode())
    raw = pd.read_csv(output / "test" / "test.csv", dtype=str, keep_default_na=False)
    assert list(raw.columns) == list(NAMES)
    names = [name for name in NAMES if name != "churned"]
    rows = [[cell or None for cell in row] for row in raw[names].to_numpy().tolist()]
    matrix = encoder.encode_rows(names, rows)
    assert matrix.shape == (schema["rows"]["test"], len(schema["features"]))
    place = schema["features"].index("score")
    assert np.allclose(matrix[:, place], raw["score"].astype(float))
    signup = schema["features"].index("signup.month")
    assert np.allclose(matrix[:, signup], pd.to_datetime(raw["signup"]).dt.month)
    member_place = schema["features"].index("member")
    assert np.allclose(matrix[:, member_place], raw["member"].str.lower().eq("yes"))


def test_the_baseline_describes_the_training_part_only(output: Path) -> None:
    schema = tables.schema(output)
    statistics = json.loads((output / "statistics.json").read_text())
    constraints = json.loads((output / "constraints.json").read_text())
    assert statistics["dataset"]["item_count"] == schema["rows"]["train"]
    features = {feature["name"]: feature for feature in statistics["features"]}
    assert features["age"]["inferred_type"] == "Integral"
    assert features["score"]["inferred_type"] == "Fractional"
    assert features["plan"]["inferred_type"] == "String"
    numeric = features["age"]["numerical_statistics"]
    kll = numeric["distribution"]["kll"]
    assert sum(bucket["count"] for bucket in kll["buckets"]) == numeric["common"]["num_present"]
    assert len(kll["sketch"]["data"][-1]) == numeric["common"]["num_present"]
    plan = features["plan"]["string_statistics"]
    assert plan["common"]["num_missing"] > 0
    assert plan["distinct_count"] == 3
    assert [feature["name"] for feature in constraints["features"]] == list(NAMES[:-1])
    assert set(constraints["features"][1]["string_constraints"]["domains"]) == set(tables.PLANS)
    assert constraints["features"][0]["num_constraints"]["is_non_negative"]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    files = {"a.csv": tables.text(TABLE, NAMES)}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = (tables.prepared(tmp_path / name, files) for name in ("one", "two"))
    for path in one.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path.name
