"""One dataset through every mode and back to the first: its name, its history, its watch and its bill go with it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.aws.store import Store
from local.mailbox import Mail
from tests.end_to_end import tables
from tests.end_to_end.conftest import User

pytestmark = [pytest.mark.xdist_group("end_to_end"), pytest.mark.slow]

DATASET = "circle"
ENDPOINT = f"sagerelay-{DATASET}"
SETTINGS = (
    "tuning: {{enabled: false}}\ntarget: churned\ngate: {{max_loss: 0.5}}\n"
    "monitoring: {{min_rows: 30, min_labels: 30}}\nendpoint: {{mode: {mode}}}\n"
    "prices: {{transform ml.m5.large: 0.115}}\n"
)
MODES = ("auto", "realtime", "batch", "serverless")
AT_ONCE = 40


@dataclass
class Round:
    """What was seen of the dataset in one mode."""

    mode: str
    mail: Mail
    live: Any
    status: str | None
    variant: dict[str, Any]
    """Of the endpoint's configuration, as SageMaker tells it; empty where there is no endpoint."""
    asked: list[str] = field(default_factory=list)
    """Answers, by row."""
    ids: list[str] = field(default_factory=list)
    """By which a label finds its row, where a file was answered."""
    quality: dict[str, Any] = field(default_factory=dict)
    drift: dict[str, Any] = field(default_factory=dict)


class Owner:
    """Whose dataset it is."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.sagemaker = user.cloud.client("sagemaker")

    def trains(self, mode: str, number: int) -> Round:
        """One file more in this mode, until its model is live."""
        before = len(self.user.mails(DATASET))
        self.user.puts(f"datasets/{DATASET}/relay.yaml", SETTINGS.format(mode=mode).encode())
        rows = tables.rows(number * tables.ROWS)
        self.user.puts(f"datasets/{DATASET}/train/{number}.csv", tables.text(rows).encode())
        mail = self.user.waits_for_mail(DATASET, after=before)
        assert mail.attributes["kind"] == "promoted", mail.body
        self.user.waits_until(lambda: not self.user.stands(DATASET).active, "the run at its end")
        live = self.user.stands(DATASET).live
        if mode == "batch":
            self.user.sees_no_endpoint(DATASET)
            return Round(mode, mail, live, None, {})
        config = self.sagemaker.describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]
        [variant] = self.sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        return Round(mode, mail, live, self.user.status_of(ENDPOINT), variant)

    def asks(self, there: Round) -> None:
        """All rows: of the endpoint, or by a file."""
        unlabelled = [row[:-1] for row in tables.rows()]
        if there.mode == "batch":
            answered = self.scores(unlabelled)
            there.asked = [row["predicted"] for row in answered]
            there.ids = [row["inference_id"] for row in answered]
            return
        for start in range(0, len(unlabelled), AT_ONCE):
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerows(unlabelled[start : start + AT_ONCE])
            there.asked += [line.partition(",")[0] for line in self.user.asks(DATASET, out.getvalue())]

    def scores(self, rows: list[list[str]]) -> list[dict[str, str]]:
        text = tables.text(rows, tables.HEADER[:-1]).encode()
        before = len(self.user.mails(DATASET))
        self.user.puts(f"datasets/{DATASET}/score/new.csv", text)
        mail = self.user.waits_for_mail(DATASET, after=before)
        assert mail.attributes["kind"] == "scored", mail.body
        [key] = self.user.keys(f"predictions/{DATASET}/")
        return list(csv.DictReader(io.StringIO(self.user.reads(key).decode("utf-8-sig"))))

    def has_it_checked(self, there: Round, rows: int) -> None:
        """A drift check of what was asked, when all rows so far are captured."""
        self.user.waits_until(lambda: self.captured() >= rows, f"{rows} captured rows")
        before = self.user.results(DATASET, "drift.json")
        detail = json.dumps({"dataset": DATASET, "kind": "drift"})
        entry = {"Source": "sagerelay", "DetailType": "Check Requested", "Detail": detail}
        assert self.user.cloud.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
        self.user.waits_until(lambda: len(self.user.results(DATASET, "drift.json")) > len(before), "another drift.json")
        [key] = set(self.user.results(DATASET, "drift.json")) - set(before)
        there.drift = json.loads(self.user.reads(key))
        self.user.waits_until(self.is_idle, "the monitor at rest")

    def labels(self, there: Round) -> None:
        """What became of the rows of the answered file: the result's ids, and who churned."""
        out = io.StringIO()
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(["inference_id", "label"])
        lines.writerows(zip(there.ids, (row[-1] for row in tables.rows()), strict=True))
        self.user.puts(f"datasets/{DATASET}/labels/{there.mode}.csv", out.getvalue().encode())
        self.user.waits_until(lambda: self.user.results(DATASET, "quality.json"), "a quality.json")
        [key] = self.user.results(DATASET, "quality.json")
        there.quality = json.loads(self.user.reads(key))
        self.user.waits_until(self.is_idle, "the monitor at rest")

    def is_idle(self) -> bool:
        return not (self.monitor().checks or self.monitor().pending)

    def captured(self) -> int:
        """Rows of traffic in all that is captured under the dataset's one endpoint; what evaluations ask is none."""
        keys = self.user.keys(f"capture/{ENDPOINT}/")
        lines = [json.loads(line) for key in keys for line in self.user.reads(key).splitlines()]
        traffic = [line for line in lines if line["eventMetadata"].get("customAttributes") != ["sagerelay=evaluation"]]
        return sum(len(line["captureData"]["endpointOutput"]["data"].splitlines()) for line in traffic)

    def monitor(self) -> Any:
        return Store(self.user.cloud.client("dynamodb"), self.user.cloud.table).monitor(DATASET)

    def transform(self, name: str) -> str:
        """How a transform job stands."""
        status: str = self.sagemaker.describe_transform_job(TransformJobName=name)["TransformJobStatus"]
        return status

    def bill(self) -> dict[str, Any]:
        """What `python -m ops costs --json` says."""
        environment = {**os.environ, **self.user.cloud.environment}
        command = [sys.executable, "-m", "ops", "costs", "--json"]
        told = subprocess.run(command, check=True, env=environment, capture_output=True, timeout=240)
        found: dict[str, Any] = json.loads(told.stdout)
        return found


