"""The log groups of jobs, /aws/sagemaker/TrainingJobs and ProcessingJobs: one of each for all jobs of an account.

SageMaker makes them at the first job, and keeps what is in them for ever. A deployment that finds one missing makes it,
with an end; one that is there without an end holds others' logs as well, which are not ours to throw away: that is
said, with the command.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from chalicelib.aws.logs import KEPT_DAYS
from ops import advice
from ops.deployment.owned_resources import KINDS
from ops.target import Clients

GROUPS = tuple(sorted({kind.logs for kind in KINDS.values() if kind.logs}))


@dataclass(frozen=True, slots=True)
class Group:
    """A group for all jobs of a kind. `days`: how long it keeps what is in it; None: for ever."""

    name: str
    there: bool
    days: int | None = None


def look(client: Clients) -> list[Group]:
    """The groups as they are."""
    found: dict[str, int | None] = {}
    for name in GROUPS:
        listed = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        found |= {one["logGroupName"]: one.get("retentionInDays") for one in listed}
    return [Group(name, name in found, found.get(name)) for name in GROUPS]


def ensure(client: Clients, region: str) -> Iterator[str]:
    """Make those that are missing, with an end; say what was done, and what is left to a person."""
    logs = client("logs")
    for group in look(client):
        if not group.there:
            try:
                logs.create_log_group(logGroupName=group.name)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                    raise
                continue  # a job was faster: the next deployment looks again
            logs.put_retention_policy(logGroupName=group.name, retentionInDays=KEPT_DAYS)
            yield f"made the log group {group.name}, which keeps what jobs write for {KEPT_DAYS} days"
        elif group.days is None:
            ending = command(group, region)
            yield f"the log group {group.name} keeps everything for ever; {ending} ends that, for all its jobs"


def command(group: Group, region: str) -> str:
    """How a person has a group end.

    >>> command(Group("/aws/sagemaker/X", there=True), "eu-west-1")
    '`aws logs put-retention-policy --log-group-name /aws/sagemaker/X --retention-in-days 90 --region eu-west-1`'
    """
    return advice.aws(
        f"logs put-retention-policy --log-group-name {group.name} --retention-in-days {KEPT_DAYS}", region
    )
