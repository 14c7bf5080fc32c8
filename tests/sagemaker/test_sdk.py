"""The sagemaker SDK, unchanged, drives a training job, a tuning job and an endpoint over the front door."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.front import FrontDoor
from local.http_server import LoopbackServer
from local.sagemaker import SageMaker
from tests.sagemaker.requests import BUCKET, REGION

pytestmark = pytest.mark.xdist_group("sagemaker-sdk")
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path: Path, table: tuple[bytes, bytes]) -> Iterator[dict[str, str]]:
    """What a shell exports to use a front door with a SageMaker behind it and data in its bucket."""
    events: list[dict[str, Any]] = []
    server = LoopbackServer(lambda request: front.answer(request), 0)  # noqa: PLW0108 - the front is made below
    variables = {
        "AWS_ENDPOINT_URL": server.address,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "user",
        "AWS_SECRET_ACCESS_KEY": "user",
    }
    sagemaker = SageMaker(
        directory=tmp_path, endpoint_url=server.address, region=REGION, account="123456789012", emit=events.append
    )
    front = FrontDoor(sagemaker, region=REGION, account="123456789012", emit=events.append, deliver=lambda *_: None)
    front.reset()
    server.start()
    s3 = boto3.client(
        "s3", endpoint_url=server.address, region_name=REGION, aws_access_key_id="user", aws_secret_access_key="user"
    )
    s3.create_bucket(Bucket=BUCKET)
    for name, body in zip(("train", "validation"), table, strict=True):
        s3.put_object(Bucket=BUCKET, Key=f"data/{name}/part.csv", Body=body)
    yield variables
    s3.close()
    sagemaker.close()
    front.close()
    server.stop()


def test_the_sdk_trains_tunes_and_serves(environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sagemaker.sdk_client"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert (seen["training"], seen["tuning"], seen["endpoint"]) == ("Completed", "Completed", "InService")
    assert 0.85 < seen["metrics"]["validation:auc"] < 1
    assert seen["completed"] == 3
    assert len(seen["jobs"]) == 4
    assert seen["best"] in seen["jobs"]
    high, low = seen["predictions"]
    assert high > 0.7 > 0.3 > low
