"""`python3 -m jobs.evaluate`: the effects around the pure parts; arguments and files as in docs/formats.md.

The candidate must answer, or the job fails with the endpoint's own words. The live model is asked the same rows for
comparison only: whatever goes wrong there becomes a sentence in the result, because an ailing live model is no reason
to withhold its successor.
"""

import argparse
import csv
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from jobs.evaluate.answers import UnreadableAnswerError, actual_values, predictions
from jobs.evaluate.curves import curves
from jobs.evaluate.endpoint import IN_FLIGHT, Answer, EndpointError, RuntimeClient, ask
from jobs.evaluate.estimates import measure
from jobs.evaluate.evaluation import Findings, LiveModel, Requests, document
from jobs.evaluate.importance import ImportanceError, gain_by_feature, importance
from jobs.evaluate.live import request_columns, why_not_comparable
from jobs.evaluate.metrics import Predictions
from jobs.evaluate.rows import FIRST_ROW, read_target, request_bodies
from jobs.refusals import Warned, run
from jobs.report import render

Plain = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: evaluate(_parsed(arguments), runtime_client()))


def runtime_client() -> RuntimeClient:
    """boto3's client, without its own retries: `endpoint.ask` counts and paces them for all kinds of failure."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")  # boto3 reads only the latter
    config = Config(
        connect_timeout=10, read_timeout=70, max_pool_connections=IN_FLIGHT, retries={"total_max_attempts": 1}
    )
    client: RuntimeClient = boto3.client("sagemaker-runtime", region_name=region, config=config)
    return client


def evaluate(paths: argparse.Namespace, client: RuntimeClient) -> None:
    """Ask both endpoints, measure, and write evaluation.json, predictions/predictions.csv and report.html."""
    context, schema = _read(paths.context), _read(paths.prepared / "schema.json")
    test: Path = paths.test / "test.csv"
    actual = actual_values(read_target(test, schema["target"]), schema)
    print(f"{len(actual):,} test rows of {context['dataset']}", flush=True)

    candidate, requests = _asked(client, context["endpoint"], test, schema, actual, schema)
    live, live_predictions = _asked_live(client, context, paths.live_schema, test, schema, actual)
    started = time.monotonic()
    measurement = measure(candidate, live_predictions, schema["classes"])
    print(f"measured, {measurement.resamples} resamples, {time.monotonic() - started:.1f} s", flush=True)

    shares, warnings = _importance(paths.model / "model.tar.gz", schema)
    evaluation = document(
        Findings(context["run"], schema, candidate, measurement, live, shares, requests, tuple(warnings))
    )
    drawn = curves(
        candidate,
        measurement.candidate.scores,
        schema["classes"],
        None if measurement.live is None else measurement.live.scores,
    )
    trials = _read(paths.trials) if paths.trials and paths.trials.exists() else None
    output: Path = paths.output
    (output / "predictions").mkdir(parents=True, exist_ok=True)
    (output / "evaluation.json").write_text(json.dumps(evaluation, allow_nan=False, indent=1, ensure_ascii=False))
    _write_predictions(output / "predictions" / "predictions.csv", candidate, schema["classes"])
    (output / "report.html").write_text(render(context, schema, evaluation, drawn, trials), encoding="utf-8")
    print(f"written to {output}", flush=True)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jobs.evaluate", description=__doc__)
    for name in ("context", "prepared", "test", "model", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("trials", "live-schema"):
        parser.add_argument(f"--{name}", type=Path)
    return parser.parse_args(arguments)


def _read(path: Path) -> Plain:
    document_: Plain = json.loads(path.read_text(encoding="utf-8"))
    return document_


def _asked(
    client: RuntimeClient,
    endpoint: str,
    test: Path,
    schema: Plain,
    actual: Any,
    asked_schema: Plain,
) -> tuple[Predictions, Requests]:
    """One endpoint's predictions for all test rows; `asked_schema` is its own schema."""
    started, answers = time.monotonic(), list[Answer]()
    width = 1 + len(schema["classes"] or ())
    bodies = request_bodies(test, request_columns(asked_schema), numbers_per_row=width)
    for answer in ask(client, endpoint, bodies):
        answers.append(answer)
        if len(answers) % 50 == 0:
            print(f"{endpoint}: {answer.body.first + answer.body.rows - FIRST_ROW:,} rows answered", flush=True)
    retried = sum(answer.tries - 1 for answer in answers)
    asked = Requests(len(answers), retried, len(actual), time.monotonic() - started)
    print(f"{endpoint}: {asked.count} requests, {retried} retried, {asked.seconds:.1f} s", flush=True)
    return predictions(answers, actual, schema, asked_schema["classes"]), asked


def _asked_live(
    client: RuntimeClient,
    context: Plain,
    live_schema: Path | None,
    test: Path,
    schema: Plain,
    actual: Any,
) -> tuple[LiveModel | None, Predictions | None]:
    live = context.get("live")
    if not live:
        return None, None
    if live_schema is None or not live_schema.exists():
        return LiveModel(live["endpoint"], live["run"], "The live model's schema was not handed to this job."), None
    theirs = _read(live_schema)
    why = why_not_comparable(theirs, schema)
    if why is None:
        try:
            answered, _ = _asked(client, live["endpoint"], test, schema, actual, theirs)
            return LiveModel(live["endpoint"], live["run"]), answered
        except (EndpointError, UnreadableAnswerError) as failure:
            why = f"The live model did not answer: {failure}"
    print(why, flush=True)
    return LiveModel(live["endpoint"], live["run"], why), None


def _importance(archive: Path, schema: Plain) -> tuple[list[Plain], list[Warned]]:
    try:
        return importance(gain_by_feature(archive), schema), []
    except ImportanceError as failure:
        return [], [Warned("importance-unavailable", f"What the model used cannot be told: {failure}")]


def _write_predictions(path: Path, answered: Predictions, classes: list[str] | None) -> None:
    """One line a test row: its row number in test.csv (the header is row 1), truth, answer, probabilities."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if classes is None or answered.probability is None:
            writer.writerow(["row", "actual", "predicted"])
            writer.writerows(
                zip(_row_numbers(answered), answered.actual.tolist(), answered.predicted.tolist(), strict=True)
            )
            return
        writer.writerow(["row", "actual", "predicted", *(f"p({name})" for name in classes)])
        for row, actual, predicted, chances in zip(
            _row_numbers(answered), answered.actual, answered.predicted, answered.probability, strict=True
        ):
            writer.writerow([row, classes[int(actual)], classes[int(predicted)], *chances.tolist()])


def _row_numbers(answered: Predictions) -> range:
    return range(FIRST_ROW, FIRST_ROW + answered.rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