@pytest.fixture(scope="module")
def owner(user: User) -> Owner:
    return Owner(user)


@pytest.fixture(scope="module")
def rounds(owner: Owner) -> list[Round]:
    """All of it, once; the tests look at what came of it."""
    found = []
    for number, mode in enumerate(MODES):
        there = owner.trains(mode, number)
        owner.asks(there)
        owner.has_it_checked(there, (number + 1) * tables.ROWS)
        if there.ids:
            owner.labels(there)
        found.append(there)
    return found


@pytest.mark.timeout(900)
def test_it_keeps_its_name(rounds: list[Round], owner: Owner) -> None:
    assert [one.live.mode for one in rounds] == ["serverless", "realtime", "batch", "serverless"]
    assert {one.live.endpoint for one in rounds} == {ENDPOINT}
    assert [one.status for one in rounds] == ["InService", "InService", None, "InService"]
    assert ["ServerlessConfig" in one.variant for one in rounds] == [True, False, False, True]
    assert owner.user.endpoints().count(ENDPOINT) == 1
    assert not [name for name in owner.user.endpoints() if name.startswith(DATASET)]  # no candidate is left


def test_it_answers_in_every_mode(rounds: list[Round]) -> None:
    for there in rounds:
        assert len(there.asked) == tables.ROWS
        assert set(there.asked) == {"yes", "no"}


def test_it_keeps_its_history(rounds: list[Round], owner: Owner) -> None:
    runs = [one.live.run for one in rounds]
    assert len(set(runs)) == len(MODES)
    for before, after in pairwise(runs):
        live = owner.user.evaluation(after)["live"]
        assert (live["run"], live["unavailable"]) == (before, None)
        assert live["metrics"]["auc"]["value"] is not None
    packages = owner.sagemaker.list_model_packages(ModelPackageGroupName=ENDPOINT)["ModelPackageSummaryList"]
    assert sorted(one["ModelPackageVersion"] for one in packages) == [1, 2, 3, 4]
    assert {one["ModelApprovalStatus"] for one in packages} == {"Approved"}


def test_its_watch_goes_on(rounds: list[Round], owner: Owner) -> None:
    for there in rounds:
        drift = there.drift
        assert (drift["run"], drift["state"]) == (there.live.run, "stable"), there.mode
        assert drift["window"]["rows"] == tables.ROWS, there.mode
    assert owner.monitor().live == rounds[-1].live
    kinds = [mail.attributes["kind"] for mail in owner.user.mails(DATASET)]
    assert kinds == ["promoted", "promoted", "promoted", "scored", "quality", "promoted"]


def test_labels_that_come_late_find_the_rows_of_an_answered_file(rounds: list[Round]) -> None:
    [there] = [one for one in rounds if one.ids]
    assert (there.quality["run"], there.quality["state"]) == (there.live.run, "kept")
    assert there.quality["coverage"]["matched"] == tables.ROWS


def test_the_command_line_transforms_with_its_model_and_is_refused_what_is_asynchronous(
    rounds: list[Round], owner: Owner
) -> None:
    bucket, user = owner.user.cloud.bucket, owner.user
    rows = tables.text([row[:-1] for row in tables.rows()], tables.HEADER[:-1])
    user.puts("runs/mine/rows.csv", rows.encode())
    source = f"DataSource={{S3DataSource={{S3DataType=S3Prefix,S3Uri=s3://{bucket}/runs/mine/}}}},ContentType=text/csv"
    user.types(
        f"aws sagemaker create-transform-job --transform-job-name mine --model-name {rounds[-1].live.run}-model "
        f"--transform-input '{source}' --transform-output S3OutputPath=s3://{bucket}/runs/out,Accept=text/csv "
        "--transform-resources InstanceType=ml.m5.large,InstanceCount=1"
    )
    user.waits_until(lambda: owner.transform("mine") != "InProgress", "the transform job's end")
    assert owner.transform("mine") == "Completed"
    answers = [line.partition(",")[0] for line in user.reads("runs/out/rows.csv.out").decode().splitlines()]
    assert answers == rounds[-1].asked
    user.types(
        f"aws sagemaker-runtime invoke-endpoint-async --endpoint-name {ENDPOINT} "
        f"--input-location s3://{bucket}/runs/mine/ "
        "2>&1 | grep -q 'ValidationError.*takes no asynchronous requests'"
    )


def test_it_keeps_its_bill(rounds: list[Round], owner: Owner) -> None:
    serverless, realtime, batch, again = (one.mail.body for one in rounds)
    for body in (serverless, realtime, batch, again):
        assert "On AWS this run costs about" in body
    for body in (serverless, again):
        assert "costs nothing while nobody asks" in body
    assert "bills by the hour from now on" in realtime
    assert f"The endpoint {ENDPOINT} was deleted" in batch
    lines = {line["what"]: line for line in owner.bill()["lines"]}
    assert f"{ENDPOINT} (serverless: by request)" in lines
    for what in (f"4 runs of {DATASET}", f"6 checks of {DATASET}"):
        assert lines[what]["usd"] > 0
