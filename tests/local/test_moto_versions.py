"""A listing of versions tells what it told before, and the objects keep their bodies."""

from __future__ import annotations

import copy
import gc
import hashlib
import threading

import boto3
from moto import mock_aws
from moto.s3.models import FakeKey

from local.moto_versions import mend_objects


def test_a_listing_of_versions_tells_all_and_takes_no_body_with_it() -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="bucket")
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        for body in (b"first", b"second"):
            s3.put_object(Bucket="bucket", Key="k", Body=body)
        before = s3.list_object_versions(Bucket="bucket")["Versions"]

        mend_objects()
        after = s3.list_object_versions(Bucket="bucket")["Versions"]
        gc.collect()

        assert after == before
        assert [entry["IsLatest"] for entry in after] == [True, False]
        bodies = [
            s3.get_object(Bucket="bucket", Key="k", VersionId=entry["VersionId"])["Body"].read() for entry in after
        ]
        assert bodies == [b"second", b"first"]


def test_an_object_that_is_listed_while_it_arrives_has_the_etag_of_its_whole_body() -> None:
    """moto has stored it and not worked the etag out yet; others list it, and read it, at that moment."""
    mend_objects()
    body = b"3,1,0\n" * 100_000
    whole = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'

    assert copy.deepcopy(FakeKey("k", body, "123456789012", "us-east-1")).etag == whole
    for _ in range(20):
        key = FakeKey("k", body, "123456789012", "us-east-1")
        etags: list[str] = []
        lengths: list[int] = []
        at_once = [
            *(threading.Thread(target=lambda key=key, etags=etags: etags.append(key.etag)) for _ in range(4)),
            *(
                threading.Thread(target=lambda key=key, lengths=lengths: lengths.append(len(key.value)))
                for _ in range(4)
            ),
        ]
        for thread in at_once:
            thread.start()
        for thread in at_once:
            thread.join()
        assert set(etags) == {whole}
        assert set(lengths) == {len(body)}
