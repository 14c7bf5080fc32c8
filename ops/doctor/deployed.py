"""The objects of a deployment: is its bucket as it must be, are job scripts there, will mails arrive, are rules on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from ops.deployment import stacks
from ops.deployment.stacks import Stack
from ops.doctor.finding import Finding, note, ok, problem
from ops.target import Clients, Target

_AGAIN = "`make deploy` puts it right"


def bucket(target: Target) -> Iterator[Finding]:
    """Versioned, announcing uploads, encrypted, closed to the public."""
    s3, name = target.client("s3"), target.bucket
    try:
        versioning = s3.get_bucket_versioning(Bucket=name).get("Status")
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchBucket", "404"}:
            raise
        yield problem("bucket", f"s3://{name} is not there", "Without it nothing works: deploy anew.")
        return
    announcing = "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=name)
    wrong = [
        *([] if versioning == "Enabled" else ["not versioned: a run's inputs cannot be found again"]),
        *([] if announcing else ["announces no uploads (EventBridge is off): a dropped file starts nothing"]),
    ]
    if target.on_laptop:
        yield note("bucket", "encryption and public access have no meaning on a laptop")
    else:
        wrong += _open_to_others(s3, name)
    if wrong:
        yield problem("bucket", f"s3://{name} is {'; '.join(wrong)}", f"Somebody changed it; {_AGAIN}.")
    else:
        yield ok("bucket", f"s3://{name}" + ("" if target.on_laptop else ": versioned, encrypted, private, announcing"))


def _open_to_others(s3: Any, name: str) -> list[str]:
    wrong = []
    try:
        s3.get_bucket_encryption(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ServerSideEncryptionConfigurationNotFoundError":
            raise
        wrong.append("not encrypted")
    try:
        blocked: Mapping[str, bool] = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
            raise
        blocked = {}
    if not blocked or not all(blocked.values()):
        wrong.append("not closed to the public")
    return wrong


def code(target: Target, prefix: str | None) -> Iterator[Finding]:
    """Whether the job scripts are where the functions send the jobs; on a laptop: any."""
    root = prefix or "code"
    listed = target.client("s3").list_objects_v2(Bucket=target.bucket, Prefix=f"{root}/", MaxKeys=1)
    if listed.get("Contents"):
        yield ok("job scripts", f"s3://{target.bucket}/{root}/")
    else:
        yield problem(
            "job scripts", f"nothing is in s3://{target.bucket}/{root}/: every job fails", f"Run again: {_AGAIN}."
        )


def subscription(target: Target) -> Iterator[Finding]:
    """Whether somebody gets the mails."""
    pages = target.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=target.topic_arn)
    yield from judge_subscriptions([one for page in pages for one in page["Subscriptions"]], target.topic_arn)


def judge_subscriptions(found: Sequence[Mapping[str, str]], topic_arn: str) -> Iterator[Finding]:
    """What a topic's subscriptions mean: one that is not confirmed gets nothing, and SNS forgets it after some days."""
    subscribe = f"`aws sns subscribe --topic-arn {topic_arn} --protocol email --notification-endpoint"
    if not found:
        yield problem("mail", "nobody has subscribed to the topic", f"{subscribe} you@example.com`, then confirm.")
    for one in found:
        who = f"{one['Endpoint']} ({one['Protocol']})"
        if one["SubscriptionArn"].startswith("arn:"):
            yield ok("mail", f"{who} gets the mails")
        else:
            yield problem(
                "mail",
                f"{who} has not confirmed the subscription, so no mail arrives",
                f"Open the mail of AWS and confirm (look into spam, too). For a new one: {subscribe} "
                f"{one['Endpoint']}`.",
            )


def schedules(client: Clients, stack: Stack) -> Iterator[Finding]:
    """Whether the rules that wake the functions are on, the sweep's above all."""
    held = stacks.resources(client("cloudformation"), stack)
    names = [one.id.rpartition("|")[2] for one in held if one.kind == "AWS::Events::Rule"]
    events = client("events")
    states = {name: events.describe_rule(Name=name)["State"] for name in names}
    yield from judge_rules(states, stack.outputs.get("SweepRule", ""))


def judge_rules(states: Mapping[str, str], sweep: str) -> Iterator[Finding]:
    """What the rules' states mean."""
    off = sorted(name for name, state in states.items() if state == "DISABLED")
    for name in off:
        what = "nothing makes good a lost event, and no check is due" if name == sweep else "these events wake nobody"
        yield problem(
            "schedules", f"the rule {name} is switched off: {what}", f"`aws events enable-rule --name {name}`"
        )
    if sweep not in states:
        yield problem("schedules", "the stack has no rule for the sweep", f"{_AGAIN.capitalize()}.")
    elif not off:
        yield ok("schedules", f"all {len(states)} rules are on, the sweep's among them")
