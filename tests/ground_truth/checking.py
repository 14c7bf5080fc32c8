"""A quality check without AWS: files in, quality.json and labelled.csv out; every label is accounted for each time."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.documents.evaluation import Evaluation
from jobs.ground_truth.check import Subject, join, quality, read_labels
from jobs.ground_truth.document import coverage, seconds_of
from jobs.ground_truth.joining import Joined
from jobs.ground_truth.labelled import write_labelled
from jobs.ground_truth.labels import Labels
from jobs.ground_truth.problems import Problems
from tests.ground_truth import traffic

TABLE = "inference_id,label\n"
GOOD = f"{TABLE}r1,{traffic.truth('binary', 1)}\n"


def joined(
    folder: Path, task: str, captures: Mapping[str, str | bytes], labels: Mapping[str, str | bytes]
) -> tuple[Labels, Joined, Problems]:
    """Labels and the rows they belong to, after labelled.csv was written to the folder."""
    schema, problems = traffic.schema(task), Problems()
    paths = []
    for place, (key, content) in enumerate(labels.items()):
        path = folder / f"label{place}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append((key, path))
    known = read_labels(paths, schema, problems)
    parts = [(key, text if isinstance(text, bytes) else text.encode()) for key, text in captures.items()]
    rows = join(known, parts, schema, problems)
    names = [column["name"] for column in schema["columns"]]
    write_labelled(folder / "labelled.csv", rows, names, schema["target"], schema["classes"])
    return known, rows, problems


def accounted(
    folder: Path, task: str, captures: Mapping[str, str | bytes], labels: Mapping[str, str | bytes]
) -> dict[str, Any]:
    """What of quality.json does not need the metrics, whose resampling takes its time: coverage and problems."""
    known, rows, problems = joined(folder, task, captures, labels)
    live = rows.by_live_model(seconds_of(traffic.PROMOTED))
    found = {"coverage": coverage(known, rows, problems, int(live.sum())), "problems": problems.to_json()}
    adds_up(found)
    return found


def checked(
    folder: Path,
    task: str,
    captures: Mapping[str, str | bytes],
    labels: Mapping[str, str | bytes],
    *,
    promotion: Evaluation | None = None,
    settings: dict[str, Any] | None = None,
    previous: Any = None,
) -> Any:
    """quality.json, whole; the order of the files is the order given."""
    known, rows, problems = joined(folder, task, captures, labels)
    window = traffic.window(settings=settings or {})
    subject = Subject(window, traffic.schema(task), promotion or traffic.evaluation(task))
    found: Any = quality(subject, known, rows, problems, previous)
    adds_up(found)
    assert found["labelled"]["rows"] == found["coverage"]["matched"]
    return found


def adds_up(found: dict[str, Any]) -> None:
    """Every label went somewhere."""
    parts = ("matched", "unknown", "duplicates", "conflicting", "unusable", "ambiguous")
    assert found["coverage"]["labels"] == sum(found["coverage"][part] for part in parts)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def odd_traffic(task: str) -> dict[str, str]:
    """A few good requests, one id given twice, one request without an answer, one of an evaluation."""
    odd = [
        traffic.record([traffic.row(1)], [traffic.answer(task, 1, right=True)], event="t1", inference="twice"),
        traffic.record([traffic.row(2)], [traffic.answer(task, 2, right=True)], event="t2", inference="twice"),
        traffic.record([traffic.row(3)], None, event="m1", inference="mute"),
        traffic.record(
            [traffic.row(4)], [traffic.answer(task, 4, right=True)], event="v1", inference="ours",
            attributes="sagerelay=evaluation",
        ),
    ]  # fmt: skip
    return {"a": traffic.captured(task, 20, accuracy=0.8), "b": "".join(f"{line}\n" for line in odd)}
