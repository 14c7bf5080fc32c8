"""What a person wants of the relay: `approve`, `decline`. Each is an event on the account's bus, and is waited for."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console

from chalicelib.records.run import Stage
from ops import answering, target
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
