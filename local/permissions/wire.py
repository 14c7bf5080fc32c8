"""A request at the front door as a call: who asks, of which service, which operation, with which parameters.

Pure: bytes in, values out. What a client's signature names is believed, as everywhere in the embedded cloud: it listens
to this machine only, and there is nothing to protect but the truth of the permission check.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from local.permissions.s3 import S3Request
from local.wire.http_server import Request

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/[^/]*/[^/]*/([^/]+)/")
_INVOCATION = re.compile(r"/endpoints/([^/]+)/(async-)?invocations")
_TARGETS = {
    "SageMaker": "sagemaker",
    "DynamoDB_20120810": "dynamodb",
    "AWSEvents": "events",
    "GraniteServiceVersion20100801": "cloudwatch",
    "Logs_20140328": "logs",
    "ResourceGroupsTaggingAPI_20170126": "tag",
    "AmazonSQS": "sqs",
    "AnyScaleFrontendService": "application-autoscaling",
}
"""The services of the JSON protocol, by what their target begins with."""
_S3_HEADERS = ("x-amz-copy-source", "if-none-match", "if-match", "x-amz-tagging", "x-amz-acl")


@dataclass(frozen=True, slots=True)
class Call:
    """`protocol` is json, rest-json, query or s3: how an answer has to look."""

    service: str
    operation: str
    protocol: str
    parameters: dict[str, Any] = field(default_factory=dict)
    s3: S3Request | None = None


def access_key(request: Request) -> str | None:
    """Whose signature a request carries, in its header or, presigned, in its query."""
    if match := _CREDENTIAL.search(request.header("Authorization") or ""):
        return match[1]
    text = request.environ.get("QUERY_STRING", "")
    if "X-Amz-Credential" in text or "AWSAccessKeyId" in text:
        query = request.query
        return query.get("X-Amz-Credential", "").partition("/")[0] or query.get("AWSAccessKeyId")
    return None


def signed_for(request: Request) -> str | None:
    """The service that a request was signed for, in lower case; None for one without a signature in its header."""
    match = _CREDENTIAL.search(request.header("Authorization") or "")
    return match[2].lower() if match else None


def call(request: Request) -> Call:
    """What a request asks for."""
    if target := request.header("X-Amz-Target"):
        prefix, _, operation = target.partition(".")
        return Call(_TARGETS.get(prefix, prefix), operation, "json", _document(request.body))
    if request.method == "POST" and (match := _INVOCATION.fullmatch(request.path)):
        if match[2]:
            return Call("sagemaker", "InvokeEndpointAsync", "rest-json", {"EndpointName": match[1]})
        target_model = request.header("X-Amzn-SageMaker-Target-Model")
        return Call("sagemaker", "InvokeEndpoint", "rest-json", {"EndpointName": match[1], "TargetModel": target_model})
    if (request.header("Content-Type") or "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        if "Action" in form:
            return Call(signed_for(request) or "", form["Action"], "query", dict(form))
    headers = {name: value for name in _S3_HEADERS if (value := request.header(name)) is not None}
    own = S3Request(request.method, request.path, request.query, headers)
    return Call("s3", f"{request.method} {'object' if own.key else 'bucket'}", "s3", s3=own)


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
