"""The dataset of a command, and the options that say where its deployment is: the same words whatever the command.

Nothing but declarations. `--json` is not among them: what it prints besides differs.
"""

from __future__ import annotations

from typing import Annotated

import typer

_WHERE = "Where the deployment is"

Dataset = Annotated[str, typer.Argument(help="The dataset: the folder below datasets/ in the bucket.")]
Bucket = Annotated[str | None, typer.Option(help="The bucket. Without it: from the stack.", rich_help_panel=_WHERE)]
TopicArn = Annotated[
    str | None, typer.Option(help="The topic of the mails. Without it: from the stack.", rich_help_panel=_WHERE)
]
Table = Annotated[
    str | None, typer.Option(help="The DynamoDB table. Without it: from the stack.", rich_help_panel=_WHERE)
]
Prefix = Annotated[str, typer.Option(help="What the live endpoints' names begin with.", rich_help_panel=_WHERE)]
Stage = Annotated[str, typer.Option(help="The stage: the stack is <prefix>-<stage>.", rich_help_panel=_WHERE)]
Region = Annotated[str | None, typer.Option(help="Without it: your profile's.", rich_help_panel=_WHERE)]
