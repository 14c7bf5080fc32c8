"""The command line of a deployment: what is asked for, and how a command ends. What it does is done elsewhere."""

from __future__ import annotations

import inspect
import json
import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from chalicelib.names import Kind
from ops import advice, checks, dataset_status, live, target
from ops import rollback as rollbacks
from ops import wake as waking
from ops.cli import pages, settings, wishes
from ops.cli.telling import teller
from ops.costs import commands as costs
from ops.deployment import commands as deployment
from ops.doctor import commands as doctor
from ops.drill import rehearsal, results
from ops.drill.scenarios import Scenario
from ops.endings import FAILED, clear_errors
from ops.explaining import commands as explaining
from ops.findings import as_lines
from ops.looking import commands as looking
from ops.looking import log_lines
from ops.options import Dataset, Where, takes_where
from ops.plain_help import PlainCommand

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
    help="A SageRelay deployment from outside, alike on AWS and on a laptop. For an embedded cloud, export the lines "
    f"that {advice.up()} prints; on AWS your own profile is used.",
)
app.command()(doctor.doctor)
app.command()(doctor.replay)
app.command()(deployment.deploy)
app.command("plan")(deployment.show_plan)
app.command()(costs.prices)
app.command("plan-run")(costs.plan_run)
app.command("costs")(costs.costs)
app.command("teardown")(deployment.tear_down)
app.command()(explaining.explain)
app.command()(explaining.predict)
app.command()(settings.validate)
app.command()(settings.schema)
app.command()(wishes.approve)
app.command()(wishes.decline)
app.command()(wishes.cancel)
app.command()(wishes.retrain)
app.command("runs")(looking.show_runs)
app.command()(looking.watch)
app.command("trials")(looking.show_trials)
app.command()(looking.compare)
app.command()(looking.metrics)
app.command()(looking.report)
app.command()(looking.drop)
app.command()(log_lines.logs)
app.command()(pages.console)

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and progress to standard error.")]


