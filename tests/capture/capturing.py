"""Capture records as data capture writes them, one argument for each thing that may be otherwise."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from jobs.capture import Batch, Shape, Tally, Which, read

SCHEMA: Any = {
    "task": "binary",
    "target": "churned",
    "classes": ["no", "yes"],
    "positive_class": "yes",
    "columns": [
        {"name": "age", "kind": "numeric", "used": True},
        {"name": "plan", "kind": "categorical", "used": True, "categories": ["basic", "pro", "unknown", " wide "]},
        {"name": "member", "kind": "boolean", "used": True, "true_words": ["Yes"], "false_words": ["No"]},
        {"name": "signed", "kind": "date", "used": True, "date_format": "%Y-%m-%d"},
        {"name": "note", "kind": "text", "used": False},
        {"name": "churned", "kind": "target", "used": False},
    ],
}
ROW, ANSWER = "41,basic,Yes,2026-01-02,hello", "yes,0.25,0.75"
TIME = "2026-11-21T10:00:00Z"
DEFAULT: Any = object()


def payload(text: str | None, media: str, mode: str, encoding: str = "CSV") -> dict[str, Any] | None:
    """One side of a record; BASE64 is made of the text."""
    if text is None:
        return None
    data = base64.b64encode(text.encode()).decode() if encoding == "BASE64" else text
    return {"observedContentType": media, "mode": mode, "data": data, "encoding": encoding}


def record(
    request: str | None = ROW + "\n",
    answer: str | None = ANSWER + "\n",
    *,
    media: str = "text/csv",
    encoding: str = "CSV",
    answer_media: str = "text/csv; charset=utf-8",
    answer_encoding: str = "CSV",
    attributes: Any = None,
    time: Any = TIME,
    event_id: str = "e-1",
    inference_id: str | None = None,
) -> bytes:
    """A line of a capture file, its line break included."""
    sides = {
        "endpointInput": payload(request, media, "INPUT", encoding),
        "endpointOutput": payload(answer, answer_media, "OUTPUT", answer_encoding),
    }
    about = {
        "eventId": event_id,
        "inferenceId": inference_id,
        "customAttributes": attributes,
        "inferenceTime": time,
    }
    document = {
        "captureData": {name: side for name, side in sides.items() if side is not None},
        "eventMetadata": {key: value for key, value in about.items() if value is not None},
        "eventVersion": "0",
    }
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def many(line: bytes, others: int = 40) -> bytes:
    """A line among plain ones, so many that the columnar way is tried."""
    return record() * others + line + record() * others


def reading(
    data: bytes, which: Which | None = None, shape: Shape | None = None, *, identified: bool = False
) -> tuple[list[Batch], Tally]:
    """The batches with rows of one file, and the account of it."""
    shape = shape or Shape.of(SCHEMA)
    batches = list(read([("capture/f.jsonl", data)], shape, which or Which(), identified=identified))
    return [batch for batch in batches if batch.rows], sum((batch.tally for batch in batches), start=Tally())


def rows_of(batches: Iterable[Batch]) -> list[tuple[Any, ...]]:
    """All rows as plain values, in an order of their own, so that two ways of reading can be compared."""
    return sorted((row for batch in batches for row in _rows(batch)), key=repr)


def _rows(batch: Batch) -> Iterable[tuple[Any, ...]]:
    nothing: Sequence[Any] = [None] * batch.rows
    answers = nothing if batch.predicted is None else _plain(batch.predicted)
    chances = nothing if batch.probabilities is None else [tuple(row) for row in batch.probabilities.tolist()]
    ids = nothing if batch.identified is None else batch.identified.ids.to_pylist()
    seconds = nothing if batch.identified is None else _plain(batch.identified.seconds)
    return zip(*(_plain(batch.columns[name]) for name in batch.columns), answers, chances, ids, seconds, strict=True)


def _plain(values: Any) -> list[Any]:
    if isinstance(values, np.ndarray):
        return [None if isinstance(value, float) and np.isnan(value) else value for value in values.tolist()]
    found: list[Any] = values.to_pylist()
    return found
