"""The real Runtime over the cloud in memory, and datasets that go through it event by event.

Jobs do not run: whoever drives a dataset says that its job has ended and leaves what it would have left.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from benchmarks.memory_cloud.cloud import ACCOUNT, REGION, MemoryCloud
from chalicelib import aws
from chalicelib import runtime as shell
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.runtime import Runtime, telemetry

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
    """A deployment with its datasets; `seconds` and the cloud's `calls` are those of the shell alone."""

    def __init__(self) -> None:
        self.cloud = MemoryCloud()
        self.runtime: Runtime = _runtime(self.cloud)
        self.seconds = 0.0
        self.events = 0

    def open(self, dataset: str, steps: int) -> None:
        """A run that has come so many steps far and waits there."""
        for event in self._relay(dataset, steps):
            event()

    def relay(self, dataset: str) -> None:
        """A run from its upload to its mail."""
        self.open(dataset, len(STEPS))

    def reset(self) -> None:
        """Count from nothing."""
        self.cloud.calls.clear()
        self.seconds, self.events = 0.0, 0

    def sweep(self) -> None:
        """The scheduled sweep."""
        self._timed(self.runtime.sweep)

    def _relay(self, dataset: str, steps: int) -> Iterator[Callable[[], None]]:
        for name, body in (("relay.yaml", UNTUNED), ("train/jan.csv", b"a,b\n1,2\n")):
            self._leave(f"datasets/{dataset}/{name}", body)
        key = f"datasets/{dataset}/train/jan.csv"
        detail = {"bucket": {"name": BUCKET}, "object": {"key": key, "etag": "e", "version-id": "v"}}
        yield lambda: self._receive("Object Created", detail)
        run = self._run_of(dataset)
        for step in STEPS[:steps]:
            kind, ended = self._end(run, dataset, step)
            yield lambda kind=kind, ended=ended: self._receive(kind, ended)  # type: ignore[misc]

    def _receive(self, kind: str, detail: dict[str, Any]) -> None:
        self._timed(lambda: self.runtime.receive({"detail-type": kind, "detail": detail}))
        self.events += 1

    def _timed(self, work: Callable[[], None]) -> None:
        with _silently():
            begun = time.perf_counter()
            work()
            self.seconds += time.perf_counter() - begun

    def _run_of(self, dataset: str) -> str:
        item = self.cloud.table.answer("GetItem", {"Key": {"id": {"S": f"dataset#{dataset}"}}})["Item"]
        run: str = json.loads(item["document"]["S"])["active"]
        return run

    def _end(self, run: str, dataset: str, step: Step) -> tuple[str, dict[str, Any]]:
        """SageMaker's side of a step that has ended well, and the event that says so: detail-type and detail."""
        name, keys = str(StepName(run, step, 1)), RunKeys(run)
        if step is Step.TRAIN:
            artifact = {"S3ModelArtifacts": f"s3://{BUCKET}/{keys.training}/model.tar.gz"}
            self.cloud.sagemaker.end("TrainingJob", name, ModelArtifacts=artifact)
            return "SageMaker Training Job State Change", {"TrainingJobName": name, "TrainingJobStatus": "Completed"}
        if step in {Step.CANDIDATE, Step.LIVE}:
            endpoint = name if step is Step.CANDIDATE else f"{PREFIX}-{dataset}"
            self.cloud.sagemaker.end("Endpoint", endpoint)
            detail = {"EndpointName": endpoint, "EndpointStatus": "IN_SERVICE"}
            return "SageMaker Endpoint State Change", detail
        if step is Step.PREPARE:
            self._leave(keys.schema, json.dumps(SCHEMA).encode())
        else:
            self._leave(keys.evaluation_json, json.dumps({"sagerelay": EVALUATION}).encode())
            self._leave(keys.report, b"<!--sagerelay:verdict--><!--/sagerelay:verdict-->")
        self.cloud.sagemaker.end("ProcessingJob", name)
        return "SageMaker Processing Job State Change", {"ProcessingJobName": name, "ProcessingJobStatus": "Completed"}

    def _leave(self, key: str, body: bytes) -> None:
        self.cloud.storage.answer("PutObject", {"Key": key, "Body": body})


def _runtime(cloud: MemoryCloud) -> Runtime:
    """The runtime as a Lambda makes it on its first event, with its own clients, which the cloud then answers for."""
    before = dict(os.environ)
    _forget()
    os.environ.update(ENVIRONMENT)
    try:
        made = shell.runtime()
        for service in cloud.services:
            cloud.answer_for(aws.client(service))
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
        before = telemetry.log.registered_handler.setStream(nowhere)
        try:
            yield
        finally:
            telemetry.log.registered_handler.setStream(before)
