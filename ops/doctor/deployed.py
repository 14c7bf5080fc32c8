"""The objects of a deployment: is its bucket as it must be, are job scripts there, will mails arrive, are rules on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ops import advice
from ops.account.finding import Finding, note, ok, problem
from ops.deployment import job_logs, stacks
from ops.deployment.job_logs import Group
from ops.deployment.pause import acting, muted, stopped, unless_gone
from ops.deployment.stacks import Stack
from ops.target import Clients, Target

GONE = "GONE"
_CLOSED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a bucket is not, and the command that makes it so: CloudFormation does not look for what was changed."""

    what: str
    command: str


def bucket(target: Target) -> Iterator[Finding]:
    """Versioned, announcing uploads, encrypted, closed to the public."""
    s3, name = target.client("s3"), target.bucket
    try:
        versioning = s3.get_bucket_versioning(Bucket=name).get("Status")
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchBucket", "404"}:
            raise
        todo = f"Without it nothing works: {_anew(target.prefix)}."
        yield problem("bucket", f"s3://{name} is not there", todo)
        return
    announcing = "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=name)
    wrong = []
    if versioning != "Enabled":
        wrong.append(
            Wrong(
                "is not versioned: a run's inputs cannot be found again",
                "put-bucket-versioning --versioning-configuration Status=Enabled",
            )
        )
    if not announcing:
        wrong.append(
            Wrong(
                "announces no uploads (EventBridge is off): a dropped file starts nothing",
                "put-bucket-notification-configuration --notification-configuration 'EventBridgeConfiguration={}'",
            )
        )
    if target.on_laptop:
        yield note("bucket", "encryption and public access have no meaning on a laptop")
    else:
        wrong += _open_to_others(s3, name)
    yield from judge_bucket(name, wrong, on_laptop=target.on_laptop)


def judge_bucket(name: str, wrong: Sequence[Wrong], *, on_laptop: bool = False) -> Iterator[Finding]:
    """A problem for each thing that is wrong with it.

    >>> [finding] = judge_bucket("b", [Wrong("is not encrypted", "put-bucket-encryption ...")])
    >>> finding.todo
    'Somebody changed it. `aws s3api put-bucket-encryption ... --bucket b` puts it right.'
    """
    for one in wrong:
        todo = f"Somebody changed it. `aws s3api {one.command} --bucket {name}` puts it right."
        yield problem("bucket", f"s3://{name} {one.what}", todo)
    if not wrong:
        yield ok("bucket", f"s3://{name}: versioned, announcing" + ("" if on_laptop else ", encrypted, private"))


def _open_to_others(s3: Any, name: str) -> Iterator[Wrong]:
    try:
        s3.get_bucket_encryption(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ServerSideEncryptionConfigurationNotFoundError":
            raise
        rule = "Rules=[{ApplyServerSideEncryptionByDefault={SSEAlgorithm=AES256}}]"
        command = f"put-bucket-encryption --server-side-encryption-configuration '{rule}'"
        yield Wrong("is not encrypted", command)
    try:
        blocked: Mapping[str, bool] = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
            raise
        blocked = {}
    if not all(blocked.get(one) for one in _CLOSED):
        settings = ",".join(f"{one}=true" for one in _CLOSED)
        command = f"put-public-access-block --public-access-block-configuration {settings}"
        yield Wrong("is not closed to the public", command)


def code(target: Target, prefix: str | None) -> Iterator[Finding]:
    """Whether the job scripts are where the functions send the jobs; on a laptop: any."""
    root = prefix or "code"
    listed = target.client("s3").list_objects_v2(Bucket=target.bucket, Prefix=f"{root}/", MaxKeys=1)
    if listed.get("Contents"):
        yield ok("job scripts", f"s3://{target.bucket}/{root}/")
    else:
        deploy = advice.make("deploy", advice.stage_of(target.prefix))
        todo = f"Start {advice.up()} again." if target.on_laptop else f"{deploy} puts them there."
        yield problem("job scripts", f"nothing is in s3://{target.bucket}/{root}/: every job fails", todo)


def subscription(target: Target) -> Iterator[Finding]:
    """Whether somebody gets the mails."""
    pages = target.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=target.topic_arn)
    yield from judge_subscriptions([one for page in pages for one in page["Subscriptions"]], target.topic_arn)


def judge_subscriptions(found: Sequence[Mapping[str, str]], topic_arn: str) -> Iterator[Finding]:
    """What a topic's subscriptions mean: one that is not confirmed gets nothing, and SNS forgets it after some days."""
    region = topic_arn.split(":")[3]
    subscribe = f"`aws sns subscribe --region {region} --topic-arn {topic_arn} --protocol email --notification-endpoint"
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
    events = client("events")
    states = {rule: unless_gone(events.describe_rule, Name=rule).get("State", GONE) for rule in acting(held).rules}
    yield from judge_rules(states, stack.outputs.get("SweepRule", ""), stack.name, stack.region)


