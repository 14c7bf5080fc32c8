"""Writes an archive of today and what it says: `python -m tests.score.golden`. Do so before a release, and keep all."""

from __future__ import annotations

import csv
import io
import json
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from jobs.serving import serve
from tests.score.models import table, text, trained

FOLDER = Path(__file__).parent / "golden"
TASKS = ("binary", "regression")
KEPT = ("encoder.json", "ensemble.json", "schema.json", "model.ubj")


def rows(task: str) -> str:
    """What they are asked: rows that they were not trained on."""
    return text([row[:-1] for row in table(task, 40, 9)])


def said(model: Path, task: str) -> list[list[str]]:
    """What the serving container says of the rows."""
    answer, _ = serve.transform_fn(serve.model_fn(str(model)), rows(task), "text/csv", "text/csv")
    return list(csv.reader(io.StringIO(answer)))


def main(release: str) -> None:
    for task in TASKS:
        with tempfile.TemporaryDirectory() as name:
            live = trained(Path(name), task)
            target = FOLDER / release
            target.mkdir(parents=True, exist_ok=True)
            with tarfile.open(target / f"{task}.tar.gz", "w:gz") as tar:
                for kept in KEPT:
                    tar.add(live.folder / "model" / kept, kept)
            (target / f"{task}.json").write_text(json.dumps(said(live.folder / "model", task)))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else f"{datetime.now(UTC):%Y-%m-%d}")
