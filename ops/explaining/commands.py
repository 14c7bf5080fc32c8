"""The command line of explanations and predictions. What it does is done in the modules beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ops.endings import FAILED, clear_errors
from ops.explaining import asking, predicting, telling
from ops.explaining.rows import of_file
from ops.options import Dataset, Where, takes_where
from ops.target import OpsError


@takes_where()
def explain(
    where: Where,
    dataset: Dataset,
    file: Annotated[Path, typer.Argument(help="Rows as the endpoint takes them: CSV, also .gz; a header is allowed.")],
    *,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, from the first on.")] = 20,
    columns: Annotated[int, typer.Option(min=1, help="So many of the strongest columns a row.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Have the live endpoint explain its answers to the rows of a file: what each column adds.

    The rows are asked again for it and count as nobody's traffic.

    Exit code 0: explained; 1: the model explains nothing; 2: it could not be asked.
    """
    console = Console()
    with clear_errors():
        found_at = where.of_dataset(dataset)
        served = asking.served(found_at, dataset)
        read = of_file(file, served.columns, served.target, rows)
        answers = list(asking.ask(found_at.client("sagemaker-runtime"), served.endpoint, read))
    why = telling.why_not(answers, served.run)
    if as_json:
        console.print_json(json.dumps(telling.as_document(served, dataset, str(file), answers)))
    elif why is not None:
        console.print(Text(why), soft_wrap=True)
    else:
        console.print(Text(telling.heading(answers, served.target)))
        console.print(telling.as_table(read, answers, columns))
    raise typer.Exit(0 if why is None else FAILED)


@takes_where()
def predict(
    where: Where,
    dataset: Dataset,
    file: Annotated[Path, typer.Argument(help="Rows as the endpoint takes them: CSV, also .gz; a header is allowed.")],
    *,
    out: Annotated[Path | None, typer.Option(help="The file to write. Without it: standard output.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answers as JSON, not as CSV.")] = False,
) -> None:
    """Have the live endpoint answer the rows of a file, and write them with the answers beside them.

    For thousands of rows, files in other encodings, and models without an endpoint: `drop FILE DATASET --to score`. The
    rows are marked as SageRelay's own and count as nobody's traffic.

    Example: predict churn new-customers.csv --out answered.csv

    Exit code 0: answered; 2: it could not be asked, or refused a row; the message says which.
    """
    with clear_errors():
        found_at = where.of_dataset(dataset)
        served = asking.served(found_at, dataset)
        read = of_file(file, served.columns, served.target, _MOST + 1)
        if len(read.rows) > _MOST:
            raise OpsError(f"{file} has more than {_MOST:,} rows: `drop {file} {dataset} --to score` answers them.")
        asked = asking.ask(found_at.client("sagemaker-runtime"), served.endpoint, read, asking.PREDICTED)
        answers = list(asked)
        document = json.dumps(predicting.as_document(served, dataset, str(file), answers), indent=2)
        text = f"{document}\n" if as_json else predicting.as_csv(read, answers)
        if out is None:
            typer.echo(text, nl=False)
            return
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise OpsError(f"{out} cannot be written: {error.strerror or error}.") from error
    typer.echo(f"{len(answers):,} rows answered: {out}", err=True)


_MOST = 100_000
"""Rows: more are the business of score/."""
