"""The job as SageMaker calls it: a process, pinned objects in S3, an exit code and a message file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.moto_server import moto_server
from tests.prepare import tables
from tests.warm import Ended, Warm

BUCKET = "relay"
KEY = "datasets/churn/train/jan.csv"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as address:
        yield address


@pytest.fixture(scope="module")
def s3(endpoint: str) -> Any:
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    client.create_bucket(Bucket=BUCKET)
    return client


def call(warm: Warm | None, endpoint: str, folder: Path, pinned: dict[str, Any], *more: str) -> tuple[int, str, str]:
    """Exit code, message, output; None starts the job from nothing, as AWS does."""
    inputs = {"version": 1, "run": "r", "dataset": "churn", "bucket": BUCKET, "settings": tables.SETTINGS}
    (folder / "inputs.json").write_text(json.dumps(inputs | {"objects": [pinned]}))
    message = folder / "message"
    environment = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SAGERELAY_MESSAGE_FILE": str(message),
        "PYTHONPATH": str(ROOT),
    }
    arguments = ["--inputs", str(folder / "inputs.json"), "--output", str(folder / "prepared"), *more]
    if warm is None:
        done = subprocess.run(
            [sys.executable, "-m", "jobs.prepare", *arguments],
            env=os.environ | environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        ended = Ended(done.returncode, done.stdout + done.stderr)
    else:
        ended = warm.job(["jobs.prepare", *arguments], environment, folder, folder / "log")
    return ended.returncode, message.read_text() if message.exists() else "", ended.output


def pin(s3: Any, content: str) -> dict[str, Any]:
    answer = s3.put_object(Bucket=BUCKET, Key=KEY, Body=content.encode())
    return {"key": KEY, "size": len(content), "etag": answer["ETag"].strip('"'), "version_id": None}


def test_a_good_file_is_prepared(endpoint: str, s3: Any, tmp_path: Path) -> None:
    code, message, printed = call(None, endpoint, tmp_path, pin(s3, tables.text()))
    assert (code, message) == (0, ""), printed
    assert tables.schema(tmp_path / "prepared")["files"][0]["key"] == KEY
    assert "60 rows" in printed


def test_a_bad_file_is_refused_by_code_and_place(endpoint: str, s3: Any, tmp_path: Path, warm: Warm) -> None:
    constant = tables.text([[*row[:3], "no"] for row in tables.rows()])
    code, message, _ = call(warm, endpoint, tmp_path, pin(s3, constant))
    assert code == 2
    assert message.startswith(f'[constant-target] {KEY}: the target column "churned" holds only "no" in all 60 rows.')
    assert not (tmp_path / "prepared").exists()


def test_a_file_changed_since_the_start_is_refused(endpoint: str, s3: Any, tmp_path: Path, warm: Warm) -> None:
    pinned = pin(s3, tables.text())
    pin(s3, tables.text(tables.rows(70)))
    code, message, _ = call(warm, endpoint, tmp_path, pinned)
    assert code == 2
    assert message.startswith(f"[input-changed] {KEY}")


def test_a_fault_of_ours_is_no_refusal(endpoint: str, s3: Any, tmp_path: Path, warm: Warm) -> None:
    pinned = {name: value for name, value in pin(s3, tables.text()).items() if name != "key"}
    code, message, _ = call(warm, endpoint, tmp_path, pinned)
    assert code == 1
    assert message.startswith("[unexpected] KeyError")


def test_a_live_schema_that_somebody_changed_is_told(endpoint: str, s3: Any, tmp_path: Path, warm: Warm) -> None:
    pinned = pin(s3, tables.text())
    (tmp_path / "live.json").write_text("{}")
    code, message, printed = call(warm, endpoint, tmp_path, pinned, "--live-schema", str(tmp_path / "live.json"))
    assert (code, message) == (0, ""), printed
    assert "live-schema-lost" in str(tables.schema(tmp_path / "prepared")["warnings"])


def test_a_version_that_is_gone_is_refused(endpoint: str, s3: Any, tmp_path: Path, warm: Warm) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=BUCKET, Key=KEY, Body=tables.text().encode())
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"something else")
    pinned = {"key": KEY, "size": 1, "etag": "unknown", "version_id": first["VersionId"]}
    assert call(warm, endpoint, tmp_path, pinned)[0] == 0
    s3.delete_object(Bucket=BUCKET, Key=KEY, VersionId=first["VersionId"])
    code, message, _ = call(warm, endpoint, tmp_path, pinned)
    assert (code, message.split("]")[0]) == (2, "[input-changed")
