"""What a container says of each of its hyperparameters: how it is read, and what it may be."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Interval:
    """A range of numbers; an end that is open does not belong to it."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: float) -> bool:
        below = value <= self.low if self.low_open else value < self.low
        above = value >= self.high if self.high_open else value > self.high
        return not (below or above)

    def __str__(self) -> str:
        low = "(-inf, " if self.low == -math.inf else f"{'(' if self.low_open else '['}{_number(self.low)}, "
        return low + ("+inf)" if self.high == math.inf else f"{_number(self.high)}{')' if self.high_open else ']'}")


Dependent = Callable[[Any, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Kind:
    """How a value is read from its string, what it may be, and what else it is checked against.

    `needs` names the hyperparameters that `check` looks at; those that were not given are not in its mapping.
    """

    parse: Callable[[str], Any]
    allowed: Any
    listed: bool = False
    nested: bool = False
    needs: tuple[str, ...] = ()
    check: Dependent | None = field(default=None, repr=False)
    words: tuple[str, ...] = ()
    """What may stand in a value's place: `auto`."""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)
