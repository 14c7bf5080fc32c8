"""What the tests of scored files share, made once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.moto_server import moto_server
from tests.score.models import Live, trained
from tests.score.scoring import ACCESS, BUCKET


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with moto_server() as address:
        client = boto3.client("s3", endpoint_url=address, **ACCESS)
        client.create_bucket(Bucket=BUCKET)
        yield client
        client.close()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return trained(tmp_path_factory.mktemp("live"), "binary")
