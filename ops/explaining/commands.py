"""The command line of explanations. What it does is done in the modules beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ops import target
from ops.endings import FAILED, clear_errors
from ops.explaining import asking, telling
from ops.explaining.rows import of_file
from ops.options import Bucket, Dataset, Prefix, Region, Stage, Table, TopicArn
from ops.target import Asked


def explain(
    dataset: Dataset,
    file: Annotated[Path, typer.Argument(help="Rows as the endpoint takes them: CSV, also .gz; a header is allowed.")],
    *,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, from the first on.")] = 20,
    columns: Annotated[int, typer.Option(min=1, help="So many of the strongest columns a row.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    table: Table = None,
    bucket: Bucket = None,
    topic_arn: TopicArn = None,
    prefix: Prefix = "sagerelay",
    stage: Stage = "dev",
    region: Region = None,
) -> None:
    """Have the live endpoint explain its answers to the rows of a file: what each column adds.

    The rows are asked again for it and count as nobody's traffic.

    Exit code 0: explained; 1: the model explains nothing; 2: it could not be asked.
    """
    console = Console()
    with clear_errors():
        found_at = target.of_dataset(dataset, Asked(bucket, topic_arn, table, prefix, stage), region)
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
