"""Last week as the exam, for a model whose archive only its own image reads: its endpoint is asked."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from jobs.evaluate.best import Archives
from jobs.evaluate.endpoint import EndpointError
from jobs.evaluate.on_traffic import Sitting, on_traffic
from tests.evaluate.test_on_traffic import GIVEN, asked, bucket, folder, models, sitting
from tests.evaluate.trained import Trained

__all__ = ["folder", "models"]


def closed(models: tuple[Trained, Trained, Archives], **changes: Any) -> Sitting:
    return sitting(models, schema={**models[0].schema, "algorithm": "linear-learner"}, **changes)


def test_a_closed_model_is_asked_through_its_endpoint(
    models: tuple[Trained, Trained, Archives], tmp_path: Path
) -> None:
    made, live, archives = models
    here = with_schema(archives, "linear-learner", tmp_path)

    def outside(names: Any, rows: Any) -> Any:
        text = io.StringIO()
        csv.writer(text).writerows([names, *rows])
        cells = slice(-2, None) if made.schema["classes"] else slice(0, 1)
        return np.array([line[cells] for line in csv.reader(io.StringIO(made.answer(text.getvalue())))], dtype=float)

    there = bucket(asked(live, range(40)))
    told: Any = on_traffic(GIVEN, closed(models, archives=here, outside=outside), lambda: there)
    same: Any = on_traffic(GIVEN, sitting(models), lambda: there)
    assert told["sentence"] == same["sentence"]
    assert told["rows"] == 40


def test_a_closed_model_without_an_endpoint_says_so_and_quotes_no_cell(
    models: tuple[Trained, Trained, Archives], tmp_path: Path
) -> None:
    here = with_schema(models[2], "linear-learner", tmp_path)
    there = bucket(asked(models[1], range(5)))

    def refuses(names: Any, rows: Any) -> Any:
        raise EndpointError('row 1: column "age": "a caller\'s cell" is no number')

    told: Any = on_traffic(GIVEN, closed(models, archives=here), lambda: there)
    assert told["sentence"].endswith("model.tar.gz is read by linear-learner's own image alone.")
    told = on_traffic(GIVEN, closed(models, archives=here, outside=refuses), lambda: there)
    assert told["sentence"].endswith("Its endpoint did not answer these rows.")


def with_schema(archives: Archives, algorithm: str, folder: Path) -> Archives:
    """The same archives, whose schema names another algorithm."""
    assert archives.encoder is not None
    with tarfile.open(archives.encoder) as tar:
        tar.extractall(folder / "in", filter="data")
    schema = folder / "in/schema.json"
    schema.write_text(json.dumps({**json.loads(schema.read_text()), "algorithm": algorithm}))
    with tarfile.open(folder / "model.tar.gz", "w:gz") as tar:
        for path in (folder / "in").iterdir():
            tar.add(path, path.name)
    return Archives(archives.model, folder / "model.tar.gz")
