"""A file in score/ as the job meets it: laid into a real S3 interface, answered by a really trained model."""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.score.__main__ import score

BUCKET = "relay"
KEY = "datasets/clinic/score/feb.csv"
ACCESS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
BEGAN, PROMOTED = "2026-11-22T10:00:00Z", "2026-11-20T09:12:00Z"


@dataclass(frozen=True)
class Scored:
    """What the job left."""

    document: dict[str, Any]
    result: Path
    captured: list[Path]

    @property
    def content(self) -> bytes:
        data = self.result.read_bytes()
        return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data

    @property
    def text(self) -> str:
        return self.content.decode("utf-8-sig")

    def rows(self, delimiter: str = ",") -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.text), delimiter=delimiter))

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for path in self.captured for line in path.read_text().splitlines()]


class NoEndpoint:
    """Who is not to be asked."""

    def invoke_endpoint(self, **request: Any) -> Mapping[str, Any]:
        raise AssertionError(f"asked: {request['EndpointName']}")


def scored(
    s3: Any,
    folder: Path,
    content: str | bytes,
    *,
    given: Path,
    key: str = KEY,
    documents: Mapping[str, Any] | None = None,
    client: Any = None,
    ask: Path | None = None,
    answered: Path | None = None,
    **context: Any,
) -> Scored:
    """The job run to its end on one file. `given`: a folder with prepared/ and archive/, as a run leaves them;
    `documents`: the live run's, by name; `ask`, `answered`: where requests of a batch transform go, and its answers."""
    body = content if isinstance(content, bytes) else content.encode()
    etag = s3.put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"].strip('"')
    for name, document in (documents or {}).items():
        s3.put_object(Bucket=BUCKET, Key=f"runs/r/{name}.json", Body=json.dumps(document).encode())
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "version": 1, "run": "clinic-1a2b3c4d", "dataset": "clinic", "endpoint": "sagerelay-clinic", "live": None,
        "settings": context.pop("settings", {}),
        "score": {
            "check": "clinic-score-4", "bucket": BUCKET, "upload": "0a1b2c3d",
            "object": {"key": key, "size": len(body), "etag": etag, "version_id": None},
            "result": f"predictions/clinic/0a1b2c3d/{key.rpartition('/')[2]}", "began": BEGAN, "promoted": PROMOTED,
            "capture_percentage": 100,
            **{name: f"runs/r/{name}.json" for name in ("baseline", "answers", "evaluation")},
            **context,
        },
    }  # fmt: skip
    (folder / "context.json").write_text(json.dumps(told))
    paths = argparse.Namespace(
        context=folder / "context.json", prepared=given / "prepared", model=given / "archive",
        result=folder / "result", capture=folder / "capture", output=folder / "output", ask=ask, answered=answered,
    )  # fmt: skip
    score(paths, client or NoEndpoint(), s3)
    if ask is not None:
        return Scored({}, ask, [])
    (result,) = (folder / "result").iterdir()
    found = json.loads((folder / "output/scored.json").read_text())
    return Scored(found, result, sorted((folder / "capture").rglob("*.jsonl")))
