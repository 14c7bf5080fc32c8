"""Every decision of chance in a history, by name: the same seed and name give the same decision, whatever came before.

Names instead of a stream of random numbers, so that a history can be shrunk: when one misfortune is taken out, the
others still strike where they struck. A *deviation* is a decision that is not what a calm day would bring (a fault, a
lost event, something the user does); the list of those that were taken is what is shrunk and replayed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

_SPAN = float(1 << 32)
_RUN = re.compile(r"-([0-9a-f]{8})(?![0-9a-f])")
_MARK = re.compile(r"-(drift|quality|test|drill)-(\d+)-[0-9a-f]{6}-(?=\d)")


class Chance:
    """The decisions of one seed. With `kept`, only these deviations happen; all others are as on a calm day."""

    def __init__(self, seed: int, kept: frozenset[str] | None = None) -> None:
        self._key = seed.to_bytes(8, "big")
        self._kept = kept
        self._runs: dict[str, str] = {}
        self.taken: dict[str, None] = {}

    def call(self, run: str, alias: str) -> None:
        """Know a run by this name. Its own is made of its contents, and would change with every deed before it."""
        self._runs[run.rpartition("-")[2]] = alias

    def plain(self, name: str) -> str:
        """A name as it would be if other deviations had not happened, as far as that goes."""
        return _RUN.sub(lambda found: self._runs.get(found[1], found[0]), _MARK.sub(r"-\1-\2-", name))

    def shares(self, name: str) -> tuple[float, float, float]:
        """Three independent numbers from 0 up to 1 that belong to this name."""
        name = self.plain(name)
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
        name = self.plain(name)
        if self._kept is not None and name not in self._kept:
            return False
        self.taken[name] = None
        return True
