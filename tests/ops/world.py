"""A deployment in memory: S3, an endpoint with data capture, a bus, a topic with queues, and a monitor that may err."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from ops.live import Column, HeldOut
from ops.target import Target

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
RUN = "churn-1a2b3c4d"
CAPTURE = "capture/sagerelay-churn/AllTraffic/2026/11/22/10"
COLUMNS = (
    Column("id", "identifier", used=False),
    Column("age", "numeric", used=True, integer=True),
    Column("income", "numeric", used=True),
    Column("plan", "categorical", used=True, categories=frozenset({"basic", "plus"})),
    Column("churned", "target", used=False),
)
IMPORTANCE = {"income": 0.5, "plan": 0.3, "age": 0.2}


def rows(count: int = 400) -> tuple[tuple[str, ...], ...]:
    """Held-out rows: churned follows from the income; one income in fifty is missing."""
    chance = random.Random(1)
    made = []
    for number in range(count):
        income = chance.gauss(1000, 200)
        cells = (
            f"c{number}",
            str(chance.randint(18, 80)),
            "" if number % 50 == 0 else f"{income:.2f}",
            chance.choice(["basic", "plus"]),
            "yes" if income > 1100 else "no",
        )
        made.append(cells)
    return tuple(made)


def held_out(**changes: Any) -> HeldOut:
    given = {"columns": COLUMNS, "target": "churned", "task": "binary", "rows": rows(), "importance": IMPORTANCE}
    return HeldOut(**(given | {"many_valued": ("age", "income")} | changes))


def silent(_line: str) -> None:
    """Where lines go that nobody reads."""


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


@dataclass
class World:
    """Everything at once; `client(name)` gives itself, because no two services share an operation's name.

    `finds(drill, rows)`: what the monitor says about a drill's captured rows, as parts of drift.json.
    """

    finds: Callable[[str, list[list[str]]], dict[str, Any]]
    percentage: int = 100
    mails_about_stable: bool = False
    objects: dict[str, bytes] = field(default_factory=dict)
    queue: list[dict[str, Any]] = field(default_factory=list)
    queues: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    captured: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        schema = {
            "target": "churned",
            "task": "binary",
            "split": {"how": "stratified"},
            "columns": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "used": one.used,
                    "integer": one.integer,
                    "categories": sorted(one.categories),
                }
                for one in COLUMNS
            ],
        }
        importance = [{"column": name, "gain": gain} for name, gain in IMPORTANCE.items()]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([[one.name for one in COLUMNS], *rows()])
        root = f"runs/{RUN}"
        self.objects[f"{root}/prepared/schema.json"] = json.dumps(schema).encode()
        self.objects[f"{root}/evaluation/evaluation.json"] = json.dumps(
            {"sagerelay": {"importance": importance}}
        ).encode()
        self.objects[f"{root}/prepared/baseline.json"] = json.dumps(
            {"dependence": {"many_valued": ["age", "income"]}}
        ).encode()
        self.objects[f"{root}/prepared/test/test.csv"] = text.getvalue().encode()

    def target(self) -> Target:
        return Target(self.client, "b", "arn:topic", "t", "sagerelay", on_laptop=True)

    def client(self, _service: str) -> World:
        return self

    # S3

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803 (boto3's spelling)
        if Key not in self.objects:
            raise error("NoSuchKey")
        return {"Body": io.BytesIO(self.objects[Key])}

    def get_paginator(self, operation: str) -> World:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Prefix: str, StartAfter: str = "", **_: Any) -> list[dict[str, Any]]:  # noqa: N803
        keys = sorted(key for key in self.objects if key.startswith(Prefix) and key > StartAfter)
        return [{"Contents": [{"Key": key, "LastModified": NOW}]} for key in keys]

    # SageMaker

    def describe_endpoint(self, *, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        if EndpointName != "sagerelay-churn":
            raise error("ValidationException")
        return {"EndpointStatus": "InService", "EndpointConfigName": f"{RUN}-live-1"}

    def describe_endpoint_config(self, *, EndpointConfigName: str) -> dict[str, Any]:  # noqa: N803
        return {
            "EndpointConfigName": EndpointConfigName,
            "ProductionVariants": [{"VariantName": "AllTraffic"}],
            "DataCaptureConfig": {
                "EnableCapture": self.percentage > 0,
                "InitialSamplingPercentage": self.percentage,
                "DestinationS3Uri": "s3://b/capture",
            },
        }

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        self.sent.append(request)
        number = len(self.sent)
        if number * self.percentage // 100 > (number - 1) * self.percentage // 100:
            record = {
                "captureData": {"endpointInput": {"data": request["Body"].decode()}},
                "eventMetadata": {
                    "customAttributes": [request["CustomAttributes"]],
                    "inferenceId": request["InferenceId"],
                },
            }
            self.objects[f"{CAPTURE}/{number:04d}.jsonl"] = json.dumps(record).encode() + b"\n"
        return {"Body": io.BytesIO(b"yes\n")}

    # EventBridge, and the monitor behind it

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        [entry] = Entries
        assert (entry["Source"], entry["DetailType"]) == ("sagerelay", "Check Requested")
        detail = json.loads(entry["Detail"])
        self.asked.append(detail)
        drill = detail.get("drill")
        seen = self.rows_of(drill)
        number = len(self.asked)
        found = {
            "check": f"churn-{detail['kind']}-{number}",
            "run": RUN,
            "drill": drill,
            "state": "stable",
            "window": {"rows": len(seen), "files": 1, "from": None, "to": None},
            "thresholds": {"min_rows": 100},
            "drifted": [],
            "features": [],
            "predictions": [],
        } | self.finds(str(drill), seen)
        folder = f"monitoring/churn/2026-11-22T10-30-{number:02d}Z-{detail['kind']}-{number}"
        self.objects[f"{folder}/window.json"] = b"{}"
        self.objects[f"{folder}/drift.json"] = json.dumps(found).encode()
        if found["state"] == "drifted" or self.mails_about_stable:
            self.publish(drill, found["drifted"])
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}

    def rows_of(self, drill: str | None) -> list[list[str]]:
        found: list[list[str]] = []
        for key, body in self.objects.items():
            if key.startswith("capture/"):
                record = json.loads(body)
                if record["eventMetadata"]["customAttributes"] == [f"sagerelay=drill-{drill}"]:
                    found += list(csv.reader(io.StringIO(record["captureData"]["endpointInput"]["data"])))[1:]
        return found

    # SNS and SQS

    def publish(self, drill: str, drifted: list[str], kind: str = "drift-found") -> None:
        for subscription in self.subscriptions.values():
            policy = json.loads(subscription["Attributes"]["FilterPolicy"])
            if drill in policy["drill"] and "churn" in policy["dataset"]:
                attributes = {"kind": kind, "dataset": "churn", "drill": drill}
                body = {
                    "MessageId": f"m{len(self.asked)}",
                    "Subject": "[drill] churn: drift",
                    "Message": json.dumps({"drifted": drifted}),
                    "MessageAttributes": {name: {"Type": "String", "Value": v} for name, v in attributes.items()},
                }
                self.queue += [{"Body": json.dumps(body), "ReceiptHandle": "r"}] * 2  # at least once

    def create_queue(self, *, QueueName: str, Attributes: dict[str, str]) -> dict[str, str]:  # noqa: N803
        self.queues[QueueName] = Attributes
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, *, QueueUrl: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        return {"Attributes": {"QueueArn": f"arn:{QueueUrl}"}}

    def set_queue_attributes(self, *, QueueUrl: str, Attributes: dict[str, str]) -> None:  # noqa: N803
        self.queues[QueueUrl] |= Attributes

    def delete_queue(self, *, QueueUrl: str) -> None:  # noqa: N803
        del self.queues[QueueUrl]

    def subscribe(self, **request: Any) -> dict[str, str]:
        self.subscriptions["s"] = request
        return {"SubscriptionArn": "s"}

    def unsubscribe(self, *, SubscriptionArn: str) -> None:  # noqa: N803
        del self.subscriptions[SubscriptionArn]

    def receive_message(self, **_: Any) -> dict[str, Any]:
        return {"Messages": [self.queue.pop(0)]} if self.queue else {}

    def delete_message(self, **_: Any) -> None:
        """Taken already."""
