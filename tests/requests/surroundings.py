"""AWS on the loopback address without its Lambda: the front door, moto and the local SageMaker, with canned jobs.

For tests that are Lambda themselves. Nothing delivers an event: `envelopes` holds what EventBridge would deliver, in
order, and the test hands them on. Every request that arrives can be looked at, and made to fail.
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from local import stack
from local.front import FrontDoor
from local.mailbox import Publication
from local.permissions.account import offer_managed_policies
from local.sagemaker import SageMaker
from local.sagemaker.processes import Executor
from local.wire.http_server import Answer, LoopbackServer, Request
from ops.deployment.code import Code

SETTLED = {"Completed", "Failed", "Stopped", "InService"}
JOBS = {
    "ListProcessingJobs": ("ProcessingJobSummaries", "ProcessingJobStatus"),
    "ListTrainingJobs": ("TrainingJobSummaries", "TrainingJobStatus"),
    "ListHyperParameterTuningJobs": ("HyperParameterTuningJobSummaries", "HyperParameterTuningJobStatus"),
    "ListTransformJobs": ("TransformJobSummaries", "TransformJobStatus"),
    "ListEndpoints": ("Endpoints", "EndpointStatus"),
}


class Surroundings:
    """A context manager. `directory` is where jobs work, `executor` what leaves their results."""

    def __init__(self, directory: Path, executor: Executor) -> None:
        self.envelopes: queue.Queue[dict[str, Any]] = queue.Queue()
        self.published: list[Publication] = []
        self._fails: tuple[str, Answer] | None = None
        self.rings = False
        """Whether the first alarm on a model that takes over rings, before it does."""
        self.asked: list[str] = []
        """What arrived, as `SageMaker.CreateTrainingJob` or `PUT /bucket/key`."""
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._server = LoopbackServer(self._answer)
        self.code = Code({"jobs/__init__.py": b""})
        self.sagemaker = SageMaker(
            directory=directory,
            endpoint_url=self.address,
            region=stack.REGION,
            account=stack.ACCOUNT,
            emit=self.envelopes.put,
            environment=stack.JOBS.environment(),
            executor=executor,
            speed=6000.0,
        )
        self._front = FrontDoor(
            self.sagemaker,
            region=stack.REGION,
            account=stack.ACCOUNT,
            emit=self.envelopes.put,
            deliver=lambda publication, _: self.published.append(publication),
        )

    def __enter__(self) -> Self:
        self._front.reset()
        offer_managed_policies(stack.ACCOUNT)
        self._server.start()
        stack.create(self.client, self.code)
        return self

    def __exit__(self, *_: object) -> None:
        self.sagemaker.close()
        self._server.stop()
        self._front.reset()
        self._front.close()
        for made in self._clients.values():
            made.close()

    @property
    def address(self) -> str:
        return self._server.address

    @property
    def environment(self) -> dict[str, str]:
        """What the stack gives its functions here, and where AWS is."""
        return stack.function_environment(self.code, self.address)

    def client(self, service: str) -> Any:
        """A client of the user's."""
        if service not in self._clients:
            self._clients[service] = stack.client(service, endpoint_url=self.address, identity=stack.USER)
        return self._clients[service]

    def put(self, key: str, body: bytes) -> None:
        """A user uploads a file."""
        self.client("s3").put_object(Bucket=stack.BUCKET, Key=key, Body=body)

    def read(self, key: str) -> bytes:
        body: bytes = self.client("s3").get_object(Bucket=stack.BUCKET, Key=key)["Body"].read()
        return body

    def settle(self, seconds: float = 60.0) -> None:
        """Wait until nothing in SageMaker is under way any more."""
        deadline = time.monotonic() + seconds
        while under_way := self._under_way():
            assert time.monotonic() < deadline, f"never settled: {under_way}"
            time.sleep(0.03)  # to look is to ask for five lists

    def delivered_nowhere(self) -> None:
        """Every event since the last one is lost, once SageMaker has settled."""
        self.settle()
        while not self.envelopes.empty():
            self.envelopes.get()

    @contextlib.contextmanager
    def failing(self, asked: str, status: int, code: str) -> Iterator[None]:
        """AWS answers such requests with an error of its own."""
        headers = (("Content-Type", "application/x-amz-json-1.0"),)
        self._fails = (asked, Answer(status, headers, json.dumps({"__type": code, "message": "not now"}).encode()))
        try:
            yield
        finally:
            self._fails = None

    def _under_way(self) -> list[str]:
        found = []
        for operation, (summaries, status) in JOBS.items():
            listed = self.sagemaker.call(operation, {"MaxResults": 100})[summaries]
            found += [str(one) for one in listed if one[status] not in SETTLED]
        return found

    def _answer(self, request: Request) -> Answer:
        with self._lock:
            asked = request.header("X-Amz-Target") or f"{request.method} {request.path}"
            self.asked.append(asked)
            fails = self._fails
        if fails is not None and asked == fails[0]:
            return fails[1]
        if self.rings and asked == "SageMaker.UpdateEndpoint":
            [alarm, *_] = json.loads(request.body)["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
            self.client("cloudwatch").set_alarm_state(**alarm, StateValue="ALARM", StateReason="said so")
        return self._front.answer(request)
