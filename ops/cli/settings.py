"""relay.yaml before it is uploaded: `validate` and `schema`.

Neither asks anybody, and neither says anything else than the mail after an upload would.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from chalicelib.settings.relay_yaml import SettingsError, read_settings
from ops import settings_schema
from ops.endings import FAILED, clear_errors
from ops.target import OpsError


def validate(
    file: Annotated[Path, typer.Argument(help="The relay.yaml.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say what is wrong in a relay.yaml, without uploading it.

    Whether the data has the columns that it names is not known here: that takes the data.

    Exit code 0: it can be used; 1: it has mistakes; 2: it cannot be read.
    """
    with clear_errors():
        problems = _problems(file)
    console = Console()
    if as_json:
        console.print_json(json.dumps({"version": 1, "file": str(file), "problems": problems}))
    else:
        for line in problems or [f"{file} can be used."]:
            console.print(Text(line), soft_wrap=True)
    raise typer.Exit(FAILED if problems else 0)


def schema() -> None:
    """Print the JSON Schema of relay.yaml, by which an editor completes it."""
    typer.echo(json.dumps(settings_schema.schema(), indent=2))


def _problems(file: Path) -> list[str]:
    try:
        settings = read_settings(file.read_bytes())
    except SettingsError as found:
        return found.problems
    except OSError as error:
        raise OpsError(f"{file} cannot be read: {error.strerror or error}.") from error
    return _passed(settings.endpoint.expires, datetime.now(UTC).date())


def _passed(expires: date | None, today: date) -> list[str]:
    """What is wrong with a day that is written now. In a relay.yaml that lies in the bucket it is a day that has come,
    and no mistake."""
    if expires is None or expires > today:
        return []
    told = f"endpoint.expires: {expires} has come, so that the endpoint would count as expired at once"
    return [f"{told} (today is {today}, UTC). Write a later day, or take the line out."]
