"""What the embedded cloud has not is refused as AWS refuses it: a client's error in the protocol's form, no success."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from botocore.exceptions import ClientError

from tests.local.front_door import Door

pytestmark = pytest.mark.xdist_group("moto")  # moto's state belongs to the whole process

S3 = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://a/b"}}}
TRANSFORM = {
    "TransformJobName": "t",
    "ModelName": "m",
    "TransformInput": S3,
    "TransformOutput": {"S3OutputPath": "s3://a/c"},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
}
CARD = {"ModelCardName": "c", "Content": "{}", "ModelCardStatus": "Draft"}
STACK = {"StackName": "s", "TemplateBody": '{"Resources": {}}'}
RECORD = {"FeatureGroupName": "f", "RecordIdentifierValueAsString": "1"}
FUNCTION = {"Id": "1", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:f"}
NOT_HERE: list[tuple[str, str, dict[str, Any], str]] = [
    ("sagemaker", "create_transform_job", TRANSFORM, "UnknownOperationException"),
    ("sagemaker", "search", {"Resource": "TrainingJob"}, "UnknownOperationException"),
    ("sagemaker", "create_model_card", CARD, "UnknownOperationException"),
    ("sagemaker", "list_domains", {}, "UnknownOperationException"),
    ("sagemaker-runtime", "invoke_endpoint_async", {"EndpointName": "e", "InputLocation": "s3://a/b"}, "Unknown"),
    ("sagemaker-featurestore-runtime", "get_record", RECORD, "UnknownOperationException"),
    ("cloudformation", "create_stack", STACK, "InvalidAction"),
    ("lambda", "list_functions", {}, "UnknownOperationException"),
    ("pricing", "get_products", {"ServiceCode": "AmazonSageMaker"}, "UnknownOperationException"),
    ("ecs", "list_clusters", {}, "UnknownOperationException"),
    ("logs", "list_anomalies", {}, "UnknownOperationException"),
    ("sqs", "start_message_move_task", {"SourceArn": "arn:aws:sqs:us-east-1:123456789012:q"}, "Unknown"),
    ("iam", "list_service_specific_credentials", {}, "InvalidAction"),
    ("sns", "list_phone_numbers_opted_out", {}, "InvalidAction"),
    ("sns", "publish", {"PhoneNumber": "+15555550100", "Message": "m"}, "InvalidParameter"),
    ("events", "put_targets", {"Rule": "r", "Targets": [FUNCTION]}, "ValidationException"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "parameters", "code"), NOT_HERE)
def test_what_is_not_here_is_a_clients_error(
    door: Door, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(door.client(service), operation)(**parameters)

    answer: dict[str, Any] = caught.value.response
    assert 400 <= answer["ResponseMetadata"]["HTTPStatusCode"] < 500
    assert answer["Error"]["Code"].startswith(code)
    assert "The embedded cloud has no" in answer["Error"]["Message"]
    assert "Traceback" not in answer["Error"]["Message"]


def test_what_is_here_is_answered(door: Door) -> None:
    door.client("s3").create_bucket(Bucket="mine")
    assert door.client("s3").list_objects_v2(Bucket="mine")["KeyCount"] == 0
    door.client("sqs").create_queue(QueueName="q")
    events = door.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["mine"]}')
    queue = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:q"}
    assert events.put_targets(Rule="r", Targets=[queue])["FailedEntryCount"] == 0


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
