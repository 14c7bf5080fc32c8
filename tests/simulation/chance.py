"""Every decision of chance in a history, by name: the same seed and name give the same decision, whatever came before.

Names instead of a stream of random numbers, so that a history can be shrunk: when one misfortune is taken out, the
others still strike where they struck. A *deviation* is a decision that is not what a calm day would bring (a fault, a
lost event, something the user does); the list of those that were taken is what is shrunk and replayed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

_SPAN = float(1 << 32)


class Chance:
    """The decisions of one seed. With `kept`, only these deviations happen; all others are as on a calm day."""

    def __init__(self, seed: int, kept: frozenset[str] | None = None) -> None:
        self._key = seed.to_bytes(8, "big")
        self._kept = kept
        self.taken: dict[str, None] = {}

    def shares(self, name: str) -> tuple[float, float, float]:
        """Three independent numbers from 0 up to 1 that belong to this name."""
        found = hashlib.blake2b(name.encode(), digest_size=12, key=self._key).digest()
        return tuple(int.from_bytes(found[at : at + 4], "big") / _SPAN for at in (0, 4, 8))  # type: ignore[return-value]

    def share(self, name: str) -> float:
        return self.shares(name)[0]

    def between(self, low: float, high: float, name: str) -> float:
        return low + (high - low) * self.share(name)

    def pick(self, options: Sequence[Any], name: str) -> Any:
        return options[int(self.share(name) * len(options))]

    def happens(self, name: str, likely: float = 1.0) -> bool:
        """Whether this deviation happens, which is then remembered."""
        return (likely >= 1.0 or self.share(f"whether {name}") < likely) and self.allows(name)

    def allows(self, name: str) -> bool:
        """Whether a deviation that is due is among those that are kept; remembered if so."""
        if self._kept is not None and name not in self._kept:
            return False
        self.taken[name] = None
        return True
