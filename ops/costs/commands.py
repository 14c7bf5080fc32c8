"""The command line of costs. What it does is done in the modules beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chalicelib.costs.prices import DOCUMENT, Prices
from chalicelib.mails.so_far import as_document
from chalicelib.settings import relay_yaml
from chalicelib.settings.stored import Settings
from ops import dataset_status, target
from ops.account import access
from ops.costs import listed, plan, so_far
from ops.endings import clear_errors
from ops.options import Where, takes_where
from ops.target import OpsError

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@takes_where(table=False)
def prices(where: Where, *, as_json: AsJson = False) -> None:
    """Read AWS's price list for the deployment's region into its bucket, for mails and budgets.

    Your own credentials need pricing:GetProducts; the functions need no more than they have. What the list does not say
    stays "not known".
    """
    console = Console()
    with clear_errors():
        found_at = where.find()
        if found_at.on_laptop:
            raise OpsError(
                "A laptop has no price list. What is shipped is used there; relay.yaml's `prices` adds to it."
            )
        region = access.region_of(found_at.client, where.region)
        found = listed.prices(listed.products(target.clients(listed.near(region))("pricing"), region), region)
        if not found:
            raise OpsError(f"AWS's price list says nothing of {region}; nothing was written.")
        document = document_of(found, region, datetime.now(UTC))
        found_at.client("s3").put_object(
            Bucket=found_at.bucket, Key=DOCUMENT, Body=json.dumps(document, indent=1).encode()
        )
    if as_json:
        console.print_json(json.dumps(document))
    else:
        console.print(f"{len(found)} prices of {region} are in s3://{found_at.bucket}/{DOCUMENT}.", soft_wrap=True)


def document_of(found: dict[str, float], region: str, now: datetime) -> dict[str, object]:
    """`prices.json`, as docs/formats.md has it."""
    source = "AWS's price list"
    return {"version": 1, "region": region, "source": source, "read": f"{now:%Y-%m-%d}", "usd": found}


@takes_where()
def plan_run(
    where: Where,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files as they would lie in train/: CSV, also .gz.")
    ] = None,
    *,
    settings: Annotated[Path | None, typer.Option(help="A relay.yaml. Without it: the defaults.")] = None,
    dataset: Annotated[
        str | None, typer.Option(help="A dataset of the deployment, whose last runs it is told from.")
    ] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Instead of files: so many rows.")] = None,
    columns: Annotated[int | None, typer.Option(min=1, help="Instead of files: so many columns.")] = None,
    requests: Annotated[float, typer.Option(min=0, help="Requests a day that the model is asked.")] = 1000.0,
    as_json: AsJson = False,
) -> None:
    """Say what a run on these files would cost on AWS, low to high, and a month of its model. Starts nothing.

    With --dataset it is told from that dataset's last runs in the deployment (or the embedded cloud); without, from
    rows, columns and trials alone, with the prices that are shipped and those of --settings.
    """
    console = Console()
    with clear_errors():
        many, wide = _extent(files or [], rows, columns)
        chosen = _read(settings.read_bytes() if settings else None)
        if dataset:
            found_at = where.find()
            before, known = plan.past_runs(found_at, dataset), dataset_status.prices_of(found_at)
        else:
            before, known = [], Prices(where.region or target.region_in(os.environ) or "us-east-1")
        size, data = plan.size_of(many, wide, chosen), plan.bytes_of(files or [])
        found = plan.planned(size, chosen, known, requests, before, data=data)
    if as_json:
        console.print_json(json.dumps(plan.as_document(found)))
    else:
        for one in plan.tables(found):
            console.print(one)


@takes_where()
def costs(where: Where, *, as_json: AsJson = False) -> None:
    """Show what the deployment has cost this month, what it will have cost at its end, and what to do about it.

    Runs, checks and endpoints, by their records and by SageMaker; what nobody asks is named with the command that ends
    it. In an embedded cloud: what it would have cost on AWS.
    """
    console = Console()
    with clear_errors():
        found_at = where.find()
        now = datetime.now(UTC)
        found = so_far.look(found_at, now)
    if as_json:
        console.print_json(json.dumps(as_document(found, now)))
    else:
        console.print(so_far.as_table(found, now))


def _extent(files: Sequence[Path], rows: int | None, columns: int | None) -> tuple[int, int]:
    """Rows of all files and columns of the widest, where they are not given instead."""
    counts = [plan.counted(path) for path in files]
    if not counts and (rows is None or columns is None):
        raise OpsError("Name a file, or give both --rows and --columns.")
    return rows or sum(many for many, _ in counts), columns or max(wide for _, wide in counts)


def _read(text: bytes | None) -> Settings:
    try:
        return relay_yaml.read_settings(text).as_stored()
    except relay_yaml.SettingsError as mistake:
        raise OpsError(f"relay.yaml cannot be used: {mistake}") from None
