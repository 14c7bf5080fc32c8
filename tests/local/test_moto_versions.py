"""A listing of versions tells what it told before, and the objects keep their bodies."""

from __future__ import annotations

import gc

import boto3
from moto import mock_aws

from local.moto_versions import list_without_bodies


def test_a_listing_of_versions_tells_all_and_takes_no_body_with_it() -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="bucket")
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        for body in (b"first", b"second"):
            s3.put_object(Bucket="bucket", Key="k", Body=body)
        before = s3.list_object_versions(Bucket="bucket")["Versions"]

        list_without_bodies()
        after = s3.list_object_versions(Bucket="bucket")["Versions"]
        gc.collect()

        assert after == before
        assert [entry["IsLatest"] for entry in after] == [True, False]
        bodies = [
            s3.get_object(Bucket="bucket", Key="k", VersionId=entry["VersionId"])["Body"].read() for entry in after
        ]
        assert bodies == [b"second", b"first"]