@app.command()
@takes_where()
def status(
    where: Where,
    datasets: Annotated[list[str] | None, typer.Argument(help="Datasets; without any: all of the bucket.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show each dataset: its live model, the run under way, and what the monitor of the model last saw."""
    console = Console()
    with clear_errors():
        found = dataset_status.look(where.find(), datasets or ())
    if as_json:
        console.print_json(json.dumps([dataset_status.as_document(one) for one in found]))
    else:
        console.print(dataset_status.as_table(found) if found else "There is no dataset in the bucket yet.")


@app.command()
@takes_where(table=False)
def check(where: Where, dataset: Dataset, *, as_json: AsJson = False) -> None:
    """Check a live model for drift now, and show what was found.

    The check is the same as a scheduled one: it looks at the traffic since the last, and what it finds changes the
    state and is mailed. Exit code 0: stable; 1: drifted or too little traffic; 2: it could not be made.
    """
    console, progress = Console(), Console(stderr=True)
    with clear_errors():
        found_at = where.of_dataset(dataset)
        live.ensure_monitored(found_at, dataset)
        monitored = checks.Checks(found_at, dataset, Kind.DRIFT, datetime.now(UTC))
        known = frozenset(monitored.look())
        checks.ask(found_at, dataset, Kind.DRIFT)
        folder, found = checks.wait_for_result(
            monitored, known, checks.timeouts(found_at), pause=time.sleep, clock=time.monotonic, say=teller(progress)
        )
    if as_json:
        console.print_json(json.dumps(found))
    else:
        for line in as_lines(found, report=f"s3://{found_at.bucket}/{folder}/report.html"):
            console.print(Text(line), soft_wrap=True)
    raise typer.Exit(0 if found["state"] == "stable" else FAILED)


@app.command()
@takes_where(table=False)
def drill(
    where: Where,
    dataset: Dataset,
    *,
    scenario: Annotated[list[Scenario] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="At most so many rows a scenario.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed draws other rows.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Prove that monitoring of a live model works: send it traffic that drifts, and wait for the alerts.

    Rows that the model never saw go through the real endpoint: as they are, with a numeric column shifted, with a new
    category, with missing values, and mostly of one class. Each must be found, named and mailed (subscribers get mails
    that begin with "\\[drill]"). Rows as they are must not, nor rows that come again, nor rows of a few hours. Real
    traffic, the monitor's state and retraining are left alone. Half a minute on a laptop; on AWS about half an hour and
    up to seven small processing jobs.

    Exit code 0: everything was as it must be; 1: something was not; 2: the drill could not be held.
    """
    console, progress = Console(), Console(stderr=True)
    with clear_errors():
        found_at = where.of_dataset(dataset)
        order = rehearsal.Order(dataset, tuple(dict.fromkeys(scenario or Scenario)), rows, seed)
        timeouts = checks.timeouts(found_at)
        held = rehearsal.hold(found_at, order, timeouts, now=datetime.now(UTC), say=teller(progress))
    if as_json:
        console.print_json(json.dumps(results.as_document(held)))
    else:
        console.print(results.as_table(held))
        console.print(Text(results.conclusion(held), style="bold green" if held.passed else "bold red"), soft_wrap=True)
    raise typer.Exit(0 if held.passed else FAILED)


@app.command()
@takes_where()
def rollback(
    where: Where,
    dataset: Dataset,
    *,
    because: Annotated[str, typer.Option(help="Why; it stands in the mail.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Have the live endpoint serve the model before the one in service again, and wait until it does.

    A run under way ends first, and its model may go live: then nothing is rolled back. The model that is left is kept:
    the same command brings it back.

    Exit code 0: the model before serves; 1: it does not, and a mail says why; 2: nobody could be asked.
    """
    with clear_errors():
        found_at = where.of_dataset(dataset)
        _go_back(found_at, rollbacks.plan(found_at, dataset), because, yes=yes)


@app.command()
@takes_where()
def promote(
    where: Where,
    dataset: Dataset,
    version: Annotated[str, typer.Argument(help="The run of an earlier model, or the end of its id.")],
    *,
    because: Annotated[str, typer.Option(help="Why; it stands in the mail.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Have the live endpoint serve any earlier model again, and wait until it does.

    As `rollback`, but to the model that is named. What served it is made again of its artifact, if it was deleted.

    Example: promote churn 1a2b3c4d --because "the newer ones were trained on too little"

    Exit code 0: it serves; 1: it does not, and a mail says why; 2: no such model, or nobody could be asked.
    """
    with clear_errors():
        found_at = where.of_dataset(dataset)
        plan = rollbacks.plan_to(found_at, dataset, version)
        _go_back(found_at, plan, because, yes=yes, to_earlier=True)


def _go_back(
    found_at: target.Target, plan: rollbacks.Rollback, because: str, *, yes: bool, to_earlier: bool = False
) -> None:
    console = Console()
    console.print(f"Serves now: the model of {plan.leave.run}, since {plan.leave.promoted}.")
    console.print(f"Would serve: the model of {plan.to.run}, promoted {plan.to.promoted}.")
    if not yes and not typer.confirm("Go back to it?"):
        raise typer.Exit(FAILED)
    request = rollbacks.ask(found_at, plan, because, to_earlier=to_earlier)
    said = teller(console)
    done = rollbacks.wait(found_at, plan, request, pause=time.sleep, clock=time.monotonic, say=said)
    said("it serves" if done else "it does not serve: a mail says why")
    raise typer.Exit(0 if done else FAILED)


@app.command()
@takes_where()
def wake(where: Where, dataset: Dataset) -> None:
    """Have an endpoint that was deleted because nobody asked it made again, and wait.

    Of datasets with `endpoint.when_idle: remove`. A run under way ends first; if its model goes live, that has it.

    Exit code 0: it serves; 1: it does not, and a mail says why; 2: nobody could be asked.
    """
    with clear_errors():
        found_at = where.of_dataset(dataset)
        waking.ask(found_at, dataset)
        done = waking.wait(found_at, dataset, pause=time.sleep, clock=time.monotonic)
        teller(Console())("it serves" if done else "it does not serve: a mail says why")
    raise typer.Exit(0 if done else FAILED)


def _flowing(text: str) -> str:
    """A help whose paragraphs are a line each: typer breaks only the first anew, others stay as wide as the code."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


for _command in app.registered_commands:
    _command.cls = PlainCommand
    _command.help = _flowing(inspect.getdoc(_command.callback) or "")
