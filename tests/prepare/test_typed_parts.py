"""What prepare leaves for a training that encodes by itself: typed rows, and nothing that is encoded."""

import gc
import json
import tracemalloc
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from jobs.algorithms import BUILT_IN, Part, Registry, Written
from jobs.algorithms.auto import Auto
from jobs.encoding import Encoder
from jobs.encoding.features import fit_features
from jobs.encoding.typed_rows import ROW_GROUP, read_typed
from jobs.evaluate.asking import importance_of
from jobs.prepare.pipeline import prepare
from jobs.report.sections_run import data
from jobs.settings import Inputs
from tests.prepare import tables

HEADER = ("day", "label", *tables.HEADER)
OFFERED = Registry({**BUILT_IN.loaders, "auto": Auto})


def prepared(folder: Path, **settings: Any) -> Path:
    rows = [
        [f"2024-03-{1 + i % 28:02d} 10:{i % 60:02d}", str(i * 7 % 11), *row] for i, row in enumerate(tables.rows(300))
    ]
    rows[5][2] = rows[7][3] = ""
    files = tables.laid_down(folder, {"datasets/churn/train/a.csv": tables.text(rows, HEADER)})
    chosen = tables.settings(target="churned", **settings)
    inputs: Inputs = {"run": "churn-1a2b3c4d", "dataset": "churn", "settings": chosen}
    prepare(inputs, files, None, folder / "prepared", offered=OFFERED)
    return folder / "prepared"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("auto"), algorithm="auto")


def test_typed_rows_are_all_that_is_learned_from(output: Path) -> None:
    schema = tables.schema(output)
    assert (schema["algorithm"], schema["content_type"]) == ("auto", "application/x-parquet")
    assert not {"features", "feature_columns"} & schema.keys()
    files = {str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()}
    assert files == {
        "train/train.parquet", "validation/validation.parquet", "test/test.csv", "schema.json", "statistics.json",
        "constraints.json", "baseline.json", "trained_rows.npy",
    }  # fmt: skip
    for part in ("train", "validation"):
        labels, frame = read_typed(output / part, schema)
        assert len(labels) == len(frame) == schema["rows"][part]
        assert list(frame) == ["day", "label", "age", "plan", "income"]
        assert set(labels) == {0, 1}


def test_the_rows_are_those_that_another_algorithm_is_trained_on(output: Path, tmp_path: Path) -> None:
    """Encoded as that one's are: the same table, split and cells."""
    other = prepared(tmp_path, algorithm="xgboost")
    schema = tables.schema(output)
    for part in ("train", "validation"):
        labels, frame = read_typed(output / part, schema)
        if part == "train":
            encoder = Encoder.fit(frame, schema, labels.astype(np.int64))
        theirs = pq.ParquetFile(other / part / f"{part}.parquet").read().to_pandas().to_numpy()
        np.testing.assert_array_equal(theirs[:, 0], labels)
        named = dict(zip(tables.schema(other)["features"], theirs[:, 1:].T, strict=True))
        ours = dict(zip(encoder.features, encoder.encode_frame(frame).T, strict=True))
        assert named.keys() == ours.keys()
        for name, values in named.items():
            np.testing.assert_array_equal(ours[name], values, err_msg=name)


def test_features_are_fitted_on_what_is_read(output: Path) -> None:
    schema = tables.schema(output)
    _, frame = read_typed([output / "train", output / "validation"], schema)
    encoder = Encoder(fit_features(frame, schema))
    assert {"age", "day.time", "label", "plan=basic"} <= set(encoder.features)
    assert not np.isnan(encoder.encode_frame(frame)).all(axis=0).any()


def test_no_gains_are_looked_for_where_no_features_are_told(output: Path, tmp_path: Path) -> None:
    schema = tables.schema(output)
    assert importance_of(tmp_path / "model.tar.gz", schema, OFFERED) == ([], [])
    told = data(schema, [])
    assert (told["used"], told["features"]) == (5, 0)


class Rows:
    """A part of many rows, and how many of them were asked for at once."""

    def __init__(self, count: int) -> None:
        self.labels = np.arange(count, dtype=np.int64) % 2
        self.most = 0

    def frame(self, start: int = 0, stop: int | None = None) -> pd.DataFrame:
        rows = len(self.labels[start:stop])
        self.most = max(self.most, rows)
        return pd.DataFrame({f"n{place}": np.full(rows, 1.0 + start) for place in range(10)}, copy=False)


def test_rows_are_written_a_row_group_at_a_time(tmp_path: Path) -> None:
    schema: Any = {"columns": [{"name": f"n{place}", "kind": "numeric", "used": True} for place in range(10)]}
    part = Rows(5 * ROW_GROUP + 7)
    gc.collect()
    tracemalloc.start()
    written = Auto().write_rows(tmp_path, cast("Part", part), cast("Part", Rows(3)), schema)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert part.most == ROW_GROUP
    assert peak < 3 * ROW_GROUP * 10 * 8  # of which the whole has five
    metadata = pq.ParquetFile(tmp_path / "train" / "train.parquet").metadata
    assert [metadata.row_group(place).num_rows for place in range(6)] == [*[ROW_GROUP] * 5, 7]
    assert pq.ParquetFile(tmp_path / "validation" / "validation.parquet").metadata.num_rows == 3
    assert written == Written()
    assert json.dumps(written.features) == "{}"
