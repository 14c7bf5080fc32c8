"""How the commands tell of their progress."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.text import Text


def teller(console: Console) -> Callable[[str], None]:
    """Says progress line by line, with the seconds since the command began."""
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(Text(f"{time.monotonic() - began:7.1f} s  {line}"), soft_wrap=True)

    return say
