"""`runs`, `watch`, `trials`, `compare`, `metrics`, `report`, `drop`: what is asked for, and how a command ends."""

from __future__ import annotations

import json
import time
import webbrowser
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from chalicelib.aws.objects import Objects
from chalicelib.names import RunKeys
from chalicelib.records.run import Stage
from ops import dropping, near, records, runs
from ops.endings import FAILED, clear_errors
from ops.looking import compared, described, trials, versions, watching
from ops.options import Dataset, Where, takes_where
from ops.target import OpsError

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Run = Annotated[str, typer.Argument(help="The run: its id stands in `runs` and in every mail.")]


@takes_where()
def show_runs(
    where: Where,
    dataset: Annotated[str | None, typer.Argument(help="Of this dataset; without it, of all.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the runs there have been, newest first, each with its stage and its metric.

    Example: runs churn

    Exit code 0: listed, if only that there is none; 2: there is no such dataset, or nobody could be asked.
    """
    with clear_errors():
        found_at = where.find()
        if dataset is not None:
            near.ensure_dataset(found_at, dataset)
        found = runs.all_of(found_at, dataset)
    _print(as_json, described.listed(found), described.lines(found) if found else ["There is no run yet."])


@takes_where()
def watch(
    where: Where,
    run: Run,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document a line.")] = False,
) -> None:
    """Follow a run until it has ended or waits for a person: stages, and trials with the best so far.

    Ctrl-C ends the command and not the run.

    Example: watch churn-1a2b3c4d

    Exit code 0: it is live, or waits for your approval; 1: it ended otherwise; 2: there is no such run.
    """
    last: dict[str, Any] = {}
    with clear_errors():
        found_at = where.find()
        for last in watching.follow(found_at, run, pause=time.sleep):
            typer.echo(json.dumps({"version": 1, **last}) if as_json else _line(last))
    raise typer.Exit(0 if last["stage"] in {Stage.LIVE, Stage.AWAITING_APPROVAL} else FAILED)


@takes_where()
def show_trials(where: Where, run: Run, *, as_json: AsJson = False) -> None:
    """Show what a run's tuning has tried, each trial with the best so far; the best has a star.

    Example: trials churn-1a2b3c4d --json

    Exit code 0: shown; 2: there is no such run, or it has no trials.
    """
    with clear_errors():
        found_at = where.find()
        document = trials.look(found_at, runs.found(found_at, run))
    _print(as_json, document, trials.lines(document))


@takes_where()
def compare(
    where: Where,
    first: Annotated[str, typer.Argument(help="A run.")],
    second: Annotated[str, typer.Argument(help="Another, of the same kind of problem.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show two runs beside each other: their metrics, and the settings and data that differ.

    Example: compare churn-00000001 churn-1a2b3c4d

    Exit code 0: shown; 2: there is no such run, or one of them has no metrics.
    """
    with clear_errors():
        found_at = where.find()
        one, two = (runs.found(found_at, name) for name in (first, second))
        document, lines = compared.as_document(one, two), compared.lines(one, two)
    _print(as_json, document, lines)


@takes_where()
def metrics(where: Where, dataset: Dataset, *, as_json: AsJson = False) -> None:
    """Show all models of a dataset that came to a verdict, with their metrics, newest first.

    Example: metrics churn

    Exit code 0: shown; 2: there is no such dataset, or no model of it.
    """
    with clear_errors():
        found_at = where.find()
        near.ensure_dataset(found_at, dataset)
        record, found = records.of(found_at).dataset(dataset), runs.all_of(found_at, dataset)
        if not versions.judged(found):
            raise OpsError(f"No model of {dataset} has come to a verdict yet. `runs {dataset}` shows how far it is.")
    _print(as_json, versions.as_document(record, found), versions.lines(record, found))


@takes_where()
def report(
    where: Where,
    run: Run,
    *,
    opens: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    out: Annotated[Path | None, typer.Option(help="The file. Without it: RUN-report.html in this folder.")] = None,
) -> None:
    """Save a run's report, one page that needs no network, and open it if asked to.

    Example: report churn-1a2b3c4d --open

    Exit code 0: saved; 2: there is no such run, or it has no report.
    """
    with clear_errors():
        found_at = where.find()
        record = runs.found(found_at, run)
        body = Objects(found_at.client("s3"), found_at.bucket).read(RunKeys(run).report)
        if body is None:
            raise OpsError(f"Run {run} has no report: it is {record.stage}. A report is written when it is evaluated.")
        file = (out or Path(f"{run}-report.html")).resolve()
        try:
            file.write_bytes(body)
        except OSError as error:
            raise OpsError(f"{file} cannot be written: {error.strerror or error}.") from error
    typer.echo(str(file))
    if opens and not webbrowser.open(file.as_uri()):
        typer.echo("No browser was found to open it.", err=True)


@takes_where()
def drop(
    where: Where,
    file: Annotated[Path, typer.Argument(help="The file, or a relay.yaml.")],
    dataset: Dataset,
    *,
    to: Annotated[str, typer.Option(help=f"The folder: {', '.join(dropping.FOLDERS)}.")] = "train",
) -> None:
    """Upload a file to a dataset, by which a run begins; with --to, to another of its folders.

    Example: drop jan.csv churn

    Exit code 0: uploaded; 2: it cannot be read, or the bucket does not take it.
    """
    with clear_errors():
        if to not in dropping.FOLDERS:
            there = f"The folders: {', '.join(dropping.FOLDERS)}."
            raise OpsError(f'There is no folder "{to}".{near.meant(to, dropping.FOLDERS)} {there}')
        found_at = where.of_dataset(dataset)
        key = dropping.place(file, dataset, to)
        dropping.put(found_at, file, key)
    typer.echo(f"s3://{found_at.bucket}/{key}")


def _line(event: dict[str, Any]) -> str:
    return f"{(event['at'] or '')[11:19].ljust(8)}  {event['line']}"


def _print(as_json: bool, document: Any, lines: Iterable[str]) -> None:  # noqa: FBT001
    typer.echo(json.dumps(document, indent=2, default=str) if as_json else "\n".join(lines))
