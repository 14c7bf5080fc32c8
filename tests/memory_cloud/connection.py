"""Real boto3 clients that are answered from memory, and the count of what is asked of them.

botocore still checks and serialises each request; what is left out is signing, sending and reading the answer, which do
not depend on how much there is.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from tests.memory_cloud.cloud import MemoryCloud


@dataclass(frozen=True)
class _Status:
    """All that botocore asks of an HTTP response that was answered for it."""

    status_code: int


@dataclass(frozen=True)
class Answered:
    """A call, and what it was answered with."""

    service: str
    operation: str
    asked: Mapping[str, Any]
    answer: dict[str, Any] | ClientError


def reply_from(answered: Answered) -> tuple[_Status, dict[str, Any]]:
    """What botocore takes for an answer from the network."""
    if isinstance(answered.answer, ClientError):
        told = answered.answer.response
        return _Status(told["ResponseMetadata"]["HTTPStatusCode"]), {"Error": told["Error"]}
    return _Status(200), answered.answer


class Connection:
    """The way from clients to a cloud. `calls` counts by service and operation, each page as a call of its own;
    `latency` is what each call takes, in seconds."""

    def __init__(self, cloud: MemoryCloud) -> None:
        self.cloud = cloud
        self._lock = threading.Lock()
        self.calls: Counter[str] = Counter()
        self.latency = 0.0
        self._noted: list[Answered] | None = None

    @contextmanager
    def noting(self) -> Iterator[list[Answered]]:
        """The calls made meanwhile, in order."""
        noted = self._noted = []
        try:
            yield noted
        finally:
            self._noted = None

    def connect(self, client: Any) -> None:
        """From now on this boto3 client is answered from the cloud."""
        service = client.meta.service_model.service_name

        def note(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
            context["asked"] = {**params}  # as the code gave it: what botocore makes of it comes later

        def reply(model: Any, context: dict[str, Any], **_: Any) -> tuple[_Status, dict[str, Any]]:
            return reply_from(self._answered(service, model.name, context["asked"]))

        client.meta.events.register("provide-client-params.*.*", note)
        client.meta.events.register_first("before-call.*", reply)

    def _answered(self, service: str, operation: str, asked: Mapping[str, Any]) -> Answered:
        if self.latency:
            time.sleep(self.latency)
        with self._lock:
            self.calls[f"{service}.{operation}"] += 1
            try:
                answer = getattr(self.cloud.clients[service], xform_name(operation))(**asked)
            except ClientError as refused:
                answer = refused
            answered = Answered(service, operation, asked, answer)
            if self._noted is not None:
                self._noted.append(answered)
        return answered
