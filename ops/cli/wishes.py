"""What a person wants of the relay: `approve`, `decline`, `cancel`, `retrain`. Each is an event, and waited for."""

from __future__ import annotations

import os
import time
from typing import Annotated

import typer
from rich.console import Console

from chalicelib.records.run import Stage
from ops import answering, cancelling, retraining, target
from ops.cli.telling import teller
from ops.endings import FAILED, clear_errors
from ops.options import Bucket, Dataset, Prefix, Region, Table, TopicArn
from ops.options import Stage as StageOption
from ops.target import Asked

Because = Annotated[str, typer.Option(help="Why; it stands in the history and in the mail.")]


def approve(
    dataset: Dataset,
    *,
    because: Because = "",
    table: Table = None,
    bucket: Bucket = None,
    topic_arn: TopicArn = None,
    prefix: Prefix = "sagerelay",
    stage: StageOption = "dev",
    region: Region = None,
) -> None:
    """Approve the model that waits for a person, and wait until it serves.

    The same as approving its version in the model registry, which is told.

    Example: approve churn --because "looked at the report"

    Exit code 0: it serves; 1: it does not, and a mail says why; 2: none waits, or nobody could be asked.
    """
    asked = Asked(bucket, topic_arn, table, prefix, stage)
    ended = _answered(dataset, asked, region, because, approve=True)
    raise typer.Exit(0 if ended is Stage.LIVE else FAILED)


def decline(
    dataset: Dataset,
    *,
    because: Because = "",
    table: Table = None,
    bucket: Bucket = None,
    topic_arn: TopicArn = None,
    prefix: Prefix = "sagerelay",
    stage: StageOption = "dev",
    region: Region = None,
) -> None:
    """Decline the model that waits for a person, and wait until its run has ended.

    Example: decline churn --because "the fee column leaks"

    Exit code 0: it is rejected; 1: its run ended otherwise; 2: none waits, or nobody could be asked.
    """
    asked = Asked(bucket, topic_arn, table, prefix, stage)
    ended = _answered(dataset, asked, region, because, approve=False)
    raise typer.Exit(0 if ended is Stage.REJECTED else FAILED)


def cancel(
    run: Annotated[str, typer.Argument(help="The run: its id stands in `status` and in every mail.")],
    *,
    because: Because = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    table: Table = None,
    bucket: Bucket = None,
    topic_arn: TopicArn = None,
    prefix: Prefix = "sagerelay",
    stage: StageOption = "dev",
    region: Region = None,
) -> None:
    """End a run under way: stop its job, delete what it left, and wait until that is done.

    What has run is billed, and a mail says what it was. The live model serves on. A model that is taking over from it
    is not stopped half-way.

    Example: cancel churn-1a2b3c4d --because "the wrong file"

    Exit code 0: it is cancelled; 1: it ended otherwise before; 2: it cannot be, or nobody could be asked.
    """
    console = Console()
    say = teller(console)
    with clear_errors():
        asked = Asked(bucket, topic_arn, table, prefix, stage)
        found_at = target.find(target.clients(region), asked, os.environ)
        plan = cancelling.plan(found_at, run)
        console.print(f"Run {plan.id} of {plan.dataset} is {plan.stage}.")
        if not yes and not typer.confirm("End it?"):
            raise typer.Exit(FAILED)
        cancelling.ask(found_at, plan, because)
        ended = cancelling.wait(found_at, plan, pause=time.sleep, clock=time.monotonic, say=say)
    say(f"it has ended: {ended}")
    raise typer.Exit(0 if ended is Stage.CANCELLED else FAILED)


def retrain(
    dataset: Dataset,
    *,
    because: Because = "",
    table: Table = None,
    bucket: Bucket = None,
    topic_arn: TopicArn = None,
    prefix: Prefix = "sagerelay",
    stage: StageOption = "dev",
    region: Region = None,
) -> None:
    """Begin a run on what lies in train/ now, although nothing of it is new.

    Its model goes through gate and approval as any other. A run under way ends first; one that begins meanwhile, of a
    new file, is enough.

    Example: retrain churn --because "new prices"

    Exit code 0: a run is under way, or begins after the one that is; 1: none was begun, and a mail says why; 2: there
    is no such dataset or no data, or nobody could be asked.
    """
    say = teller(Console())
    with clear_errors():
        found_at = target.of_dataset(dataset, Asked(bucket, topic_arn, table, prefix, stage), region)
        before = retraining.plan(found_at, dataset)
        request = retraining.ask(found_at, dataset, because)
        if before.active:
            say(f"run {before.active} is under way; the other begins when it has ended")
            raise typer.Exit
        begun = retraining.wait(found_at, before, request, pause=time.sleep, clock=time.monotonic)
    say(f"run {begun} has begun" if begun else "no run was begun: a mail says why")
    raise typer.Exit(0 if begun else FAILED)


def _answered(dataset: str, asked: Asked, region: str | None, because: str, *, approve: bool) -> Stage:
    say = teller(Console())
    with clear_errors():
        found_at = target.of_dataset(dataset, asked, region)
        run = answering.waiting(found_at, dataset)
        answering.ask(found_at, run, because, approve=approve)
        say(f"run {run.id} is {'approved' if approve else 'declined'}")
        ended = answering.wait(found_at, run, pause=time.sleep, clock=time.monotonic, say=say)
    say(f"it has ended: {ended}")
    return ended
