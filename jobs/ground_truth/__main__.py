"""`python3 -m jobs.ground_truth`: arguments and files as in docs/formats.md; the effects around the pure parts."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from jobs.documents.reading import read, read_if_there
from jobs.evaluate.best import Archives
from jobs.ground_truth.check import Subject, beside_before, join, quality, read_labels
from jobs.ground_truth.labelled import write_labelled
from jobs.ground_truth.objects import IN_FLIGHT, label_files, predecessor, traffic
from jobs.ground_truth.problems import Problems
from jobs.ground_truth.relation import followed
from jobs.refusals import run
from jobs.region import region
from jobs.report.quality_page import render_quality
from jobs.schema import read_schema


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: check(_parsed(arguments)))


def check(paths: argparse.Namespace) -> None:
    """Read, join, measure, and write quality.json, report.html, labelled.csv and relation.json."""
    started = time.monotonic()
    subject = Subject(read(paths.window), read_schema(paths.schema), read(paths.evaluation)["sagerelay"])
    window, schema = subject.window, subject.schema
    previous = read_if_there(paths.previous)
    client, problems = _client(), Problems()
    with tempfile.TemporaryDirectory() as folder:
        files = label_files(client, window["bucket"], window["labels"], Path(folder))
        labels = read_labels(files, schema, problems)
    joined = join(labels, traffic(client, window["bucket"], window["objects"]), schema, problems)
    tally = joined.tally
    print(f"{tally.rows:,} captured rows of {tally.records:,} records, {joined.rows:,} with a label", flush=True)
    before = predecessor(client, window["bucket"], window.get("relation"))
    outcomes = followed(window, schema, read_if_there(paths.answers), before, labels, joined)
    found = quality(subject, labels, joined, problems, previous, outcomes.relation)
    archives = Archives(paths.before, paths.before_encoder)
    if (held := beside_before(subject, joined, found, archives)) is not None:
        found["before"] = held
    output: Path = paths.output
    output.mkdir(parents=True, exist_ok=True)
    names = [column["name"] for column in schema["columns"]]
    write_labelled(output / "labelled.csv", joined, names, schema["target"], schema["classes"])
    if outcomes.state is not None:
        (output / "relation.json").write_text(outcomes.state, encoding="utf-8")
    (output / "report.html").write_text(render_quality(found), encoding="utf-8")
    (output / "quality.json").write_text(json.dumps(found, allow_nan=False, indent=1, ensure_ascii=False))
    for problem in found["problems"]:
        print(f"[{problem['code']}] {problem['sentence']}", flush=True)
    print(outcomes.relation["sentence"], flush=True)
    if "before" in found:
        print(found["before"]["sentence"], flush=True)
    print(f"{found['state']}: {found['sentence']} ({time.monotonic() - started:.1f} s)", flush=True)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jobs.ground_truth", description=__doc__)
    for name in ("window", "schema", "evaluation", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("answers", "previous", "before", "before-encoder"):
        parser.add_argument(f"--{name}", type=Path)
    return parser.parse_args(arguments)


def _client() -> Any:
    config = Config(max_pool_connections=IN_FLIGHT, retries={"mode": "standard", "total_max_attempts": 8})
    return boto3.client("s3", region_name=region(), config=config)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
