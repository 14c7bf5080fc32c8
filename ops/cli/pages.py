"""The command that opens the console."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ops import console as console_files
from ops.endings import clear_errors
from ops.options import Where, takes_where


@takes_where()
def console(
    where: Where,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the page and its data; without it a temporary one.")
    ] = None,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser, or only fetch it.")] = True,
) -> None:
    """Open the page that says how every dataset stands: health, versions, drift, traffic and costs.

    It is as the deployment last wrote it and needs no server. An embedded cloud shows it at an address of its own, too,
    where it follows by itself.

    Example: console --no-open --out sagerelay-console

    Exit code 0: fetched; 2: there is none yet, or it could not be read.
    """
    with clear_errors():
        found_at = where.find()
        page = console_files.fetch(found_at, out or Path(tempfile.mkdtemp(prefix="sagerelay-console-")))
    Console().print(Text(str(page)), soft_wrap=True)
    if show:
        webbrowser.open(page.resolve().as_uri())
