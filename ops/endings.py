"""How a command ends: its exit codes, and a mistake said once and without a traceback."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text

from chalicelib.aws.errors import BusyError, DeniedError, NotFoundError, RefusedError
from ops.target import OpsError

FAILED, CANNOT, INTERRUPTED = 1, 2, 130
_OF_AWS = (BotoCoreError, ClientError, BusyError, DeniedError, NotFoundError, RefusedError)
"""What AWS refuses or leaves unanswered: botocore's own errors, and what the relay's clients make of them."""


@contextmanager
def clear_errors() -> Iterator[None]:
    """A mistake is said once and without a traceback; SIGTERM ends as Ctrl-C does, so that nothing is left behind."""
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except (OpsError, *_OF_AWS) as error:
        Console(stderr=True).print(Text(str(error)), soft_wrap=True)
        raise typer.Exit(CANNOT) from error
    except KeyboardInterrupt as error:
        Console(stderr=True).print("Stopped.")
        raise typer.Exit(INTERRUPTED) from error
    finally:
        signal.signal(signal.SIGTERM, previous)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
