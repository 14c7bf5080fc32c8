"""`python3 -m jobs.drift.several`: the checks of several datasets in one job, each in a process of its own.

A process that fails, is killed for its memory or takes too long ends its own check and no other's: outcomes.json says
so, and the job goes on. One after the other, so that each has all of the machine's memory. Arguments and files as in
docs/formats.md.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

from jobs.documents.reading import read
from jobs.drift.__main__ import check_traffic, s3_client
from jobs.refusals import run

_DOCUMENTS = ("window", "schema", "baseline", "constraints", "answers", "evaluation", "previous")
_SHARE = 0.9
"""Of the job's time: the rest is for what comes before and after the checks."""
_ROOT = "monitoring/"


class Outcome(TypedDict):
    """How one check ended. `code` is 0 where it left its documents; `message` says why not."""

    check: str
    code: int
    message: str
    seconds: float


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: check_all(_parsed(arguments), s3_client))


def check_all(paths: argparse.Namespace, client: Callable[[], Any]) -> None:
    """Check one dataset's traffic after the other; write below the output what each leaves, and how each ended.

    `client` makes an S3 client, once in each process.
    """
    document = read(paths.checks)
    checks = document["checks"]
    seconds = _SHARE * paths.seconds / max(1, len(checks))
    outcomes: list[Outcome] = []
    for number, entry in enumerate(checks, start=1):
        print(f"--- {entry['check']}, {number} of {len(checks)}", flush=True)
        output: Path = paths.output / entry["root"].removeprefix(_ROOT)
        outcomes.append(_checked(entry, document["bucket"], client, output, seconds))
    paths.outcomes.mkdir(parents=True, exist_ok=True)
    (paths.outcomes / "outcomes.json").write_text(json.dumps({"version": 1, "checks": outcomes}), encoding="utf-8")
    failed = [one["check"] for one in outcomes if one["code"]]
    print(f"{len(outcomes) - len(failed):,} checks, not done: {', '.join(failed) or 'none'}", flush=True)


def _checked(
    entry: dict[str, str | None], bucket: str, client: Callable[[], Any], output: Path, limit: float
) -> Outcome:
    """One check, in a process that may take so many seconds."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        process = multiprocessing.get_context("fork").Process(target=_work, args=(entry, bucket, client, place))
        process.start()
        process.join(limit)
        late = process.exitcode is None
        if late:
            process.kill()
            process.join()
        code = process.exitcode or 0
        if code == 0:
            shutil.copytree(place / "out", output)
        message = _message(place, code, limit, late=late)
    return Outcome(check=str(entry["check"]), code=code, message=message, seconds=time.monotonic() - started)


def _work(entry: dict[str, str | None], bucket: str, client: Callable[[], Any], place: Path) -> None:
    os.environ["SAGERELAY_MESSAGE_FILE"] = str(place / "message")
    s3 = client()

    def work() -> None:
        for name in _DOCUMENTS:
            bring(s3, bucket, entry[name], place / f"{name}.json")
        paths = {name: place / f"{name}.json" for name in _DOCUMENTS}
        check_traffic(argparse.Namespace(**paths, output=place / "out"), s3)

    sys.exit(run(work))


def bring(client: Any, bucket: str, key: str | None, path: Path) -> None:
    """A document of the check's; what is not there stays missing, and the check does without it or says so."""
    from botocore.exceptions import ClientError  # so that the rest runs where the AWS SDK is not installed

    if key is None:
        return
    try:
        path.write_bytes(client.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
            raise


def _message(place: Path, code: int, limit: float, *, late: bool) -> str:
    """Why a check was not done, as its process has said it, if it could."""
    if code == 0:
        return ""
    if late:
        return f"[unexpected] the check took longer than the {limit:,.0f} seconds that it had beside the others."
    left = place / "message"
    said = left.read_text(encoding="utf-8") if left.exists() else ""
    return said or f"[unexpected] the check's process ended with {code}, perhaps for want of memory."


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jobs.drift.several", description=__doc__)
    for name in ("checks", "output", "outcomes"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
