"""A design effect: by how much the rows of a column are to be divided before they count as independent ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """Of a column, for its values and for whether they are missing. At least 1."""

    values: float = 1.0
    missing: float = 1.0

    def larger(self, other: Effect) -> Effect:
        return Effect(max(self.values, other.values), max(self.missing, other.missing))
