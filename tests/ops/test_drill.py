"""The drill for real: a live model on one laptop, real requests, capture, checks and mails. Nothing here is a fake."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws.store import Store
from chalicelib.monitoring.record import Monitor
from local.cloud import EmbeddedCloud

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("ops_drill"),
    # moto leaves the buffers of copied and overwritten objects to the garbage collector
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]
ROOT = Path(__file__).parents[2]
SETTINGS = b"target: employed\ntuning: {enabled: false}\nhyperparameters: {num_round: 40}\n"
TIMEOUT = 120.0


@pytest.fixture(scope="module")
def cloud() -> Iterator[EmbeddedCloud]:
    with EmbeddedCloud() as started:
        yield started


def goes_live(cloud: EmbeddedCloud, dataset: str, settings: bytes, table: bytes) -> None:
    s3 = cloud.client("s3")
    s3.put_object(Bucket=cloud.bucket, Key=f"datasets/{dataset}/relay.yaml", Body=settings)
    s3.put_object(Bucket=cloud.bucket, Key=f"datasets/{dataset}/train/{dataset}.csv", Body=table)
    mail = cloud.mailbox.wait_for(lambda mail: mail.attributes.get("dataset") == dataset, TIMEOUT)
    assert mail.attributes["kind"] == "promoted", mail.body


@pytest.fixture(scope="module")
def employment(cloud: EmbeddedCloud) -> EmbeddedCloud:
    """12,000 people of a census; half of them are employed."""
    goes_live(cloud, "employment", SETTINGS, (ROOT / "examples/employment/employment.csv").read_bytes())
    return cloud


def environment(cloud: EmbeddedCloud) -> dict[str, str]:
    return {**os.environ, **cloud.environment}


def ops(cloud: EmbeddedCloud, *words: str) -> tuple[int, dict[str, Any], str]:
    """`python -m ops`, the real one: exit code, the JSON it prints, its progress."""
    done = subprocess.run(
        [sys.executable, "-m", "ops", *words, "--json"],
        cwd=ROOT, env=environment(cloud), capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def monitor(cloud: EmbeddedCloud, dataset: str) -> Monitor:
    return Store(cloud.client("dynamodb"), cloud.table).monitor(dataset)


def still_there(cloud: EmbeddedCloud) -> list[str]:
    urls = cloud.client("sqs").list_queues(QueueNamePrefix="sagerelay-drill").get("QueueUrls", [])
    found = cloud.client("sns").list_subscriptions()["Subscriptions"]
    return [*urls, *(entry["Endpoint"] for entry in found if entry["Protocol"] == "sqs")]


def test_every_alarm_rings_and_the_stable_one_stays_silent(employment: EmbeddedCloud) -> None:
    before = monitor(employment, "employment")
    told = len(employment.mailbox.mails)

    code, drill, progress = ops(employment, "drill", "employment")

    assert code == 0, (drill, progress)
    found = {one["scenario"]: one for one in drill["scenarios"]}
    skipped = {name: one["done"].partition(" ")[0] for name, one in found.items() if one["outcome"] != "passed"}
    assert skipped == {"repeated": "too", "seasonal": "no"}  # too few columns of many numbers; no hours
    assert len(found) == 7
    assert found["shifted-numeric"]["drifted"] == ["age"]
    assert found["label-shift"]["answers"]
    assert [one["rows"] for one in drill["scenarios"] if one["drill"]] == [1000] * 5
    mails = employment.mailbox.mails[told:]
    assert [mail.attributes["kind"] for mail in mails] == ["drift-found"] * 4
    assert all(mail.subject.startswith("[drill] employment: ") for mail in mails)
    assert still_there(employment) == []
    after = monitor(employment, "employment")
    same = ("drift", "quality", "watermark", "last_drift", "open_alerts", "signals", "retraining", "wanted", "checks")
    assert {name: getattr(after, name) for name in same} == {name: getattr(before, name) for name in same}
    assert employment.bus.dead_letters == []


def test_a_drills_traffic_is_none_of_the_scheduled_checks_and_a_check_on_demand_tells(
    employment: EmbeddedCloud,
) -> None:
    text = (ROOT / "examples/employment/employment.csv").read_text().splitlines()
    rows = [line.rpartition(",")[0] for line in random.Random(3).sample(text[1:], 300)]
    employment.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="sagerelay-employment", ContentType="text/csv", Body="\n".join(rows)
    )
    time.sleep(3)  # until data capture has written it

    code, found, progress = ops(employment, "check", "employment")

    assert (code, found["state"]) == (0, "stable"), (found, progress)
    assert found["window"]["rows"] == 300
    code, stands, _ = ops(employment, "status", "employment")
    assert code == 0
    assert stands[0]["watch"]["drift"]["state"] == "stable"  # type: ignore[index]


def test_a_regression_without_categories_shows_its_hours_and_repeats(
    cloud: EmbeddedCloud,
) -> None:
    chance = random.Random(5)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["asked", "size", "age", "light", "price"])
    for hour in range(3600):
        size, age = chance.lognormvariate(4, 0.4), chance.uniform(0, 90)
        light = 12 - abs(12 - hour % 24) + chance.gauss(0, 1)
        asked = datetime(2026, 1, 1) + timedelta(hours=hour)  # noqa: DTZ001  a file's times have no zone
        price = 3 * size - age + light + chance.gauss(0, 10)
        writer.writerow([f"{asked:%Y-%m-%d %H:%M}", f"{size:.3f}", f"{age:.3f}", f"{light:.3f}", f"{price:.2f}"])
    settings = b"target: price\ntuning: {enabled: false}\nhyperparameters: {num_round: 40}\n"
    goes_live(cloud, "houses", settings, table.getvalue().encode())

    code, drill, progress = ops(cloud, "drill", "houses")

    assert code == 0, (drill, progress)
    outcomes = {one["scenario"]: one["outcome"] for one in drill["scenarios"]}
    assert outcomes.pop("new-category") == "skipped"
    assert set(outcomes.values()) == {"passed"}


def test_an_interrupted_drill_takes_its_queue_away(employment: EmbeddedCloud) -> None:
    command = [sys.executable, "-m", "ops", "drill", "employment"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(employment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + TIMEOUT
        while len(still_there(employment)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert still_there(employment) == []


def test_a_check_that_cannot_be_made_fails_the_drill_by_its_own_mail(cloud: EmbeddedCloud) -> None:
    s3, key = cloud.client("s3"), f"runs/{monitor(cloud, 'houses').live.run}/prepared/baseline.json"  # type: ignore[union-attr]
    s3.delete_object(Bucket=cloud.bucket, Key=key)
    began = time.monotonic()

    code, drill, _ = ops(cloud, "drill", "houses", "--scenario", "missing-values")

    assert code == 1
    [result] = drill["scenarios"]
    assert result["problems"][0] == "the check left no drift.json"
    assert "baseline.json" in cloud.mailbox.mails[-1].body
    assert [mail.partition(": ")[0] for mail in result["mails"]] == ["[drill] houses"]
    assert time.monotonic() - began < 60  # the mail ended the waiting
