"""Captured traffic and labels to try the quality job on: a model that is right a given share of the time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from jobs.documents.evaluation import Evaluation
from jobs.documents.metrics import Score
from jobs.metrics.catalogue import CATALOGUE

PROMOTED = "2026-11-20T09:00:00Z"
BEFORE, SINCE = "2026-11-19T12:00:00Z", "2026-11-21T12:00:00Z"
CLASSES = {"binary": ["no", "yes"], "multiclass": ["low", "mid", "high"]}


def schema(task: str = "binary") -> Any:
    """schema.json of a model with a number, a word and a column it does not use."""
    classes = CLASSES.get(task)
    return {
        "version": 1, "dataset": "churn", "run": "churn-1a2b3c4d", "task": task, "target": "churned",
        "classes": classes, "positive_class": "yes" if task == "binary" else None, "warnings": [],
        "class_counts": None if classes is None else dict.fromkeys(classes, 50),
        "columns": [
            {"name": "age", "kind": "numeric", "used": True, "integer": True},
            {"name": "plan", "kind": "categorical", "used": True, "categories": ["basic", "plus"]},
            {"name": "churned", "kind": "target", "used": False},
            {"name": "customer", "kind": "identifier", "used": False},
        ],
    }  # fmt: skip


def evaluation(task: str = "binary", *, value: float = 0.9, reach: float = 0.02, rows: int = 1500) -> Evaluation:
    """The `sagerelay` block of an evaluation.json: every metric alike."""
    one: Score = {"value": value, "low": value - reach, "high": value + reach, "undefined": None}
    kept = {"version": 1, "run": "churn-1a2b3c4d", "task": task, "rows": rows,
            "metrics": {name: one.copy() for name in CATALOGUE.published(task)}}  # fmt: skip
    return cast("Evaluation", kept)


def window(**changes: Any) -> Any:
    return {
        "version": 1, "check": "churn-quality-3", "kind": "quality", "started": "2026-11-22T10:00:00Z",
        "dataset": "churn", "endpoint": "sagerelay-churn", "bucket": "relay",
        "live": {"run": "churn-1a2b3c4d", "promoted": PROMOTED}, "drill": None, "settings": {},
        "objects": [], "labels": [], **changes,
    }  # fmt: skip


def record(
    rows: Sequence[str], answers: Sequence[str] | None, *, event: str, inference: str | None = None,
    at: str | None = SINCE, attributes: str | None = None,
) -> str:  # fmt: skip
    """One line of a capture file: CSV in and CSV out."""
    sides: dict[str, Any] = {"endpointInput": _side("INPUT", rows)}
    if answers is not None:
        sides["endpointOutput"] = _side("OUTPUT", answers)
    metadata: dict[str, Any] = {"eventId": event}
    if inference is not None:
        metadata["inferenceId"] = inference
    if at is not None:
        metadata["inferenceTime"] = at
    if attributes is not None:
        metadata["customAttributes"] = [attributes]
    return json.dumps({"captureData": sides, "eventMetadata": metadata, "eventVersion": "0"})


def _side(mode: str, lines: Sequence[str]) -> dict[str, str]:
    data = "".join(f"{line}\n" for line in lines)
    return {"observedContentType": "text/csv", "mode": mode, "data": data, "encoding": "CSV"}


def row(number: int) -> str:
    return f"{20 + number % 50},{'plus' if number % 3 else 'basic'},c{number:06d}"


def answer(task: str, number: int, *, right: bool) -> str:
    """What the model says of a row whose truth is `truth(task, number)`."""
    classes = CLASSES.get(task)
    if classes is None:
        return f"{float(truth(task, number)) + (0.1 if right else 3.0)}"
    place = (classes.index(truth(task, number)) + (not right)) % len(classes)
    rest = 0.2 / (len(classes) - 1)
    return ",".join([classes[place], *(str(0.8 if at == place else rest) for at in range(len(classes)))])


def truth(task: str, number: int) -> str:
    classes = CLASSES.get(task)
    return str(number % 17) if classes is None else classes[(number * 7 // 3) % len(classes)]


def captured(task: str, count: int, *, accuracy: float, seed: int = 1, **metadata: Any) -> str:
    """A capture file of `count` requests of one row; the n-th has the inference id `r<n>`."""
    right = np.random.default_rng(seed).random(count) < accuracy
    lines = [
        record([row(n)], [answer(task, n, right=bool(right[n]))], event=f"e{n}", inference=f"r{n}", **metadata)
        for n in range(count)
    ]
    return "".join(f"{line}\n" for line in lines)


def labels(task: str, count: int, *, start: int = 0) -> str:
    """A label file for the requests of `captured`."""
    lines = [f"r{n},{truth(task, n)}" for n in range(start, start + count)]
    return "\n".join(["inference_id,label", *lines]) + "\n"
