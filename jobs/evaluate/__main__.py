"""`python3 -m jobs.evaluate`: the effects around the pure parts; arguments and files as in docs/formats.md.

The candidate must answer, or the job fails with the endpoint's own words. The live model is asked the same rows for
comparison only: whatever goes wrong there becomes a sentence in the result, because an ailing live model is no reason
to withhold its successor.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs.documents.answers import Answers, ErrorModel
from jobs.documents.comparison import Comparison
from jobs.documents.context import Context
from jobs.documents.reading import read, read_if_there
from jobs.documents.trials import Trials
from jobs.evaluate.answers import UnreadableAnswerError, actual_values
from jobs.evaluate.artifact import HeldOut, inside
from jobs.evaluate.asking import asked, at_once, importance_of, runtime_client, s3_client, write_predictions
from jobs.evaluate.best import Archives, held_against_best
from jobs.evaluate.comparison import beside_own
from jobs.evaluate.curves import curves
from jobs.evaluate.endpoint import EndpointError, RuntimeClient
from jobs.evaluate.error_sizes import errors_of
from jobs.evaluate.evaluation import Findings, LiveModel, document
from jobs.evaluate.exam import Mark
from jobs.evaluate.held_out import answers_document, compared, distinct
from jobs.evaluate.live import why_not_comparable
from jobs.evaluate.on_traffic import Sitting, on_traffic
from jobs.evaluate.through_endpoint import Ask, ThroughEndpoint, asker
from jobs.evaluate.transformed import transformed
from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.intervals import Measurement, measure
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.refusals import run
from jobs.report import render
from jobs.schema import Live, Schema, read_live, read_schema
from jobs.tables.bodies import read_target


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: evaluate(_parsed(arguments), runtime_client()))


def evaluate(
    paths: argparse.Namespace,
    client: RuntimeClient,
    catalogue: Catalogue = CATALOGUE,
    s3: Callable[[], Any] = s3_client,
) -> None:
    """Ask both endpoints, measure, and write evaluation.json, answers.json, predictions/ and report.html.

    Args:
        s3: makes the client that reads captured traffic, where there is any.
    """
    context: Context = read(paths.context)
    schema = read_schema(paths.prepared / "schema.json")
    test: Path = paths.test / "test.csv"
    actual = actual_values(read_target(test, schema["target"]), schema)
    print(f"{len(actual):,} test rows of {context['dataset']}", flush=True)

    if paths.answered is None:
        candidate, requests = asked(client, context["endpoint"], test, schema, actual, schema)
    else:
        candidate, requests = transformed(paths.answered, test, schema, actual, schema)
    known = read_live(paths.live_schema)
    live, live_predictions = _asked_live(client, context, known, paths.answered_live, test, schema, actual)
    started = time.monotonic()
    measurement = measure(candidate, live_predictions, schema["classes"], catalogue=catalogue)
    print(f"measured, {measurement.resamples} resamples, {time.monotonic() - started:.1f} s", flush=True)

    shares, warnings = importance_of(paths.model / "model.tar.gz", schema)
    started = time.monotonic()
    metric = catalogue.deciding(context["settings"].get("gate") or {}, schema["task"])
    held_out_rows = HeldOut(test, schema, candidate, metric, catalogue)
    through = None if paths.answered else asker(client, context["endpoint"], schema)
    outside = through and ThroughEndpoint(schema, through)
    known_inside, unread = inside(paths.model / "model.tar.gz", paths.encoder, held_out_rows, outside=outside)
    warned = (*warnings, *unread)
    print(f"looked into the model, {time.monotonic() - started:.1f} s", flush=True)
    best = held_against_best(context.get("best"), Archives(paths.best, paths.best_encoder), held_out_rows)
    compared: Comparison | None = read_if_there(paths.comparison)
    own = (
        replace(
            known_inside,
            leaderboard=beside_own(known_inside.leaderboard, compared, str(context["settings"]["algorithm"])),
        )
        if compared
        else known_inside
    )
    mark = Mark.of(candidate, live_predictions, measurement.candidate.scores.values.get("mae"))
    traffic = on_traffic(context.get("traffic"), _sitting(context, paths, known.schema, schema, mark, through), s3)
    evaluation = document(
        Findings(
            context["run"],
            schema,
            candidate,
            measurement,
            live,
            shares,
            requests,
            warned,
            catalogue,
            own,
            best,
            traffic,
        )
    )
    beside = None if measurement.live is None else measurement.live.scores
    drawn = curves(candidate, measurement.candidate.scores, schema["classes"], beside)
    trials: Trials | None = read_if_there(paths.trials)
    output: Path = paths.output
    (output / "predictions").mkdir(parents=True, exist_ok=True)
    (output / "evaluation.json").write_text(json.dumps(evaluation, allow_nan=False, indent=1, ensure_ascii=False))
    held_out = _held_out(context["run"], test, schema, candidate, measurement, known_inside.errors)
    (output / "answers.json").write_text(json.dumps(held_out, allow_nan=False, ensure_ascii=False), encoding="utf-8")
    write_predictions(output / "predictions" / "predictions.csv", candidate, schema["classes"])
    (output / "report.html").write_text(render(context, schema, evaluation, drawn, trials), encoding="utf-8")
    print(f"written to {output}", flush=True)


def _held_out(
    run: str,
    test: Path,
    schema: Schema,
    candidate: Predictions,
    measurement: Measurement,
    errors: ErrorModel | None,
) -> Answers:
    """What the watch needs of the rows that were held out; the content of answers.json."""
    shown = compared(candidate, schema)
    known = measurement.candidate.scores if shown is candidate else score(shown)
    first = candidate.rows - shown.rows
    sizes = errors_of(test, schema, shown, first, known.values, errors)
    found = answers_document(run, schema, shown, known.values, sizes)
    found["distinct"] = distinct(test, schema, shown.rows)
    return found


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jobs.evaluate", description=__doc__)
    for name in ("context", "prepared", "test", "model", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("trials", "comparison", "live-schema", "encoder", "best", "best-encoder", "answered", "answered-live"):
        parser.add_argument(f"--{name}", type=Path)
    return parser.parse_args(arguments)


def _sitting(
    context: Context,
    paths: argparse.Namespace,
    theirs: Schema | None,
    schema: Schema,
    mark: Mark,
    outside: Ask | None,
) -> Sitting | None:
    """Who is asked about captured traffic; nobody where what the live model takes is not known."""
    live = context.get("live")
    if not live or theirs is None:
        return None
    archives = Archives(paths.model / "model.tar.gz", paths.encoder)
    return Sitting(schema, archives, theirs, mark, is_batch=live.get("mode") == "batch", outside=outside)


def _asked_live(
    client: RuntimeClient,
    context: Context,
    known: Live,
    left: Path | None,
    test: Path,
    schema: Schema,
    actual: Any,
) -> tuple[LiveModel | None, Predictions | None]:
    """`left`: what a batch transform has left of its answers; without it the endpoint is asked."""
    live = context.get("live")
    if not live:
        return None, None
    theirs = known.schema
    if theirs is None:
        lost = f"{known.lost or 'Its schema.json was not handed to this job'}: what it takes is not known."
        return LiveModel(live["endpoint"], live["run"], lost), None
    why = why_not_comparable(theirs, schema)
    if why is None:
        try:
            if left is None:
                in_flight = at_once(live.get("mode"))
                answered, _ = asked(client, live["endpoint"], test, schema, actual, theirs, in_flight)
            else:
                answered, _ = transformed(left, test, schema, actual, theirs)
            return LiveModel(live["endpoint"], live["run"]), answered
        except (EndpointError, UnreadableAnswerError) as failure:
            why = f"The live model did not answer: {failure}"
    print(why, flush=True)
    return LiveModel(live["endpoint"], live["run"], why), None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
