"""The command line of costs. What it does is done in the modules beside it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from chalicelib.costs.prices import DOCUMENT
from ops import target
from ops.account import access
from ops.costs import listed
from ops.endings import clear_errors
from ops.target import Asked, OpsError

_WHERE = "Where the deployment is"
Bucket = Annotated[str | None, typer.Option(help="The bucket. Without it: from the stack.", rich_help_panel=_WHERE)]
TopicArn = Annotated[
    str | None, typer.Option(help="The topic of the mails. Without it: from the stack.", rich_help_panel=_WHERE)
]
Prefix = Annotated[str, typer.Option(help="What the live endpoints' names begin with.", rich_help_panel=_WHERE)]
Stage = Annotated[str, typer.Option(help="The stage: the stack is <prefix>-<stage>.", rich_help_panel=_WHERE)]
Region = Annotated[str | None, typer.Option(help="Without it: your profile's.", rich_help_panel=_WHERE)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def prices(
    *,
    as_json: AsJson = False,
    bucket: Bucket = None,
    topic_arn: TopicArn = None,
    prefix: Prefix = "sagerelay",
    stage: Stage = "dev",
    region: Region = None,
) -> None:
    """Read AWS's price list for the deployment's region into its bucket, for mails and budgets.

    Your own credentials need pricing:GetProducts; the functions need no more than they have. What the list does not say
    stays "not known".
    """
    console = Console()
    with clear_errors():
        clients = target.clients(region)
        found_at = target.find(clients, Asked(bucket, topic_arn, None, prefix, stage), os.environ)
        if found_at.on_laptop:
            raise OpsError(
                "A laptop has no price list. What is shipped is used there; relay.yaml's `prices` adds to it."
            )
        where = access.region_of(clients, region)
        found = listed.prices(listed.products(target.clients(listed.near(where))("pricing"), where), where)
        if not found:
            raise OpsError(f"AWS's price list says nothing of {where}; nothing was written.")
        document = document_of(found, where, datetime.now(UTC))
        clients("s3").put_object(Bucket=found_at.bucket, Key=DOCUMENT, Body=json.dumps(document, indent=1).encode())
    if as_json:
        console.print_json(json.dumps(document))
    else:
        console.print(f"{len(found)} prices of {where} are in s3://{found_at.bucket}/{DOCUMENT}.", soft_wrap=True)


def document_of(found: dict[str, float], region: str, now: datetime) -> dict[str, object]:
    """`prices.json`, as docs/formats.md has it."""
    source = "AWS's price list"
    return {"version": 1, "region": region, "source": source, "read": f"{now:%Y-%m-%d}", "usd": found}
