"""A cloud made of fakes, with the AWS clients' own method names and answers."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import pytest
from botocore.exceptions import ClientError

from chalicelib import codec
from chalicelib.records.dataset import Dataset, LastRun
from chalicelib.records.run import Run
from local.cli.progress import Progress
from local.mailbox import Mail, Mailbox, Publication


def absent(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "not there"}}, "Describe")


class FakeSageMaker:
    """Describes what a test has put into `things`, by name."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.children: list[dict[str, Any]] = []

    def _of(self, name: str) -> dict[str, Any]:
        if name not in self.things:
            raise absent("ValidationException")
        return self.things[name]

    def describe_processing_job(self, *, ProcessingJobName: str) -> dict[str, Any]:  # noqa: N803 (boto3's spelling)
        return self._of(ProcessingJobName)

    def describe_training_job(self, *, TrainingJobName: str) -> dict[str, Any]:  # noqa: N803
        return self._of(TrainingJobName)

    def describe_endpoint(self, *, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        return self._of(EndpointName)

    def describe_hyper_parameter_tuning_job(self, *, HyperParameterTuningJobName: str) -> dict[str, Any]:  # noqa: N803
        return self._of(HyperParameterTuningJobName)

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_training_jobs_for_hyper_parameter_tuning_job"
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"TrainingJobSummaries": self.children}]


class FakeS3:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> None:  # noqa: N803
        self.objects[Key] = Body

    def upload_file(self, path: str, _bucket: str, key: str) -> None:
        self.objects[key] = Path(path).read_bytes()

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise absent("NoSuchKey")
        return {"Body": BytesIO(self.objects[Key])}


class FakeTable:
    def __init__(self) -> None:
        self.items: dict[str, str] = {}

    def get_item(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        document = self.items.get(Key["id"]["S"])
        return {} if document is None else {"Item": {"document": {"S": document}, "version": {"N": "1"}}}


@dataclass
class FakeCloud:
    bucket: str = "b"
    table: str = "t"
    mailbox: Mailbox = field(default_factory=Mailbox)
    s3: FakeS3 = field(default_factory=FakeS3)
    dynamodb: FakeTable = field(default_factory=FakeTable)
    sagemaker: FakeSageMaker = field(default_factory=FakeSageMaker)

    def client(self, service: str) -> Any:
        return getattr(self, service)

    def record(self, run: Run, *, active: bool = True) -> None:
        last = LastRun(run.id, 1, "f" * 16, "v")
        of_dataset = Dataset(run.dataset, active=run.id if active else None, last=last)
        self.dynamodb.items[f"run#{run.id}"] = codec.to_document(run)
        self.dynamodb.items[f"dataset#{run.dataset}"] = codec.to_document(of_dataset)

    def mail(self, subject: str, kind: str) -> None:
        self.mailbox.receive(
            Publication("arn", f"about {subject}", subject, None, {"kind": kind, "dataset": "churn"}),
            message_id="m",
            recipients=("you@example.com",),
        )


class Ear:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.last = Progress()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def look(self, progress: Progress) -> None:
        self.last = progress

    def mail(self, mail: Mail) -> None:
        self.mails.append(mail.subject)

    def say(self, line: str) -> None:
        pass


@pytest.fixture
def cloud() -> FakeCloud:
    return FakeCloud()


@pytest.fixture
def ear() -> Ear:
    return Ear()
