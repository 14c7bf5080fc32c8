"""What a person wants of the relay: `approve`, `decline`, `cancel`, `retrain`. Each is an event, and waited for."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console

from chalicelib.records.run import Stage
from ops import answering, cancelling, retraining
from ops.cli.telling import teller
from ops.endings import FAILED, clear_errors
from ops.options import Dataset, Where, takes_where

Because = Annotated[str, typer.Option(help="Why; it stands in the history and in the mail.")]


@takes_where()
def approve(where: Where, dataset: Dataset, *, because: Because = "") -> None:
    """Approve the model that waits for a person, and wait until it serves.

    The same as approving its version in the model registry, which is told.

    Example: approve churn --because "looked at the report"

    Exit code 0: it serves; 1: it does not, and a mail says why; 2: none waits, or nobody could be asked.
    """
    ended = _answered(where, dataset, because, approve=True)
    raise typer.Exit(0 if ended is Stage.LIVE else FAILED)


@takes_where()
def decline(where: Where, dataset: Dataset, *, because: Because = "") -> None:
    """Decline the model that waits for a person, and wait until its run has ended.

    Example: decline churn --because "the fee column leaks"

    Exit code 0: it is rejected; 1: its run ended otherwise; 2: none waits, or nobody could be asked.
    """
    ended = _answered(where, dataset, because, approve=False)
    raise typer.Exit(0 if ended is Stage.REJECTED else FAILED)


@takes_where()
def cancel(
    where: Where,
    run: Annotated[str, typer.Argument(help="The run: its id stands in `status` and in every mail.")],
    *,
    because: Because = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
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
        found_at = where.find()
        plan = cancelling.plan(found_at, run)
        console.print(f"Run {plan.id} of {plan.dataset} is {plan.stage}.")
        if not yes and not typer.confirm("End it?"):
            raise typer.Exit(FAILED)
        cancelling.ask(found_at, plan, because)
        ended = cancelling.wait(found_at, plan, pause=time.sleep, clock=time.monotonic, say=say)
    say(f"it has ended: {ended}")
    raise typer.Exit(0 if ended is Stage.CANCELLED else FAILED)


@takes_where()
def retrain(where: Where, dataset: Dataset, *, because: Because = "") -> None:
    """Begin a run on what lies in train/ now, although nothing of it is new.

    Its model goes through gate and approval as any other. A run under way ends first; one that begins meanwhile, of a
    new file, is enough.

    Example: retrain churn --because "new prices"

    Exit code 0: a run is under way, or begins after the one that is; 1: none was begun, and a mail says why; 2: there
    is no such dataset or no data, or nobody could be asked.
    """
    say = teller(Console())
    with clear_errors():
        found_at = where.of_dataset(dataset)
        before = retraining.plan(found_at, dataset)
        request = retraining.ask(found_at, dataset, because)
        if before.active:
            say(f"run {before.active} is under way; the other begins when it has ended")
            raise typer.Exit
        begun = retraining.wait(found_at, before, request, pause=time.sleep, clock=time.monotonic)
    say(f"run {begun} has begun" if begun else "no run was begun: a mail says why")
    raise typer.Exit(0 if begun else FAILED)


def _answered(where: Where, dataset: str, because: str, *, approve: bool) -> Stage:
    say = teller(Console())
    with clear_errors():
        found_at = where.of_dataset(dataset)
        run = answering.waiting(found_at, dataset)
        answering.ask(found_at, run, because, approve=approve)
        say(f"run {run.id} is {'approved' if approve else 'declined'}")
        ended = answering.wait(found_at, run, pause=time.sleep, clock=time.monotonic, say=say)
    say(f"it has ended: {ended}")
    return ended
