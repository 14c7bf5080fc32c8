"""What SageMaker does in a role's name besides reading and writing: without the permission a job fails and says why."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from local.permissions.permission import Permission
from local.sagemaker import SageMaker
from local.sagemaker.assumed import AnyRole
from local.sagemaker.platform import DeniedToRoleError, Platform
from tests.sagemaker import requests
from tests.sagemaker.conftest import CREDENTIALS

REPOSITORY = "arn:aws:ecr:us-east-1:683313688378:repository/sagemaker-xgboost"


def asked_for(image: str, logs: str) -> list[Permission]:
    asked: list[Permission] = []
    Platform("us-east-1", "123456789012", lambda _, needed: asked.extend(needed)).require("r", image=image, logs=logs)
    return asked


def test_an_image_metrics_and_logs_are_asked_for() -> None:
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/TrainingJobs:log-stream:"
    asked = [(one.action, one.resource) for one in asked_for(requests.IMAGE, "/aws/sagemaker/TrainingJobs")]

    assert asked == [
        ("ecr:GetAuthorizationToken", "*"),
        ("ecr:BatchCheckLayerAvailability", REPOSITORY),
        ("ecr:GetDownloadUrlForLayer", REPOSITORY),
        ("ecr:BatchGetImage", REPOSITORY),
        ("cloudwatch:PutMetricData", "*"),
        ("logs:DescribeLogStreams", group),
    ]


def test_an_objection_is_the_reason() -> None:
    with pytest.raises(DeniedToRoleError, match="ClientError: no"):
        Platform("us-east-1", "123456789012", lambda *_: "no").require("r", image=requests.IMAGE, logs="x")


class NoImage(AnyRole):
    """Objects to pulling."""

    def objection(self, role_arn: str, needed: Iterable[Permission]) -> str | None:
        assert role_arn == requests.ROLE
        denied = [one.action for one in needed if one.action == "ecr:BatchGetImage"]
        return f"not authorized to perform: {denied[0]}" if denied else None


class NothingRuns:
    """An executor whose work must not be begun."""

    def warm(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""

    def run(self, argv: list[str], **_: object) -> None:
        raise AssertionError(f"{argv} was begun without the permission")


@pytest.fixture
def sagemaker(tmp_path: Path) -> Iterator[SageMaker]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = SageMaker(
        directory=tmp_path,
        endpoint_url=f"http://{host}:{port}",
        region="us-east-1",
        account="123456789012",
        emit=lambda _: None,
        environment=CREDENTIALS,
        executor=NothingRuns(),  # type: ignore[arg-type]
        roles=NoImage(),
    )
    yield made
    made.close()
    server.stop()


def ended(sagemaker: SageMaker, operation: str, status: str, **name: str) -> dict[str, str]:
    deadline = time.monotonic() + 120
    while (found := sagemaker.call(operation, name))[status] not in {"Failed", "Completed"}:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def test_a_job_whose_image_may_not_be_pulled_fails_with_that_for_its_reason(sagemaker: SageMaker) -> None:
    sagemaker.call("CreateTrainingJob", requests.training("t"))
    sagemaker.call("CreateProcessingJob", requests.processing("p", ["python3", "-m", "x"]))

    trained = ended(sagemaker, "DescribeTrainingJob", "TrainingJobStatus", TrainingJobName="t")
    processed = ended(sagemaker, "DescribeProcessingJob", "ProcessingJobStatus", ProcessingJobName="p")

    for job in (trained, processed):
        assert job["FailureReason"] == "ClientError: not authorized to perform: ecr:BatchGetImage"
