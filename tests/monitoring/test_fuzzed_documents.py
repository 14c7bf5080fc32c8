"""Documents of the jobs, damaged: each is an answer that says so, and never an error of the functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from chalicelib import json_files
from chalicelib.monitoring import documents as monitored
from chalicelib.monitoring.facts import DriftRead, QualityRead, ResultMissing, ScoredRead, UploadedTestRead
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.events import EvaluationRead, ResultUnusable, SchemaRead
from chalicelib.relay import documents
from tests.relay.builders import evaluation

SCHEMA = {"version": 1, "task": "binary", "classes": ["a", "b"], "content_type": "x", "rows": {"train": 90}}
DRIFT = {
    "version": 1,
    "state": "drifted",
    "window": {"from": "2026-01-01T00:00:00Z", "rows": 9},
    "drifted": ["age"],
    "predictions": [{"name": "p", "verdict": "stable"}],
    "estimate": {"loss": "certain"},
    "problems": [{"code": "x", "sentence": "y"}],
}
QUALITY = {"version": 1, "state": "fell", "coverage": {"unknown": 3}, "problems": [], "labelled": {"rows": 4}}
WINDOW = {"objects": [{"key": "a", "etag": "e"}], "earlier": ["b"], "started": "2026-01-01T00:00:00Z"}
PIECES = [b"\xff", b"\xed\xa0\x80", b"\x00", b'"', b"[" * 3_000, b'{"a":' * 3_000, b"NaN", b"1e999", b"9" * 5_000]
PIECES += [b"null", b"-", b"{}", b"[]", b",", b":", b"\\ud800", b"true", b"\n", b'"\\u0000"', b"-1", b"0.5"]


def result(kind: Kind) -> Callable[[bytes], object]:
    keys = CheckKeys("churn", kind, 3, datetime(2026, 1, 1, tzinfo=UTC))
    return lambda text: monitored.read_result(keys, text)


READERS: list[tuple[Callable[[bytes], object], Any, tuple[type, ...]]] = [
    (documents.read_schema, SCHEMA, (SchemaRead, ResultUnusable)),
    (documents.read_evaluation, {"sagerelay": evaluation()}, (EvaluationRead, ResultUnusable)),
    (documents.dataset_of, {"dataset": "churn"}, (str, type(None))),
    (result(Kind.DRIFT), DRIFT, (DriftRead, ResultMissing)),
    (result(Kind.DRILL), DRIFT, (DriftRead, ResultMissing)),
    (result(Kind.QUALITY), QUALITY, (QualityRead, ResultMissing)),
    (result(Kind.TEST), {"sagerelay": evaluation()}, (UploadedTestRead, ResultMissing)),
    (result(Kind.SCORE), {"version": 1, "result": "predictions/churn/0a/feb.csv"}, (ScoredRead, ResultMissing)),
    (monitored.counted, WINDOW, (tuple,)),
    (json_files.mapping, DRIFT, (dict, type(None))),
]
BROKEN = [
    *(b"", b"\xff\xfe", b'{"version":1,"state":"\xff"}', b"[" * 3_000, b'{"sagerelay":' * 3_000, b"null", b"[]", b"7"),
    *(b'{"version":NaN}', b'{"version":1e999}', b'{"version":' + b"9" * 5_000 + b"}", '{"é":"ö"}'.encode("utf-16")),
]


def read(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for place in range(count):
        reader, document, kinds = READERS[place % len(READERS)]
        text = json.dumps(document).encode()
        for _ in range(int(rng.integers(1, 4))):
            start = int(rng.integers(0, len(text) + 1))
            stop = min(len(text), start + int(rng.integers(0, 9)))
            text = text[:start] + PIECES[int(rng.integers(len(PIECES)))] + text[stop:]
        assert isinstance(reader(text), kinds), (seed, place)


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("reader", READERS, ids=range(len(READERS)))
def test_what_is_no_such_document_is_an_answer(reader: tuple[Any, Any, tuple[type, ...]], text: bytes) -> None:
    read_it, _, kinds = reader

    found = read_it(text)

    assert isinstance(found, kinds)
    assert not isinstance(
        found, (SchemaRead, EvaluationRead, DriftRead, QualityRead, UploadedTestRead, ScoredRead, str)
    )


def test_a_thousand_damaged_documents() -> None:
    read(1_000, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_hundred_thousand_damaged_documents(seed: int) -> None:
    read(10_000, seed)


def test_a_figure_that_is_no_number_decides_nothing() -> None:
    for spoiled in ("NaN", "Infinity", "1e999"):
        text = json.dumps({"sagerelay": evaluation()}).replace('"low": 0.87', f'"low": {spoiled}')
        assert isinstance(documents.read_evaluation(text.encode()), ResultUnusable)
