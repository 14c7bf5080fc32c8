"""`python -m ops deploy`, `plan` and `teardown`: what `make` calls. Only arguments, what is said, and how it ends."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops import target
from ops.account import page
from ops.advice import option
from ops.deployment import changes, package, plan, preflight, steps, teardown
from ops.deployment.changes import Change, Verb
from ops.deployment.code import read_code
from ops.deployment.order import Order
from ops.deployment.preflight import Place
from ops.deployment.removal import Timeouts, Waiting
from ops.deployment.steps import Context, Package
from ops.endings import FAILED, clear_errors
from ops.options import takes
from ops.target import OpsError

RUNTIMES = ("3.12", "3.13")
_ROOT = Path(__file__).resolve().parents[2]
_STYLES = {Verb.REPLACE: "bold red", Verb.MAY_REPLACE: "bold yellow", Verb.REMOVE: "red", Verb.ADD: "green"}

Stage = Annotated[str, typer.Option(help="Which of the account's deployments; the stack is sagerelay-<stage>.")]
Email = Annotated[str | None, typer.Option(help="Where the mails go; needed once.")]
Region = Annotated[str | None, typer.Option(help="Without it: your profile's.")]
KmsKey = Annotated[str | None, typer.Option(help="ARN of your own key; `none`: no longer.")]
Subnets = Annotated[str | None, typer.Option(help="Subnets of jobs and endpoints, with commas; `none`: no longer.")]
Groups = Annotated[str | None, typer.Option(help="Their security groups, with commas; `none`: no longer.")]
Boundary = Annotated[str | None, typer.Option(help="Permissions boundary of the roles; `none`: no longer.")]
CostsAbove = Annotated[str | None, typer.Option(help="Dollars a month from which on a weekly mail tells of costs.")]
AwsBudget = Annotated[
    str | None, typer.Option(help="Dollars a month of an AWS Budget over the deployment's tag; `none`: no longer.")
]
OwnCode = Annotated[
    str | None, typer.Option(help="Datasets whose own code may run, with commas between them; `none`: no longer.")
]
Runtime = Annotated[str, typer.Option(help=f"Lambda's Python: {', '.join(RUNTIMES)}.")]
Architecture = Annotated[str, typer.Option(help="Lambda's machines: arm64 or x86_64.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed of the deployment that is to be."""

    order: Order
    region: str | None
    runtime: str
    architecture: str


def _wanted(
    *,
    stage: Stage = "dev",
    email: Email = None,
    region: Region = None,
    kms_key: KmsKey = None,
    subnets: Subnets = None,
    security_groups: Groups = None,
    boundary: Boundary = None,
    costs_above: CostsAbove = None,
    aws_budget: AwsBudget = None,
    own_code: OwnCode = None,
    runtime: Runtime = package.PYTHON,
    architecture: Architecture = package.ARCHITECTURE,
) -> Wanted:
    order = Order(stage, email, kms_key, subnets, security_groups, boundary, costs_above, aws_budget, own_code)
    return Wanted(order, region, runtime, architecture)


@clear_errors()
@takes(_wanted)
def deploy(wanted: Wanted) -> None:
    """Bring SageRelay to AWS, or bring what is there up to date.

    What is not given keeps the value it has. Exit code 0: it is there; 2: it could not be deployed.
    """
    console = Console()
    where = _ready(wanted)
    found = list(preflight.examine(where, wanted.order))
    console.print(page.as_table(found))
    if preflight.hindrances(found):
        raise OpsError("Nothing was deployed. Mend the problems above first.")
    with tempfile.TemporaryDirectory() as folder:
        say = _teller(console)
        context = Context(Path(folder), dict(os.environ), lambda: datetime.now(UTC), say)
        built = _built(Path(folder, "package"), wanted, say)
        done = steps.deploy(where, wanted.order, built, read_code(_ROOT), context)
    for line in steps.last_lines(done, wanted.order):
        console.print(Text(line), soft_wrap=True)


@clear_errors()
@takes(_wanted)
def show_plan(wanted: Wanted) -> None:
    """Show what `deploy` would change, and change nothing.

    Exit code 0: nothing that holds data would be lost; 1: something would; 2: it cannot be told.
    """
    console = Console()
    where = _ready(wanted)
    with tempfile.TemporaryDirectory() as folder:
        say = _teller(console)
        built = _built(Path(folder), wanted, say)
        found = plan.plan(where, wanted.order, built, read_code(_ROOT), say)
    if found:
        console.print(as_table(found))
    console.print(Text(changes.conclusion(found)))
    warned = changes.warnings(found)
    for line in warned:
        console.print(Text(line, style="bold red"), soft_wrap=True)
    raise typer.Exit(FAILED if warned else 0)


@clear_errors()
def tear_down(
    *,
    stage: Stage = "dev",
    region: Region = None,
    with_bucket: Annotated[bool, typer.Option(help="The bucket with all data and reports, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a deployment with everything it made, and prove by tag that nothing is left.

    Exit code 0: nothing is left but what was to be kept; 1: something is, and is named; 2: it could not be removed.
    """
    console, order = Console(), Order(stage)
    preflight.ensure_on_aws(os.environ)
    where = preflight.place(target.clients(region), order, region)
    found = teardown.find(where, order.stack)
    console.print(Text(teardown.question(found, where, order.stack, with_bucket=with_bucket)), soft_wrap=True)
    if refused := list(preflight.examine_removal(where)):
        console.print(page.as_table(refused))
    if not yes:
        _confirm(order.stack)
    waiting = Waiting(Timeouts(), time.sleep, time.monotonic)
    ended = teardown.tear_down(where, order.stack, found, waiting, _teller(console), with_bucket=with_bucket)
    for line in teardown.last_lines(ended, order.stack):
        console.print(Text(line), soft_wrap=True)
    raise typer.Exit(FAILED if ended.left else 0)


def as_table(found: list[Change]) -> Table:
    """A change a line, the worst first."""
    table = Table()
    for heading in ("", "Resource", "Type", "What changes"):
        table.add_column(heading, overflow="fold")
    for change in found:
        style = "bold red" if change.loses_data else _STYLES.get(change.verb, "")
        mark = f"{change.verb}!" if change.loses_data else str(change.verb)
        table.add_row(Text(mark, style=style), change.name, change.kind, ", ".join(change.what))
    return table


def _ready(wanted: Wanted) -> Place:
    if wanted.runtime not in RUNTIMES:
        raise OpsError(
            f"{option('RUNTIME', wanted.runtime)} is none of Lambda's Pythons for SageRelay: {', '.join(RUNTIMES)}."
        )
    preflight.ensure_on_aws(os.environ)
    where = preflight.place(target.clients(wanted.region), wanted.order, wanted.region)
    preflight.ensure_ready(where, wanted.order)
    return where


def _built(folder: Path, wanted: Wanted, say: Callable[[str], None]) -> Package:
    say(f"packaging for Python {wanted.runtime} on {wanted.architecture}")
    return steps.read_package(package.build(folder, python=wanted.runtime, architecture=wanted.architecture))


def _confirm(stack: str) -> None:
    if not sys.stdin.isatty():
        raise OpsError("Nobody is there to be asked. Give --yes (YES=1 to make) to remove it without a question.")
    if input(f"Type {stack} to go on: ").strip() != stack:
        raise OpsError("Nothing was removed.")


def _teller(console: Console) -> Callable[[str], None]:
    def say(line: str) -> None:
        console.print(Text(f"  {line}"), soft_wrap=True)

    return say
