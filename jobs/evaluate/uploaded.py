"""`python3 -m jobs.evaluate.uploaded`: the live model on test data of its user; arguments as in docs/formats.md.

The rows go through the live endpoint as the test rows of a run go through the candidate's, marked as an evaluation, so
that no drift check takes them for traffic. What comes out has the shape of a run's evaluation, and beside each metric
its value at promotion: those rows were others, so the difference carries the uncertainty of both.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3

from jobs.documents.context import UploadedContext, UploadedFiles
from jobs.documents.evaluation import AtPromotion, Evaluation, UploadedTest
from jobs.documents.reading import read
from jobs.evaluate.answers import actual_values
from jobs.evaluate.asking import asked, at_once, importance_of, runtime_client, write_predictions
from jobs.evaluate.curves import curves
from jobs.evaluate.endpoint import EndpointError, RuntimeClient
from jobs.evaluate.evaluation import Findings, document
from jobs.evaluate.own_archive import OwnArchive
from jobs.evaluate.uploaded_rows import Uploaded, read_uploaded
from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.comparison import compared, sentence
from jobs.metrics.intervals import Measured, measure
from jobs.profiles.trained_rows import Overlap, is_telling, overlap, row_hashes
from jobs.refusals import run
from jobs.region import region
from jobs.report.uploaded_page import render_uploaded
from jobs.schema import Schema, read_schema
from jobs.settings import Settings
from jobs.tables.bodies import FIRST_ROW, read_target
from jobs.tables.fetch import fetch, read_if_there
from jobs.tables.notes import Notes, refusal

_ROW = re.compile(r"\brow (\d+)\b")


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: evaluate_uploaded(_parsed(arguments), runtime_client(), _s3()))


def evaluate_uploaded(
    paths: argparse.Namespace, client: RuntimeClient, s3: Any, catalogue: Catalogue = CATALOGUE
) -> None:
    """Fetch, read, ask, measure; writes test.csv, evaluation.json, report.html and predictions/predictions.csv."""
    context: UploadedContext = read(paths.context)
    schema = read_schema(paths.prepared / "schema.json")
    promotion: Evaluation = read(paths.evaluation)["sagerelay"]
    given, notes = context["uploaded"], Notes()
    settings: Settings = context.get("settings") or {}
    output: Path = paths.output
    with tempfile.TemporaryDirectory() as folder:
        files = fetch(s3, given["bucket"], given["objects"], Path(folder))
        uploaded = read_uploaded(files, schema, settings, notes)
        if context.get("mode") == "batch":
            client = OwnArchive(paths.model / "model.tar.gz", Path(folder) / "model")
    test = output / "test.csv"
    uploaded.write(test)
    seen = _trained_on(uploaded, schema, given, s3, notes)
    actual = actual_values(read_target(test, schema["target"]), schema)
    print(f"{len(actual):,} labelled rows for the live model of {context['dataset']}", flush=True)
    try:
        in_flight = at_once(context.get("mode"))
        answered, requests = asked(client, context["endpoint"], test, schema, actual, schema, in_flight)
    except EndpointError as failure:
        raise refused_row(failure, uploaded) or failure from None
    measurement = measure(answered, None, schema["classes"], catalogue=catalogue)
    shares, warned = importance_of(paths.model / "model.tar.gz", schema)
    told: Schema = {**schema, "warnings": [warning.to_json() for warning in notes.warnings]}
    evaluation = document(
        Findings(context["run"], told, answered, measurement, None, shares, requests, tuple(warned), catalogue)
    )
    beside = beside_promotion(measurement.candidate, len(actual), promotion, settings, seen, catalogue)
    evaluation["sagerelay"]["at_promotion"] = beside
    evaluation["sagerelay"]["uploaded"] = _told_of(given, uploaded, seen)
    if "decision" in promotion:  # the threshold is the model's, whatever rows it is asked about
        evaluation["sagerelay"]["decision"] = promotion["decision"]
    drawn = curves(answered, measurement.candidate.scores, schema["classes"], None)
    (output / "predictions").mkdir(parents=True, exist_ok=True)
    write_predictions(output / "predictions" / "predictions.csv", answered, schema["classes"])
    (output / "report.html").write_text(render_uploaded(context, evaluation, drawn), encoding="utf-8")
    (output / "evaluation.json").write_text(json.dumps(evaluation, allow_nan=False, indent=1, ensure_ascii=False))
    print(f"{evaluation['sagerelay']['at_promotion']['sentence']}\nwritten to {output}", flush=True)


def _trained_on(uploaded: Uploaded, schema: Schema, given: UploadedFiles, s3: Any, notes: Notes) -> Overlap | None:
    """How many of the rows the model was trained on, told where they are more than chance makes; None where nobody
    knows: models of the first release left no hashes."""
    about, key = schema.get("trained_rows"), given.get("trained_rows")
    if not about or not key:
        return None
    file = read_if_there(s3, given["bucket"], key)
    if file is None:
        return None
    try:
        found = overlap(row_hashes(uploaded.columns(schema)), file, about)
    except (ValueError, KeyError, TypeError) as error:
        print(f"Which rows the model was trained on cannot be told: {type(error).__name__}.", flush=True)
        return None
    if not is_telling(found, about):
        return replace(found, trained=0)
    chance = f" (of new rows about {found.by_chance:,} would by chance)" if found.by_chance else ""
    equal = "equals a row" if found.trained == 1 else "equal rows"
    sentence = f"{found.trained:,} of the {found.rows:,} rows {equal} that the model was trained on{chance}."
    notes.warn("test-rows-trained-on", sentence)
    return found


def beside_promotion(
    measured: Measured,
    rows: int,
    promotion: Evaluation,
    settings: Settings,
    seen: Overlap | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> AtPromotion:
    """The block `at_promotion` of evaluation.json. `settings`: relay.yaml's; `seen`: the rows that are no test."""
    task = promotion["task"]
    metrics = {name: measured.metrics[name] for name in catalogue.published(task)}
    blocks, _ = compared(metrics, rows, promotion, measured.scores.matrix, catalogue)
    name = catalogue.deciding(settings.get("monitoring") or {}, task)
    told = f"{sentence(name, blocks[name], catalogue)}."
    if seen is not None and seen.trained:
        told = f"No test of the model: it was trained on {seen.trained:,} of these {seen.rows:,} rows. {told}"
    return {
        "run": promotion["run"],
        "rows": promotion["rows"],
        "metric": name,
        "sentence": told,
        "metrics": blocks,
    }


