"""What the cloud in memory is compared with: moto's table and bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.relay.builders import DEPLOYMENT


@dataclass(frozen=True)
class Moto:
    """Clients of a deployment's table and bucket."""

    dynamodb: Any
    s3: Any


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """What boto3 wants in the environment to make its clients."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture
def moto(region: None) -> Iterator[Moto]:
    with mock_aws():
        made = Moto(boto3.client("dynamodb"), boto3.client("s3"))
        made.s3.create_bucket(Bucket=DEPLOYMENT.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        made.s3.put_bucket_versioning(Bucket=DEPLOYMENT.bucket, VersioningConfiguration={"Status": "Enabled"})
        keys = {"open": "HASH", "id": "RANGE"}
        made.dynamodb.create_table(
            TableName=DEPLOYMENT.table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "open-index",
                    "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        yield made
