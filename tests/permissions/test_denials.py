"""Denials at the front door as AWS's own clients see them: the code, the sentence, and what stays undone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.aws.errors import DeniedError, translated
from local import stack
from local.permissions.guard import Guard
from local.permissions.permission import Permission
from local.permissions.policy import Policies, parse
from local.permissions.principals import Principal
from local.permissions.surroundings import Surroundings
from tests.local.front_door import Door

WHO = "arn:aws:sts::123456789012:assumed-role/r/s"
TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
ALLOWED: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/mine/*"},
    {"Effect": "Allow", "Action": ["s3:GetObject", "dynamodb:GetItem"], "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/secret"},
]


class Watched(Door):
    """A front door that restricts the functions' role to what is allowed above."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, Permission, bool]] = []
        policies = Policies(parse({"Version": "2012-10-17", "Statement": ALLOWED}))
        self.front._guard = Guard(
            {stack.LAMBDA.access_key: Principal("LambdaRole", WHO, policies)},
            Surroundings("us-east-1", "123456789012"),
            lambda who, asked, allowed: self.seen.append((who.name, asked, allowed)),
        )
        self.client("s3").create_bucket(Bucket="bucket")

    def restricted(self, service: str) -> Any:
        return stack.client(service, endpoint_url=self.server.address, identity=stack.LAMBDA)


@pytest.fixture
def door() -> Iterator[Watched]:
    door = Watched()
    yield door
    door.server.stop()
    door.front.close()


