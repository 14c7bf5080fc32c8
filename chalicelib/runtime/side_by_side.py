"""Many small pieces of work that mostly wait for AWS, several at a time.

Only for work that is safe beside itself. With one at a time no thread is made: tests and simulations that count on an
order have one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def each(do: Callable[[Given], Made], of: Iterable[Given], at_once: int) -> list[Made]:
    """What `do` makes of each, in their order. The first error is raised, after what was begun has ended."""
    if at_once == 1:
        return [do(one) for one in of]
    with ThreadPoolExecutor(at_once) as several:
        return list(several.map(do, of))
