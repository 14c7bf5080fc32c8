"""Requests with a mistake are the client's: a 400 in the form of the protocol, never a 500 that is tried again."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from werkzeug.test import create_environ

from local.offer import offered
from local.wire.http_server import Request
from tests.local.front_door import Door

pytestmark = pytest.mark.xdist_group("moto")  # moto's state belongs to the whole process

TOPIC = "arn:aws:sns:us-east-1:123456789012:t"


def signed(service: str) -> dict[str, str]:
    scope = f"SAGERELAYLOCALTEST00/20260101/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


def posted(door: Door, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
    answer = urllib3.request(
        "GET" if body is None else "POST", door.server.address + path, body=body, headers=headers, retries=False
    )
    return answer.status, answer.data


TARGETS = {
    "sagemaker": "SageMaker.DescribeTrainingJob",
    "dynamodb": "DynamoDB_20120810.GetItem",
    "events": "AWSEvents.PutEvents",
    "sqs": "AmazonSQS.SendMessage",
    "tagging": "ResourceGroupsTaggingAPI_20170126.GetResources",
}


@pytest.mark.parametrize("body", [b"{not json", b"\xff\xfe", b"[1]", b'"text"', b"[" * 5_000])
@pytest.mark.parametrize("service", TARGETS)
def test_malformed_json_is_a_400(door: Door, service: str, body: bytes) -> None:
    headers = {"X-Amz-Target": TARGETS[service], "Content-Type": "application/x-amz-json-1.1", **signed(service)}

    status, answer = posted(door, "/", body, headers)

    assert status == 400
    assert json.loads(answer)["__type"] == "SerializationException"


@pytest.mark.parametrize("operation", ["SageMaker.Nonsense", "Nonsense.Nonsense", "DynamoDB_20120810.Nonsense"])
def test_an_operation_nobody_knows_is_a_400(door: Door, operation: str) -> None:
    status, answer = posted(door, "/", b"{}", {"X-Amz-Target": operation, **signed("dynamodb")})

    assert (status, json.loads(answer)["__type"]) == (400, "UnknownOperationException")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WRONG_FORMS = [
    ("sns", "Action=Publish&TopicArn=" + TOPIC, "MissingParameter"),
    ("sns", "Action=CreateTopic", "MissingParameter"),
    ("sns", "Action=Subscribe&TopicArn=" + TOPIC, "MissingParameter"),
    ("sns", "Action=", "InvalidAction"),
    ("iam", "Action=CreateRole", "MissingParameter"),
    ("iam", "Action=ListRoles&MaxItems=x", "ValidationError"),
    ("sts", "Action=AssumeRole&RoleArn=a", "MissingParameter"),
]


@pytest.mark.parametrize(("service", "form", "code"), WRONG_FORMS)
def test_a_form_with_a_mistake_is_a_400(door: Door, service: str, form: str, code: str) -> None:
    status, answer = posted(door, "/", form.encode(), {**FORM, **signed(service)})

    assert status == 400
    assert f"<Code>{code}</Code>".encode() in answer


WRONG_S3 = [
    ("GET", "?max-keys=x", b"", "InvalidArgument"),
    ("GET", "?list-type=2&continuation-token=zz", b"", "InvalidArgument"),
    ("PUT", "/k?partNumber=1&uploadId=no", b"a", "NoSuchUpload"),
    ("POST", "/k?uploadId=no", b"<a", "NoSuchUpload"),
    ("POST", "?delete", b"<a", "MalformedXML"),
    ("POST", "?delete", b"", "MalformedXML"),
    ("PUT", "?notification", b"<x", "MalformedXML"),
    ("PUT", "?tagging", b"<x", "MalformedXML"),
    ("PUT", "?encryption", b"<x", "MalformedXML"),
    ("POST", "", b"no form", "InvalidArgument"),
]


@pytest.mark.parametrize(("method", "rest", "body", "code"), WRONG_S3)
def test_a_wrong_request_to_s3_is_the_clients_error(door: Door, method: str, rest: str, body: bytes, code: str) -> None:
    door.client("s3").create_bucket(Bucket="mine")
    door.client("s3").put_object(Bucket="mine", Key="there", Body=b"1")
    answer = urllib3.request(
        method, f"{door.server.address}/mine{rest}", body=body, headers=signed("s3"), retries=False
    )
    assert 400 <= answer.status < 500
    assert f"<Code>{code}</Code>".encode() in answer.data


@pytest.mark.parametrize(
    "entry", ["x", 5, None, {"Source": "a", "DetailType": "d", "Detail": "{}", "Resources": 5}, {"Source": 5}]
)
def test_an_entry_that_is_none_is_a_400(door: Door, entry: Any) -> None:
    headers = {"X-Amz-Target": TARGETS["events"], **signed("events")}
    status, answer = posted(door, "/", json.dumps({"Entries": [entry]}).encode(), headers)
    assert (status, json.loads(answer)["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("service", "headers", "start"),
    [("s3", {}, b"<?xml"), ("sns", FORM, b"<ErrorResponse>"), ("sqs", {"X-Amz-Target": "AmazonSQS.X"}, b"{")],
)
def test_a_fault_of_our_own_has_the_protocols_form(service: str, headers: dict[str, str], start: bytes) -> None:
    body = b"Action=X" if headers is FORM else b""
    environ = create_environ("/b", method="POST", headers={**headers, **signed(service)})
    answer = offered.failure(Request(environ, body), ZeroDivisionError())
    assert answer.status == 500
    assert answer.body.startswith(start)
    assert b"ZeroDivisionError in the embedded cloud" in answer.body


@pytest.mark.parametrize("path", ["/moto-api", "/moto-api/reset", "/moto-api/data.json", "/latest/meta-data/"])
def test_motos_own_switchboard_is_out_of_reach(door: Door, path: str) -> None:
    door.client("sqs").create_queue(QueueName="kept")

    assert posted(door, path, b"", {})[0] == 404
    assert posted(door, path, None, {})[0] == 404
    assert door.client("sqs").list_queues()["QueueUrls"]


MALFORMED = [
    (b"Content-Length: abc\r\n\r\n", 400),
    (b"Content-Length: -5\r\n\r\n", 400),
    (b"Content-Length: 12, 12\r\n\r\n", 400),
    (b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", 413),
    (b"Content-Length: 10\r\n\r\nabc", 400),
    (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
]


@pytest.fixture
def connection(door: Door) -> Iterator[socket.socket]:
    place = urlsplit(door.server.address)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=120) as connection:
        yield connection


@pytest.mark.parametrize(("rest", "status"), MALFORMED)
def test_a_malformed_length_is_answered_and_the_connection_closed(
    connection: socket.socket, rest: bytes, status: int
) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + rest)
    connection.shutdown(socket.SHUT_WR)

    answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Traceback" not in answer
