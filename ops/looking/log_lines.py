"""`logs RUN STAGE`: what is asked for, and how it ends."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer

from chalicelib.names import Step
from ops import job_logs, runs
from ops.endings import FAILED, clear_errors
from ops.options import Where, takes_where


@takes_where()
def logs(
    where: Where,
    run: Annotated[str, typer.Argument(help="The run: its id stands in `runs` and in every mail.")],
    of: Annotated[str, typer.Argument(metavar="STAGE", help=f"One of: {', '.join(Step)}.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as lines come, until the run is past it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document a line.")] = False,
) -> None:
    """Show what the job of a run's stage has written, or its endpoint; of a tuning, all of its trials.

    Of the last attempt. On a laptop a job's lines come when it has ended.

    Example: logs churn-1a2b3c4d train --follow

    Exit code 0: there are lines; 1: nothing is written yet; 2: no such run, or it has not come to this stage.
    """
    some = False
    with clear_errors():
        step = job_logs.step(of)
        found_at = where.find()
        record = runs.found(found_at, run)
        for line in job_logs.follow(found_at, record, step, goes_on=follow, pause=time.sleep):
            some = True
            typer.echo(json.dumps({"version": 1, **line}) if as_json else line["line"])
    if not some:
        typer.echo("Nothing is written yet.", err=True)
        raise typer.Exit(FAILED)
