"""What the tests of uploaded files share, made once a module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.evaluate.trained import Trained, train
from tests.ground_truth.uploads import ACCESS, BUCKET
from tests.moto_server import moto_server


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with moto_server() as address:
        client = boto3.client("s3", endpoint_url=address, **ACCESS)
        client.create_bucket(Bucket=BUCKET)
        yield client
        client.close()


@pytest.fixture(scope="module")
def model() -> Trained:
    return train("binary")
