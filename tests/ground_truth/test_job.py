"""The job as SageMaker calls it: a process, listed objects in S3, an exit code, a message file, three files out."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest

from tests.ground_truth import traffic
from tests.moto_server import moto_server
from tests.relation.made_up import answers, classes
from tests.warm import Warm

ROOT = Path(__file__).parents[2]
BUCKET = "relay"
CAPTURE, LABELS = "capture/sagerelay-churn/AllTraffic/2026/11/21/12", "datasets/churn/labels"


class Bucket:
    """A bucket in moto, and the job run against it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = boto3.client(
            "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        self.client.create_bucket(Bucket=BUCKET)

    def puts(self, key: str, content: str) -> dict[str, Any]:
        """The object as a window lists it."""
        answer = self.client.put_object(Bucket=BUCKET, Key=key, Body=content.encode())
        return {"key": key, "size": len(content.encode()), "etag": answer["ETag"].strip('"'), "version_id": None}

    def checks(
        self,
        folder: Path,
        objects: list[dict[str, Any]],
        labels: list[dict[str, Any]],
        warm: Warm | None = None,
        **window: Any,
    ) -> tuple[int, str, str]:
        """Exit code, message, output of `python -m jobs.ground_truth`; from nothing, with warnings as errors, those of
        its imports too, or forked from a warm process."""
        documents = {
            "window": traffic.window(objects=objects, labels=labels, settings={"metric": "accuracy"}, **window),
            "answers": answers(classes(500, np.random.default_rng(1))),
            "schema": traffic.schema(),
            "evaluation": {"sagerelay": traffic.evaluation()},
        }
        arguments = ["--output", str(folder / "output")]
        for name, document in documents.items():
            (folder / f"{name}.json").write_text(json.dumps(document))
            arguments += [f"--{name}", str(folder / f"{name}.json")]
        environment = {
            "AWS_ENDPOINT_URL": self.address, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test", "SAGERELAY_MESSAGE_FILE": str(folder / "message"), "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        if warm is None:
            done = subprocess.run(
                [sys.executable, "-W", "error", "-m", "jobs.ground_truth", *arguments],
                env=os.environ | environment, cwd="/", capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            code, printed = done.returncode, done.stdout + done.stderr
        else:
            ended = warm.job(["jobs.ground_truth", *arguments], environment, Path("/"), folder / "log")
            code, printed = ended.returncode, ended.output
        message = folder / "message"
        return code, message.read_text() if message.exists() else "", printed


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with moto_server() as address:
        made = Bucket(address)
        yield made
        made.client.close()


def test_writes_quality_report_and_labelled_rows(bucket: Bucket, tmp_path: Path) -> None:
    lines = traffic.captured("binary", 300, accuracy=0.6).splitlines(keepends=True)
    captures = [bucket.puts(f"{CAPTURE}/{part}.jsonl", "".join(lines[part::7])) for part in range(7)]
    labels = [bucket.puts(f"{LABELS}/a b+c.csv", traffic.labels("binary", 200)), bucket.puts(f"{LABELS}/bad.csv", "")]
    code, message, printed = bucket.checks(tmp_path, captures, labels)
    assert (code, message) == (0, ""), printed
    found = json.loads((tmp_path / "output/quality.json").read_text())
    assert found["state"] == "fell"
    assert found["coverage"]["matched"] == 200
    assert [problem["code"] for problem in found["problems"]] == ["empty-file"]
    assert "fell: Accuracy is 0." in printed
    with (tmp_path / "output/labelled.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 200
    assert "churn-quality-3" in (tmp_path / "output/report.html").read_text()


def test_the_state_of_the_check_before_is_gone_on_from_as_it_was_pinned(
    bucket: Bucket, tmp_path: Path, warm: Warm
) -> None:
    captures = [bucket.puts(f"{CAPTURE}/all.jsonl", traffic.captured("binary", 60, accuracy=0.8))]
    first = [bucket.puts(f"{LABELS}/first.csv", traffic.labels("binary", 30))]
    both = [*first, bucket.puts(f"{LABELS}/second.csv", traffic.labels("binary", 20, start=30))]
    output = tmp_path / "output"

    def found(labels: list[dict[str, Any]], **window: Any) -> tuple[int, int]:
        code, message, printed = bucket.checks(tmp_path, captures, labels, warm, **window)
        assert (code, message) == (0, ""), printed
        relation = json.loads((output / "quality.json").read_text())["relation"]
        return relation["rows"], relation["new_rows"]

    # The traffic has 51 ages and 2 plans; so few inputs are often the same, and a row counts each time.
    assert found(first) == (30, 30)
    left = (output / "relation.json").read_text()
    pinned = bucket.puts("monitoring/churn/before/relation.json", left)
    assert found(both, relation=pinned, check="churn-quality-4") == (50, 20)
    bucket.puts(pinned["key"], "another state")
    assert found(both, relation=pinned, check="churn-quality-4") == (50, 50)


def test_a_label_file_that_changed_is_told_and_the_others_count(bucket: Bucket, tmp_path: Path, warm: Warm) -> None:
    captures = [bucket.puts(f"{CAPTURE}/one.jsonl", traffic.captured("binary", 20, accuracy=1.0))]
    changed = bucket.puts(f"{LABELS}/changed.csv", traffic.labels("binary", 5))
    gone = bucket.puts(f"{LABELS}/gone.csv", traffic.labels("binary", 5))
    bucket.puts(f"{LABELS}/changed.csv", traffic.labels("binary", 6))
    bucket.client.delete_object(Bucket=BUCKET, Key=gone["key"])
    good = bucket.puts(f"{LABELS}/good.csv", traffic.labels("binary", 9, start=5))
    code, _, printed = bucket.checks(tmp_path, captures, [changed, gone, good], warm)
    assert code == 0, printed
    found = json.loads((tmp_path / "output/quality.json").read_text())
    assert [problem["code"] for problem in found["problems"]] == ["label-file-changed"] * 2
    assert found["coverage"]["matched"] == 9
    assert found["state"] == "not-enough-labels"


def test_no_usable_label_is_refused(bucket: Bucket, tmp_path: Path, warm: Warm) -> None:
    captures = [bucket.puts(f"{CAPTURE}/one.jsonl", traffic.captured("binary", 20, accuracy=1.0))]
    labels = [bucket.puts(f"{LABELS}/wrong.csv", "id,label\nr1,perhaps\n")]
    code, message, _ = bucket.checks(tmp_path, captures, labels, warm)
    assert code == 2
    assert message.startswith(
        "[no-usable-labels] no label can be used: 1 label naming no class of the live model; it is"
    )
    assert not (tmp_path / "output").exists()


def test_traffic_that_is_gone_fails_the_check(bucket: Bucket, tmp_path: Path, warm: Warm) -> None:
    gone = bucket.puts(f"{CAPTURE}/gone.jsonl", traffic.captured("binary", 20, accuracy=1.0))
    bucket.client.delete_object(Bucket=BUCKET, Key=gone["key"])
    labels = [bucket.puts(f"{LABELS}/good.csv", traffic.labels("binary", 9))]
    code, message, _ = bucket.checks(tmp_path, [gone], labels, warm)
    assert code == 1
    assert message.startswith("[unexpected] TrafficGoneError: ")
    assert gone["key"] in message
