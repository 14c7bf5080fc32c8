"""The checks of several datasets in one job: each leaves what it would leave alone, and fails alone."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jobs.drift import several
from jobs.drift.several import check_all
from tests.capture.capturing import SCHEMA
from tests.drift_job.made import CONSTRAINTS, Bucket, baseline, records, rows, window

CAPTURED = {"capture/a.jsonl": b"".join(records(rows(400, 2, older=20)))}


class Documents(Bucket):
    """The same, where what is not there is refused as S3 does."""

    def get_object(self, **request: Any) -> dict[str, Any]:
        if request["Key"] not in self.files:
            answer: Any = {"Error": {"Code": "NoSuchKey"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
            raise ClientError(answer, "GetObject")
        if "Range" not in request and "IfMatch" not in request:
            return {"Body": io.BytesIO(self.files[request["Key"]])}
        return super().get_object(**request)


def entry(dataset: str) -> dict[str, str | None]:
    names = ("window", "schema", "baseline", "constraints", "answers", "evaluation")
    keys = {name: f"{dataset}/{name}.json" for name in names}
    root = f"monitoring/{dataset}/2026-11-22T10-00-00Z-drift-2"
    return {"check": f"{dataset}-drift-2", "dataset": dataset, "root": root, **keys, "previous": None}


def documents(dataset: str) -> dict[str, bytes]:
    model = baseline()
    made = {"window": window(CAPTURED, check=f"{dataset}-drift-2", dataset=dataset), "schema": SCHEMA}
    made |= {"baseline": model[0], "constraints": CONSTRAINTS, "answers": model[1]}
    return {f"{dataset}/{name}.json": json.dumps(document).encode() for name, document in made.items()}


def done(folder: Path, files: Mapping[str, bytes], datasets: list[str], seconds: int = 600) -> dict[str, Any]:
    """The outcomes, by check."""
    checks = folder / "checks.json"
    checks.write_text(json.dumps({"version": 1, "bucket": "b", "checks": [entry(name) for name in datasets]}))
    paths = argparse.Namespace(checks=checks, output=folder / "out", outcomes=folder / "said", seconds=seconds)
    check_all(paths, lambda: Documents({**CAPTURED, **files}))
    return {one["check"]: one for one in json.loads((folder / "said" / "outcomes.json").read_text())["checks"]}


def left(folder: Path) -> list[str]:
    return sorted(path.parts[-3] + "/" + path.name for path in (folder / "out").rglob("*.*") if path.is_file())


def test_what_is_wrong_with_one_dataset_stops_no_other(tmp_path: Path) -> None:
    files = {**documents("bad"), **documents("churn"), **documents("gone"), **documents("odd")}
    del files["bad/baseline.json"]
    del files["gone/schema.json"]
    files["odd/window.json"] = b"\x00"
    found = done(tmp_path, files, ["bad", "churn", "gone", "odd"])
    assert {check: one["code"] for check, one in found.items()} == {
        "bad-drift-2": 2,
        "churn-drift-2": 0,
        "gone-drift-2": 1,
        "odd-drift-2": 1,
    }
    assert found["bad-drift-2"]["message"].startswith("[baseline] The live model has no baseline.json")
    assert found["gone-drift-2"]["message"].startswith("[unexpected] FileNotFoundError")
    assert left(tmp_path) == ["churn/constraint_violations.json", "churn/drift.json", "churn/report.html"]
    (drift,) = (tmp_path / "out").rglob("drift.json")
    assert json.loads(drift.read_text())["drifted"] == ["age"]


@pytest.mark.parametrize(
    ("befalls", "seconds", "told"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), 600, "ended with -9, perhaps for want of memory."),
        (lambda: time.sleep(60), 1, "took longer than the 0 seconds that it had beside the others."),
    ],
)
def test_a_process_that_dies_or_hangs_ends_its_own_check(
    befalls: Callable[[], None], seconds: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(paths: argparse.Namespace, _client: Any) -> None:
        if '"dataset": "churn"' in paths.window.read_text():
            befalls()
        paths.output.mkdir()
        (paths.output / "drift.json").write_text("{}")

    monkeypatch.setattr(several, "check_traffic", check)
    found = done(tmp_path, {**documents("churn"), **documents("other")}, ["churn", "other"], seconds)
    assert found["churn-drift-2"]["message"].endswith(told)
    assert (found["other-drift-2"]["code"], left(tmp_path)) == (0, ["other/drift.json"])
