"""From files to the verdict, with real parts: prepare, training, evaluation through the artifact, capture, check."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.drift.__main__ import _parsed, check_traffic
from jobs.encoding.typed_rows import read_typed
from jobs.ensemble.model import Ensemble
from jobs.error_estimation.features import Features
from jobs.evaluate.__main__ import evaluate
from jobs.evaluate.error_sizes import errors_of
from jobs.metrics.scores import score
from jobs.schema import read_schema
from jobs.train.error_sizes import _cells
from tests.capture.capturing import record
from tests.drift_job.made import Bucket, window
from tests.evaluate.one_container import Endpoint, answered, arguments, trained_on
from tests.train.small import FIXED

HEADER = ["line", "kind", "member", "day", "sick"]
Cells = list[list[str]]


def cells(rows: int, seed: int, *, odd: float = 0.2) -> Cells:
    """Rows whose errors are five times as large where the kind is "odd"."""
    chance = np.random.default_rng(seed)
    line = chance.normal(size=rows)
    is_odd = chance.random(rows) < odd
    noise = chance.normal(size=rows) * np.where(is_odd, 1.5, 0.3)
    member = chance.random(rows) < 0.5
    actual = 2 * line + member + noise
    return [
        [
            "" if chance.random() < 0.03 else f"{line[row]:.5f}",
            ["plain", "odd"][int(is_odd[row])],
            ["No", "Yes"][int(member[row])],
            f"2026-01-{row % 28 + 1:02d}",
            f"{actual[row]:.5f}",
        ]
        for row in range(rows)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained and evaluated model."""
    place = tmp_path_factory.mktemp("numbers")
    trained_on(place, "regression", [HEADER, *cells(900, 1)], FIXED[:2])
    evaluate(arguments(place), Endpoint(place / "model"))
    return place


def captured(folder: Path, rows: Cells) -> bytes:
    """A capture file of requests, some rows each, and of what the endpoint answered."""
    client, found = Endpoint(folder / "model"), []
    for start in range(0, len(rows), 50):
        text, headed = io.StringIO(), io.StringIO()
        asked = [row[:-1] for row in rows[start : start + 50]]
        csv.writer(text, lineterminator="\n").writerows(asked)
        csv.writer(headed, lineterminator="\n").writerows([HEADER[:-1], *asked])
        answer = client.invoke_endpoint(Body=headed.getvalue().encode())["Body"].read().decode()
        found.append(record(text.getvalue(), answer))
    return b"".join(found)


def checked(folder: Path, rows: Cells, **settings: Any) -> tuple[Any, str]:
    """The check's "estimate" and its page."""
    files = {"capture/a.jsonl": captured(folder, rows)}
    asked = window(files)
    asked["settings"] |= settings
    (folder / "window.json").write_text(json.dumps(asked))
    prepared, output = folder / "prepared", folder / "checked"
    inputs = {
        "window": folder / "window.json",
        "schema": prepared / "schema.json",
        "baseline": prepared / "baseline.json",
        "constraints": prepared / "constraints.json",
        "answers": folder / "evaluation/answers.json",
        "output": output,
    }
    check_traffic(_parsed([part for name, path in inputs.items() for part in (f"--{name}", str(path))]), Bucket(files))
    return json.loads((output / "drift.json").read_text()), (output / "report.html").read_text()


def true(folder: Path, rows: Cells) -> dict[str, float]:
    model = Ensemble.read(folder / "model")
    predicted = model.scores(model.encode(HEADER[:-1], [row[:-1] for row in rows]))[:, 0]
    missed = predicted - np.array([float(row[-1]) for row in rows])
    return {"mae": float(np.abs(missed).mean()), "rmse": float(np.sqrt((missed**2).mean()))}


def test_traffic_with_larger_errors_is_a_certain_loss_before_any_label(folder: Path) -> None:
    rows = cells(600, 5, odd=0.7)
    document, page = checked(folder, rows)
    found = document["estimate"]
    assert (found["metric"], found["loss"]) == ("r2", "certain")
    assert json.loads((folder / "evaluation/answers.json").read_text())["errors"]["learned"] == "out-of-fold"
    for name, value in true(folder, rows).items():
        block = found["metrics"][name]
        assert value > 1.4 * block["at_promotion"]
        assert block["low"] <= value <= block["high"]
    assert document["history"][-1]["estimated"]["rmse"] == found["metrics"]["rmse"]["estimated"]
    assert "RMSE" in page
    assert found["sentence"].split(";")[0] in page


def test_traffic_like_the_training_is_no_loss(folder: Path) -> None:
    found = checked(folder, cells(600, 6), metric="rmse")[0]["estimate"]
    assert found["loss"] in {"none", "possible"}
    assert found["metrics"]["rmse"]["difference_low"] < 0


def test_a_model_of_old_says_that_it_knows_nothing(folder: Path) -> None:
    path = folder / "evaluation/answers.json"
    kept = path.read_text()
    path.write_text(json.dumps({name: value for name, value in json.loads(kept).items() if name != "errors"}))
    try:
        found = checked(folder, cells(200, 6))[0]["estimate"]
    finally:
        path.write_text(kept)
    assert (found["loss"], found["metrics"]) == (None, {})
    assert "this model was trained before" in found["sentence"]


def test_an_algorithm_that_leaves_no_sizes_has_them_learned_of_its_held_out_rows(folder: Path) -> None:
    schema = read_schema(folder / "prepared/schema.json")
    test, predictions = answered(folder, schema)
    found = errors_of(test, schema, predictions, 0, score(predictions).values, None)
    assert found is not None
    assert (found["learned"], found["rows"]) == ("held-out", predictions.rows)
    assert [one["name"] for one in found["model"]["features"]] == ["line", "kind", "member"]


def test_training_and_check_see_the_same_numbers_in_a_row(folder: Path) -> None:
    schema = read_schema(folder / "prepared/schema.json")
    _, frame = read_typed([folder / "prepared/train"], schema)
    entries = {one["name"]: one for one in schema["columns"]}
    typed = {name: _cells(frame[name], entries[name]) for name in ("line", "kind", "member")}
    features = Features.of(typed)
    assert [one.words and set(one.words) for one in features.columns] == [None, {"plain", "odd"}, {"No", "Yes"}]
    model = json.loads((folder / "model/errors.json").read_text())
    assert model["version"] == 1
    assert Features.read(model["model"]["features"]).types == features.types == ["q", "c", "c", "q"]
