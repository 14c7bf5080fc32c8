"""Where a deployment is: its bucket, topic and table, what its endpoints' names begin with, and clients to reach them.

On AWS the CloudFormation stack says so; on a laptop (ops/address.py) the names are always the same. Whoever
gives them by hand is believed. The embedded cloud's own code is not asked: on AWS it would not be there either.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops import address, advice

LAPTOP_BUCKET = "sagerelay-local"
LAPTOP_TOPIC = "sagerelay-alerts"
LAPTOP_TABLE = "sagerelay-local"
Clients = Callable[[str], Any]
"""Gives a boto3 client by service name."""


class OpsError(Exception):
    """Why a command cannot go on, and what to do; one or two sentences for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says about the deployment; None: find out."""

    bucket: str | None = None
    topic_arn: str | None = None
    table: str | None = None
    prefix: str = "sagerelay"
    stage: str = "dev"


@dataclass(frozen=True, slots=True)
class Target:
    """One deployment. `on_laptop`: an embedded cloud, where nothing takes minutes."""

    client: Clients
    bucket: str
    topic_arn: str
    table: str | None
    """None where only the bucket and the topic were given: checks and drills need no more."""
    prefix: str
    """What the live endpoints' names begin with: on AWS the stack's name, so that stages can stand side by side."""
    on_laptop: bool


def clients(region: str | None) -> Clients:
    """Clients of the caller's own profile, that send again what was throttled or lost. One a service."""
    session = boto3.Session(region_name=region or region_in(os.environ))
    config = Config(retries={"mode": "standard", "total_max_attempts": 6}, max_pool_connections=16)
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = session.client(service, config=config)
        return made[service]

    return client


def region_in(environment: Mapping[str, str]) -> str | None:
    """The region that the shell names. boto3 itself does not read AWS_REGION, which the other SDKs do.

    >>> region_in({"AWS_REGION": "eu-west-1"})
    'eu-west-1'
    """
    return environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION")


def find(client: Clients, asked: Asked, environment: Mapping[str, str]) -> Target:
    """The deployment meant.

    Raises:
        OpsError: there is none, or it cannot be reached.
    """
    on_laptop = address.elsewhere(environment) is not None
    try:
        known = _on_laptop(client, asked) if on_laptop else _on_aws(client, asked)
    except (BotoCoreError, ClientError) as error:
        raise OpsError(_explained(error, asked)) from error
    return Target(client, *known, asked.prefix if on_laptop else stack_name(asked), on_laptop)


def _on_laptop(client: Clients, asked: Asked) -> tuple[str, str, str | None]:
    bucket, table = asked.bucket or LAPTOP_BUCKET, asked.table or LAPTOP_TABLE
    if asked.topic_arn is not None:
        return bucket, asked.topic_arn, table
    pages = client("sns").get_paginator("list_topics").paginate()
    found = [topic["TopicArn"] for page in pages for topic in page["Topics"]]
    topic = next((arn for arn in found if arn.endswith(f":{LAPTOP_TOPIC}")), None)
    if topic is None:
        raise OpsError(f"There is no topic {LAPTOP_TOPIC} in the embedded cloud; name it by --topic-arn.")
    return bucket, topic, table


def _on_aws(client: Clients, asked: Asked) -> tuple[str, str, str | None]:
    if asked.bucket and asked.topic_arn:
        return asked.bucket, asked.topic_arn, asked.table
    stack = stack_name(asked)
    described = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in described.get("Outputs", [])}
    bucket, topic = asked.bucket or outputs.get("BucketName"), asked.topic_arn or outputs.get("TopicArn")
    if not bucket or not topic:
        raise OpsError(
            f"The stack {stack} does not say BucketName and TopicArn; name both by --bucket and --topic-arn."
        )
    return bucket, topic, asked.table or outputs.get("TableName")


def stack_name(asked: Asked) -> str:
    """The CloudFormation stack of a deployment."""
    return f"{asked.prefix}-{asked.stage}"


def _explained(error: Exception, asked: Asked) -> str:
    if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ValidationError":
        return (
            f"There is no CloudFormation stack {stack_name(asked)} in this region. Name another --stage or --region, "
            f"or both --bucket and --topic-arn; for an embedded cloud, export the lines that {advice.up()} prints."
        )
    return f"AWS cannot be asked: {str(error).rstrip('.')}. Check your region and your credentials."
