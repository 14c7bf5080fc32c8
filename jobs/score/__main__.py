"""`python3 -m jobs.score`: arguments and files as in docs/formats.md; the effects around the parts.

The file is fetched as it was pinned, read, asked block by block and written block by block. The result takes its place
only when all of it is there: an attempt that fails in the middle leaves nothing that looks like one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import numpy as np

from jobs.documents.answers import Answers
from jobs.documents.baseline import DescribedColumn
from jobs.documents.context import ScoringContext
from jobs.documents.reading import read
from jobs.ensemble.model import Ensemble
from jobs.evaluate.artifact import is_served_as_it_is, unpacked
from jobs.evaluate.asking import runtime_client
from jobs.evaluate.endpoint import EndpointError, RuntimeClient
from jobs.evaluate.live import request_columns
from jobs.profiles.profile import Reference
from jobs.refusals import run
from jobs.region import region
from jobs.schema import Schema, read_schema
from jobs.score.answered import Names, columns, names
from jobs.score.captured import Captured, Capturing
from jobs.score.marks import any_of
from jobs.score.predicting import FromArchive, FromEndpoint, Predictor
from jobs.score.reading import ToScore, read_to_score
from jobs.score.rows import Asking
from jobs.score.summary import Counted, flagged, range_then
from jobs.score.writing import AsCsv, AsParquet, Layout, Writer, is_marked
from jobs.tables.fetch import fetch, read_if_there
from jobs.tables.notes import Notes


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: score(_parsed(arguments), runtime_client(), _s3()))


def score(paths: argparse.Namespace, client: RuntimeClient, s3: Any) -> None:
    """Fetch, read, ask, write: the result, its capture records and scored.json."""
    started = time.monotonic()
    context: ScoringContext = read(paths.context)
    given, schema, notes = context["score"], read_schema(paths.prepared / "schema.json"), Notes()
    baseline = _kept(s3, given["bucket"], given["baseline"])
    references = _references(baseline.get("columns") or ())
    promoted: Answers = _kept(s3, given["bucket"], given["answers"])
    promotion = _kept(s3, given["bucket"], given["evaluation"]).get("sagerelay")
    with tempfile.TemporaryDirectory() as folder:
        (_, path), *_ = fetch(s3, given["bucket"], [given["object"]], Path(folder))
        predictor = _predictor(paths.model / "model.tar.gz", Path(folder), client, context["endpoint"], schema)
        own = read_to_score(path, given["object"]["key"], schema, context["settings"], references, notes)
        earlier = datetime.fromtimestamp(path.stat().st_mtime, UTC) < _moment(given["promoted"])
        asking, counted = Asking(own, predictor), Counted(schema, own.actual)
        with_interval = isinstance(predictor, FromArchive) and predictor.model.conformal is not None
        added = names(schema, own.own.names, with_interval=with_interval)
        captured = _captured(paths.capture, context, schema, own)
        partial = Path(folder) / given["result"].rpartition("/")[2]
        try:
            with _writer(partial, path, own, added, schema) as writer:
                for block in asking:
                    as_text = isinstance(writer, AsCsv)
                    writer.write(block.rows, columns(block, schema, added, asking.marks, as_text=as_text))
                    counted.add(block)
                    captured.add(block, {name: one[block.rows] for name, one in own.cells.items()})
                    print(f"{block.rows.stop:,} of {own.height:,} rows", flush=True)
        except EndpointError as failure:
            raise EndpointError(str(failure).replace("test.csv", given["object"]["key"])) from None
        found = _document(context, schema, own, asking, counted, promoted) | {
            "asked": "archive" if isinstance(predictor, FromArchive) else "endpoint",
            "columns": list(added.all),
            "evaluation": counted.measured(promotion, context["settings"]),
            "earlier": earlier,
            "captured": captured.rows,
            "warnings": [warned.to_json() for warned in notes.warnings],
        }
        paths.result.mkdir(parents=True, exist_ok=True)
        shutil.move(partial, paths.result / partial.name)
    paths.output.mkdir(parents=True, exist_ok=True)
    (paths.output / "scored.json").write_text(json.dumps(found, allow_nan=False, indent=1, ensure_ascii=False))
    print(f"{found['rows']} in {time.monotonic() - started:.1f} s: {found['result']}", flush=True)


def _predictor(archive: Path, folder: Path, client: RuntimeClient, endpoint: str, schema: Schema) -> Predictor:
    if not is_served_as_it_is(archive):
        print(f"The rows are asked of the endpoint {endpoint}.", flush=True)
        return FromEndpoint(client, endpoint, schema)
    print("The rows are answered from the model's archive.", flush=True)
    model = folder / "model"
    unpacked(archive, model)
    return FromArchive(Ensemble.read(model))


def _writer(path: Path, source: Path, own: ToScore, added: Names, schema: Schema) -> Writer:
    if own.facts["format"] == "parquet":
        return AsParquet(path, source, added.all)
    numbers = {*added.numbers, *((added.predicted,) if schema["classes"] is None else ())}
    facts = own.facts
    mark = is_marked(source, facts["encoding"])
    return AsCsv(path, own.own, added.all, Layout(facts["delimiter"] or ",", facts["decimal"] or ".", numbers, mark))


def _captured(folder: Path, context: ScoringContext, schema: Schema, own: ToScore) -> Captured:
    """Rows whose target is known are a test of the model and no traffic, so that none of such a file is kept."""
    given = context["score"]
    promoted = _moment(given["promoted"])
    began = max(_moment(given["began"]), promoted.replace(microsecond=0) + timedelta(seconds=1))
    is_test = own.actual is not None and not np.isnan(own.actual).all()
    percentage = 0 if is_test else given["capture_percentage"]
    capturing = Capturing.of(folder, given["upload"], began, percentage, own.height)
    return Captured(capturing, schema, request_columns(schema))


def _document(
    context: ScoringContext, schema: Schema, own: ToScore, asking: Asking, counted: Counted, promoted: Answers
) -> dict[str, Any]:
    """What is the same whoever was asked."""
    given, marks = context["score"], asking.marks
    unread = any_of(marks, own.height, unread=True)
    unlike = any_of(marks, own.height, unread=False) & ~unread
    is_numbers = schema["task"] == "regression"
    return {
        "version": 1,
        "check": given["check"],
        "dataset": context["dataset"],
        "run": context["run"],
        "file": given["object"]["key"],
        "result": given["result"],
        "task": schema["task"],
        "target": schema["target"],
        "rows": {
            "read": own.height,
            "answered": counted.answered,
            "unlike": int(unlike.sum()),
            "unread": int(unread.sum()),
        },
        "classes": None if is_numbers else counted.classes(promoted),
        "range": counted.range() if is_numbers else None,
        "range_at_promotion": range_then(promoted) if is_numbers else None,
        "unlike": flagged(marks, own.own.row, unread=False),
        "unread": flagged(marks, own.own.row, unread=True),
    }


def _references(columns: Sequence[DescribedColumn]) -> dict[str, Reference]:
    return {one.name: one for one in map(Reference.read, columns)}


def _kept(s3: Any, bucket: str, key: str) -> Any:
    """A document of the live run; what a person deleted is missed in the result, and keeps nobody from an answer."""
    content = read_if_there(s3, bucket, key)
    try:
        found = json.loads(content) if content else {}
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jobs.score", description=__doc__)
    for name in ("context", "prepared", "model", "result", "capture", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    return parser.parse_args(arguments)


def _s3() -> Any:
    return boto3.client("s3", region_name=region())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
