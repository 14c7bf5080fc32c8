"""`make deploy`, step by step: zip, job scripts, stack, and what to do then.

The order is what makes it safe. On an update the job scripts go up first: the functions name `code/<version>` only when
it is there, and the version before stays. Where the bucket is made by the deployment, as by a first one, they follow at
once. A file dropped in those seconds does no harm: S3 begins to announce uploads some minutes after a bucket was made,
SageMaker reads the scripts when a job's machine has started, which takes minutes as well, and should a job be too early
all the same, it fails with that reason by mail, and the same file dropped again is another try; `early` names it. Every
step may be repeated, so whatever interrupts a deployment, deploying again completes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ops.account.finding import is_denied
from ops.advice import ours
from ops.deployment import code as codes
from ops.deployment import command_line, job_logs, net, own_code, stacks
from ops.deployment.artifacts import Artifacts, placed, zip_key
from ops.deployment.code import Code
from ops.deployment.command_line import Deployment, Run
from ops.deployment.order import Order, given, parameters
from ops.deployment.package import ZIP
from ops.deployment.pause import acting, resume
from ops.deployment.preflight import Place
from ops.deployment.stacks import Stack
from ops.target import OpsError

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Package:
    """What is deployed: the merged template and the zip that its functions name."""

    template: Mapping[str, Any]
    zip: bytes


def read_package(template: Path) -> Package:
    """What packaging wrote: the template, and the zip beside it."""
    return Package(json.loads(template.read_text(encoding="utf-8")), (template.parent / ZIP).read_bytes())


@dataclass(frozen=True, slots=True)
class Context:
    """What a deployment needs from outside. `directory`: an empty one, which ends with the deployment."""

    directory: Path
    environment: Mapping[str, str]
    now: Callable[[], datetime]
    say: Say
    aws: Run = command_line.run


@dataclass(frozen=True, slots=True)
class Deployed:
    """The stack as it is now, and how it came to be so."""

    stack: Stack
    first: bool
    changed: bool
    mail_to: str | None = None
    """Who has to confirm the subscription; None: nobody anew."""
    early: tuple[str, ...] = ()
    """Files of datasets/ that were there before the job scripts were."""


def deploy(where: Place, order: Order, package: Package, code: Code, context: Context) -> Deployed:
    """Make the stack what the package says, with the job scripts beside it.

    Raises:
        OpsError: CloudFormation did not do it; with its reasons.
    """
    before = where.stack if where.stack and where.stack.deployed else None
    artifacts = Artifacts(where.client, where.caller.account, where.region, where.caller.partition)
    if artifacts.ensure():
        context.say(f"made s3://{artifacts.bucket}, which the functions' code is taken from")
    key = zip_key(order.stack, package.zip)
    artifacts.put(key, package.zip)
    context.say(f"functions: {len(package.zip):,} bytes in s3://{artifacts.bucket}/{key}")
    if before is not None and "BucketName" in before.outputs:
        _upload(where, before, code, context)
    template = context.directory / "template.json"
    template.write_text(json.dumps(placed(package.template, f"s3://{artifacts.bucket}/{key}")), encoding="utf-8")
    asked = Deployment(
        order.stack, template, where.region, artifacts.bucket, parameters(order, code.prefix), order.tags
    )
    if context.aws(asked.arguments(), context.environment) != 0:
        raise OpsError(_failed(where, order))
    after = stacks.look(where.client("cloudformation"), order.stack)
    if after is None or "BucketName" not in after.outputs:
        raise OpsError(f"The stack {order.stack} was deployed but does not say BucketName; is it SageRelay's?")
    early: tuple[str, ...] = ()
    if before is not None:
        _resume(where, after, context)
    if before is None or before.outputs.get("BucketName") != after.outputs["BucketName"]:
        early = _dropped(where, after)
        _upload(where, after, code, context)
    if told := own_code.keep(where.client, after):
        context.say(told)
    _end_logs(where, context)
    _clean_up(where, before, after, artifacts, context)
    if order.aws_budget is not None:
        usd, mails = given(order.aws_budget) or "", after.parameters.get("Email", "")
        context.say(net.keep(where.client, where.caller.account, order.stack, usd, mails))
    changed = before is None or before.last_event != after.last_event
    email = after.parameters.get("Email")
    mail_to = email if before is None or before.parameters.get("Email") != email else None
    return Deployed(after, first=before is None, changed=changed, mail_to=mail_to, early=early)


def last_lines(deployed: Deployed, order: Order) -> list[str]:
    """What to do now: what a person reads last."""
    bucket, stack = deployed.stack.outputs["BucketName"], deployed.stack.name
    done = "is deployed" if deployed.first else "is updated" if deployed.changed else "was up to date: nothing changed"
    lines = [f"{stack} {done}."]
    if deployed.early:
        lines.append(
            f"{', '.join(deployed.early)} came before the job scripts were there. If a mail says that a run failed, "
            "copy the file again."
        )
    if deployed.mail_to:
        lines.append(
            f"Open the mail that AWS has sent to {deployed.mail_to} and confirm the subscription: no other mail comes "
            "before that."
        )
    lines.append(f"Look it over:  {ours(f'doctor --stage {order.stage}')}")
    lines.append(f"Begin:         aws s3 cp my.csv s3://{bucket}/datasets/my/train/")
    return lines


def _upload(where: Place, stack: Stack, code: Code, context: Context) -> None:
    bucket = stack.outputs["BucketName"]
    count = codes.upload(where.client("s3"), bucket, code)
    what = f"{count} files put" if count else "there already"
    context.say(f"job scripts: {what} in s3://{bucket}/{code.prefix}/")


def _resume(where: Place, stack: Stack, context: Context) -> None:
    """What an interrupted teardown paused. The stack is deployed by now: who may not look at it is told so."""
    try:
        for line in resume(where.client, acting(stacks.resources(where.client("cloudformation"), stack))):
            context.say(line)
    except ClientError as error:
        if not is_denied(error.response["Error"]["Code"]):
            raise
        context.say(f"whether a teardown paused anything is not known: you may not, {error.operation_name} is refused")


def _end_logs(where: Place, context: Context) -> None:
    """Logs of jobs shall not be kept for ever. The stack is deployed by now: who may not see to it is told so."""
    try:
        for line in job_logs.ensure(where.client, where.region):
            context.say(line)
    except ClientError as error:
        if not is_denied(error.response["Error"]["Code"]):
            raise
        context.say(f"whether the logs of jobs ever end is not known: you may not, {error.operation_name} is refused")


def _dropped(where: Place, stack: Stack) -> tuple[str, ...]:
    listed = where.client("s3").list_objects_v2(Bucket=stack.outputs["BucketName"], Prefix="datasets/", MaxKeys=10)
    return tuple(found["Key"] for found in listed.get("Contents", []))


def _clean_up(where: Place, before: Stack | None, after: Stack, artifacts: Artifacts, context: Context) -> None:
    """Remove what no deployment and no job can need any more."""
    in_use = {one.parameters.get("CodePrefix", "") for one in (before, after) if one}
    if gone := codes.prune(where.client("s3"), after.outputs["BucketName"], in_use, context.now()):
        context.say(f"removed job scripts of earlier deployments: {', '.join(gone)}")
    artifacts.keep_newest(after.name)


def _failed(where: Place, order: Order) -> str:
    stack = stacks.look(where.client("cloudformation"), order.stack)
    if stack is None:
        return f"CloudFormation made no stack {order.stack}; the lines above say why."
    found = stacks.causes_of(where.client("cloudformation"), stack)
    lines = [f"CloudFormation could not deploy {order.stack} ({stack.status}).", *(f"  {cause}" for cause in found)]
    found_after = stacks.obstacle(stack)
    if found_after is not None:
        lines.append(f"What to do: {found_after.todo}")
    elif stack.deployed:
        lines.append("The stack is as it was before: nothing of the update stays. Mend the cause and deploy again.")
    else:
        lines.append("Nothing was made. Mend what the lines above say and deploy again.")
    return "\n".join(lines)
