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
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

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
from jobs.score.marks import Mark
from jobs.score.piecewise import in_pieces
from jobs.score.predicting import FromArchive, FromEndpoint, FromTransform, Predictor, ToTransform
from jobs.score.reading import Scored, ToScore, read_to_score
from jobs.score.rows import Asking, Refused
from jobs.score.summary import Counted, Flags, range_then
from jobs.score.writing import AsCsv, AsParquet, Layout, Writer, is_marked
from jobs.tables.fetch import fetch, read_if_there
from jobs.tables.notes import Notes, refusal

_ASKED = {FromArchive: "archive", FromEndpoint: "endpoint", FromTransform: "transform"}


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: score(_parsed(arguments), runtime_client(), _s3()))


def score(paths: argparse.Namespace, client: RuntimeClient, s3: Any) -> None:
    """Fetch, read, ask, write: the result, its capture records and scored.json; or only what is to be asked."""
    started = time.monotonic()
    context: ScoringContext = read(paths.context)
    given, schema, notes = context["score"], read_schema(paths.prepared / "schema.json"), Notes()
    baseline = _kept(s3, given["bucket"], given["baseline"])
    references = _references(baseline.get("columns") or ())
    promoted: Answers = _kept(s3, given["bucket"], given["answers"])
    promotion = _kept(s3, given["bucket"], given["evaluation"]).get("sagerelay")
    with tempfile.TemporaryDirectory() as folder:
        (_, path), *_ = fetch(s3, given["bucket"], [given["object"]], Path(folder))
        scored = _scored(path, given["object"]["key"], schema, context, references, Path(folder), notes)
        if paths.ask is not None:
            _write_requests(scored, ToTransform(paths.ask, schema))
            return
        predictor = _predictor(paths, Path(folder), client, context["endpoint"], schema)
        earlier = datetime.fromtimestamp(path.stat().st_mtime, UTC) < _moment(given["promoted"])
        counted, flags = Counted(schema, scored.labelled or 0), Flags(request_columns(schema))
        with_interval = isinstance(predictor, FromArchive) and predictor.model.conformal is not None
        captured = _captured(paths.capture, context, schema, scored)
        added = names(schema, scored.names, with_interval=with_interval, with_ids=captured.any)
        partial = Path(folder) / given["result"].rpartition("/")[2]
        try:
            with _writer(partial, path, scored, added, schema) as writer:
                for piece in _answered(scored, predictor, writer, added, schema, counted, captured):
                    flags.add(*piece)
        except EndpointError as failure:
            raise EndpointError(str(failure).replace("test.csv", given["object"]["key"])) from None
        found = _document(context, schema, scored, flags, counted, promoted) | {
            "asked": _ASKED[type(predictor)],
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


def _scored(
    path: Path,
    key: str,
    schema: Schema,
    context: ScoringContext,
    references: Mapping[str, Reference],
    folder: Path,
    notes: Notes,
) -> Scored:
    """The file in pieces, or as a whole where only all of it says how it is read."""
    settings = context["settings"]
    found = in_pieces(path, key, schema, settings, references, folder, notes)
    return found or read_to_score(path, key, schema, settings, references, notes)


def _answered(
    scored: Scored, predictor: Predictor, writer: Writer, added: Names, schema: Schema, counted: Counted,
    captured: Captured,
) -> Iterator[tuple[ToScore, Sequence[Mark]]]:  # fmt: skip
    """Ask, write, count and capture, block by block; each piece when it is done, with all of its marks."""
    refused, done = Refused(), 0
    as_text = isinstance(writer, AsCsv)
    for piece in scored:
        asking = Asking(piece, predictor, refused)
        for block in asking:
            ids = captured.add(block, {name: one[block.rows] for name, one in piece.cells.items()})
            beside = columns(block, schema, added, asking.marks, as_text=as_text)
            writer.write(piece.own, block.rows, [*beside, ids] if added.ids else beside)
            counted.add(block, piece.actual)
            done += block.height
            print(f"{done:,} of {scored.height:,} rows", flush=True)
        yield piece, asking.marks


def _write_requests(scored: Scored, predictor: ToTransform) -> None:
    """What a batch transform is to ask of the model, a file a request. Raises Refusal where nothing is."""
    predictor.folder.mkdir(parents=True, exist_ok=True)
    for piece in scored:
        for _ in Asking(piece, predictor, Refused()):
            pass
    if not predictor.requests:
        raise refusal("score-rows-unread", f"{scored.facts['key']}: none of its {scored.height:,} rows can be read.")
    print(f"{predictor.requests:,} requests for a batch transform", flush=True)


def _predictor(
    paths: argparse.Namespace, folder: Path, client: RuntimeClient, endpoint: str, schema: Schema
) -> Predictor:
    if paths.answered is not None:
        print("A batch transform has asked the model.", flush=True)
        return FromTransform(paths.answered, schema)
    archive = paths.model / "model.tar.gz"
    if not is_served_as_it_is(archive):
        print(f"The rows are asked of the endpoint {endpoint}.", flush=True)
        return FromEndpoint(client, endpoint, schema)
    print("The rows are answered from the model's archive.", flush=True)
    model = folder / "model"
    unpacked(archive, model)
    return FromArchive(Ensemble.read(model))


def _writer(path: Path, source: Path, scored: Scored, added: Names, schema: Schema) -> Writer:
    facts = scored.facts
    if facts["format"] == "parquet":
        return AsParquet(path, source, added.all)
    numbers = {*added.numbers, *((added.predicted,) if schema["classes"] is None else ())}
    mark = is_marked(source, facts["encoding"])
    return AsCsv(
        path, scored.names, added.all, Layout(facts["delimiter"] or ",", facts["decimal"] or ".", numbers, mark)
    )


def _captured(folder: Path, context: ScoringContext, schema: Schema, scored: Scored) -> Captured:
    """Rows whose target is known are a test of the model and no traffic, so that none of such a file is kept."""
    given = context["score"]
    promoted = _moment(given["promoted"])
    began = max(_moment(given["began"]), promoted.replace(microsecond=0) + timedelta(seconds=1))
    percentage = 0 if scored.labelled else given["capture_percentage"]
    capturing = Capturing.of(folder, given["upload"], began, percentage, scored.height)
    return Captured(capturing, schema, request_columns(schema))


def _document(
    context: ScoringContext, schema: Schema, scored: Scored, flags: Flags, counted: Counted, promoted: Answers
) -> dict[str, Any]:
    """What is the same whoever was asked."""
    given = context["score"]
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
            "read": scored.height,
            "answered": counted.answered,
            "unlike": flags.unlike,
            "unread": flags.unread,
        },
        "classes": None if is_numbers else counted.classes(promoted),
        "range": counted.range() if is_numbers else None,
        "range_at_promotion": range_then(promoted) if is_numbers else None,
        "unlike": flags.most(unread=False),
        "unread": flags.most(unread=True),
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
    for name in ("context", "prepared", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("model", "result", "capture", "ask", "answered"):
        parser.add_argument(f"--{name}", type=Path)
    return parser.parse_args(arguments)


def _s3() -> Any:
    return boto3.client("s3", region_name=region())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
