"""A small world for the shell: a table, a bucket and a topic in memory, and a SageMaker that does what the test says.

Real adapters over AWS in memory (tests/memory_cloud); only SageMaker's adapter is a fake, because what is under test is
how the shell behaves between its calls, not the calls.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib import one_container
from chalicelib.algorithms import BUILT_IN, Registry
from chalicelib.aws.store import Store
from chalicelib.monitoring.facts import CheckCompleted, CheckFailed
from chalicelib.monitoring.record import Monitor
from chalicelib.names import Kind, RunKeys, Step, StepName
from chalicelib.records.events import StepCompleted, StepFailed
from chalicelib.runtime import Runtime
from tests.memory_cloud import executing
from tests.memory_cloud.cloud import MemoryCloud
from tests.memory_cloud.surroundings import ByHand
from tests.relay.builders import DEPLOYMENT, NOW, completed, evaluation, job
from tests.relay.fake_sagemaker import FakeSageMaker, FakeTags


class Crash(BaseException):
    """The Lambda dies here. Not an Exception, so that nothing can catch it by accident."""


class Faulty:
    """Wraps a client or adapter: one call, counted over everything wrapped, dies before or after it."""

    def __init__(self, inner: Any, trip: Callable[[], str | None]) -> None:
        self._inner = inner
        self._trip = trip

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not callable(value) or name in {"exceptions", "get_paginator"}:
            return value

        def call(*arguments: Any, **keywords: Any) -> Any:
            where = self._trip()
            if where == "before":
                raise Crash
            answer = value(*arguments, **keywords)
            if where == "after":
                raise Crash
            return answer

        return call


class World:
    """The relay's surroundings, with a clock that the test moves."""

    def __init__(self) -> None:
        self.time = NOW
        self.cloud = MemoryCloud(DEPLOYMENT, ByHand(lambda: self.time))
        self.s3, self.dynamodb, self.sns = self.cloud.bucket, self.cloud.table, self.cloud.topic
        self.sagemaker = FakeSageMaker()
        self.sagemaker.now = lambda: self.time
        self.crash_at: tuple[int, str] | None = None
        self.counted = 0
        self._told = 0
        self.runtime = self._runtime(BUILT_IN)

    def release(self, offered: Registry) -> None:
        """Another release takes over, with these algorithms."""
        self.runtime = self._runtime(offered)

    def _runtime(self, offered: Registry) -> Runtime:
        deployment = replace(DEPLOYMENT, algorithms=offered)
        executor = executing.executor(deployment, lambda service: Faulty(self.cloud.clients[service], self._trip))
        sagemaker, tags = Faulty(self.sagemaker, self._trip), Faulty(FakeTags(self.sagemaker), self._trip)
        return Runtime(replace(executor, sagemaker=sagemaker, tags=tags), self._now)  # type: ignore[arg-type]

    def _now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    def _trip(self) -> str | None:
        self.counted += 1
        return self.crash_at[1] if self.crash_at and self.crash_at[0] == self.counted else None

    def put(self, name: str, body: bytes = b"a,b\n1,2\n", dataset: str = "churn") -> None:
        """Upload a file; no event is sent."""
        self.s3.put(f"datasets/{dataset}/{name}", body)

    def uploaded(self, name: str = "train/jan.csv", dataset: str = "churn") -> dict[str, Any]:
        """The envelope about an uploaded file."""
        entry = {"key": f"datasets/{dataset}/{name}", "etag": "e", "size": 1}
        return {"detail-type": "Object Created", "detail": {"bucket": {"name": DEPLOYMENT.bucket}, "object": entry}}

    def end(self, run: str, step: Step, failure: str | None = None, attempt: int = 1) -> dict[str, Any]:
        """SageMaker ends a step of a run, leaving what its job leaves; gives the envelope that says so."""
        record = job(step, attempt)
        record = type(record)(step, str(StepName(run, step, attempt)), record.started, record.ended, 60)
        name = str(StepName(run, step, attempt))
        folder = {Step.TRAIN: f"{RunKeys(run).training}/output", Step.PACK: one_container.folder(run)}.get(step)
        artifact = f"s3://{DEPLOYMENT.bucket}/{folder}/model.tar.gz" if folder else None
        self.sagemaker.ended[name] = (
            StepFailed(step, attempt, failure, record) if failure else StepCompleted(step, attempt, record, artifact)
        )
        if step is Step.PREPARE:
            self._write(RunKeys(run).schema, SCHEMA)
            for document in ("baseline", "constraints"):
                self._write(f"{RunKeys(run).prepared}/{document}.json", {"version": 1})
        if step is Step.EVALUATE:
            self._write(RunKeys(run).evaluation_json, {"sagerelay": evaluation()})
            self._write(RunKeys(run).answers, {"version": 1})
        if step in {Step.CANDIDATE, Step.LIVE}:
            endpoint = name if step is Step.CANDIDATE else "sagerelay-churn"
            detail = {"EndpointName": endpoint, "EndpointStatus": "IN_SERVICE"}
            return {"detail-type": "SageMaker Endpoint State Change", "detail": detail}
        return {
            "detail-type": "SageMaker Processing Job State Change",
            "detail": {"ProcessingJobName": name, "ProcessingJobStatus": "Completed"},
        }

    def end_check(self, kind: Kind, result: dict[str, Any] | str, attempt: int = 1) -> dict[str, Any]:
        """A check's job ends with this result, or for this reason; gives the envelope that says so."""
        check = next(check for check in self.monitor().checks if check.kind is kind)
        name = self.monitor().keys(check).job(attempt)
        if isinstance(result, str):
            self.sagemaker.checked[str(name)] = CheckFailed(kind, check.ordinal, attempt, result)
        else:
            self.sagemaker.checked[str(name)] = CheckCompleted(kind, check.ordinal, attempt)
            self._write(self.monitor().keys(check).result, result)
        detail = {"ProcessingJobName": str(name), "ProcessingJobStatus": "Completed"}
        return {"detail-type": "SageMaker Processing Job State Change", "detail": detail}

    def capture(self, file: str) -> None:
        """A file of captured traffic appears; its name begins with its hour, as `2026/11/22/11/x.jsonl`."""
        self.s3.put(f"capture/sagerelay-churn/AllTraffic/{file}", b"{}")

    def window(self, kind: Kind = Kind.DRIFT) -> list[str]:
        """The capture files that the check in flight looks at."""
        check = next(check for check in self.monitor().checks if check.kind is kind)
        body = self.s3.body(self.monitor().keys(check).window) or b""
        return [entry["key"].partition("AllTraffic/")[2] for entry in json.loads(body)["objects"]]

    def monitor(self) -> Monitor:
        return Store(self.dynamodb, DEPLOYMENT.table).monitor("churn")

    def _write(self, key: str, document: dict[str, Any]) -> None:
        self.s3.put(key, json.dumps(document).encode())

    def active(self, dataset: str = "churn") -> str | None:
        return Store(self.dynamodb, DEPLOYMENT.table).dataset(dataset).active

    def stage(self, run: str) -> str:
        record = Store(self.dynamodb, DEPLOYMENT.table).run(run)
        return str(record.stage) if record else "missing"

    def mails(self) -> list[dict[str, Any]]:
        """Everything published since it was last asked for."""
        before, self._told = self._told, len(self.sns.mails)
        return [mail.machine for mail in self.sns.mails[before:]]

    def relay(self, run: str, deliver: Callable[[dict[str, Any]], None]) -> None:
        """Let every step of a run end well, one after the other, delivering each envelope."""
        for step in Step:
            deliver(self.end(run, step))


SCHEMA = {
    "version": 1,
    "task": "binary",
    "classes": ["no", "yes"],
    "content_type": "application/x-parquet",
    "rows": {"read": 100},
}
assert completed(Step.TRAIN).artifact


STARTED = [
    "create_processing_job {run}-prepare-1",
    "create_hyper_parameter_tuning_job {run}-tune-1",
    "create_training_job {run}-train-1",
    "create_model {run}-model",
    "create_endpoint_config {run}-candidate-1",
    "create_endpoint {run}-candidate-1",
    "create_processing_job {run}-evaluate-1",
    "create_endpoint_config {run}-live-1",
    "create_endpoint sagerelay-churn",
]
"""What one relay asks of SageMaker, in order."""


def drop(here: World, name: str = "train/jan.csv", body: bytes = b"a,b\n1,2\n") -> str:
    """Upload a file and tell the relay; gives the run that is active then."""
    here.put(name, body)
    here.runtime.receive(here.uploaded(name))
    return here.active() or ""