def error_of(call: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call()
    answer: dict[str, Any] = caught.value.response
    return {**answer["Error"], "Status": answer["ResponseMetadata"]["HTTPStatusCode"]}


ARN = "arn:aws:{}:us-east-1:123456789012:{}".format
JSON = ("AccessDeniedException", 400)
OBJECT = {"Bucket": "bucket", "Key": "k", "Body": b"1"}
CALLS: dict[str, tuple[dict[str, Any], tuple[str, int], str]] = {
    "dynamodb put_item": (
        {"TableName": "t", "Item": {"id": {"S": "1"}}},
        JSON,
        f"dynamodb:PutItem on resource: {ARN('dynamodb', 'table/t')}",
    ),
    "sagemaker describe_training_job": (
        {"TrainingJobName": "A-b"},
        JSON,
        f"sagemaker:DescribeTrainingJob on resource: {ARN('sagemaker', 'training-job/a-b')}",
    ),
    "sagemaker-runtime invoke_endpoint": (
        {"EndpointName": "e", "Body": b"1"},
        JSON,
        f"sagemaker:InvokeEndpoint on resource: {ARN('sagemaker', 'endpoint/e')}",
    ),
    "sns publish": (
        {"TopicArn": TOPIC, "Message": "m"},
        ("AuthorizationError", 403),
        f"SNS:Publish on resource: {TOPIC}",
    ),
    "logs create_log_group": (
        {"logGroupName": "/x"},
        JSON,
        f"logs:CreateLogGroup on resource: {ARN('logs', 'log-group:/x:log-stream:')}",
    ),
    "cloudwatch put_metric_data": (
        {"Namespace": "N", "MetricData": []},
        ("AccessDenied", 403),
        "cloudwatch:PutMetricData on resource: *",
    ),
    "resourcegroupstaggingapi get_resources": ({}, JSON, "tag:GetResources on resource: *"),
    "s3 put_object": (OBJECT, ("AccessDenied", 403), 's3:PutObject on resource: "arn:aws:s3:::bucket/k"'),
    "s3 list_objects_v2": (
        {"Bucket": "bucket"},
        ("AccessDenied", 403),
        's3:ListBucket on resource: "arn:aws:s3:::bucket"',
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_denial_is_the_service_s_own(door: Watched, call: str) -> None:
    (service, operation), (arguments, told, what) = call.split(), CALLS[call]

    error = error_of(lambda: getattr(door.restricted(service), operation)(**arguments))

    action = what.partition(" ")[0]
    assert (error["Code"], error["Status"]) == told
    assert error["Message"] == (
        f"User: {WHO} is not authorized to perform: {what} because no identity-based policy allows the {action} action"
    )


def test_what_was_denied_has_not_happened(door: Watched) -> None:
    s3 = door.watched_bucket()
    error_of(lambda: door.restricted("s3").put_object(Bucket="watched", Key="k", Body=b"1"))
    error_of(lambda: door.restricted("sns").publish(TopicArn=TOPIC, Message="m"))
    error_of(lambda: door.restricted("sagemaker").describe_training_job(TrainingJobName="a"))

    assert "Contents" not in s3.list_objects_v2(Bucket="watched")
    assert (door.events, door.published, door.sagemaker.calls) == ([], [], [])


def test_what_is_allowed_happens_and_everything_is_witnessed(door: Watched) -> None:
    door.restricted("s3").put_object(Bucket="bucket", Key="mine/k", Body=b"1")
    error_of(lambda: door.restricted("s3").put_object(Bucket="bucket", Key="theirs", Body=b"1"))

    assert door.client("s3").get_object(Bucket="bucket", Key="mine/k")["Body"].read() == b"1"
    assert door.seen == [
        ("LambdaRole", Permission("s3:PutObject", "arn:aws:s3:::bucket/mine/k"), True),
        ("LambdaRole", Permission("s3:PutObject", "arn:aws:s3:::bucket/theirs"), False),
    ]


def test_a_person_is_not_restricted(door: Watched) -> None:
    user = stack.client("s3", endpoint_url=door.server.address, identity=stack.USER)
    user.put_object(Bucket="bucket", Key="theirs", Body=b"1")

    assert door.seen == []


def test_a_key_that_is_missing_is_hidden_from_who_may_not_list(door: Watched) -> None:
    read = door.restricted("s3").get_object
    hidden = error_of(lambda: read(Bucket="bucket", Key="nothing"))
    looked = error_of(lambda: door.restricted("s3").head_object(Bucket="bucket", Key="nothing"))
    assert (hidden["Code"], looked["Code"]) == ("AccessDenied", "403")
    assert 's3:ListBucket on resource: "arn:aws:s3:::bucket"' in hidden["Message"]

    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket"}
    allow(door, listing)
    assert error_of(lambda: read(Bucket="bucket", Key="nothing"))["Code"] == "NoSuchKey"
    # A condition on the prefix is never met by a request that has none.
    allow(door, {**listing, "Condition": {"StringLike": {"s3:prefix": "*"}}})
    assert error_of(lambda: read(Bucket="bucket", Key="nothing"))["Code"] == "AccessDenied"


def allow(door: Watched, *more: dict[str, Any]) -> None:
    guard = door.front._guard
    assert guard is not None
    principals: Any = guard._principals
    (key,) = principals
    policies = Policies(parse({"Version": "2012-10-17", "Statement": [*ALLOWED, *more]}))
    guard._principals = {key: dataclasses.replace(principals[key], policies=policies)}


def test_an_explicit_denial_says_so(door: Watched) -> None:
    error = error_of(lambda: door.restricted("s3").get_object(Bucket="bucket", Key="secret"))
    assert error["Message"].endswith("with an explicit deny in an identity-based policy")


def test_a_presigned_link_asks_in_the_name_of_who_signed_it(door: Watched) -> None:
    import requests

    door.client("s3").put_object(Bucket="bucket", Key="k", Body=b"1")
    door.client("s3").put_object(Bucket="bucket", Key="secret", Body=b"1")
    sign = door.restricted("s3").generate_presigned_url
    answers = [
        requests.get(sign("get_object", {"Bucket": "bucket", "Key": key}), timeout=120) for key in ("k", "secret")
    ]

    assert [answer.status_code for answer in answers] == [200, 403]


def test_what_nobody_has_looked_up_is_denied_and_says_where_to(door: Watched) -> None:
    queue = error_of(lambda: door.restricted("sqs").receive_message(QueueUrl="http://127.0.0.1/1/q"))
    policy = error_of(lambda: door.restricted("s3").get_bucket_policy(Bucket="bucket"))
    role = error_of(lambda: door.restricted("iam").get_role(RoleName="r"))

    assert all("local/permissions" in error["Message"] for error in (queue, policy, role))
    assert all("AccessDenied" in error["Code"] for error in (queue, policy, role))


def test_a_denial_is_a_denial_to_the_relay_and_not_a_refused_request(door: Watched) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: door.restricted("sagemaker").describe_training_job(TrainingJobName="a"),
        lambda: door.restricted("s3").put_object(Bucket="bucket", Key="k", Body=b"1"),
    )
    for call in calls:
        with pytest.raises(DeniedError), translated():
            call()
