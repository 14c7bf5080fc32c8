"""The job's edge: arguments, the pinned objects, and a sentence for whatever stops it."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from jobs.prepare.pipeline import prepare
from jobs.refusals import run
from jobs.schema import read_live, read_schema
from jobs.tables.bodies import write_bodies
from jobs.tables.fetch import fetch


def main() -> None:
    """Prepare one run's data. Raises Refusal for data that should not be trained on."""
    parser = argparse.ArgumentParser(prog="python3 -m jobs.prepare")
    parser.add_argument("--inputs", type=Path, required=True, help="inputs.json")
    parser.add_argument("--live-schema", type=Path, help="schema.json of the live model")
    parser.add_argument("--ask", default="", help="whose requests to write: candidate, live, or both with a comma")
    parser.add_argument("--output", type=Path, required=True, help="the folder that becomes prepared/")
    arguments = parser.parse_args()
    inputs = json.loads(arguments.inputs.read_text(encoding="utf-8"))
    live = read_live(arguments.live_schema)
    import boto3  # here, so that everything else runs where the AWS SDK is not installed

    with tempfile.TemporaryDirectory() as folder:
        files = fetch(boto3.client("s3"), inputs["bucket"], inputs["objects"], Path(folder))
        prepare(inputs, files, live.schema, arguments.output, live.lost)
    for who in filter(
        None, arguments.ask.split(",")
    ):  # models that a batch transform will ask, because no endpoint serves them
        schema = read_schema(arguments.output / "schema.json") if who == "candidate" else live.schema
        if schema is not None:
            columns = [column["name"] for column in schema["columns"] if column["name"] != schema["target"]]
            test, folder = arguments.output / "test" / "test.csv", arguments.output / "asked" / who
            write_bodies(test, columns, folder, numbers_per_row=1 + len(schema["classes"] or ()))


if __name__ == "__main__":
    sys.exit(run(main))
