"""Requests of the other services as the permissions AWS asks for."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from local.permissions.by_name import asked
from local.permissions.permission import Permission, permission
from local.permissions.surroundings import Surroundings

TOPIC, KEY = "arn:aws:sns:eu-west-1:123456789012:t", "arn:aws:kms:eu-west-1:123456789012:key/k"
HERE = Surroundings("eu-west-1", "123456789012", keys={TOPIC: KEY})
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/t"
ALARM = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"
LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/x:log-stream:"
NUMBER = hashlib.sha256(b"endpoint/e/variant/v").hexdigest()[:32]
HIGH = f"AlarmHigh-{NUMBER}"
TAGGED: dict[str, str | tuple[str, ...] | None] = {"aws:RequestTag/k": "v", "aws:TagKeys": ("k",)}


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "needed"),
    [
        ("dynamodb", "GetItem", {"TableName": "t"}, [Permission("dynamodb:GetItem", TABLE)]),
        ("dynamodb", "PutItem", {"TableName": TABLE}, [Permission("dynamodb:PutItem", TABLE)]),
        ("dynamodb", "Query", {"TableName": "t"}, [Permission("dynamodb:Query", TABLE)]),
        (
            "dynamodb",
            "Query",
            {"TableName": "t", "IndexName": "open-index"},
            [Permission("dynamodb:Query", f"{TABLE}/index/open-index")],
        ),
        (
            "sns",
            "Publish",
            {"TopicArn": TOPIC, "Message": "m"},
            [
                Permission("sns:Publish", TOPIC),
                *(Permission(f"kms:{use}", KEY) for use in ("GenerateDataKey", "Decrypt")),
            ],
        ),
        ("sns", "Publish", {"TopicArn": f"{TOPIC}2"}, [Permission("sns:Publish", f"{TOPIC}2")]),  # has no key
        (
            "sqs",
            "SendMessage",
            {"QueueUrl": "http://127.0.0.1:1/123456789012/q"},
            [Permission("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:q")],
        ),
        ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["a"]}, [Permission("cloudwatch:DeleteAlarms", ALARM)]),
        ("cloudwatch", "GetMetricStatistics", {}, [Permission("cloudwatch:GetMetricStatistics", "*")]),
        ("cloudwatch", "DescribeAlarms", {}, [Permission("cloudwatch:DescribeAlarms", f"{ALARM[:-1]}*")]),
        ("logs", "CreateLogGroup", {"logGroupName": "/aws/x"}, [Permission("logs:CreateLogGroup", LOGS)]),
        (
            "logs",
            "PutLogEvents",
            {"logGroupName": "/aws/x", "logStreamName": "s"},
            [Permission("logs:PutLogEvents", f"{LOGS}s")],
        ),
        (
            "cloudwatch",
            "PutMetricAlarm",
            {"AlarmName": "a", "AlarmActions": [TOPIC], "Tags": [{"Key": "k", "Value": "v"}]},
            [
                permission("cloudwatch:PutMetricAlarm", ALARM, {**TAGGED, "cloudwatch:AlarmActions": (TOPIC,)}),
                permission("cloudwatch:TagResource", ALARM, TAGGED),
            ],
        ),
        ("cloudwatch", "PutMetricAlarm", {"AlarmName": "a"}, [Permission("cloudwatch:PutMetricAlarm", ALARM)]),
        (
            "cloudwatch",
            "PutMetricData",
            {"Namespace": "SageRelay"},
            [permission("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "SageRelay"})],
        ),
        (
            "application-autoscaling",
            "DeregisterScalableTarget",
            {"ResourceId": "endpoint/e/variant/v", "ServiceNamespace": "sagemaker"},
            [
                permission(
                    "application-autoscaling:DeregisterScalableTarget",
                    f"arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/{NUMBER}",
                    {"application-autoscaling:service-namespace": "sagemaker"},
                ),
                Permission(
                    "cloudwatch:DeleteAlarms", f"{ALARM[:-1]}TargetTracking-endpoint/e/variant/v-AlarmHigh-{NUMBER}"
                ),
            ],
        ),
        ("tag", "GetResources", {"TagFilters": []}, [Permission("tag:GetResources", "*")]),
    ],
)
def test_a_request_needs(service: str, operation: str, parameters: dict[str, Any], needed: list[Permission]) -> None:
    assert asked(service, operation, parameters, HERE) == needed


@pytest.mark.parametrize(
    ("service", "operation"),
    [("dynamodb", "BatchGetItem"), ("dynamodb", "Scan"), ("sqs", "ReceiveMessage"), ("iam", "CreateRole"), ("", "")],
)
def test_what_nobody_has_looked_up_is_none(service: str, operation: str) -> None:
    assert asked(service, operation, {}, HERE) is None
