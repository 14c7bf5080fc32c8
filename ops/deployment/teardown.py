"""`make teardown`: everything a deployment made is removed, and the account is asked whether anything is left.

What would start new things is stopped first: the stack's rules, then its functions (pause.py). Then goes what costs
money by the hour, then what only bears a name, then the stack. The bucket holds the user's data and goes only when
asked. Every step looks before it acts, so a teardown that was interrupted goes on when it is started again, also when
the stack is gone; and as long as the stack is there, `make deploy` brings the deployment back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from chalicelib import log_groups
from chalicelib.names import StepName
from ops import advice
from ops.deployment import net, own_code, removal, stacks, tag_audit
from ops.deployment.artifacts import Artifacts
from ops.deployment.owned_resources import Thing, counted, thing
from ops.deployment.pause import acting, pause, unless_gone
from ops.deployment.preflight import Place
from ops.deployment.removal import Left, Waiting
from ops.deployment.stacks import Stack
from ops.target import Clients, OpsError

Say = Callable[[str], None]
_STACK_WAIT = {"Delay": 5, "MaxAttempts": 720}
_EMPTYINGS = 5  # of a bucket that something still writes to


@dataclass(frozen=True, slots=True)
class Found:
    """What is there before anything is removed."""

    things: tuple[Thing, ...]
    buckets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a teardown ended: what is left against the will, and what was kept on purpose."""

    left: tuple[Left, ...]
    kept: tuple[str, ...]


def find(where: Place, deployment: str) -> Found:
    """Everything of the deployment; the stack's own bucket also when the index of tags is late."""
    things = tuple(tag_audit.tagged(where.client, deployment))
    own = where.stack.outputs.get("BucketName") if where.stack else None
    buckets = dict.fromkeys([*([own] if own else []), *(one.name for one in things if one.kind == "s3")])
    return Found(things, tuple(name for name in buckets if _is_there(where.client, name)))


def question(found: Found, where: Place, deployment: str, *, with_bucket: bool) -> str:
    """What a person is asked before it begins: all that will be gone."""
    lines = [f"In account {where.caller.account}, {where.region}, this removes:"]
    lines.append(f"  the stack {deployment}" if where.stack else f"  (there is no stack {deployment})")
    if others := [one for one in found.things if one.kind.startswith("sagemaker:")]:
        lines.append(f"  {counted(others)}: live endpoints stop answering")
    what = "  s3://{} WITH ALL DATA AND REPORTS" if with_bucket else "and keeps s3://{}"
    lines += [what.format(bucket) for bucket in found.buckets]
    stage = advice.stage_of(deployment)
    lines.append(f"It may be interrupted and started again; {advice.make('deploy', stage)} brings back what is left.")
    return "\n".join(lines)


def tear_down(where: Place, deployment: str, found: Found, time: Waiting, say: Say, *, with_bucket: bool) -> Ended:
    """Remove it all, and say what is left.

    Raises:
        OpsError: the stack cannot be removed now.
    """
    client = where.client
    _ensure_removable(where.stack)
    if where.stack is not None and where.stack.status != "DELETE_IN_PROGRESS":
        say(pause(client, acting(stacks.resources(client("cloudformation"), where.stack))))

    def tagged() -> Sequence[Thing]:
        return tag_audit.tagged(client, deployment)

    left = removal.remove_all(client, tagged, time, say)
    if where.stack is not None:
        _delete_stack(client, where.stack, say)
    # A function that was at work when its rules were disabled may have started one thing more.
    left = removal.remove_all(client, tagged, time, say)
    _delete_logs(client, deployment, _runs(client, found.buckets), say)
    full = [stays for one in (found.buckets if with_bucket else ()) if (stays := _delete_bucket(client, one, say))]
    for told in (net.remove(client, where.caller.account, deployment), own_code.remove(client, deployment)):
        if told:
            say(told)
    artifacts = Artifacts(client, where.caller.account, where.region, where.caller.partition)
    if not artifacts.remove(deployment):
        say(f"s3://{artifacts.bucket} stays: another stage's code is in it")
    kept = () if with_bucket else tuple(bucket for bucket in found.buckets if _is_there(client, bucket))
    say("asking for everything that carries the deployment's tag")
    proved = tag_audit.remaining(client, deployment, kept, time)
    known = {one.thing.arn: one for one in [*left, *full]}
    named = {one.thing.arn: one for one in [*proved, *full]}
    return Ended(tuple(known.get(arn, one) for arn, one in named.items()), kept)


