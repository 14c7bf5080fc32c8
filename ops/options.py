"""The dataset of a command, and the options that say where its deployment is: the same words whatever the command.

`--json` is not among them: what it prints besides differs.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any, Concatenate, TypeVar

import typer

from chalicelib.names import DATASET_NAME
from ops import target
from ops.target import Asked, OpsError, Target

_T = TypeVar("_T")
_PANEL = "Where the deployment is"

Dataset = Annotated[str, typer.Argument(help="The dataset: the folder below datasets/ in the bucket.")]
_Bucket = Annotated[str | None, typer.Option(help="The bucket. Without it: from the stack.", rich_help_panel=_PANEL)]
_TopicArn = Annotated[
    str | None, typer.Option(help="The topic of the mails. Without it: from the stack.", rich_help_panel=_PANEL)
]
_Table = Annotated[
    str | None, typer.Option(help="The DynamoDB table. Without it: from the stack.", rich_help_panel=_PANEL)
]
_Prefix = Annotated[str, typer.Option(help="What the live endpoints' names begin with.", rich_help_panel=_PANEL)]
_Stage = Annotated[str, typer.Option(help="The stage: the stack is <prefix>-<stage>.", rich_help_panel=_PANEL)]
_Region = Annotated[str | None, typer.Option(help="Without it: your profile's.", rich_help_panel=_PANEL)]


@dataclass(frozen=True, slots=True)
class Where:
    """What was typed of where the deployment is. `region`: None: the profile's."""

    asked: Asked
    region: str | None

    def find(self) -> Target:
        """The deployment meant, as the shell's own profile sees it.

        Raises:
            OpsError: there is none, or it cannot be reached.
        """
        return target.find(target.clients(self.region), self.asked, os.environ)

    def of_dataset(self, dataset: str) -> Target:
        """The deployment meant by a command about one dataset.

        Raises:
            OpsError: as `find`; or no dataset can have this name, which is said before anything is asked.
        """
        if not DATASET_NAME.fullmatch(dataset):
            raise OpsError(f'"{dataset}" cannot be a dataset\'s name: at most 30 characters of a-z, 0-9 and -.')
        return self.find()


def _where(
    *,
    table: _Table = None,
    bucket: _Bucket = None,
    topic_arn: _TopicArn = None,
    prefix: _Prefix = "sagerelay",
    stage: _Stage = "dev",
    region: _Region = None,
) -> Where:
    return Where(Asked(bucket, topic_arn, table, prefix, stage), region)


def takes_where(*, table: bool = True) -> Callable[[Callable[Concatenate[Where, ...], None]], Callable[..., None]]:
    """Has a command take these options. `table`: whether `--table` is among them; checks and drills need none.

    >>> @takes_where(table=False)
    ... def show(where: Where, dataset: str) -> None:
    ...     print(dataset, where.asked.stage, where.region)
    >>> list(inspect.signature(show).parameters)
    ['dataset', 'bucket', 'topic_arn', 'prefix', 'stage', 'region']
    >>> show(dataset="churn", stage="prod")
    churn prod None
    """
    return takes(_where, without=() if table else ("table",))


def takes(
    read: Callable[..., _T], *, without: Collection[str] = ()
) -> Callable[[Callable[Concatenate[_T, ...], None]], Callable[..., None]]:
    """Has a command take the options of `read` after its own, and be called with what `read` makes of them, first.

    Several commands can so have the same options: Typer makes them from the signature. `without`: those to leave out.
    """
    options = {
        name: one for name, one in inspect.signature(read, eval_str=True).parameters.items() if name not in without
    }

    def with_options(command: Callable[Concatenate[_T, ...], None]) -> Callable[..., None]:
        _, *own = inspect.signature(command, eval_str=True).parameters.values()

        @functools.wraps(command)
        def called(**typed: Any) -> None:
            said = {name: typed.pop(name) for name in options if name in typed}
            command(read(**said), **typed)

        called.__signature__ = inspect.Signature([*own, *options.values()])  # type: ignore[attr-defined]
        return called

    return with_options