def functions(client: Clients, stack: Stack) -> Iterator[Finding]:
    """Whether the functions may run, and the alarms ring."""
    those = acting(stacks.resources(client("cloudformation"), stack))
    yield from judge_functions(those.functions, stopped(client, those.functions), stack.name)
    yield from judge_alarms(those.alarms, muted(client, those.alarms), stack.name)
    pages = client("cloudwatch").get_paginator("describe_alarms")
    ringing = pages.paginate(AlarmNamePrefix=f"{stack.name}-", StateValue="ALARM", AlarmTypes=["MetricAlarm"])
    yield from judge_ringing([one for page in ringing for one in page["MetricAlarms"]])


def logs(client: Clients, region: str) -> Iterator[Finding]:
    """Whether the logs of jobs end."""
    yield from judge_logs(job_logs.look(client), region)


def judge_logs(groups: Sequence[Group], region: str) -> Iterator[Finding]:
    """What the groups of jobs' logs mean: they are everybody's in the account, so that it is for a person to decide.

    >>> [one.what for one in judge_logs([Group("/aws/sagemaker/TrainingJobs", there=True)], "eu-west-1")]
    ["/aws/sagemaker/TrainingJobs keeps the logs of all its jobs, others' among them, for ever"]
    """
    endless = [one for one in groups if one.there and one.days is None]
    for one in endless:
        what = f"{one.name} keeps the logs of all its jobs, others' among them, for ever"
        yield note("logs", what, f"{job_logs.command(one, region)} ends that.")
    if not endless:
        yield ok("logs", "those of jobs end")


def judge_functions(names: Sequence[str], off: Sequence[str], stack: str) -> Iterator[Finding]:
    """What it means that some may not run: nobody but a teardown stops them so.

    >>> [finding] = judge_functions(["sweep", "uploads"], ["sweep"], "sagerelay-prod")
    >>> finding.what
    'sweep may not run (its reserved concurrency is 0), as after a teardown that was interrupted'
    """
    stage = advice.stage_of(stack)
    for name in off:
        yield problem(
            "functions",
            f"{name} may not run (its reserved concurrency is 0), as after a teardown that was interrupted",
            f"{advice.make('deploy', stage)} lets it run again; {advice.make('teardown', stage)} goes on removing.",
        )
    if not off:
        yield ok("functions", f"all {len(names)} may run")


def judge_rules(states: Mapping[str, str], sweep: str, stack: str, region: str) -> Iterator[Finding]:
    """What the rules' states mean; `GONE` is the state of one that somebody deleted."""
    wrong = {name: state for name, state in sorted(states.items()) if state in {"DISABLED", GONE}}
    for name, state in wrong.items():
        what = "nothing makes good a lost event, and no check is due" if name == sweep else "these events wake nobody"
        if state == GONE:
            todo = f"CloudFormation does not bring back what was deleted behind it: {_anew(stack)}."
            yield problem("schedules", f"the rule {name} was deleted: {what}", todo)
        else:
            on = advice.aws(f"events enable-rule --name {name}", region)
            todo = f"{on}, or {advice.make('deploy', advice.stage_of(stack))}."
            yield problem("schedules", f"the rule {name} is switched off: {what}", todo)
    if sweep not in states:
        deploy = advice.make("deploy", advice.stage_of(stack))
        yield problem("schedules", "the stack has no rule for the sweep", f"It is an older one: {deploy} makes it.")
    elif not wrong:
        yield ok("schedules", f"all {len(states)} rules are on, the sweep's among them")


def judge_alarms(names: Sequence[str], mute: Sequence[str], stack: str) -> Iterator[Finding]:
    """What it means that some of the stack's alarms tell nobody.

    >>> [str(one.state) for one in judge_alarms(["errors"], ["errors"], "sagerelay-prod")]
    ['problem']
    """
    if mute:
        todo = f"{advice.make('deploy', advice.stage_of(stack))} lets them ring again."
        yield problem("alarms", f"{', '.join(mute)} are muted: nobody is told", todo)
    else:
        yield ok("alarms", f"all {len(names)} of the stack's may ring")


def judge_ringing(alarms: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What the alarms that ring now mean, those of live endpoints among them: each was mailed once, when it began.

    >>> [one.what for one in judge_ringing([{"AlarmName": "sagerelay-dev-failed", "AlarmDescription": "It failed."}])]
    ['sagerelay-dev-failed rings: It failed.']
    """
    for one in alarms:
        since = one.get("StateUpdatedTimestamp")
        when = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
        told = "Its mail came when it began, to whoever had confirmed the subscription by then; it is not repeated."
        yield problem("alarms", f"{one['AlarmName']} rings{when}: {one.get('AlarmDescription', '')}".rstrip(": "), told)
    if not alarms:
        yield ok("alarms", "none rings")


def _anew(stack: str) -> str:
    stage = advice.stage_of(stack)
    return f"{advice.make('teardown', stage)}, then {advice.make('deploy', stage, 'EMAIL=you@example.com')}"