def last_lines(ended: Ended, deployment: str) -> list[str]:
    """What a person reads last."""
    again = advice.make("teardown", advice.stage_of(deployment))
    with_bucket = advice.make("teardown", advice.stage_of(deployment), "WITH_BUCKET=yes")
    lines = [
        f"Kept: s3://{bucket}, with your data and all reports. Remove it with {with_bucket}." for bucket in ended.kept
    ]
    if not ended.left:
        return [*lines, f"{deployment} is removed: nothing else carries its tag."]
    lines += [f"Left: {one.thing}: {one.why} ({one.thing.arn})" for one in ended.left]
    return [*lines, f"Start {again} again; what still stays then has to be removed by hand."]


def _ensure_removable(stack: Stack | None) -> None:
    if stack is None or stack.status == stacks.REVIEW or stack.status == "DELETE_IN_PROGRESS":
        return
    if stack.status.endswith("_IN_PROGRESS"):
        cancel = advice.aws(f"cloudformation cancel-update-stack --stack-name {stack.name}", stack.region)
        raise OpsError(
            f"The stack {stack.name} is {stack.status}: somebody changes it at this moment. Wait until it ends, or "
            f"{cancel}, then start again. Nothing is removed."
        )


def _delete_stack(client: Clients, stack: Stack, say: Say) -> None:
    cloudformation = client("cloudformation")
    say(f"removing the stack {stack.name}")
    cloudformation.delete_stack(StackName=stack.id)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.id, WaiterConfig=_STACK_WAIT)
    except WaiterError as error:
        reasons = "; ".join(stacks.causes_of(cloudformation, stack)) or str(error)
        again = advice.make("teardown", advice.stage_of(stack.name))
        raise OpsError(
            f"CloudFormation could not remove {stack.name}: {reasons}\n"
            f"What to do: remove what it names, and start {again} again."
        ) from error


def _runs(client: Clients, buckets: Sequence[str]) -> set[str]:
    """The ids of the runs there were, by their folders: their candidates' logs bear these names."""
    found = set()
    for bucket in buckets:
        pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="runs/", Delimiter="/")
        found |= {entry["Prefix"].split("/")[1] for page in pages for entry in page.get("CommonPrefixes", [])}
    return found


def _delete_logs(client: Clients, deployment: str, runs: set[str], say: Say) -> None:
    """The groups of functions and endpoints; one that was written to late is there again after the stack is gone."""
    logs, names = client("logs"), []
    for prefix in (f"/aws/lambda/{deployment}-", log_groups.ENDPOINTS):
        pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
        names += [group["logGroupName"] for page in pages for group in page["logGroups"]]
    mine = [name for name in names if logs_of(name, deployment, runs)]
    for name in mine:
        unless_gone(logs.delete_log_group, logGroupName=name)
    if mine:
        say(f"deleted {len(mine)} log groups")


def logs_of(group: str, deployment: str, runs: set[str]) -> bool:
    """Whether a log group is this deployment's.

    >>> logs_of("/aws/sagemaker/Endpoints/churn-1a2b3c4d-candidate-1", "sagerelay-dev", {"churn-1a2b3c4d"})
    True
    >>> logs_of("/aws/sagemaker/Endpoints/sagerelay-development", "sagerelay-dev", set())
    False
    """
    if not group.startswith(log_groups.ENDPOINTS):
        return group.startswith(f"/aws/lambda/{deployment}-")
    endpoint = group.removeprefix(log_groups.ENDPOINTS)
    step = StepName.parse(endpoint)
    return endpoint.startswith(f"{deployment}-") or (step is not None and step.run in runs)


def _delete_bucket(client: Clients, bucket: str, say: Say) -> Left | None:
    """A bucket with every version in it. A job or endpoint that was just ended may write once more meanwhile."""
    if not _is_there(client, bucket):
        return None
    s3, count = client("s3"), 0
    for _ in range(_EMPTYINGS):
        count += _empty(s3, bucket)
        try:
            s3.delete_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] != "BucketNotEmpty":
                raise
            continue
        say(f"deleted s3://{bucket} with {count:,} object versions")
        return None
    partition = client("s3").meta.partition
    return Left(thing(f"arn:{partition}:s3:::{bucket}"), "something still writes to it")


def _empty(s3: Any, bucket: str) -> int:
    """Delete every version of every object, and what was begun to be uploaded; gives how many versions."""
    count = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        entries = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        if entries:
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": entries, "Quiet": True})
            _ensure_deleted(bucket, answer.get("Errors", []))
            count += len(entries)
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for one in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"])
    return count


def _ensure_deleted(bucket: str, errors: Sequence[Any]) -> None:
    if errors:
        first = errors[0]
        raise OpsError(
            f"s3://{bucket}/{first['Key']} cannot be deleted: {first['Code']}: {first['Message']} "
            f"({len(errors)} objects). Allow s3:DeleteObjectVersion and start again."
        )


def _is_there(client: Clients, bucket: str) -> bool:
    try:
        client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return False
        raise
    return True
