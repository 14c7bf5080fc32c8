"""A drill's requests, and counting them again in capture files."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import timedelta
from typing import Any

from ops.drill.traffic import ROWS_A_REQUEST, Captured, bodies, drills_in
from ops.live import Capture
from tests.ops.world import NOW


def record(*attributes: str) -> str:
    return json.dumps({"captureData": {}, "eventMetadata": {"customAttributes": list(attributes)}})


def test_rows_become_requests_that_can_be_read_back() -> None:
    rows = [(f"{number}", 'a "quoted", word', "two\nlines") for number in range(2 * ROWS_A_REQUEST + 1)]
    made = list(bodies(("n", "text", "more"), rows, "d1"))
    assert [body.rows for body in made] == [ROWS_A_REQUEST, ROWS_A_REQUEST, 1]
    assert [body.inference_id for body in made] == ["drill-d1-1", "drill-d1-2", "drill-d1-3"]
    read = [list(csv.reader(io.StringIO(body.text, newline=""))) for body in made]
    assert all(table[0] == ["n", "text", "more"] for table in read)
    assert [tuple(row) for table in read for row in table[1:]] == rows


def test_only_whole_records_of_drills_are_counted() -> None:
    lines = [
        record("sagerelay=drill-a"),
        record("other=1", "sagerelay=drill-b"),
        record("sagerelay=evaluation"),
        record(),
        record("sagerelay=drill-a")[:-5],  # cut off
        '"sagerelay=drill-a"',
        json.dumps({"captureData": {"endpointInput": {"data": "sagerelay=drill-a"}}, "eventMetadata": {}}),
        "",
    ]
    assert drills_in("\n".join(lines)) == Counter({"a": 1, "b": 1})


class Bucket:
    """Capture files with the times of their writing."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[Any, str]] = {}
        self.read: list[str] = []

    def get_paginator(self, _operation: str) -> Bucket:
        return self

    def paginate(self, *, StartAfter: str, **_: Any) -> list[dict[str, Any]]:  # noqa: N803 (boto3's spelling)
        keys = sorted(key for key in self.files if key > StartAfter)
        return [{"Contents": [{"Key": key, "LastModified": self.files[key][0]} for key in keys]}, {}]

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.read.append(Key)
        return {"Body": io.BytesIO(self.files[Key][1].encode())}


def test_each_new_file_is_read_once_and_old_ones_not_at_all() -> None:
    bucket, prefix = Bucket(), "capture/e/AllTraffic/"
    captured = Captured(bucket, "b", Capture(prefix, 100), NOW)
    bucket.files = {
        f"{prefix}2026/11/21/10/old.jsonl": (NOW, record("sagerelay=drill-a")),
        f"{prefix}2026/11/22/10/before.jsonl": (NOW - timedelta(hours=0.4), record("sagerelay=drill-a")),
        f"{prefix}2026/11/22/10/mine.jsonl": (NOW, record("sagerelay=drill-a")),
    }
    assert captured.look() == {"a": 1}
    bucket.files[f"{prefix}2026/11/22/11/next.jsonl"] = (NOW + timedelta(hours=1), record("sagerelay=drill-a"))
    assert captured.look() == {"a": 2}
    assert [key.rpartition("/")[2] for key in bucket.read] == ["mine.jsonl", "next.jsonl"]