def _told_of(given: UploadedFiles, uploaded: Uploaded, seen: Overlap | None) -> UploadedTest:
    read = sum(fact["rows"] for fact in uploaded.facts)
    return {
        "check": given["check"],
        "files": uploaded.facts,
        "rows": {"read": read, **uploaded.left_out, "evaluated": len(uploaded.places)},
        "trained_on": None if seen is None else seen.trained,
    }


def refused_row(failure: EndpointError, uploaded: Uploaded) -> Exception | None:
    """A row that the endpoint cannot read is the user's to mend: it is named as in the user's file."""
    if failure.refused is None:
        return None
    found = _ROW.search(failure.words)
    place = failure.refused.first - FIRST_ROW + (int(found[1]) - 1 if found else 0)
    file, row = uploaded.places[min(place, len(uploaded.places) - 1)]
    words = _ROW.sub("", " ".join(_sentence_of(failure.words).split()), count=1).lstrip(": ")[:400].removesuffix(".")
    where = f"{file}, row {row:,}" if found else f"{file}, from row {row:,} on"
    return refusal(
        "test-row-refused", f"{where}: the live endpoint refuses it: {_ROW.sub('', words, count=1).lstrip(': ')}."
    )


def _sentence_of(words: str) -> str:
    """What the endpoint said, out of its JSON; docs/formats.md, "The endpoint"."""
    try:
        return str(json.loads(words)["error"])
    except (ValueError, KeyError, TypeError):
        return words


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jobs.evaluate.uploaded", description=__doc__)
    for name in ("context", "prepared", "model", "evaluation", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    return parser.parse_args(arguments)


def _s3() -> Any:
    return boto3.client("s3", region_name=region())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
