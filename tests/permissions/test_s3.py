"""Requests to S3 as the permissions AWS asks for."""

from __future__ import annotations

import pytest

from local.permissions.permission import permission
from local.permissions.s3 import S3Request, asked, missing

BUCKET, KEY = "arn:aws:s3:::b", "arn:aws:s3:::b/runs/a b+ü.json"
PATH = "/b/runs/a b+ü.json"


def request(method: str, path: str = PATH, /, query: str = "", **headers: str) -> S3Request:
    pairs = dict(part.partition("=")[::2] for part in query.split("&") if part)
    return S3Request(method, path, pairs, {name.replace("_", "-"): value for name, value in headers.items()})


def actions(one: S3Request) -> list[tuple[str, str]]:
    return [(needed.action, needed.resource) for needed in asked(one) or []]


@pytest.mark.parametrize(
    ("one", "needed"),
    [
        (request("GET"), [("s3:GetObject", KEY)]),
        (request("HEAD"), [("s3:GetObject", KEY)]),
        (request("GET", query="versionId=1"), [("s3:GetObjectVersion", KEY)]),
        (request("HEAD", query="versionId=1&partNumber=2"), [("s3:GetObjectVersion", KEY)]),
        (request("GET", query="x-id=GetObject"), [("s3:GetObject", KEY)]),
        (request("GET", query="X-Amz-Signature=s&X-Amz-Credential=c&response-content-type=t"), [("s3:GetObject", KEY)]),
        (request("PUT"), [("s3:PutObject", KEY)]),
        (request("PUT", if_none_match="*"), [("s3:PutObject", KEY)]),
        (request("PUT", if_match="e"), [("s3:PutObject", KEY), ("s3:GetObject", KEY)]),
        (request("POST", query="uploads="), [("s3:PutObject", KEY)]),
        (request("PUT", query="uploadId=u&partNumber=1"), [("s3:PutObject", KEY)]),
        (request("POST", query="uploadId=u"), [("s3:PutObject", KEY)]),
        (request("GET", "/b"), [("s3:ListBucket", BUCKET)]),
        (request("GET", "/b/", query="list-type=2&prefix=runs/&max-keys=1"), [("s3:ListBucket", BUCKET)]),
        (request("GET", "/b", query="versions=&prefix=runs/"), [("s3:ListBucketVersions", BUCKET)]),
        (request("HEAD", "/b"), [("s3:ListBucket", BUCKET)]),
    ],
)
def test_a_request_needs(one: S3Request, needed: list[tuple[str, str]]) -> None:
    assert actions(one) == needed


def test_a_listing_says_its_prefix_only_if_it_has_one() -> None:
    with_prefix = request("GET", "/b", query="list-type=2&prefix=runs/&delimiter=/")

    assert asked(with_prefix) == [permission("s3:ListBucket", BUCKET, {"s3:prefix": "runs/", "s3:delimiter": "/"})]
    assert asked(request("GET", "/b", query="list-type=2")) == [permission("s3:ListBucket", BUCKET)]


@pytest.mark.parametrize(
    "one",
    [
        request("GET", query="tagging="),
        request("GET", query="uploadId=u"),
        request("PUT", x_amz_copy_source="/other/k"),
        request("PUT", x_amz_tagging="a=1"),
        request("PUT", x_amz_acl="private"),
        request("DELETE"),
        request("GET", "/"),
        request("PUT", "/b"),
        request("GET", "/b", query="location="),
        request("PUT", query="retention="),
        request("GET", "/b", query="policy="),
        request("PUT", "/b", query="lifecycle="),
        request("POST", "/b"),
        request("OPTIONS"),
        request("DELETE", "/b"),
    ],
)
def test_what_nobody_has_looked_up_is_not_taken_for_something_else(one: S3Request) -> None:
    assert asked(one) is None


def test_only_who_reads_an_object_may_be_told_that_it_is_missing() -> None:
    assert missing(request("GET")) == permission("s3:ListBucket", BUCKET)  # without a prefix
    assert missing(request("HEAD", query="versionId=1")) == permission("s3:ListBucket", BUCKET)
    assert missing(request("PUT")) is None
    assert missing(request("GET", "/b")) is None
