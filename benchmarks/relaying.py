"""The real Runtime over AWS in memory (tests/memory_cloud), and datasets that go through it event by event.

The runtime has boto3 clients of its own, and every call of theirs is counted. Jobs do not run: they end when the next
event is asked for, and leave what they would have left.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from chalicelib import aws, deployment
from chalicelib import runtime as shell
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.runtime import Runtime, telemetry
from tests.memory_cloud.cloud import Fate, MemoryCloud
from tests.memory_cloud.connection import Connection
from tests.memory_cloud.jobs import Ending, Job
from tests.memory_cloud.surroundings import ByHand

REGION, ACCOUNT = "eu-west-1", "123456789012"
BUCKET, PREFIX = "sagerelay-dev-bucket", "sagerelay-dev"
ENVIRONMENT = {
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "SAGERELAY_BUCKET": BUCKET,
    "SAGERELAY_TABLE": "sagerelay-dev",
    "SAGERELAY_TOPIC_ARN": f"arn:aws:sns:{REGION}:{ACCOUNT}:sagerelay-dev",
    "SAGERELAY_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/sagerelay-dev",
    "SAGERELAY_CODE": "code/0123456789ab",
    "SAGERELAY_PREFIX": PREFIX,
}
"""What the template gives the functions."""
UNTUNED = b"target: churned\ntuning: {enabled: false}\n"
SCHEMA = {"version": 1, "task": "binary", "classes": ["no", "yes"], "content_type": "x", "rows": {"read": 10_000}}
_ESTIMATE = {"value": 0.91, "low": 0.89, "high": 0.93, "undefined": None}
EVALUATION = {
    "version": 1,
    "task": "binary",
    "target": "churned",
    "classes": ["no", "yes"],
    "rows": 1488,
    "metrics": dict.fromkeys(("accuracy", "precision", "recall", "f1", "auc"), _ESTIMATE),
    "confusion_matrix": [[1000, 88], [120, 280]],
    "naive": {"auc": 0.5},
}
STEPS = (Step.PREPARE, Step.TRAIN, Step.CANDIDATE, Step.EVALUATE, Step.LIVE)
"""What a run without tuning waits for, in order."""


class Relaying:
    """A deployment with its datasets; `seconds` and the connection's `calls` are those of the runtime alone."""

    def __init__(self) -> None:
        self.around = ByHand()
        own = deployment.from_environment(ENVIRONMENT)
        self.cloud = MemoryCloud(own, self.around, Fate(leave=self._leave))
        self.connection = Connection(self.cloud)
        self.runtime: Runtime = _runtime(self.connection)
        self.seconds = 0.0
        self.events = 0

    def open(self, dataset: str, steps: int) -> None:
        """A run that has come so many steps far and waits there."""
        self.around.under_way.clear()  # those that were opened before wait for ever
        for name, body in (("relay.yaml", UNTUNED), ("train/jan.csv", b"a,b\n1,2\n")):
            self.cloud.bucket.put(f"datasets/{dataset}/{name}", body)
        about = {"key": f"datasets/{dataset}/train/jan.csv", "etag": "e", "version-id": "v1"}
        detail = {"bucket": {"name": BUCKET}, "object": about}
        self._receive({"detail-type": "Object Created", "detail": detail})
        for _ in range(steps):
            self._receive(self.around.next_event())

    def relay(self, dataset: str) -> None:
        """A run from its upload to its mail; its candidate's endpoint is gone by then."""
        self.open(dataset, len(STEPS))
        self.around.settle()

    def reset(self) -> None:
        """Count from nothing."""
        self.connection.calls.clear()
        self.seconds, self.events = 0.0, 0

    def sweep(self) -> None:
        """The scheduled sweep."""
        self._timed(self.runtime.sweep)

    def _receive(self, envelope: dict[str, Any]) -> None:
        self._timed(lambda: self.runtime.receive(envelope))
        self.events += 1

    def _timed(self, work: Callable[[], None]) -> None:
        with _silently():
            begun = time.perf_counter()
            work()
            self.seconds += time.perf_counter() - begun

    def _leave(self, job: Job) -> Ending:
        """What a job leaves that has ended well."""
        name = StepName.parse(job.name)
        assert name is not None, job.name
        keys, bucket = RunKeys(name.run), self.cloud.bucket
        if name.step is Step.PREPARE:
            bucket.put(keys.schema, json.dumps(SCHEMA).encode())
        if name.step is Step.EVALUATE:
            bucket.put(keys.evaluation_json, json.dumps({"sagerelay": EVALUATION}).encode())
            bucket.put(keys.report, b"<!--sagerelay:verdict--><!--/sagerelay:verdict-->")
        return job.ending


def _runtime(connection: Connection) -> Runtime:
    """The runtime as a Lambda makes it on its first event, with its own clients, which are answered from memory."""
    before = dict(os.environ)
    _forget()
    os.environ.update(ENVIRONMENT)
    try:
        made = shell.runtime()
        for service in connection.cloud.clients:
            connection.connect(aws.client(service))
    finally:
        os.environ.clear()
        os.environ.update(before)
        _forget()  # the next deployment of this process is another one
    return made


def _forget() -> None:
    shell.runtime.cache_clear()
    aws.client.cache_clear()


@contextmanager
def _silently() -> Iterator[None]:
    """The log lines and metrics are made, as on AWS, and thrown away."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        handler = telemetry.log.registered_handler
        assert isinstance(handler, logging.StreamHandler)
        before = handler.setStream(nowhere)
        try:
            yield
        finally:
            handler.setStream(before)
