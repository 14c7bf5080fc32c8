"""The clients, and the count of what is asked of them: one for every request botocore would send, each page its own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.memory_cloud.sagemaker import SageMaker
from benchmarks.memory_cloud.storage import Refused, Storage, Table

REGION, ACCOUNT = "eu-west-1", "123456789012"


@dataclass(frozen=True)
class _Status:
    """All that botocore asks of an HTTP response that was answered for it."""

    status_code: int


@dataclass(frozen=True)
class Answered:
    """A call and what it was answered with."""

    service: str
    operation: str
    asked: Mapping[str, Any]
    answer: dict[str, Any] | Refused


def reply_from(answered: Answered) -> tuple[_Status, dict[str, Any]]:
    """What botocore takes for an answer from the network."""
    if isinstance(answered.answer, Refused):
        return _Status(400), {"Error": {"Code": answered.answer.code, "Message": answered.answer.code}}
    return _Status(200), answered.answer


class MemoryCloud:
    """One account. `calls` counts by service and operation; `latency` is what each call takes, in seconds."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.latency = 0.0
        self._noted: list[Answered] | None = None
        self.published: list[dict[str, Any]] = []
        self.storage, self.table, self.sagemaker = Storage(), Table(), SageMaker(REGION, ACCOUNT)
        self._services: dict[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
            "s3": self.storage.answer,
            "dynamodb": self.table.answer,
            "sagemaker": self.sagemaker.answer,
            "sns": self._publish,
            "resourcegroupstaggingapi": self.sagemaker.tagged,
            "cloudwatch": lambda _operation, _asked: {},
            "logs": lambda _operation, _asked: {},
        }

    @property
    def services(self) -> tuple[str, ...]:
        """The services it can answer for."""
        return tuple(self._services)

    @contextmanager
    def noting(self) -> Iterator[list[Answered]]:
        """The calls made meanwhile, in order."""
        noted = self._noted = []
        try:
            yield noted
        finally:
            self._noted = None

    def answer_for(self, client: Any) -> None:
        """From now on this boto3 client gets its answers here."""
        service = client.meta.service_model.service_name
        answer = self._services[service]

        def note(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
            context["asked"] = params

        def reply(model: Any, context: dict[str, Any], **_: Any) -> tuple[_Status, dict[str, Any]]:
            self.calls[f"{service}.{model.name}"] += 1
            if self.latency:
                time.sleep(self.latency)
            try:
                given: dict[str, Any] | Refused = answer(model.name, context["asked"])
            except Refused as refused:
                given = refused
            answered = Answered(service, model.name, context["asked"], given)
            if self._noted is not None:
                self._noted.append(answered)
            return reply_from(answered)

        client.meta.events.register("before-parameter-build.*", note)
        client.meta.events.register_first("before-call.*", reply)

    def _publish(self, _operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.published.append(dict(asked))
        return {"MessageId": f"m-{len(self.published)}"}
