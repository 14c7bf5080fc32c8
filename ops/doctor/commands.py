"""`python -m ops doctor` and `replay`: only arguments, and how a command ends."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ops import address, target
from ops.account import page
from ops.account.finding import has_problem
from ops.deployment import stacks
from ops.deployment.order import stage_mistakes
from ops.doctor import dead_letters, examination
from ops.endings import FAILED, clear_errors
from ops.target import Asked, Clients, OpsError

Stage = Annotated[str, typer.Option(help="The stage: the stack is sagerelay-<stage>.")]
Region = Annotated[str | None, typer.Option(help="Without it: your profile's.")]


@clear_errors()
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    stage: Stage = "dev",
    region: Region = None,
) -> None:
    """Look a deployment over, or the account before there is one: each line is ok, a problem, or what to do.

    Exit code 0: no problem; 1: problems; 2: nothing could be looked at (no credentials, no region).
    """
    console = Console()
    _ensure_stage(stage)
    found = list(examination.examine(target.clients(region), Asked(stage=stage), region, os.environ))
    if as_json:
        console.print_json(json.dumps(page.as_document(found)))
    else:
        console.print(page.as_table(found))
        console.print(page.conclusion(found))
    raise typer.Exit(FAILED if has_problem(found) else 0)


@clear_errors()
def replay(*, stage: Stage = "dev", region: Region = None) -> None:
    """Hand the dead letters to their functions again: events that were given up. Mend the cause first.

    Exit code 0: none is left; 1: some stay, with the reason; 2: they could not be looked at.
    """
    _ensure_stage(stage)
    console, client = Console(), target.clients(region)
    if address.elsewhere(os.environ):
        raise OpsError(
            "An embedded cloud has no Lambda to hand an event to. Drop the file again; the sweep does the rest."
        )
    stack = stacks.look(client("cloudformation"), target.stack_name(Asked(stage=stage)))
    if stack is None or not stack.deployed:
        raise OpsError(f"There is no deployment {target.stack_name(Asked(stage=stage))} in this region.")
    left = sum(_replayed(client, queue, console) for queue in filter(None, examination.queues(client, stack)))
    raise typer.Exit(FAILED if left else 0)


def _replayed(client: Clients, queue: str, console: Console) -> int:
    """Hand over one queue's dead letters; how many are still in it, about."""
    stayed = 0
    for letter, why in dead_letters.replay(client, queue):
        stayed += bool(why)
        console.print(Text(f"stays, because {why}: {letter}" if why else f"handed over: {letter}"), soft_wrap=True)
    unseen = max(dead_letters.count(client, queue) - stayed, 0)
    if unseen:
        console.print(f"About {unseen} more were not given out by SQS. Run it again.")
    return stayed + unseen


def _ensure_stage(stage: str) -> None:
    if wrong := stage_mistakes(stage):
        raise OpsError(wrong[0])
