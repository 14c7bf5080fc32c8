"""The front door alone, in front of a SageMaker that records, and what it told the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from local.front import FrontDoor
from local.mailbox import Publication
from local.sagemaker.tagged import Entry
from local.wire.errors import ApiError
from local.wire.http_server import LoopbackServer

KEYS = {"aws_access_key_id": "SAGERELAYLOCALTEST00", "aws_secret_access_key": "local", "region_name": "us-east-1"}


class FakeSageMaker:
    OPERATIONS = frozenset({"DescribeTrainingJob", "CreateTrainingJob"})

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.endpoints: dict[str, tuple[str, int]] = {}
        self.ended: list[tuple[str, int, int, float]] = []

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, request))
        if operation == "CreateTrainingJob":
            raise ApiError("ResourceInUse", "Job a exists.")
        return {"TrainingJobName": "a", "CreationTime": datetime(2026, 1, 2, 3, 4, 5, 250_000, UTC)}

    def scaling(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, request))
        return {}

    def tagged(self) -> list[Entry]:
        return []

    def answered(self, endpoint: str, port: int, status: int, seconds: float) -> None:
        self.ended.append((endpoint, port, status, seconds))

    @contextmanager
    def calling(self, endpoint: str, _size: int, /) -> Iterator[tuple[str, int]]:
        if endpoint not in self.endpoints:
            raise ApiError("ValidationException", f"Endpoint {endpoint} of account 123456789012 not found.")
        yield self.endpoints[endpoint]


class Door:
    """The front door alone, and what it told the others."""

    def __init__(self) -> None:
        self.sagemaker = FakeSageMaker()
        self.events: list[dict[str, Any]] = []
        self.published: list[tuple[Publication, str]] = []
        self.front = FrontDoor(
            self.sagemaker,
            region="us-east-1",
            account="123456789012",
            emit=self.events.append,
            deliver=lambda asked, message_id: self.published.append((asked, message_id)),
            shown="shown",
        )
        self.server = LoopbackServer(self.front.answer)
        self.server.start()
        self.front.reset()

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self.server.address, config=Config(retries={"total_max_attempts": 1}), **KEYS
        )

    def watched_bucket(self, name: str = "watched", *, versioned: bool = True) -> Any:
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        return s3
