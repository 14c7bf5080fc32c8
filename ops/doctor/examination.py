"""All of it in order: what holds before a deployment, and what holds of one. Nothing is changed.

What the account says comes first, because without it the rest cannot be asked. On a laptop there is no account and no
stack; what has no meaning there is said to be so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from chalicelib.aws.store import Store
from ops import address, advice, dataset_status, target
from ops.account import access, quotas, serving
from ops.account.finding import Finding, asked, note, ok, problem
from ops.deployment import stacks
from ops.deployment.stacks import Stack
from ops.doctor import deployed, fleets, money, work
from ops.target import Asked, Clients, Target

LAPTOP_QUEUES = ("sagerelay-local-target-failures", "sagerelay-local-function-failures")
_UNDELIVERED, _FAILED = "events that reached no function", "events that a function failed on"


@dataclass(frozen=True, slots=True)
class Examined:
    """What is looked over. `stack` is None on a laptop, and before the first deployment."""

    client: Clients
    asked: Asked
    region: str
    on_laptop: bool
    stack: Stack | None


def examine(client: Clients, asked_for: Asked, region: str | None, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Every finding, as it comes.

    Raises:
        OpsError: there are no credentials, or no region: then there is nothing to look over.
    """
    if elsewhere := address.elsewhere(environment):
        examined = Examined(client, asked_for, "", on_laptop=True, stack=None)
        yield note("account", f"an embedded cloud at {elsewhere}: credentials, image and quotas mean nothing here")
        yield from _deployment(examined, target.find(client, asked_for, environment))
        return
    chosen = access.region_of(client, region)
    who = access.caller(client)
    yield ok("account", f"{who.account} as {who.arn}")
    yield ok("region", chosen)
    yield from asked("image", lambda: access.image(client, chosen))
    yield access.patches(datetime.now(UTC).date())
    stack = stacks.look(client("cloudformation"), target.stack_name(asked_for))
    bucket = stack.outputs.get("BucketName") if stack else None
    yield from asked("quota", lambda: quotas.findings(client, chosen, quotas.asked_for(client, bucket)))
    private = serving.private(stack.parameters if stack else {})
    yield from asked(serving.SUBJECT, lambda: serving.findings(client, **private))
    examined = Examined(client, asked_for, chosen, on_laptop=False, stack=stack)
    yield from _stack(examined)
    if stack is not None and {"BucketName", "TopicArn"} <= stack.outputs.keys():  # one that is just being made has none
        yield from _deployment(examined, target.find(client, asked_for, environment))


def _stack(examined: Examined) -> Iterator[Finding]:
    name, stack = target.stack_name(examined.asked), examined.stack
    if stack is None or stack.status == stacks.REVIEW:
        again = advice.make("deploy", examined.asked.stage, "EMAIL=you@example.com")
        yield note("stack", f"there is no {name} in {examined.region} yet", f"{again} makes it.")
    elif found := stacks.obstacle(stack, stacks.causes_of(examined.client("cloudformation"), stack)):
        yield problem("stack", found.what, found.todo)
    else:
        yield ok("stack", f"{name}: {stack.status}")


def _deployment(examined: Examined, found: Target) -> Iterator[Finding]:
    stack = examined.stack
    yield from asked("bucket", lambda: deployed.bucket(found))
    code = stack.parameters.get("CodePrefix") if stack else None
    yield from asked("job scripts", lambda: deployed.code(found, code))
    yield from asked("mail", lambda: deployed.subscription(found))
    if stack is None:
        yield note("schedules", "on a laptop the embedded cloud itself wakes the functions")
        yield note("pass role", "has no meaning on a laptop")
    else:
        yield from asked("schedules", lambda: deployed.schedules(examined.client, stack))
        yield from asked("functions", lambda: deployed.functions(examined.client, stack))
        yield from asked("logs", lambda: deployed.logs(examined.client, examined.region))
        yield from asked("pass role", lambda: _pass_role(examined.client, stack))
    if found.table:
        store = Store(found.client("dynamodb"), found.table)
        yield from asked("sweep", lambda: _sweep(store, stack))
        yield from asked("runs", lambda: work.waiting(store))
        yield from asked(serving.SUBJECT, lambda: serving.remembered(store.refusal(datetime.now(UTC))))
    yield from _money(examined, found)
    yield from asked("dead letters", lambda: _dead_letters(examined))


def _money(examined: Examined, found: Target) -> Iterator[Finding]:
    if examined.on_laptop:
        yield note(money.SUBJECT, "nothing of an embedded cloud bills; on AWS, endpoints do by the hour")
        return
    known = cache(lambda: dataset_status.prices_of(found))
    endpoints = partial(money.serving, examined.client, found.prefix)
    yield from asked(money.SUBJECT, lambda: money.judge_serving(endpoints(), known()))
    if found.table:
        stands = cache(lambda: dataset_status.look(found, ()))
        yield from asked(money.SUBJECT, lambda: money.judge_monitors(stands(), known()))
        yield from asked(fleets.SUBJECT, lambda: fleets.judge(examined.client, stands()))


def _pass_role(client: Clients, stack: Stack) -> Iterator[Finding]:
    held = {one.name: one.id for one in stacks.resources(client("cloudformation"), stack)}
    names = [held[one] for one in ("LambdaRole", "SageMakerRole") if one in held]
    if len(names) == 2:
        functions, jobs = (client("iam").get_role(RoleName=name)["Role"]["Arn"] for name in names)
        yield from access.pass_role(client, functions, jobs)
    else:
        deploy = advice.make("deploy", advice.stage_of(stack.name))
        yield problem("pass role", "the stack lacks the role of its functions or of its jobs", f"{deploy} makes it.")


def _sweep(store: Store, stack: Stack | None) -> Iterator[Finding]:
    last = store.last_sweep()
    yield work.judge_sweep(last.at if last else None, datetime.now(UTC), stack.changed if stack else None)


def _dead_letters(examined: Examined) -> Iterator[Finding]:
    stage = None if examined.on_laptop else examined.asked.stage
    for queue, what in zip(queues(examined.client, examined.stack), (_UNDELIVERED, _FAILED), strict=True):
        if queue:
            yield from work.judge_queue(examined.client, queue, what, stage)
        else:
            deploy = advice.make("deploy", examined.asked.stage)
            yield problem("dead letters", f"the stack has no queue for {what}: they are lost", f"{deploy} makes it.")


def queues(client: Clients, stack: Stack | None) -> tuple[str, str]:
    """The two queues of dead letters, EventBridge's and the functions'; empty text for one that a stack lacks."""
    if stack is not None:
        return stack.outputs.get("UndeliveredQueueUrl", ""), stack.outputs.get("FailedQueueUrl", "")
    undelivered, failed = (client("sqs").get_queue_url(QueueName=name)["QueueUrl"] for name in LAPTOP_QUEUES)
    return undelivered, failed
