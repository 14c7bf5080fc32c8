"""`python3 -m jobs.drift`: the effects around a check; arguments and files as in docs/formats.md.

The only module of this package that reads files, S3 and the clock. What it hands to `check` is counts, so that a
window of ten million rows needs the memory of a few blocks.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from jobs.capture import Block, cut
from jobs.capture.fetch import fetched
from jobs.documents.answers import Answers
from jobs.documents.baseline import Baseline as StoredBaseline
from jobs.documents.baseline import Dependence
from jobs.documents.drift import Drift
from jobs.documents.evaluation import EvaluationFile
from jobs.documents.reading import read, read_if_there
from jobs.drift.check import check
from jobs.drift.traffic import Baseline, count
from jobs.drift.violations import violations
from jobs.drift.window import Window
from jobs.profiles.profile import Reference
from jobs.profiles.training import VERSION
from jobs.refusals import Refusal, run
from jobs.report.drift_page import render_drift
from jobs.schema import read_schema

Plain = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: check_traffic(_parsed(arguments), s3_client()))


def s3_client() -> Any:
    """boto3's client; its own retries stay on, `fetched` retries what they do not cover."""
    import boto3  # here, so that everything else runs where the AWS SDK is not installed

    return boto3.client("s3")


def check_traffic(paths: argparse.Namespace, client: Any) -> None:
    """Count the window's traffic, judge it, and write drift.json, constraint_violations.json and report.html."""
    window = Window.read(read(paths.window))
    constraints = read(paths.constraints)
    baseline = _baseline(paths, constraints)
    size = sum(int(entry["size"]) for entry in window.objects)
    print(f"{window.check}: {len(window.objects):,} capture files, {size / 1e6:,.1f} MB", flush=True)

    started = time.monotonic()
    blocks = _told(cut(fetched(client, window.bucket, window.objects)), started)
    traffic = count(blocks, baseline, window.which)
    tally = traffic.tally
    print(f"{tally.rows:,} rows of {tally.counted:,} records, {time.monotonic() - started:.1f} s", flush=True)
    for problem in tally.problems():
        print(problem["sentence"], flush=True)

    document = check(window, traffic, cast("Drift | None", read_if_there(paths.previous)))
    print(f"{document['state']}: {', '.join(document['drifted']) or 'no feature has drifted'}", flush=True)
    output: Path = paths.output
    output.mkdir(parents=True, exist_ok=True)
    _write(output / "drift.json", document)
    _write(output / "constraint_violations.json", violations(constraints, traffic, document["features"]))
    (output / "report.html").write_text(render_drift(document), encoding="utf-8")
    print(f"written to {output}", flush=True)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jobs.drift", description=__doc__)
    for name in ("window", "schema", "baseline", "constraints", "answers", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("evaluation", "previous"):
        parser.add_argument(f"--{name}", type=Path)
    return parser.parse_args(arguments)


def _baseline(paths: argparse.Namespace, constraints: Plain) -> Baseline:
    """The live model's documents. Raises Refusal "baseline" for a model that was made before there was monitoring."""
    if not paths.baseline.exists():
        raise Refusal("baseline", "The live model has no baseline.json: it was made by an earlier version. Train anew.")
    described = constraints.get("features") or ()
    answers: Answers = read_if_there(paths.answers) or Answers()
    stored: StoredBaseline = read(paths.baseline)
    return Baseline(
        read_schema(paths.schema),
        tuple(Reference.read(column) for column in stored["columns"]),
        answers,
        frozenset(entry["name"] for entry in described if entry.get("inferred_type") == "Integral"),
        _importance(read_if_there(paths.evaluation)),
        _dependence(stored),
    )


def _dependence(stored: StoredBaseline) -> Dependence | None:
    """None in a baseline of before, and of a version that this one does not know."""
    found = stored.get("dependence")
    return found if found is not None and found["version"] == VERSION else None


def _importance(evaluation: EvaluationFile | None) -> dict[str, float]:
    """Shares of the gain by column, of evaluation.json; none where it or they are missing."""
    ours = evaluation.get("sagerelay") if evaluation else None
    shares = (ours.get("importance") if ours else None) or ()
    return {entry["column"]: float(entry["gain"]) for entry in shares}


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(document, allow_nan=False, indent=1, ensure_ascii=False), encoding="utf-8")


def _told(blocks: Iterator[Block], started: float) -> Iterator[Block]:
    """The blocks, with a line of progress every so often."""
    size, due = 0, 5.0
    for block in blocks:
        size += len(block.data)
        if time.monotonic() - started >= due:
            print(f"{size / 1e6:,.0f} MB read, {time.monotonic() - started:.0f} s", flush=True)
            due *= 1.5
        yield block


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
