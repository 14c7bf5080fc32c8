"""A control plane beside moto's S3 and CloudWatch Logs, with data to train on, and a place where its events go."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest

from local.containers import BUILT_IN, Registry
from local.sagemaker import SageMaker
from local.sagemaker.processes import Executor
from tests.moto_server import moto_server
from tests.sagemaker.requests import BUCKET, REGION
from tests.warm import Warm

# A program of its own: importing the SDK takes seconds, and the SDK warns of itself.
collect_ignore = ["sdk_client.py"]
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "sagemaker", "AWS_SECRET_ACCESS_KEY": "sagemaker"}


class Cloud:
    """A SageMaker under test, everything it said, and the S3 it works on."""

    def __init__(
        self,
        endpoint_url: str,
        directory: Path,
        executor: Executor | None = None,
        offered: Registry = BUILT_IN,
    ) -> None:
        self.offered = offered
        self.endpoint_url = endpoint_url
        self.executor = executor
        self.events: list[dict[str, Any]] = []
        self.directory = directory
        self.s3 = self.client("s3")
        self.logs = self.client("logs")
        self.sagemaker = self.start()

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id="user",
            aws_secret_access_key="user",
        )

    def start(self) -> SageMaker:
        return SageMaker(
            directory=self.directory,
            endpoint_url=self.endpoint_url,
            region=REGION,
            account="123456789012",
            emit=self.events.append,
            environment=CREDENTIALS,
            executor=self.executor,
            offered=self.offered,
        )

    def put(self, key: str, body: bytes | str) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"

    def get(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def wait(
        self, operation: str, field: str, *, seconds: float = 120.0, until: set[str] | None = None, **name: str
    ) -> dict[str, Any]:
        """Describe until the status is final (or one of `until`)."""
        deadline = time.monotonic() + seconds
        wanted = until or {"Completed", "Failed", "Stopped", "InService"}
        while time.monotonic() < deadline:
            answer = self.sagemaker.call(operation, name)
            if answer[field] in wanted:
                return answer
            time.sleep(0.02)
        raise AssertionError(f"{name} is still {answer[field]} after {seconds} s")

    def trained(self, name: str, **more: Any) -> dict[str, Any]:
        return self.wait("DescribeTrainingJob", "TrainingJobStatus", TrainingJobName=name, **more)

    def processed(self, name: str, **more: Any) -> dict[str, Any]:
        return self.wait("DescribeProcessingJob", "ProcessingJobStatus", ProcessingJobName=name, **more)

    def tuned(self, name: str, **more: Any) -> dict[str, Any]:
        return self.wait(
            "DescribeHyperParameterTuningJob", "HyperParameterTuningJobStatus", HyperParameterTuningJobName=name, **more
        )


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    with moto_server() as address:
        yield address


@pytest.fixture(scope="session")
def table() -> tuple[bytes, bytes]:
    """Training and validation rows, label first: a noisy but learnable binary problem."""
    random = np.random.default_rng(7)
    features = random.normal(size=(800, 4))
    labels = (features[:, 0] + 0.5 * features[:, 1] + random.normal(scale=0.5, size=800) > 0).astype(int)
    lines = [
        ",".join([str(label), *(f"{value:.5f}" for value in row)]) for label, row in zip(labels, features, strict=True)
    ]
    return "\n".join(lines[:600]).encode() + b"\n", "\n".join(lines[600:]).encode() + b"\n"


@pytest.fixture(scope="module")
def cloud(
    moto_url: str, table: tuple[bytes, bytes], tmp_path_factory: pytest.TempPathFactory, warm: Warm
) -> Iterator[Cloud]:
    """One control plane for the tests of a module."""
    cloud = Cloud(moto_url, tmp_path_factory.mktemp("sagemaker"), warm)
    cloud.s3.create_bucket(Bucket=BUCKET)
    cloud.put("data/train/part.csv", table[0])
    cloud.put("data/validation/part.csv", table[1])
    yield cloud
    cloud.sagemaker.close()
