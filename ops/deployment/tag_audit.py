"""What is still in the account that carries a deployment's tag: how a teardown proves that it is done.

The index of tags (the Resource Groups Tagging API) is late in both directions: what was made a moment ago is not in it
yet, and what is gone stays in it for a while. So everything it names is looked at itself, and only what answers counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError

from ops.deployment.order import TAG
from ops.deployment.owned_resources import KINDS, Thing, thing
from ops.deployment.removal import Left, Waiting, describe
from ops.target import Clients

_ABSENT = {
    *("404", "NoSuchBucket", "NotFound", "NotFoundException", "ResourceNotFoundException", "NoSuchEntity"),
    *("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "ValidationError"),
}


def tagged(client: Clients, deployment: str) -> list[Thing]:
    """Everything the index knows with this deployment's tag."""
    pages = (
        client("resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(TagFilters=[{"Key": TAG, "Values": [deployment]}])
    )
    return [thing(found["ResourceARN"]) for page in pages for found in page["ResourceTagMappingList"]]


def remaining(client: Clients, deployment: str, kept: Sequence[str], time: Waiting) -> list[Left]:
    """What is still there, but for the names `kept` on purpose; asked until nothing is, or time is out."""
    since = time.clock()
    while True:
        left = [found for one in tagged(client, deployment) if one.name not in kept and (found := _left(client, one))]
        if not left or time.clock() - since > time.timeouts.index:
            return left
        time.pause(time.timeouts.look_every)


def _left(client: Clients, one: Thing) -> Left | None:
    try:
        if one.kind in KINDS:
            return Left(one, "is still there") if describe(client, one) is not None else None
        look = _LOOKS.get(one.kind)
        if look is None:
            return Left(one, "is still named by its tag")
        return Left(one, "is still there") if look(client, one) else None
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return None if code in _ABSENT else Left(one, f"cannot be looked at: {error.operation_name}: {code}")


def _stack(client: Clients, one: Thing) -> bool:
    [found] = client("cloudformation").describe_stacks(StackName=one.arn)["Stacks"]
    return bool(found["StackStatus"] != "DELETE_COMPLETE")


def _key(client: Clients, one: Thing) -> bool:
    """A key cannot be deleted at once, only given a date; until then it costs nothing."""
    return bool(client("kms").describe_key(KeyId=one.arn)["KeyMetadata"]["KeyState"] != "PendingDeletion")


def _log_group(client: Clients, one: Thing) -> bool:
    name = one.name.removesuffix(":*")
    found = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(group["logGroupName"] == name for group in found)


def _alarm(client: Clients, one: Thing) -> bool:
    found = client("cloudwatch").describe_alarms(AlarmNames=[one.name])
    return bool(found.get("MetricAlarms") or found.get("CompositeAlarms"))


def _answers(service: str, operation: str, argument: str, value: str = "name") -> Callable[[Clients, Thing], bool]:
    """It is there when this call answers."""

    def look(client: Clients, one: Thing) -> bool:
        getattr(client(service), operation)(**{argument: getattr(one, value)})
        return True

    return look


_LOOKS: dict[str, Callable[[Clients, Thing], Any]] = {
    "s3": _answers("s3", "head_bucket", "Bucket"),
    "dynamodb:table": _answers("dynamodb", "describe_table", "TableName"),
    "sns": _answers("sns", "get_topic_attributes", "TopicArn", "arn"),
    "sqs": _answers("sqs", "get_queue_url", "QueueName"),
    "lambda:function": _answers("lambda", "get_function", "FunctionName"),
    "events:rule": _answers("events", "describe_rule", "Name"),
    "iam:role": _answers("iam", "get_role", "RoleName"),
    "kms:key": _key,
    "cloudformation:stack": _stack,
    "logs:log-group": _log_group,
    "cloudwatch:alarm": _alarm,
}
