"""Labels, joined with the traffic they belong to, measured against the evaluation at promotion: the job without AWS."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.quality.check import Subject, join, quality, read_labels
from jobs.quality.labelled import write_labelled
from jobs.quality.problems import Problems
from tests.quality import traffic


def checked(
    folder: Path,
    task: str,
    captures: dict[str, str | bytes],
    labels: dict[str, str | bytes],
    *,
    promotion: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    previous: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """quality.json, after labelled.csv was written to the folder; the order of the files is the order given."""
    schema, problems = traffic.schema(task), Problems()
    paths = []
    for place, (key, content) in enumerate(labels.items()):
        path = folder / f"label{place}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append((key, path))
    known = read_labels(paths, schema, problems)
    parts = [(key, text if isinstance(text, bytes) else text.encode()) for key, text in captures.items()]
    joined = join(known, parts, schema, problems)
    subject = Subject(traffic.window(settings=settings or {}), schema, promotion or traffic.evaluation(task))
    found = quality(subject, known, joined, problems, previous)
    names = [column["name"] for column in schema["columns"]]
    write_labelled(folder / "labelled.csv", joined, names, schema["target"], schema["classes"])
    adds_up(found)
    return found


def adds_up(found: dict[str, Any]) -> None:
    """Every label went somewhere."""
    parts = ("matched", "unknown", "duplicates", "conflicting", "unusable", "ambiguous")
    assert found["coverage"]["labels"] == sum(found["coverage"][part] for part in parts)
    assert found["labelled"]["rows"] == found["coverage"]["matched"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_accuracy_on_real_traffic_is_that_of_the_rows(task: str, tmp_path: Path) -> None:
    captures = {"a": traffic.captured(task, 2000, accuracy=0.7)}
    found = checked(tmp_path, task, captures, {"l": traffic.labels(task, 1500)}, settings={"metric": "accuracy"})
    right = np.random.default_rng(1).random(2000)[:1500] < 0.7
    block = found["metrics"]["accuracy"]
    assert block["value"] == pytest.approx(right.mean())
    assert block["difference"] == pytest.approx(right.mean() - 0.9)
    assert block["difference_low"] < block["difference"] < block["difference_high"] < 0
    assert found["state"] == "fell"
    assert found["metric"] == "accuracy"
    assert found["coverage"] | {"labels": 1500, "matched": 1500, "captured": 2000} == found["coverage"]
    assert found["coverage"]["share_of_traffic"] == pytest.approx(0.75)
    assert sum(map(sum, found["confusion_matrix"])) == 1500
    assert np.trace(found["confusion_matrix"]) == right.sum()
    assert found["window"] == {"from": traffic.SINCE, "to": traffic.SINCE}
    assert found["problems"] == []
    assert found["history"][-1]["metrics"]["accuracy"] == block["value"]


def test_regression_and_its_smaller_is_better(tmp_path: Path) -> None:
    captures = {"a": traffic.captured("regression", 400, accuracy=0.5)}
    promotion = traffic.evaluation("regression", value=0.5, reach=0.1)
    found = checked(
        tmp_path, "regression", captures, {"l": traffic.labels("regression", 400)},
        promotion=promotion, settings={"metric": "mae"},
    )  # fmt: skip
    assert found["state"] == "fell"
    assert found["metrics"]["mae"]["value"] == pytest.approx(1.5, abs=0.2)
    assert "above the 0.500" in found["sentence"]
    assert found["confusion_matrix"] is None
    assert found["classes"] is None
